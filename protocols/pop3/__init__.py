# Copyright the carryall authors.  See LICENSE.
"""POP3, server and client (RFC 1939).

    server      POP3Server              client      POP3Client, connect
    maildrop    MaildropService, Account, Maildrop: what a server serves
    settings    Settings, ClientSettings
    errors      POP3Error               retrieval   parts of messages, piece by piece
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.pop3.client import PORT, TLS_PORT, POP3Client, connect
from carryall.protocols.pop3.errors import POP3Error
from carryall.protocols.pop3.maildrop import (PIECE, Account, Busy, Maildrop, MaildropService,
                                              MemoryAccount, Pieces)
from carryall.protocols.pop3.server import POP3Server
from carryall.protocols.pop3.settings import ClientSettings, Settings

__all__ = ['Account', 'Busy', 'ClientSettings', 'Maildrop', 'MaildropService', 'MemoryAccount',
           'PIECE', 'POP3Client', 'POP3Error', 'POP3Server', 'PORT', 'Pieces', 'Settings',
           'TLS_PORT',
           'connect']
