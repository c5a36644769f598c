# Copyright the carryall authors.  See LICENSE.
"""Operators of a network: classes of them, and the privileges of each (RFC 2812 section 3.1.4).

    operator = Operator(b'ann', OPERATOR_CLASSES[b'admin'])
    b'kill' in operator.privileges

Tests:    tests/protocols/irc/test_operators.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.records import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, FrozenSet

__all__ = ['OPERATOR_CLASSES', 'Operator', 'OperatorClass']

# -- privileges --------------------------------------------------------------------
# ban: KLINE, DLINE, UBAN; kill: KILL; wallops: WALLOPS; see: hidden channels and real hosts;
# unlimited: no pace of commands; force: SAJOIN, SAMODE, SANICK, SAPART, and services for others;
# rehash: REHASH; die: DIE.
HELPER = frozenset([b'wallops', b'see'])
OPERATOR = HELPER | frozenset([b'ban', b'kill', b'unlimited'])
ADMIN = OPERATOR | frozenset([b'die', b'force', b'rehash'])


class OperatorClass(namedtuple('OperatorClass', 'name privileges')):
    """A class of operators: its name and a set of privileges (bytes)."""

    __slots__ = ()


OPERATOR_CLASSES = {
    b'admin': OperatorClass(b'admin', ADMIN),
    b'operator': OperatorClass(b'operator', OPERATOR),
    b'helper': OperatorClass(b'helper', HELPER),
}


class Operator(object):
    """An operator; it logs in by OPER with an account.

    Args:     account: its name (bytes).
              kind: an OperatorClass.
              networks: Networks from which it may come; none: from everywhere.
    """

    __slots__ = ('account', 'kind', 'networks')

    def __init__(self, account, kind, networks=()):
        # type: (bytes, OperatorClass, Any) -> None
        self.account = account
        self.kind = kind
        self.networks = tuple(networks)

    @property
    def privileges(self):
        # type: () -> FrozenSet[bytes]
        """The privileges of the class."""
        return self.kind.privileges     # type: ignore[no-any-return]
