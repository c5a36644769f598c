# Copyright the carryall authors.  See LICENSE.
"""`carryall telnet HOST [PORT]`: a terminal at a Telnet server.  Ctrl-] ends it.

The server is `carryall serve telnet`.  Without a HOST these words are an alias of it.

Where a server shows what is typed by itself, each key goes out at once; else whole lines do.  Input
that is no terminal is sent as it is, and when it ends the command waits for the server to end the
connection.

Status:   0 the connection came about and ended well; 1 it did not;
          2 the command line cannot be; 130 Ctrl-C.
Tests:    tests/commands/test_telnet.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall.commands import proxied
from carryall.commands.clienttls import ready
from carryall.commands.console import complain, show_help, write_all
from carryall.commands.sharedwords import seems_meant
from carryall.core.compat import native, to_bytes
from carryall.core.errors import UsageError
from carryall.core.future import Return, coroutine
from carryall.app.optiontypes import Host, Path, Place, Port, Seconds, Text
from carryall.app.options import Argument, Flag, HelpRequested, Option, Schema
from carryall.core.tls import TLSContext
from carryall.protocols.telnet import wire
from carryall.protocols.telnet import ClientSettings, TelnetClient, connect
from carryall.runtimes import choose
from carryall.runtimes.host.keyboard import Keyboard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Sequence
    from carryall.app.optionvalues import OptionValues

__all__ = ['main', 'talk']

ESCAPE = b'\x1d'            # Ctrl-]

SUMMARY = u'Connects this terminal to a Telnet server.  Ctrl-] ends it.'
TRAILER = (u'without HOST it is the server: "carryall serve telnet --help" shows its options\n'
           u'status: 0 the connection ended well; 1 it did not come about, or broke; 2 the command '
           u'line cannot be')

SCHEMA = Schema([
    Flag('tls', help='speak TLS from the first octet on (port 992 unless said)'),
    Option('trust', Path('file'), help='certificates (PEM) that the server\'s must be signed by; '
                                       'else those of the machine'),
    Option('user', Text(1, 255, 'NAME'), short='l', help='tell the server this name'),
    Flag('compress', help='let the server compress what it sends'),
    Option('connect-timeout', Seconds(0.001), default='30s',
           help='how long it may take to connect'),
    proxied.OPTION,
    Option('backend', Text(1, 30, 'NAME'),
           help='the loop to run on; "carryall runtimes" lists them'),
], arguments=[Argument('host', Host(), help='where to connect to; HOST:PORT will do'),
              Argument('port', Port(1), required=False, help='the port; 23')],
    examples=[('carryall telnet 127.0.0.1 4040', 'a console on this machine'),
              ('carryall telnet --tls host.example', 'encrypted')])


def main(words):
    # type: (Sequence[Any]) -> Optional[int]
    """The command, with the words after its name; None if they are for the service."""
    if u'--help' in words or '-h' in words:
        return show_help(HelpRequested(u'all' in words), u'carryall telnet', SCHEMA, SUMMARY,
                         TRAILER)
    options = seems_meant(SCHEMA, words)
    if options is None:
        return None
    try:
        options.host.encode('ascii')
    except UnicodeError:
        raise UsageError(u'"%s" is no host name' % options.host)
    loop = choose(options.backend and native(options.backend))
    keyboard = Keyboard()
    try:
        return loop.run_until(talk(loop, options, keyboard,
                                   getattr(sys.stdout, 'buffer', sys.stdout)))
    finally:
        keyboard.by_key(False)
        loop.close()


class _Terminal(TelnetClient):
    """Echoes locally unless the server echoes."""

    def __init__(self, keyboard, window, variables, compress):
        # type: (Any, Any, Any, bool) -> None
        TelnetClient.__init__(self, ClientSettings(
            terminal=to_bytes(os.environ.get('TERM', 'DUMB')), window=window,
                                                   variables=variables, compress=compress))
        self._keyboard = keyboard
        self.keys = False

    def option_changed(self, number, ours, on):
        if number == wire.ECHO and not ours:
            self.keys = self._keyboard.by_key(on) and on


def _place(options):
    # type: (OptionValues) -> Any
    """(host, port): HOST PORT as telnet always had it, or HOST:PORT in one word;
    one colon is no IPv6 address."""
    host = options.host
    port = options.port
    if port is None and (host.count(u':') == 1 or host[:1] == u'['):
        host, port = Place().split(host)
        return native(host), port
    return native(host), port or (992 if options.tls else 23)


@coroutine
def talk(loop, options, keyboard, output):
    # type: (Any, OptionValues, Any, Any) -> Any
    """Connects, and carries what is typed and shown; a Future of the status."""
    variables = {b'USER': options.user.encode('utf-8')} if options.user is not None else None

    def make(_):
        # type: (Any) -> _Terminal
        return _Terminal(keyboard, keyboard.window(), variables, options.compress)

    through = proxied.through(loop, options)
    host, port = _place(options)
    context = ready(TLSContext(trust=options.trust), loop) if options.tls else None
    client = yield connect(through, host, port, context, timeout=options.connect_timeout, make=make)
    typing = _type(loop, client, keyboard)
    while True:
        shown = yield client.read()
        if not shown:
            break
        output.write(shown)
        output.flush()
    typing.cancel()
    if client.over.done() and client.over.exception() is not None:
        complain(u'carryall telnet', u'%s' % client.over.exception())
        raise Return(1)
    raise Return(0)


@coroutine
def _type(loop, client, keyboard):
    # type: (Any, TelnetClient, Any) -> Any
    """Sends what is typed until it ends, or Ctrl-] is."""
    while True:
        data = yield loop.run_in_thread(keyboard.read)
        if not data:
            return          # no half-close: to a Telnet server it means that we have hung up
        if client.keys:                                                 # type: ignore
            data, escape, _ = data.partition(ESCAPE)
            # Under BINARY the key's own octet goes (RFC 856)
            if not client.negotiator.on(wire.BINARY, True):
                data = data.replace(b'\r', b'\n')
            client.write(data)
            if escape:
                client.transport.close()
                return
        else:
            client.write(data)
