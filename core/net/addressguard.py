# Copyright the carryall authors.  See LICENSE.
"""AddressGuard: keeps a client that fetches URLs of strangers out of its own network (SSRF).

The guard checks numeric addresses, after the name was resolved, and the connection goes to exactly
the checked address.  So ``http://2130706433/`` is refused, and a name cannot resolve to another
address the second time.  Each redirect is checked again.

Source:   the IANA special-purpose address registries (RFC 6890).
Tests:    tests/core/net/test_addressguard.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import int_from_bytes
from carryall.core.errors import ConnectFailed, UsageError
from carryall.core.net.ip import packed
from carryall.core.codec.numbers import decimal

__all__ = ['AddressDenied', 'AddressGuard']

# -- tables ------------------------------------------------------------------
DENIED_4 = ('0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16',
            '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16',
            '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4')

# Of IPv6 only what is globally routed, 2000::/3, less these; 2001::/23 has Teredo,
# which hides an IPv4 address.
GLOBAL_6 = '2000::/3'
DENIED_6 = ('2001::/23', '2001:db8::/32', '3fff::/20')

# Prefix -> where the IPv4 address begins that such an address leads to: mapped, NAT64, 6to4.
EMBEDDING_6 = (('::ffff:0:0/96', 12), ('64:ff9b::/96', 12), ('2002::/16', 2))


class AddressDenied(ConnectFailed):
    """The host has no address that the guard permits."""


class AddressGuard(object):
    """Permits the addresses of the public internet.

    Args:     allow: networks as '10.1.0.0/16' or single addresses that are permitted although they
              are not public.
    """

    __slots__ = ('_allowed',)

    def __init__(self, allow=()):
        # type: (Iterable[str]) -> None
        self._allowed = [_network(text) for text in allow]

    def permits(self, host):
        # type: (str) -> bool
        """True if the numeric address *host* may be connected to; what is no address may not."""
        octets = packed(host.partition('%')[0])
        if octets is None:
            return False
        return _within(octets, self._allowed) or _is_public(octets) and '%' not in host


def _is_public(octets):
    # type: (bytes) -> bool
    if len(octets) == 4:
        return not _within(octets, _DENIED_4)
    for network, begin in _EMBEDDING_6:
        if _within(octets, [network]):
            return not _within(octets[begin:begin + 4], _DENIED_4)
    return _within(octets, [_GLOBAL_6]) and not _within(octets, _DENIED_6)


def _within(octets, networks):
    # type: (bytes, Iterable[Tuple[int, int, int]]) -> bool
    number = int_from_bytes(octets)
    size = len(octets)
    for network, length, shift in networks:
        if length == size and number >> shift == network:
            return True
    return False


def _network(text):
    # type: (str) -> Tuple[int, int, int]
    """(leading bits as a number, octets of an address, bits that are free) of 'ADDRESS/BITS'."""
    address, slash, bits = text.partition('/')
    octets = packed(address)
    length = None                   # type: Optional[int]
    if octets is not None:
        most = 8 * len(octets)
        length = decimal(bits.encode('ascii'), most) if slash else most
    if octets is None or length is None:
        raise UsageError(u'"%s" is no network such as 10.0.0.0/8 or fd00::/8' % text)
    shift = 8 * len(octets) - length
    return int_from_bytes(octets) >> shift, len(octets), shift


_DENIED_4 = [_network(text) for text in DENIED_4]
_DENIED_6 = [_network(text) for text in DENIED_6]
_GLOBAL_6 = _network(GLOBAL_6)
_EMBEDDING_6 = [(_network(text), begin) for text, begin in EMBEDDING_6]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable, Optional, Tuple
