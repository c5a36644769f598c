# Copyright the carryall authors.  See LICENSE.
"""The PROXY protocol: a relay tells the server behind it whom it relays for (HAProxy, versions 1 and 2).

Wire:     one header before everything else.  Version 1 is a line:
              PROXY TCP4 192.0.2.1 192.0.2.2 40000 443 CRLF      PROXY UNKNOWN ... CRLF
          version 2 is binary: a signature of 12 octets, version and command, family, length, addresses, extensions.
States:   header -> the inner protocol
          A server that expects the header takes no connection without one: else anybody could pass for anybody.
Source:   "The PROXY protocol", W. Tarreau, 2020, sections 2.1 and 2.2.
Tests:    tests/protocols/test_proxyheader.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.buffer import ReceiveBuffer
from carryall.core.compat import native
from carryall.core.cursor import Cursor
from carryall.core.errors import RemoteProtocolError
from carryall.core.handover import Handover, Outer
from carryall.core.ip import canonical, packed, text
from carryall.core.logs import get_logger
from carryall.core.networks import within
from carryall.core.transport import Address, here, peer
from carryall.core.wirenum import decimal

__all__ = ['ExpectHeader', 'format_v1', 'format_v2', 'maybe_header']

# -- limits ------------------------------------------------------------------
MAX_LINE = 107              # octets of a version 1 header with CRLF; section 2.1
MAX_BODY = 2048             # octets behind a version 2 header's first 16; ours, the addresses take 36 at the most
HEADER_SECONDS = 5.0        # until the header must be there; section 2 wants at least 3

SIGNATURE = b'\r\n\r\n\0\r\nQUIT\n'
LOCAL, PROXY = 0x20, 0x21           # version 2, and the command
STREAM_4, STREAM_6 = 0x11, 0x21     # TCP over IPv4, over IPv6

log = get_logger('proxyheader')


# -- grammar -----------------------------------------------------------------

def format_v1(source, target):
    # type: (Any, Any) -> bytes
    """The line for a connection from one Address to another."""
    families = [len(packed(address.host.partition('%')[0]) or b'') if address.port is not None else 0
                for address in (source, target)]
    if families not in ([4, 4], [16, 16]):
        return b'PROXY UNKNOWN\r\n'
    line = 'PROXY TCP%d %s %s %d %d\r\n' % (4 if families[0] == 4 else 6, source.host.partition('%')[0],
                                            target.host.partition('%')[0], source.port, target.port)
    return line.encode('ascii')


def format_v2(source, target):
    # type: (Any, Any) -> bytes
    """The binary header for the same."""
    octets = [packed(address.host.partition('%')[0]) or b'' if address.port is not None else b'' for address in (source, target)]
    if not octets[0] or len(octets[0]) != len(octets[1]):
        return SIGNATURE + struct.pack('!BBH', PROXY, 0, 0)
    body = octets[0] + octets[1] + struct.pack('!HH', source.port, target.port)
    return SIGNATURE + struct.pack('!BBH', PROXY, STREAM_4 if len(octets[0]) == 4 else STREAM_6, len(body)) + body


def maybe_header(buffered):
    # type: (ReceiveBuffer) -> Optional[Tuple[Optional[Address], Optional[Address]]]
    """Take a header from the front; (source, target), each None where the relay does not say; None if incomplete.

    Raises:   RemoteProtocolError: this is no header.
    """
    start = buffered.peek(len(SIGNATURE))
    if SIGNATURE.startswith(start):
        return _maybe_v2(buffered)
    if not b'PROXY '.startswith(start[:6]):
        raise RemoteProtocolError(u'no PROXY header')
    end = buffered.find(b'\r\n')
    if end < 0 and len(buffered) < MAX_LINE:
        return None
    if end < 0 or end > MAX_LINE - 2:
        raise RemoteProtocolError(u'a PROXY header of more than %d octets' % MAX_LINE)
    return _parse_v1(buffered.maybe_line(b'\r\n') or b'')


def _parse_v1(line):
    # type: (bytes) -> Tuple[Optional[Address], Optional[Address]]
    parts = line.split(b' ')
    if parts[1:2] == [b'UNKNOWN']:
        return None, None
    if len(parts) != 6 or parts[1] not in (b'TCP4', b'TCP6'):
        raise RemoteProtocolError(u'a PROXY header that is none')
    found = []
    for host, port in ((parts[2], parts[4]), (parts[3], parts[5])):
        number = decimal(port, 65535)
        try:
            plain = canonical(native(host))
        except UnicodeError:
            plain = None
        if plain is None or number is None or (b':' in host) != (parts[1] == b'TCP6') or '%' in plain:
            raise RemoteProtocolError(u'a PROXY header with a bad address')
        found.append(Address(plain, number))
    return found[0], found[1]


def _maybe_v2(buffered):
    # type: (ReceiveBuffer) -> Optional[Tuple[Optional[Address], Optional[Address]]]
    start = buffered.peek(16)
    if len(start) < 16:
        return None
    command, family, size = struct.unpack('!BBH', start[12:])
    if command not in (LOCAL, PROXY) or size > MAX_BODY:
        raise RemoteProtocolError(u'a PROXY header of a kind that is not known')
    whole = buffered.maybe_take(16 + size)
    if whole is None:
        return None
    length = {STREAM_4: 4, STREAM_6: 16}.get(family)
    if command == LOCAL or length is None:
        return None, None
    cursor = Cursor(whole, 16)
    source, target = native(text(cursor.take(length))), native(text(cursor.take(length)))
    return Address(source, cursor.uint16()), Address(target, cursor.uint16())


# -- server ------------------------------------------------------------------

class ExpectHeader(object):
    """A policy: connections begin with a header, and their protocols see the addresses that it names.

    Args:     clock: for the deadline.
              trusted: networks (``carryall.core.networks``) whose hosts may say for whom they relay; others are closed.
    """

    def __init__(self, clock, trusted, seconds=HEADER_SECONDS):
        # type: (Any, Any, float) -> None
        self.clock = clock
        self.trusted = list(trusted)
        self.seconds = seconds

    def wrap(self, factory):
        # type: (Callable[[], Any]) -> Callable[[], Any]
        """A factory whose protocols come after the header."""
        return lambda: _Headed(self, factory)


class _Headed(Handover):
    """One connection that begins with a header."""

    def __init__(self, policy, factory):
        # type: (ExpectHeader, Callable[[], Any]) -> None
        Handover.__init__(self, policy.clock)
        self._policy = policy
        self._factory = factory
        self._buffer = ReceiveBuffer()
        self._timer = None          # type: Any

    def connection_made(self, transport):
        self.transport = transport
        address = peer(transport)
        if address is None or not within(address.host, self._policy.trusted):
            log.info('%s may not relay', address)
            transport.close()
            return
        self._timer = self._policy.clock.call_later(self._policy.seconds, transport.abort)

    def opening_received(self, data):
        if self._timer is None:
            return
        self._buffer.append(data)
        try:
            found = maybe_header(self._buffer)
        except RemoteProtocolError as exc:
            log.info('%s: %s', peer(self.transport), exc)
            self.transport.abort()
            return
        if found is None:
            return
        self._timer.cancel()
        self._ends = (found[0] or peer(self.transport), found[1] or here(self.transport))
        self.hand_over(self._factory(), self._buffer.take_all())

    def inner_transport(self, transport):
        return _Relayed(transport, *self._ends)

    def opening_lost(self, exc):
        if self._timer is not None:
            self._timer.cancel()


class _Relayed(Outer):
    """A transport whose ends are those that the header names."""

    def __init__(self, lower, source, target):
        # type: (Any, Any, Any) -> None
        Outer.__init__(self, lower)
        self._ends = {'peername': source, 'sockname': target}

    def get_extra_info(self, name, default=None):
        return self._ends.get(name) or self.lower.get_extra_info(name, default)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Tuple
