# Copyright the carryall authors.  See LICENSE.
"""`carryall sendmail`: sends a message from stdin, as /usr/sbin/sendmail does and mailmail did.

    carryall sendmail -f anna@a.example bert@b.example < message
    carryall sendmail -t -i --server mail.example:587 --tls must --user anna < message

Wire:     lines of the message may end with LF or CRLF.  Unless -i is given, a line with a dot alone
          ends it.
Status:   0 all recipients were accepted; 1 some were refused, or the server cannot be reached;
          2 the command line is wrong; 130 Ctrl-C.
Secrets:  a password comes from the environment (CARRYALL_PASSWORD) or the terminal, never from the
          command line.
Tests:    tests/commands/test_sendmail.py
"""
from __future__ import absolute_import, division, print_function

import getpass
import os
import sys

from carryall.apps.sendmail import address_of, compose, message_and_recipients
from carryall.commands.clienttls import ready
from carryall.commands.console import FAILED, complain, show_help
from carryall.commands.clientpassword import PASSWORD_VARIABLE, read_password
from carryall.commands.proxied import through
from carryall.core.compat import FAILURES, native, to_bytes
from carryall.core.errors import UsageError
from carryall.core.future import with_timeout
from carryall.app.optiontypes import Choice, Path, Place, Seconds, Text
from carryall.core.logs import escape
from carryall.app.options import Argument, Flag, HelpRequested, Option, Schema
from carryall.core.tls import TLSContext
from carryall.protocols.smtp import ClientSettings, Outgoing, send
from carryall.runtimes import choose
from carryall.runtimes.clock import wall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Sequence
    from carryall.app.optionvalues import OptionValues

__all__ = ['main', 'message_and_recipients']

MAX_MESSAGE = 256 << 20     # octets from stdin; default

SUMMARY = u'Sends the message on stdin to a mail server.'
TRAILER = (u'status: 0 all recipients were accepted; 1 some were refused, or no connection; '
           u'2 the command line is wrong\n'
           u'password: from the environment variable %s, or asked for at the terminal'
           % PASSWORD_VARIABLE)

SCHEMA = Schema([
    Flag('read-recipients', short='t',
         help='send to the addresses in To, Cc and Bcc too, and remove Bcc'),
    Flag('ignore-dots', short='i', help='a line with a dot alone does not end the message'),
    Option('from', Text(1, 320, 'ADDRESS'), short='f', aliases=('sender',),
           help='the sender; reports of failures are sent there; <> for the null sender'),
    Option('full-name', Text(1, 200, 'NAME'), short='F', help='accepted for old programs, ignored'),
    Option('o', Text(1, 64, 'X'), short='o', repeat=True,
           help='options of sendmail: -oi is -i, others are accepted and ignored'),
    Option('b', Choice(('m',)), short='b', help='the mode of sendmail: -bm, the only one'),
    Option('server', Place(), short='s', default='127.0.0.1:25', help='the server to send it to'),
    Option('socket', Path('any'), help='a Unix socket of the server instead'),
    Option('proxy', Text(1, 1024, 'URL'),
           help='go through this proxy: socks5h://host:1080, http://host:3128 ...'),
    Flag('lmtp', help='speak LMTP'),
    Option('tls', Choice(('none', 'may', 'must', 'wrapped')), default='may',
           help='TLS: never, if it is offered and works, required (STARTTLS), or from the first '
                'octet on'),
    Option('trust', Path('file'),
           help='PEM file of the authorities to trust, in place of those of the machine'),
    Option('user', Text(1, 255, 'NAME'), short='u', help='log in with this name'),
    Flag('clear-auth', help='send the password without TLS too'),
    Option('helo', Text(1, 255, 'NAME'), default='localhost', help='our name in EHLO'),
    Option('timeout', Seconds(0.001), short='m', default='10m', help='time limit in all'),
    Option('backend', Text(1, 30, 'NAME'),
           help='the loop to run on; "carryall runtimes" lists them'),
], [Argument('recipients', Text(1, 320, 'ADDRESS'), required=False, repeat=True,
             help='the recipients')], examples=[
    ('carryall sendmail -f anna@a.example bert@b.example < message',
     'through the mail server of this machine'),
    ('carryall sendmail -t -i --server mail.example:587 --tls must --user anna < message',
     'to the recipients that the message names')])


def main(words):
    # type: (Sequence[Any]) -> int
    """Runs the command with the words after its name; returns its exit status."""
    try:
        options = SCHEMA.parse(words)
    except HelpRequested as asked:
        return show_help(asked, u'carryall sendmail', SCHEMA, SUMMARY, TRAILER)
    source = getattr(sys.stdin, 'buffer', sys.stdin)            # py2: stdin gives bytes itself
    mail = outgoing(options, _read_all(source))
    settings = _client_settings(options)
    loop = choose(options.backend and native(options.backend))
    try:
        if settings.tls is not None:
            ready(settings.tls, loop)
        host, port = Place().split(options.server)
        sent = send(through(loop, options), native(host), port, [mail], settings)
        replies = loop.run_until(with_timeout(loop, sent, options.timeout))[0]
        return _report(mail, replies)
    finally:
        loop.close()


def _read_all(source):
    # type: (Any) -> bytes
    # jython: read() of a pipe gives what has come, however much was asked for.
    pieces = []                     # type: List[bytes]
    size = 0
    while size <= MAX_MESSAGE:
        piece = source.read(65536)
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    return b''.join(pieces)


def _client_settings(options):
    # type: (OptionValues) -> ClientSettings
    context = TLSContext(trust=options.trust) if options.trust is not None else None
    password = None
    if options.user is not None:
        password = to_bytes(read_password(options.user))
    return ClientSettings(hostname=to_bytes(options.helo), policy=native(options.tls), tls=context,
                          username=options.user, password=password, clear_auth=options.clear_auth,
                          lmtp=options.lmtp, path=options.socket)


def _report(mail, replies):
    # type: (Outgoing, List[Any]) -> int
    """Prints the refusals; returns the exit status."""
    status = 0
    for address, reply in zip(mail.recipients, replies):
        if not reply.good:
            complain(u'carryall sendmail', u'%s: %s' % (escape(address), escape(reply.wire())))
            status = FAILED
    return status


def outgoing(options, data):
    # type: (OptionValues, bytes) -> Outgoing
    """The message to send; UsageError if it cannot be sent."""
    if len(data) > MAX_MESSAGE:
        raise UsageError(u'the message has more than %d bytes' % MAX_MESSAGE)
    named = [address_of(text) for text in options.recipients]
    message, found = message_and_recipients(data, options.ignore_dots or u'i' in options.o,
                                            options.read_recipients)
    recipients = []                 # type: List[bytes]
    for address in named + found:
        if address not in recipients:
            recipients.append(address)
    if not recipients:
        raise UsageError(u'no recipients: name them, or say -t to take them from the message')
    sender = _sender(options)
    host = to_bytes(options.helo)
    name = '%d.%d' % (int(wall() * 1000), os.getpid())
    return compose(message, sender, recipients, host, name, wall())


def _sender(options):
    # type: (OptionValues) -> bytes
    given = options.from_
    if given == u'<>':
        return b''
    if given is not None:
        return address_of(given)
    try:
        user = to_bytes(getpass.getuser())
    except FAILURES:                # no variable in the environment, and no entry for this user
        user = b'nobody'
    return user + b'@' + to_bytes(options.helo)
