# Copyright the carryall authors.  See LICENSE.
"""NullTLS: a provider without a handshake, whose records are their plain content.

A dialogue goes on in clear after STARTTLS, so a test of it reads like any other.  TLS itself is
tested with the real providers.

Tests:    tests/core/testing/test_nulltls.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.tls.context import TLSInfo

__all__ = ['NullTLS']


class NullTLS(object):
    """For ``VirtualLoop(tls=NullTLS())``.

    Args:     info: what ``tls(transport)`` then tells.
    """

    name = 'null'

    def __init__(self, info=TLSInfo('TLSv1.3', 'NULL', None, None, None, False, b'end point')):
        # type: (TLSInfo) -> None
        self.info = info

    @staticmethod
    def compile(context, server_side):
        # type: (Any, bool) -> None
        """Nothing is read: the files of the context need not be there."""

    def session(self, _compiled, server_side, hostname=None):
        # type: (Any, bool, Optional[str]) -> _NullSession
        """A session that is ready from the start."""
        return _NullSession(self.info)


class _NullSession(object):
    """See ``carryall.runtimes.tls``."""

    pending = False
    ready = True

    def __init__(self, info):
        # type: (TLSInfo) -> None
        self.ended = False
        self._info = info

    def start(self):
        # type: () -> None
        """Nothing to say."""

    @staticmethod
    def receive(data):
        # type: (bytes) -> bytes
        """It is the plaintext."""
        return data

    seal = receive

    @staticmethod
    def take():
        # type: () -> bytes
        """Nothing of its own."""
        return b''

    def finish(self):
        # type: () -> None
        """As if the peer had said its goodbye as soon as we said ours:
        nothing is left to wait for."""
        self.ended = True

    rest = take
    tickets = rest
    over = start
    remember = over

    def info(self):
        # type: () -> TLSInfo
        """The information that the provider was made with."""
        return self._info


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
