# Copyright the carryall authors.  See LICENSE.
"""The errors of IRC."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import CarryallError, RemoteProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['AccountRefused', 'DCCError', 'IRCError']


class IRCError(RemoteProtocolError):
    """The peer sent what is no IRC message, or refused a command.

    Attributes:
        code: the numeric of the refusal, 433; 0 if there is none.
    """

    def __init__(self, message, code=0, reply=None, cause=None):
        # type: (str, int, Any, Any) -> None
        RemoteProtocolError.__init__(self, message, reply, cause)
        self.code = code


class DCCError(IRCError):
    """A direct connection that is not made, or a transfer that was broken off."""


class AccountRefused(CarryallError):
    """An account is not registered.

    Attributes:
        code: of the standard reply, b'ACCOUNT_EXISTS'.
        text: for the user (bytes).
    """

    def __init__(self, code, text):
        # type: (bytes, bytes) -> None
        CarryallError.__init__(self, text.decode('utf-8'))
        self.code = code
        self.text = text
