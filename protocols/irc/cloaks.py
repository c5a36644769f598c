# Copyright the carryall authors.  See LICENSE.
"""Cloaks: hosts that hide the addresses of users.

    cloak = Cloak(secret)
    cloak(b'192.0.2.7')     # b'k3d0x2mq.t7w1c9ze.p0q8r2aa.ip4'

Equal addresses have equal cloaks.  The parts behind the first are those of the network: 24 and 16
bits of IPv4, 64 and 48 of IPv6.  So a ban of a network is possible, `*.t7w1c9ze.p0q8r2aa.ip4`,
and no address can be found from a cloak without the secret.

Tests:    tests/protocols/irc/test_cloaks.py
"""
from __future__ import absolute_import, division, print_function

import base64

from carryall.core.compat import native
from carryall.core.crypto import STANDARD
from carryall.core.net.ip import packed

__all__ = ['Cloak']

PART_OCTETS = 5             # of a digest in each part: 8 letters in base 32
_PREFIXES = {4: (4, 3, 2), 16: (16, 8, 6)}      # octets that each part stands for
_ENDS = {4: b'ip4', 16: b'ip6'}


class Cloak(object):
    """Makes cloaks.

    Args:     secret: octets; with others come other cloaks.
    """

    __slots__ = ('_secret',)

    def __init__(self, secret):
        # type: (bytes) -> None
        self._secret = secret

    def __call__(self, address):
        # type: (bytes) -> bytes
        """The cloak of an address as it is shown; a name that is no address has itself."""
        octets = packed(native(address))
        if octets is None:
            return address
        parts = [self._part(octets[:count]) for count in _PREFIXES[len(octets)]]
        return b'.'.join(parts + [_ENDS[len(octets)]])

    def _part(self, octets):
        # type: (bytes) -> bytes
        digest = STANDARD.hmac('sha256', self._secret, octets)
        return base64.b32encode(digest[:PART_OCTETS]).lower()
