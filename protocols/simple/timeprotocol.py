# Copyright the carryall authors.  See LICENSE.
"""Time: the seconds since 1900 for programs to read (RFC 868).

Wire:     Four octets, an unsigned big-endian number: seconds since 1900-01-01T00:00:00Z.  It
          overflows on 2036-02-07 at 06:28:16 UTC and begins at 0 again, and a server counts on.  A
          client takes a number below 2^31 for a time after that day (RFC 4330 section 3, for the
          same number in SNTP).  So it is right from 1968 to 2104.
States:   answered -> closed     (UDP: one packet for one packet)
Not here: the clock; ``wall`` is handed in, a function that returns seconds since 1970 in UTC.
Tests:    tests/protocols/simple/test_timeprotocol.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.net.collector import collect
from carryall.protocols.simple.errors import SimpleError
from carryall.protocols.simple.guarded import GuardedDatagrams, ask_udp
from carryall.protocols.simple.settings import Settings
from carryall.protocols.simple.shortanswer import ShortAnswer

__all__ = ['Time', 'TimeDatagrams', 'fetch', 'fetch_udp', 'pack', 'unpack']

# -- grammar -----------------------------------------------------------------
UNIX_EPOCH = 2208988800     # seconds from 1900 to 1970; RFC 868
ERA = 1 << 32               # seconds until the number overflows
_NUMBER = struct.Struct('!I')


def pack(seconds):
    # type: (float) -> bytes
    """The four octets for *seconds* since 1970."""
    # masked: jython's pack does not check
    return _NUMBER.pack(int(seconds // 1) + UNIX_EPOCH & ERA - 1)


def unpack(data):
    # type: (bytes) -> int
    """The seconds since 1970 of four octets, between 1968 and 2104.

    Raises:   SimpleError: not four octets.
    """
    if len(data) != 4:
        raise SimpleError(u'the time has 4 octets, not %d' % len(data))
    number = _NUMBER.unpack(data)[0]
    if number < ERA // 2:
        number += ERA
    return number - UNIX_EPOCH


# -- server ------------------------------------------------------------------

class Time(ShortAnswer):
    """Tells the time over TCP."""

    def __init__(self, service, clock=None, settings=None):
        # type: (Callable[[], float], Any, Optional[Settings]) -> None
        ShortAnswer.__init__(self, lambda: pack(service()), clock, settings)


class TimeDatagrams(GuardedDatagrams):
    """Tells the time over UDP."""

    def __init__(self, guard, wall):
        # type: (SourceGuard, Callable[[], float]) -> None
        GuardedDatagrams.__init__(self, guard)
        self._wall = wall

    def answer(self, data, addr):
        # type: (bytes, Any) -> Optional[bytes]
        """The time as one packet."""
        return pack(self._wall())


# -- client ------------------------------------------------------------------

def fetch(loop, host, port):
    # type: (Any, str, int) -> Future
    """A Future of the server's time in seconds since 1970."""
    return collect(loop, host, port, maximum=4).then(unpack)


def fetch_udp(loop, host, port):
    # type: (Any, str, int) -> Future
    """As ``fetch``, over UDP."""
    return ask_udp(loop, host, port).then(unpack)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
    from carryall.core.future import Future
    from carryall.protocols.simple.guarded import SourceGuard
