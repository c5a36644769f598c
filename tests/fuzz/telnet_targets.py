# Copyright the carryall authors.  See LICENSE.
"""The targets of Telnet and of its console."""
from __future__ import absolute_import, division, print_function

import zlib

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.guard import LoginGuard
from carryall.core.auth.portal import Portal
from carryall.core.future import Return, coroutine
from carryall.core.tls import Identity, TLSContext
from carryall.protocols.telnet import (ClientSettings, StartTLS, comport, connect, linemode, mud,
                                       options, wire)
from carryall.services.console.service import _Roles
from carryall.services.console.session import ConsoleSession
from tests.fuzz.target import ClientTarget, ServerTarget, lines
from tests.protocols.telnet.pairs import Noting

__all__ = ['ALL']

TLS = TLSContext(Identity('server.pem'))        # NullTLS reads no file
TELNET_SEEDS = [[('say', what)] for what in (
    b'hello\r\n\xff\xff\r\0\r\nx',
    b'\xff\xfb\x1f\xff\xfa\x1f\0\x50\0\x18\xff\xf0\xff\xfb\x18\xff\xfa\x18\0XTERM\xff\xf0',
    b'\xff\xfd\x01\xff\xfd\x03\xff\xfe\x01\xff\xf6',
    b'\xff\xfb\x27\xff\xfa\x27\0\0USER\1ann\3X\1y\xff\xf0',
    b'\xff\xfb\x22\xff\xfa\x22\1\x03\xff\xf0\xff\xfa\x22\3\1\x42\x03\xff\xf0',
    b'\xff\xfd\x05\xff\xfa\x05\1\xff\xf0', b'\xff\xfb\x2a\xff\xfa\x2a\1;UTF-8;X\xff\xf0',
    b'\xff\xfb\x20\xff\xfa\x20\x0038400,38400\xff\xf0\xff\xfb\x23\xff\xfa\x23\0h:0.1\xff\xf0',
    b'\xff\xfb\x2e\xff\xfa\x2e\1\xff\xf0\x16\x03\x01',
    b'\xff\xfd\x56\xff\xfb\x57\xff\xfa\x57\xff\xf0\x78\x9c\x03\0\0\0\0\1',
    b'\xff\xfb\x2c\xff\xfa\x2c\1\0\0\x25\x80\xff\xf0',
    b'\xff\xfd\xc9\xff\xfa\xc9Core.Hello {}\xff\xf0\xff\xfd\x46',
    b'\xff\xfd\x57\xff\xfa\x57\xff\xf0' + zlib.compress(b'in')
    + b'clear \xff\xfa\x57\xff\xf0\xff\xfa\x56\xff\xf0again',
    b'\xff\xfb\0\xff\xfd\0\r\n\xff\xf2\xff\xf4\xff\xf3\xff\xef\xff\xfa\0\xff\xf0\xff\xf1',
    b'\xff\xfb\x06\xff\xfd\x06\xff\xfb\x21\xff\xfa\x21\1\xff\xf0',
    b'\xff\xfc\x1f\xff\xfe\1\xff\xfb\1')]
TELNET_WORDS = [b'\xff' + verb for verb in (b'\xfb', b'\xfc', b'\xfd', b'\xfe', b'\xfa', b'\xf0',
                                            b'\xff', b'\xf4', b'\xf6', b'\xf2')] + [
    b'\r\0', b'\r\n', b'\xff\xf0', b'\x1f', b'\x18', b'\x22', b'\x27', b'\x2a', b'\x2e', b'\x56',
    b'\x57', b'\xc9', b'\x2c', b'\x05', b'\x20', b'\x21', b'\x23', b'\x45', b'\0', b'\1',
    b'\2', b'\3']


def _options(loop, far):
    """All there are, for one side or the other."""
    return [options.Window(True, True), options.TerminalType(True, True, [b'A', b'B']),
            options.Speed(True, True), options.XDisplay(True, True, b'h:0'),
            options.Environment(True, True, {b'USER': b'ann'}), options.Charset(asking=far),
            options.FlowControl(ours=True), options.Status(ours=True, theirs=True),
            options.TimingMark(), linemode.LineMode(True, True),
            StartTLS(loop, TLS, far, 'localhost'), mud.Compress(True, True),
            mud.CompressBack(True, True),
            mud.ServerStatus(True, True), mud.Messages(True, True), comport.ComPort(True, True)]


class _Shown(Noting):
    """Tells what it has understood, at the end of what it says."""

    def __init__(self, run):
        Noting.__init__(self)
        self._run = run
        for option in _options(run.loop, True):
            self.add_option(option)

    def connection_made(self, transport):
        Noting.connection_made(self, transport)
        for number in (wire.NAWS, wire.TTYPE, wire.CHARSET, wire.LINEMODE):
            self.ask_peer(number)
        self.ask_us(wire.ECHO)

    def connection_lost(self, exc):
        self._run.said.append(repr((self.text, self.commands, self.values, self.changes)).encode(
            'utf-8'))


@coroutine
def _visit_telnet(loop):
    settings = ClientSettings(terminal=b'XTERM', variables={b'USER': b'ann', b'DISPLAY': b'h:0'},
                              linemode=True, compress=True)
    client = yield connect(loop, '127.0.0.1', settings=settings)
    client.add_option(StartTLS(loop, TLS, False, 'localhost'))
    found = []
    try:
        until = yield client.read_until(b'login: ')
        client.write(b'ann\n')
        found.append(until)
        while True:
            text = yield client.read()
            found.append(text)
            if not text:
                break
    finally:
        client.transport.close()
    raise Return(b''.join(found))


class _Console(object):
    """The service, as its sessions see it; a guest may look at a few things."""

    banner = u'hi'
    idle_seconds = 1800.0

    def __init__(self, loop):
        self.loop = loop
        self.portal = Portal(_Roles([u'guest']), [MemoryChecker({u'guest': b'guest'})])
        self.guard = LoginGuard(loop, ban_after=5)

    def namespace(self):
        """Values of every kind."""
        return {'table': {'key': [1, b'two', u'three', None, 4.0]}, 'number': 7,
                'kind': LoginGuard, 'call': len}

    def greeting(self, role):
        """Text."""
        return u'hello\n'

    def record(self, who, text):
        """Nowhere."""


def _telnet_console(run):
    return ConsoleSession(_Console(run.loop))


AGREE = b'\xff\xfd\x01\xff\xfd\x03\xff\xfb\x1f\xff\xfc\x18\xff\xfa\x1f\0\x50\0\x18\xff\xf0'
CONSOLE_SEEDS = [
    [('wait', 1)] + lines(b'guest', b'guest', b'ls', b'ls table', b"look table['key'][0]",
                          b'doc kind', b'help', b'quit'),
    [('wait', 1)] + lines(b'x', b'y', b'x', b'y', b'x', b'y'),
    [('say', AGREE),
     ('say', b'guest\r\0guest\r\0ls\r\0\x1b[A\x1b[D\x1b[Dx\x7f\x01\x05\x0b\x17\t\x03look '
             b'nu\t\r\0\x04')],
    [('say', AGREE), ('say', b'guest\rguest\r\x1b[200~ls\nls '
                             b'table\n\x1b[201~\x12\x15\x0c\x1bOH\x1bOF\x1b[3~caf\xc3\xa9\r')],
    [('wait', 100)], [('say', b'early\r\n' * 5), ('wait', 1), ('eof', None)],
    [('wait', 1)] + lines(b'guest', b'guest')
    + [('say', b'\xff\xf4\xff\xfa\x2a\2latin-1\xff\xf0\xe9\r\n\xff\xfa\x1f\0\5\0\1\xff\xf0')]]
CONSOLE_WORDS = TELNET_WORDS + [b'guest\r\n', b'ls ', b'look ', b'doc ', b'table', b"['key']",
                                b'[0]', b'.', b'\x1b[A', b'\x1b[B', b'\x1b[C', b'\x1b[D',
                                b'\x1b[3~', b'\x1b[200~',
                                b'\x1b[201~', b'\x7f', b'\x03', b'\x04', b'\t', b'\x01', b'\x05',
                                b'\x0b', b'\x15', b'\x17', b'\x12', b'\xe2\x82\xac', AGREE]


TELNET = ('protocols/telnet/',)
ALL = [
    ServerTarget('telnet', TELNET, _Shown, TELNET_SEEDS, TELNET_WORDS, cut=False),
    ClientTarget('telnet-client', TELNET, _visit_telnet,
                 [[('say', b'login: ' + what), ('eof', None)] for seed in TELNET_SEEDS
                  for _, what in seed], TELNET_WORDS + [b'login: '], (23,)),
    ServerTarget('console', TELNET + ('services/console/',), _telnet_console, CONSOLE_SEEDS,
                 CONSOLE_WORDS, cut=False),
]
