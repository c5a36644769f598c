# Copyright the carryall authors.  See LICENSE.
"""The error of an authority.

Tests:    tests/services/acme/test_acmeclient.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError

__all__ = ['ACMEError']


class ACMEError(RemoteProtocolError):
    """An authority refused, or its answer makes no sense.

    Attributes:
        kind: the last word of the type of the problem document, such as 'rateLimited'
            (RFC 8555 section 6.7); '' if there is none.
        retry_after: seconds that the authority asks to wait, or None.
    """

    def __init__(self, message, kind='', retry_after=None):
        # type: (str, str, Optional[float]) -> None
        RemoteProtocolError.__init__(self, message)
        self.kind = kind
        self.retry_after = retry_after


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional
