# Copyright the carryall authors.  See LICENSE.
"""The error of dict (RFC 2229)."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['DICTError']


class DICTError(RemoteProtocolError):
    """The server refused a command, or sent what is no reply.

    A service raises it to have ``reply`` sent to the client.

    Attributes:
        code: of the reply; 0 if there is none.
    """

    def __init__(self, message, code=0, reply=None, cause=None):
        # type: (str, int, Any, Any) -> None
        RemoteProtocolError.__init__(self, message, reply, cause)
        self.code = code
