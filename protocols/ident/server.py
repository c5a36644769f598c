# Copyright the carryall authors.  See LICENSE.
"""The ident server (RFC 1413).

States:   asked -> answered -> asked ... -> closed
Not here: the search for the owner of a connection; a Lookup is passed in.
Tests:    tests/protocols/ident/test_ident.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.activity import tell
from carryall.core.compat import FAILURES, iterbytes, text_type
from carryall.core.future import as_future
from carryall.core.line.framing import LineProtocol
from carryall.core.logs import escape, get_logger
from carryall.core.net.boundedprotocol import BoundedProtocol
from carryall.core.net.transport import Address, here, peer
from carryall.protocols.ident.settings import Settings
from carryall.protocols.ident.wire import (HIDDEN_USER, INVALID_PORT, MAX_QUERY, MAX_USER, NO_USER,
                                           UNKNOWN_ERROR, parse_query)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple
    from carryall.core.future import Future

__all__ = ['IdentServer', 'Lookup']

log = get_logger('ident')

_BREAKS = frozenset((b'\0', b'\r', b'\n'))     # octets that no name may have


class Lookup(object):
    """The service of an IdentServer."""

    def lookup(self, ours, theirs):
        # type: (Any, Any) -> Any
        """The owner of the connection between two Addresses, our end and the other.

        Returns:  the name, text or bytes, or NO_USER or HIDDEN_USER; or a Future of it.
        """
        raise NotImplementedError


class IdentServer(LineProtocol):
    """One connection.

    Args:     service: a Lookup.
              clock: the loop.
    """

    max_line = MAX_QUERY
    lone_lf = True

    def __init__(self, service, clock, settings=None):
        # type: (Lookup, Any, Any) -> None
        LineProtocol.__init__(self)
        self.settings = Settings() if settings is None else settings
        self._service = service
        self._left = self.settings.max_queries
        self._draining = False
        self._busy = False
        self._bound = BoundedProtocol(clock, self.settings.query_seconds)

    def connection_made(self, transport):
        self.transport = transport
        self._bound.connection_made(transport)

    def drain(self):
        """Closes now, or after the answer that is under way."""
        self._draining = True
        if not self._busy:
            self.transport.close()

    def connection_lost(self, exc):
        self._bound.connection_lost(exc)

    def line_received(self, line):
        if b'\n' in line:
            self.split_line(line)
            return
        ports = parse_query(line)
        if ports is None:
            # A malformed line counts as no progress; its ports are unknown, so the reply has 0, 0.
            self._reply((0, 0), b'ERROR', INVALID_PORT)
            return
        ours = here(self.transport)
        theirs = peer(self.transport)
        self.pause()                    # the next query waits until this one is answered
        self._busy = True
        self._bound.deadline = None     # the delay is not the peer's
        # The addresses are those of this connection: a client cannot ask about connections of
        # others (RFC 1413 section 4).
        own = Address(ours.host if ours else '', ports[0])
        other = Address(theirs.host if theirs else '', ports[1])
        try:
            future = as_future(self._service.lookup(own, other))
        except FAILURES:
            log.exception('the lookup failed')
            self._answer(ports, None)
            return
        future.add_done_callback(lambda done: self._looked_up(ports, done))

    def _looked_up(self, ports, done):
        # type: (Tuple[int, int], Future) -> None
        if done.exception() is not None:
            log.error('the lookup failed: %s', done.exception())
            self._answer(ports, None)
        else:
            self._answer(ports, done.result())

    def _answer(self, ports, found):
        # type: (Tuple[int, int], Any) -> None
        self._bound.progress()
        self._busy = False
        if self.transport.is_closing():
            return
        name = _octets(found)
        if name in (NO_USER, HIDDEN_USER):
            self._reply(ports, b'ERROR', name)
        elif not name or len(name) > MAX_USER or _BREAKS.intersection(iterbytes(name)):
            self._reply(ports, b'ERROR', UNKNOWN_ERROR)
        else:
            charset = b'' if max(iterbytes(name)) <= b'~' else b',UTF-8'
            self._reply(ports, b'USERID', b'UNIX' + charset + b' : ' + name)
        if self._draining:
            self.transport.close()
        else:
            self.unpause()

    def _reply(self, ports, kind, rest):
        # type: (Tuple[int, int], bytes, bytes) -> None
        self.send_line(b'%d, %d : %s : %s' % (ports[0], ports[1], kind, rest))
        tell(self.transport, u'%d, %d' % ports, escape(rest), well=None if kind == b'ERROR'
             else True)
        self._left -= 1
        if not self._left:
            self.transport.close()

    def line_too_long(self):
        """RFC 1413 section 4 lets either side give up after 1,000 octets without a line's end."""
        self.transport.close()


def _octets(name):
    # type: (Any) -> Any
    """A name, text or octets, as octets; None if it cannot be spelled."""
    try:
        return name.encode('utf-8') if isinstance(name, text_type) else name
    except UnicodeError:            # half a character, as in a name that is no UTF-8
        return None
