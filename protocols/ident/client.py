# Copyright the carryall authors.  See LICENSE.
"""The ident client (RFC 1413).

Tests:    tests/protocols/ident/test_ident.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import ConnectionLost
from carryall.core.future import Future, with_timeout
from carryall.core.line.framing import LineProtocol
from carryall.core.net.transport import here, peer
from carryall.protocols.ident.errors import IdentError
from carryall.protocols.ident.settings import PORT
from carryall.protocols.ident.wire import MAX_QUERY, parse_reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple

__all__ = ['IdentClient', 'ask', 'fetch']

SECONDS = 30.0              # for the whole answer; RFC 1413 section 5 asks for at least that


class IdentClient(LineProtocol):
    """Asks one question.

    Args:     ports: (port on the machine that is asked, port on ours).

    Attributes:
        answer: a Future of the Identity; IdentError or ConnectionLost if there is none.
    """

    max_line = MAX_QUERY

    def __init__(self, ports):
        # type: (Tuple[int, int]) -> None
        LineProtocol.__init__(self)
        self.answer = Future(lambda _: self.transport and self.transport.abort())
        self._ports = ports

    def connection_made(self, transport):
        self.transport = transport
        self.send_line(b'%d, %d' % self._ports)

    def line_received(self, line):
        try:
            ports, identity = parse_reply(line)
            if ports != self._ports:
                raise IdentError(b'', u'an ident reply about other ports')
        except IdentError as exc:
            self._finish(exc)
        else:
            if not self.answer.done():
                self.answer.set_result(identity)
        self.transport.close()

    def line_too_long(self):
        """Fails: no reply is so long."""
        self._finish(IdentError(b'', u'an ident reply of more than %d octets' % MAX_QUERY))
        self.transport.abort()

    def connection_lost(self, exc):
        self._finish(exc or ConnectionLost(u'the connection was closed before the answer came'))

    def _finish(self, error):
        # type: (BaseException) -> None
        if not self.answer.done():
            self.answer.set_exception(error)


def ask(loop, host, theirs, ours, port=PORT, timeout=SECONDS, local=None):
    # type: (Any, str, int, int, int, float, Any) -> Future
    """Asks a machine for the owner of a TCP connection between it and this one.

    Args:     theirs: port of the connection on that machine.
              ours: its port on this one.
              port: of the ident server.
              local: (host, port) to ask from; any unless given.
    Returns:  a Future of the Identity.
    """
    asked = loop.connect_tcp(lambda: IdentClient((theirs, ours)), host, port, timeout, local)
    return with_timeout(loop, asked.then(lambda made: made[1].answer), timeout)


def fetch(loop, transport, port=PORT, timeout=SECONDS):
    # type: (Any, Any, int, float) -> Future
    """Asks the peer's machine for the owner of the connection of *transport*, a server's over TCP.

    Returns:  a Future of the Identity.
    """
    theirs = peer(transport)        # type: Any
    ours = here(transport)          # type: Any
    # From our end of the connection in question: the ident server takes the address of the client
    # as one end of it (RFC 1413 section 4).
    return ask(loop, theirs.host, theirs.port, ours.port, port, timeout, (ours.host, 0))
