# Copyright the carryall authors.  See LICENSE.
"""`carryall irc HOST [#CHANNEL]`: a conversation on IRC, on the whole screen or in lines.

    carryall irc irc.example '#tea' --nick ann          carryall irc --tls irc.example --user ann

The whole screen is used on a terminal that curses knows.  Files that others send go into the folder
of --files, once /dcc get takes them.

The server is `carryall serve irc`.  Without a HOST these words are an alias of it.

Status:   0 the session ended well; 1 it did not come about, or broke; 2 the command line is wrong;
          130 Ctrl-C.
Tests:    tests/commands/test_ircclient.py
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall.app.options import Argument, Flag, HelpRequested, Option, Schema
from carryall.app.optiontypes import Host, Place, Seconds, Text
from carryall.apps.irctalk.ircconsole import HELP, IRCConsole
from carryall.apps.irctalk.ircwindow import IRCWindow
from carryall.commands import clienttls, proxied
from carryall.commands.clientpassword import read_password
from carryall.commands.console import complain, show_help, write_all
from carryall.commands.sharedwords import seems_meant
from carryall.core.compat import native
from carryall.core.future import Return, coroutine
from carryall.protocols.irc import (PORT, TLS_PORT, ClientSettings, DirectConnections,
                                    connect)
from carryall.runtimes import choose
from carryall.runtimes.host.keyboard import Keyboard
from carryall.runtimes.host.screen import open_screen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Sequence, Tuple
    from carryall.app.optionvalues import OptionValues

__all__ = ['main', 'talk']

MAX_TYPED = 65536           # octets of a line that has no end yet

SUMMARY = u'Talks on IRC, on the whole screen or in lines.  /quit ends it.'
TRAILER = (u'typed: %s\n'
           u'without HOST it is the server: "carryall serve irc --help" shows its options\n'
           u'status: 0 the session ended well; 1 it did not come about, or broke; 2 the command '
           u'line is wrong' % HELP)

SCHEMA = Schema([
    Option('nick', Text(1, 64), short='n', default='carryall', help='the nick to begin with'),
    Option('user', Text(1, 255, 'NAME'), short='u',
           help='log in as this account by SASL; the password comes from CARRYALL_PASSWORD or the '
                'terminal'),
    Flag('clear-password', help='show the password without TLS too'),
    Flag('tls', help='speak TLS (port %d unless said)' % TLS_PORT),
] + clienttls.OPTIONS + [
    Flag('lines', help='lines alone, on a terminal too'),
    Option('files', Text(1, 4096, 'FOLDER'), default='.',
           help='the folder for files that /dcc get takes (default: this one)'),
    Option('dcc-host', Host(), default='127.0.0.1',
           help='the numeric address that /dcc listens on and tells others (default: 127.0.0.1)'),
    Option('pin', Text(64, 95, 'SHA256'), repeat=True,
           help='of the certificate that the server must have'),
    Option('connect-timeout', Seconds(0.001), default='30s', help='how long connecting may take'),
    proxied.OPTION,
    Option('backend', Text(1, 30, 'NAME'),
           help='the loop to run on; "carryall runtimes" lists them'),
], arguments=[Argument('host', Host(), help='where to connect to; HOST:PORT will do'),
              Argument('channel', Text(1, 200), required=False, help='the channel to enter')],
    examples=[("carryall irc irc.example '#tea' --nick ann", 'talk in #tea'),
              ('carryall irc --tls --user ann irc.example', 'log in first')])


def main(words):
    # type: (Sequence[Any]) -> Optional[int]
    """The command, with the words after its name; None if they are for the service."""
    if u'--help' in words or '-h' in words:
        return show_help(HelpRequested(u'all' in words), u'carryall irc', SCHEMA, SUMMARY, TRAILER)
    options = seems_meant(SCHEMA, words)
    if options is None:
        return None
    clienttls.check(options)
    password = read_password(options.user).encode('utf-8') if options.user is not None else b''
    loop = choose(options.backend and native(options.backend))
    screen = None if options.lines else open_screen()
    try:
        return loop.run_until(talk(loop, options, password, Keyboard(), _show, screen))
    finally:
        if screen is not None:
            screen.close()
        loop.close()


def _show(line):
    # type: (str) -> None
    write_all(sys.stdout, line + u'\n')


def _place(options):
    # type: (OptionValues) -> Tuple[str, int]
    """(host, port) of HOST or HOST:PORT; one colon is no IPv6 address."""
    host = options.host
    if host.count(u':') == 1 or host[:1] == u'[':
        name, port = Place().split(host)
        return native(name), port
    return native(host), TLS_PORT if options.tls else PORT


@coroutine
def talk(loop, options, password, keyboard, show, screen=None):
    # type: (Any, OptionValues, bytes, Any, Any, Any) -> Any
    """Connects, and carries what is typed and shown; a Future of the status.

    Args:     screen: a Screen; None: lines go to *show*.
    """
    direct = DirectConnections(loop, None, native(options.files), host=native(options.dcc_host))
    window = None
    if screen is None:
        console = IRCConsole(show, direct)
    else:
        console = IRCConsole(lambda line: window.show(line), direct)
        window = IRCWindow(loop, screen, console.typed, console.state)
        window.redraw()
    host, port = _place(options)
    context = clienttls.ready(clienttls.context_of(options), loop) if options.tls else None
    settings = ClientSettings(account=options.user, account_password=password,
                              clear_auth=options.clear_password, pins=tuple(options.pin or ()))
    client = yield connect(proxied.through(loop, options), host, port,
                           options.nick.encode('utf-8'), context, options.connect_timeout,
                           settings, console.received)
    console.begin(client)
    if options.channel is not None:
        console.typed(u'/join ' + options.channel)
    typing = _type(loop, console, keyboard) if window is None \
        else _press(loop, console, keyboard, window)
    yield client.closed
    direct.close()
    typing.cancel()
    if not console.is_over:
        complain(u'carryall irc', u'the server has ended the session')
        raise Return(1)
    raise Return(0)


@coroutine
def _press(loop, console, keyboard, window):
    # type: (Any, IRCConsole, Any, IRCWindow) -> Any
    """Brings the keys to the window; the end of the input is /quit."""
    while not console.is_over:
        data = yield loop.run_in_thread(keyboard.read)
        if data:
            window.keys(data)
        else:
            console.typed(u'/quit')


@coroutine
def _type(loop, console, keyboard):
    # type: (Any, IRCConsole, Any) -> Any
    """Obeys what is typed; the end of the input is /quit."""
    waiting = b''
    while not console.is_over:
        data = yield loop.run_in_thread(keyboard.read)
        if not data:
            console.typed(u'/quit')
            return
        lines = (waiting + data).split(b'\n')
        waiting = lines.pop()[:MAX_TYPED]
        for line in lines:
            console.typed(line.decode('utf-8', 'replace'))
