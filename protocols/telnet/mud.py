# Copyright the carryall authors.  See LICENSE.
"""Options of the MUDs: compression (MCCP2, MCCP3), server status (MSSP), out-of-band messages
(GMCP).

    MCCP2   the server does it: behind its subnegotiation its octets are one zlib stream
    MCCP3   the server does it: the client begins to compress its octets
    MSSP    the server does it: pairs of names and values about itself
    GMCP    the server does it: a package's name, a blank, JSON; either side sends

The session's ``value_received`` gets for MSSP {name: [values]}, for GMCP (name, JSON or b'').
Source:   the protocol pages of tintin.mudhalla.net (MCCP, MSSP, GMCP).
Tests:    tests/protocols/telnet/test_mud.py
"""
from __future__ import absolute_import, division, print_function

import zlib

from carryall.protocols.telnet.errors import TelnetError
from carryall.protocols.telnet import wire
from carryall.protocols.telnet.session import Option

__all__ = ['Compress', 'CompressBack', 'Messages', 'ServerStatus']

# -- limits ------------------------------------------------------------------
MAX_INFLATED = 1 << 20      # octets that one piece of compressed data may become
MAX_PAIRS = 1000            # of one server status
MSSP_VAR = b'\1'
MSSP_VAL = b'\2'


def _inflater():
    # type: () -> Callable[[bytes], bytes]
    """A function that decompresses pieces of one zlib stream."""
    stream = zlib.decompressobj()
    # Not empty once the stream has ended: in clear again, as MCCP2 allows
    over = []                   # type: List[bool]

    def inflate(data):
        # type: (bytes) -> bytes
        if over:
            # The stream would gather the data in unused_data, and return it again and again.
            return data
        try:
            found = stream.decompress(data, MAX_INFLATED)
        except zlib.error:
            raise TelnetError(u'malformed compressed data')
        if stream.unconsumed_tail:
            raise TelnetError(u'a piece of compressed data becomes more than %d octets'
                              % MAX_INFLATED)
        if stream.unused_data:
            over.append(True)
        return found + stream.unused_data

    return inflate


def _deflater():
    # type: () -> Callable[[bytes], bytes]
    stream = zlib.compressobj()
    return lambda data: stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH)


class Compress(Option):
    """MCCP2: the server compresses its octets."""

    def __init__(self, ours=True, theirs=False):
        # type: (bool, bool) -> None
        Option.__init__(self, wire.MCCP2, ours, theirs)

    def added(self, session):
        # From the beginning: WILL, the subnegotiation and compressed data may come in one piece.
        if self.theirs:
            session.parser.stops.add(self.number)

    def changed(self, session, ours, on):
        if ours and on:
            session.send_sub(self.number, b'')
            session.deflate = _deflater()

    def sub_received(self, session, data):
        if session.negotiator.on(self.number, False):
            session.inflate = _inflater()
            session.parser.stops.discard(self.number)


class CompressBack(Option):
    """MCCP3: the client compresses its octets."""

    def __init__(self, ours=True, theirs=False):
        # type: (bool, bool) -> None
        Option.__init__(self, wire.MCCP3, ours, theirs)

    def added(self, session):
        if self.ours:
            session.parser.stops.add(self.number)

    def changed(self, session, ours, on):
        if on and not ours:
            session.send_sub(self.number, b'')
            session.deflate = _deflater()

    def sub_received(self, session, data):
        if session.negotiator.on(self.number, True):
            session.inflate = _inflater()
            session.parser.stops.discard(self.number)


class ServerStatus(Option):
    """MSSP.

    Args:     pairs: (name, value) in bytes that we tell on the server's side; a name may come
                     several times.
    """

    def __init__(self, ours=True, theirs=False, pairs=()):
        # type: (bool, bool, Sequence[Tuple[bytes, bytes]]) -> None
        Option.__init__(self, wire.MSSP, ours, theirs)
        self._pairs = list(pairs)

    def changed(self, session, ours, on):
        if ours and on:
            session.send_sub(self.number, b''.join(MSSP_VAR + name + MSSP_VAL + value
                                                   for name, value in self._pairs))

    def sub_received(self, session, data):
        if not session.negotiator.on(self.number, False):
            raise TelnetError(u'MSSP: a client has no server status')
        found = {}                  # type: Dict[bytes, List[bytes]]
        parts = data.split(MSSP_VAR)
        if parts[0] or len(parts) > MAX_PAIRS:
            raise TelnetError(u'MSSP: a value without a name, or too many values')
        for part in parts[1:]:
            name, _, rest = part.partition(MSSP_VAL)
            found.setdefault(name, []).extend(rest.split(MSSP_VAL))
        session.value_received(self.number, found)


class Messages(Option):
    """GMCP."""

    def __init__(self, ours=True, theirs=False):
        # type: (bool, bool) -> None
        Option.__init__(self, wire.GMCP, ours, theirs)

    def tell(self, session, name, value=b''):
        # type: (Any, bytes, bytes) -> None
        """Sends a message; *value* is JSON."""
        session.send_sub(self.number, name + (b' ' + value if value else b''))

    def sub_received(self, session, data):
        name, _, value = data.partition(b' ')
        if not name:
            raise TelnetError(u'GMCP: a message without a name')
        session.value_received(self.number, (name, value))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Sequence, Tuple
