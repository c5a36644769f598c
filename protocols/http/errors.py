# Copyright the carryall authors.  See LICENSE.
"""HTTPError: a fault of the peer, with the status that tells it (RFC 9110 section 15).

Tests:    tests/protocols/http/test_errors.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError

__all__ = ['HTTPError']


class HTTPError(RemoteProtocolError):
    """The peer broke a rule of HTTP, or exceeded a limit.

    An application raises it to refuse a request: ``raise HTTPError('no such account', reply=404)``.

    Attributes:
        reply, code: the status for the peer; None if an error has none.
    """

    @property
    def code(self):
        # type: () -> Optional[int]
        """The status."""
        return self.reply


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional
