# Copyright the carryall authors.  See LICENSE.
"""Gateways: web clients that tell the real address of their users (IRCv3 webirc).

    gateway = Gateway(b'secret', [Network('10.0.0.5')])
    found = gateway_of(gateways, '10.0.0.5', b'secret')

Tests:    tests/protocols/irc/test_webirc.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.crypto import STANDARD
from carryall.core.net.networks import within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Sequence

__all__ = ['Gateway', 'gateway_of']


class Gateway(object):
    """One gateway.

    Args:     password: octets.
              networks: Networks that it comes from.
    """

    __slots__ = ('password', 'networks')

    def __init__(self, password, networks):
        # type: (bytes, Sequence[Any]) -> None
        self.password = password
        self.networks = tuple(networks)


def gateway_of(gateways, host, password):
    # type: (Sequence[Gateway], str, bytes) -> Optional[Gateway]
    """The gateway of that address with that password; None if there is none.

    Digests are compared, so that the time tells nothing of the password.
    """
    key = STANDARD.random(16)
    given = STANDARD.hmac('sha256', key, password)
    found = None                    # type: Optional[Gateway]
    for gateway in gateways:
        right = STANDARD.equal(STANDARD.hmac('sha256', key, gateway.password), given)
        if right and within(host, gateway.networks):
            found = gateway
    return found
