# Copyright the carryall authors.  See LICENSE.
"""Networks of IP addresses as they stand in rules: ``10.0.0.0/8``, ``fd00::/8``,
``192.0.2.7``, ``*``.

Tests:    tests/core/net/test_networks.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import int_from_bytes, native
from carryall.core.errors import UsageError
from carryall.core.net.ip import MAPPED, packed
from carryall.core.codec.numbers import decimal

__all__ = ['Network', 'within']


class Network(object):
    """The addresses that share their first bits; ``*`` is every address of both kinds.

    Args:     text: 'ADDRESS/BITS', a single 'ADDRESS', or '*'.
    Raises:   UsageError: it is none of these, or bits behind BITS are set.
    """

    __slots__ = ('text', '_length', '_number', '_shift')

    def __init__(self, text):
        # type: (str) -> None
        self.text = text
        self._length = 0                # octets of an address; 0: of any
        self._number = 0
        self._shift = 0
        if text == u'*':
            return
        address, slash, bits = text.partition(u'/')
        octets = packed(_ascii(address, text))
        size = None                 # type: Optional[int]
        if octets is not None:
            most = 8 * len(octets)
            size = decimal(_ascii(bits, text).encode('ascii'), most) if slash else most
        if octets is None or size is None:
            raise UsageError(u'"%s" is no network such as 10.0.0.0/8, fd00::/8 or 192.0.2.7' % text)
        number = int_from_bytes(octets)
        shift = 8 * len(octets) - size
        if number >> shift << shift != number:
            raise UsageError(u'"%s" has bits behind the first %d' % (text, size))
        self._length = len(octets)
        self._number = number >> shift
        self._shift = shift

    def __contains__(self, host):
        # type: (str) -> bool
        """True if the numeric address *host* is of the network;
        an IPv4 address mapped into IPv6 counts as IPv4."""
        octets = packed(host.partition('%')[0])
        if octets is None:
            return False
        if self._length == 0:
            return True
        if self._length == 4 and octets[:12] == MAPPED:
            octets = octets[12:]
        return len(octets) == self._length and int_from_bytes(octets) >> self._shift == self._number


def _ascii(part, whole):
    # type: (str, str) -> str
    try:
        return native(part)
    except UnicodeError:
        raise UsageError(u'"%s" is no network such as 10.0.0.0/8, fd00::/8 or 192.0.2.7' % whole)


def within(host, networks):
    # type: (str, Iterable[Network]) -> bool
    """True if one of *networks* has the numeric address *host*."""
    for network in networks:
        if host in network:
            return True
    return False


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable, Optional
