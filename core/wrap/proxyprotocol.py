# Copyright the carryall authors.  See LICENSE.
"""The PROXY protocol, versions 1 and 2: a relay names its client to the server behind it (X-14).

Wire:     One header before everything else, also before TLS.  Version 1 is a line:
              PROXY TCP4 192.0.2.1 192.0.2.2 40000 443 CRLF           PROXY UNKNOWN ... CRLF
          Version 2 is binary: 12 octets that begin no other protocol, version and command, family,
          length, the addresses, then extensions of type, length and value.
States:   header -> the inner protocol, or closed.

    ProxyProtocol(loop, [u'10.0.0.0/8', u'unix']).wrap(factory)

``peer(transport)`` is then the client that the relay names.  A listener that expects the header
takes no connection without one, and takes it from trusted relays alone.  Otherwise any client could
claim any address.

Source:   "The PROXY protocol", W. Tarreau, 2020, sections 2.1 (version 1) and 2.2 (version 2).
Tests:    tests/core/wrap/test_proxyprotocol.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.codec.buffer import ReceiveBuffer
from carryall.core.compat import byte2int, iterbytes, native, range, text_type
from carryall.core.net.deadlines import sweeper_of
from carryall.core.errors import RemoteProtocolError, UsageError
from carryall.core.wrap.relay import Handover, Outer
from carryall.core.net.ip import canonical, packed, text
from carryall.core.logs import get_logger
from carryall.core.metrics import Wrapped
from carryall.core.net.networks import Network
from carryall.core.net.transport import Address, here, peer
from carryall.core.codec.numbers import decimal

__all__ = ['ProxyProtocol', 'format_v1', 'format_v2', 'maybe_header', 'parse_trusted']

# -- limits ------------------------------------------------------------------
MAX_LINE = 107              # octets of a version 1 header with CRLF; section 2.1
MAX_BODY = 2048  # octets behind the first 16 of version 2: a certificate's name takes the most
HEADER_SECONDS = 5.0        # until the whole header must be there; section 2 wants at least 3

SIGNATURE = b'\r\n\r\n\0\r\nQUIT\n'
# version 2 and the command
LOCAL = 0x20
PROXY = 0x21
# TCP over IPv4, over IPv6
STREAM_4 = 0x11
STREAM_6 = 0x21
NO_ADDRESSES = (0x00, 0x31)         # unspecified, and a Unix socket: the relay's own addresses stay
CRC32C = 0x03                       # the extension that holds a checksum; section 2.2.3

log = get_logger('proxyprotocol')


# -- grammar -----------------------------------------------------------------

def format_v1(source, target):
    # type: (Address, Address) -> bytes
    """The line for a connection from one Address to another; UNKNOWN unless both are IPv4 or both
    are IPv6.
    """
    sizes = [len(_octets(address)) for address in (source, target)]
    if sizes not in ([4, 4], [16, 16]):
        return b'PROXY UNKNOWN\r\n'
    line = 'PROXY TCP%d %s %s %d %d\r\n' % (4 if sizes[0] == 4 else 6,
                                            source.host.partition('%')[0],
                                            target.host.partition('%')[0], source.port or 0,
                                            target.port or 0)
    return line.encode('ascii')


def format_v2(source, target):
    # type: (Address, Address) -> bytes
    """The binary header for a connection from one Address to another."""
    near = _octets(source)
    far = _octets(target)
    if not near or len(near) != len(far):
        return SIGNATURE + struct.pack('!BBH', PROXY, 0, 0)
    body = near + far + struct.pack('!HH', source.port, target.port)
    return SIGNATURE + struct.pack('!BBH', PROXY, STREAM_4 if len(near) == 4 else STREAM_6,
                                   len(body)) + body


def _octets(address):
    # type: (Address) -> bytes
    """The networks of an IP address; none for a Unix socket."""
    return packed(address.host.partition('%')[0]) or b'' if address.port is not None else b''


def maybe_header(buffered):
    # type: (ReceiveBuffer) -> Optional[Tuple[Optional[Address], Optional[Address]]]
    """Takes a header from the front; None if it is incomplete.

    Returns:  (source, target), both None if the relay names no client.
    Raises:   RemoteProtocolError: the data is not a header.
    """
    start = buffered.peek(len(SIGNATURE))
    if SIGNATURE.startswith(start):
        return _maybe_v2(buffered)
    if not b'PROXY '.startswith(start[:6]):
        raise RemoteProtocolError(u'there is no PROXY header')
    end = buffered.find(b'\r\n')
    if end > MAX_LINE - 2 or end < 0 and len(buffered) >= MAX_LINE:
        raise RemoteProtocolError(u'a PROXY header of more than %d octets' % MAX_LINE)
    return None if end < 0 else _parse_v1(buffered.maybe_line(b'\r\n') or b'')


def _parse_v1(line):
    # type: (bytes) -> Tuple[Optional[Address], Optional[Address]]
    parts = line.split(b' ')
    if parts[1] == b'UNKNOWN':          # what may follow must be ignored (section 2.1)
        return None, None
    if len(parts) != 6 or parts[1] not in (b'TCP4', b'TCP6'):
        raise RemoteProtocolError(u'a PROXY header with other fields')
    return _end_v1(parts[2], parts[4], parts[1] == b'TCP6'), _end_v1(
        parts[3], parts[5], parts[1] == b'TCP6')


def _end_v1(host, port, six):
    # type: (bytes, bytes, bool) -> Address
    number = decimal(port, 65535)
    try:
        plain = canonical(native(host))
    except UnicodeError:
        plain = None
    if plain is None or '%' in plain or (':' in plain) != six:
        raise RemoteProtocolError(u'a PROXY header with a bad address')
    if number is None or port[:1] == b'0' and port != b'0':
        raise RemoteProtocolError(u'a PROXY header with a bad port')
    return Address(plain, number)


def _maybe_v2(buffered):
    # type: (ReceiveBuffer) -> Optional[Tuple[Optional[Address], Optional[Address]]]
    start = buffered.peek(16)
    if len(start) < 16:
        return None
    command, family, size = struct.unpack('!BBH', start[12:])
    if command not in (LOCAL, PROXY):
        raise RemoteProtocolError(u'a PROXY header of another version, or with an unknown command')
    if size > MAX_BODY:
        raise RemoteProtocolError(u'a PROXY header of more than %d octets' % (16 + MAX_BODY))
    whole = buffered.maybe_take(16 + size)
    if whole is None:
        return None
    if command == LOCAL:        # a health check of the relay itself; the rest is ignored
        return None, None
    width = {STREAM_4: 4, STREAM_6: 16}.get(family)
    if width is None:
        if family not in NO_ADDRESSES:
            raise RemoteProtocolError(u'a PROXY header for another kind of transport')
        return None, None
    if size < 2 * width + 4:
        raise RemoteProtocolError(u'a PROXY header shorter than its addresses')
    _check_extensions(whole, 16 + 2 * width + 4)
    ports = struct.unpack('!HH', whole[16 + 2 * width:20 + 2 * width])
    return (Address(native(text(whole[16:16 + width])), ports[0]),
            Address(native(text(whole[16 + width:16 + 2 * width])), ports[1]))


def _check_extensions(whole, index):
    # type: (bytes, int) -> None
    """Checks that the extensions fill the header exactly, and the checksum if it has one."""
    while index < len(whole):
        if index + 3 > len(whole):
            raise RemoteProtocolError(u'a PROXY header with a cut extension')
        kind, size = struct.unpack('!BH', whole[index:index + 3])
        value = whole[index + 3:index + 3 + size]
        if len(value) != size:
            raise RemoteProtocolError(u'a PROXY header with a cut extension')
        if kind == CRC32C:
            blank = whole[:index + 3] + b'\0' * size + whole[index + 3 + size:]
            if value != struct.pack('!I', _crc32c(blank)):
                raise RemoteProtocolError(u'a PROXY header with a wrong checksum')
        index += 3 + size


def _crc32c(data):
    # type: (bytes) -> int
    """The checksum of RFC 4960 appendix B, bit by bit: headers are short and few have one."""
    crc = 0xFFFFFFFF
    for octet in iterbytes(data):
        crc ^= byte2int(octet)
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def parse_trusted(written):
    # type: (str) -> List[Any]
    """The relays of an endpoint's ``proxy=``: networks and ``unix``, separated by commas.

    A network of IPv6 may be in brackets.

    Raises:   UsageError: one of them is not a network.
    """
    return [_relay(part.strip(u'[]')) for part in written.split(u',')]


def _relay(written):
    # type: (Any) -> Any
    if not isinstance(written, text_type):
        return written                  # a Network already
    if not written:
        raise UsageError(u'an empty name is not a network')
    return written if written == u'unix' else Network(written)


# -- server ------------------------------------------------------------------

class ProxyProtocol(object):
    """A policy: connections begin with a header, and their protocols see the addresses in it.

    Args:     clock: for the deadline.
              trusted: networks (text, or ``carryall.core.net.networks.Network``) of the relays, and
                       u'unix' for all clients of a Unix socket.  Other clients are cut off.
              seconds: until the header must have come.

    Attributes:
        refused: the number of connections cut off without a valid header, for metrics.
    """

    def __init__(self, clock, trusted, seconds=HEADER_SECONDS):
        # type: (Any, Iterable[Any], float) -> None
        self.clock = clock
        self.trusted = [_relay(each) for each in trusted]
        self.seconds = seconds
        self.refused = 0
        self.sweeper = sweeper_of(clock)

    def wrap(self, factory):
        # type: (Callable[[], Any]) -> Callable[[], Any]
        """A factory whose protocols come after the header."""
        return Wrapped(lambda wrapped: _Headed(self, wrapped), factory)

    def trusts(self, address):
        # type: (Optional[Address]) -> bool
        """True if a relay at *address* may name its clients."""
        if address is None or address.port is None:
            return u'unix' in self.trusted
        return any(each != u'unix' and address.host in each for each in self.trusted)


class _Headed(Handover):
    """One connection that begins with a header."""

    deadline = None                     # type: Optional[float]

    def __init__(self, policy, wrapped):
        # type: (ProxyProtocol, Wrapped) -> None
        Handover.__init__(self, policy.clock)
        self._policy = policy
        self._wrapped = wrapped
        self._buffer = None             # type: Any
        self._ends = {}                 # type: Dict[str, Any]

    def connection_made(self, transport):
        self.transport = transport
        policy = self._policy
        if not policy.trusts(peer(transport)):
            self._cut(u'it is not a trusted relay')
            return
        self._buffer = ReceiveBuffer()
        self.deadline = policy.clock.time() + policy.seconds
        policy.sweeper.add(self)

    def deadline_expired(self, now):
        # type: (float) -> None
        """The sweeper: the header has not come in time."""
        self._cut(u'no PROXY header came in %g seconds' % self._policy.seconds)

    def opening_received(self, data):
        if self._buffer is None or self.transport.is_closing():
            return
        self._buffer.append(data)
        try:
            found = maybe_header(self._buffer)
        except RemoteProtocolError as exc:
            self._cut(exc.message)
            return
        if found is None:
            return
        self._policy.sweeper.discard(self)
        source, target = found
        if source is not None:
            self._ends = {'peername': source, 'sockname': target}
        rest, self._buffer = self._buffer.take_all(), None
        self.hand_over(self._wrapped.factory(), rest)

    def inner_transport(self, transport):
        return _Relayed(transport, self._ends) if self._ends else transport

    def opening_ended(self):
        self._cut(u'it ended before its PROXY header')

    def opening_lost(self, exc):
        self._policy.sweeper.discard(self)

    def _cut(self, reason):
        # type: (str) -> None
        """Aborts without a reply: the peer's protocol is unknown."""
        self._policy.refused += 1
        self._wrapped.refused.value += 1
        self._policy.sweeper.discard(self)
        log.info('%s is cut off: %s', peer(self.transport), reason)
        self._buffer = None
        self.transport.abort()


class _Relayed(Outer):
    """A transport with the addresses that the header names."""

    def __init__(self, lower, ends):
        # type: (Any, Dict[str, Any]) -> None
        Outer.__init__(self, lower)
        self._ends = ends

    def get_extra_info(self, name, default=None):
        return self._ends.get(name) or self.lower.get_extra_info(name, default)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple
