# Copyright the carryall authors.  See LICENSE.
"""NullTLS: a dialogue goes on in clear behind STARTTLS, and everything else is as with real TLS."""
from __future__ import absolute_import, division, print_function

import io

from carryall.core.line.framing import LineProtocol
from carryall.core.testing import FakeTransport, NullTLS, VirtualLoop
from carryall.core.tls import TLSContext
from carryall.core.net.transport import tls


class Server(LineProtocol):
    def __init__(self, loop):
        LineProtocol.__init__(self)
        self.loop = loop
        self.told = []
        self.lost = []

    def line_received(self, line):
        if line == b'STARTTLS':
            self.send_line(b'go ahead')
            self.loop.start_tls(self.transport, TLSContext(), server_side=True).then(
                self.told.append)
        elif line == b'FILE':
            self.transport.write_file(io.BytesIO(b'0123456789'), 2, 5)
        elif line == b'QUIT':
            self.transport.close()
        else:
            self.send_line(b'secure' if tls(self.transport) else b'clear')

    def connection_lost(self, exc):
        self.lost.append(exc)


def test_null_tls_carries_a_dialogue(expect_log):
    expect_log('6 octets received in clear')
    loop = VirtualLoop(tls=NullTLS())
    wire = FakeTransport(loop)
    server = Server(loop)
    wire.connect(server)
    wire.feed(b'x\r\nSTARTTLS\r\nevil\r\n')
    loop.advance()
    assert wire.take() == b'clear\r\ngo ahead\r\n'
    assert [info.version for info in server.told] == ['TLSv1.3']
    wire.feed(b'x\r\nFILE\r\nx\r\n')
    loop.advance()
    assert wire.take() == b'secure\r\n23456secure\r\n'
    wire.feed(b'QUIT\r\n')
    loop.advance()
    assert wire.closed and server.lost == [None]
    assert loop.failures == []
