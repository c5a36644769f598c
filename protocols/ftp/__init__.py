# Copyright the carryall authors.  See LICENSE.
"""FTP, the File Transfer Protocol: server and client.

RFC 959, 1123, 2228, 2389, 2428, 2577, 2640, 3659, 4217, 7151.

    backend = FTPBackend(accounts, LoginGuard(loop))
    loop.listen_tcp(lambda: FTPServer(backend, loop), '127.0.0.1', 2121)

    client = yield connect(loop, 'ftp.example', starttls=TLSContext())

    server:  server.FTPServer, with a module for each group of commands
    service: service.FTPBackend, which has account.Accounts and filesystem.FileSystem
    client:  client.FTPClient, over a controlconnection.ControlConnection; mirror
    grammar: wire, hostport, pathname, telnetfilter, textmode, unixlist, listparser, facts, url
    data:    dataconnection, transfers, rates

Not here: disks, users, options; services/ftp has them.
Tests:    tests/protocols/ftp/
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.ftp.account import ALL_LETTERS, READ_LETTERS, Account, Accounts
from carryall.protocols.ftp.client import FTPClient, connect
from carryall.protocols.ftp.errors import FTPError, Stalled
from carryall.protocols.ftp.facts import format_time, parse_facts, parse_time
from carryall.protocols.ftp.filesystem import (
    APPEND, BAD_NAME, BUSY, DENIED, EXISTS, FAILED, FILE, FOLDER, FULL, IS_FOLDER, LINK, MAX_NAME,
    MISSING, NEW, NOT_EMPTY, NOT_FILE, NOT_FOLDER, OTHER, OTHER_PLACE, READ_ONLY, RESUME, TOO_SHORT,
    UNIQUE, Entry, FileFault, FileSystem, Upload, unique_names)
from carryall.protocols.ftp.listparser import parse_listing
from carryall.protocols.ftp.mirror import Outcome, mirror_down, mirror_up
from carryall.protocols.ftp.otp import (ALGORITHMS, MAX_COUNT, MAX_PHRASE, MAX_SEED, MIN_PHRASE,
                                        Challenge, answers, compute, find_challenge, parse_response,
                                        to_words)
from carryall.protocols.ftp.pathname import shown
from carryall.protocols.ftp.rates import Rate
from carryall.protocols.ftp.server import FTPServer
from carryall.protocols.ftp.service import FTPBackend, Observer, TransferRecord
from carryall.protocols.ftp.settings import PORT, TLS_PORT, ClientSettings, Settings
from carryall.protocols.ftp.unixlist import format_line
from carryall.protocols.ftp.url import Location, parse_url
from carryall.protocols.ftp.wire import Reply, ReplyParser

__all__ = [
    'ALGORITHMS', 'ALL_LETTERS', 'APPEND', 'Account', 'Accounts', 'BAD_NAME', 'BUSY', 'Challenge',
    'ClientSettings', 'DENIED', 'EXISTS', 'Entry', 'FAILED', 'FILE', 'FOLDER', 'FTPBackend',
    'FTPClient', 'FTPError', 'FTPServer', 'FULL', 'FileFault', 'FileSystem', 'IS_FOLDER', 'LINK',
    'Location', 'MAX_COUNT', 'MAX_NAME', 'MAX_PHRASE', 'MAX_SEED', 'MIN_PHRASE', 'MISSING', 'NEW',
    'NOT_EMPTY', 'NOT_FILE', 'NOT_FOLDER', 'OTHER', 'OTHER_PLACE', 'Observer', 'Outcome', 'PORT',
    'READ_LETTERS', 'READ_ONLY', 'RESUME', 'Rate', 'Reply', 'ReplyParser', 'Settings', 'Stalled',
    'TLS_PORT', 'TOO_SHORT', 'TransferRecord', 'UNIQUE', 'Upload', 'answers', 'compute', 'connect',
    'find_challenge', 'format_line', 'format_time', 'mirror_down', 'mirror_up', 'parse_facts',
    'parse_listing', 'parse_response', 'parse_time', 'parse_url', 'shown', 'to_words',
    'unique_names']
