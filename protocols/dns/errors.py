# Copyright the carryall authors.  See LICENSE.
"""The error of DNS."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError

__all__ = ['DNSError']


class DNSError(RemoteProtocolError):
    """An answer of a name server is malformed or an error.

    Attributes:
        reply, code: the response code (RFC 1035 section 4.1.1); None for a malformed answer.
    """

    @property
    def code(self):
        # type: () -> Optional[int]
        """The response code."""
        return self.reply


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional
