# Copyright the carryall authors.  See LICENSE.
"""The exceptions of carryall, named once for every runtime:
the same fault raises the same class everywhere.

``carryall.runtimes`` converts errnos, Java exceptions and texts of the operating system into these
classes, with the original as ``cause`` for the log.
"""
from __future__ import absolute_import, division, print_function

__all__ = ['Cancelled', 'CarryallError', 'ConnectFailed', 'ConnectionLost', 'HandshakeFailed',
           'IN_USE', 'ListenFailed', 'LocalProtocolError', 'LoopClosed', 'NOT_OURS',
           'NOT_PERMITTED', 'ProtocolError', 'Refused', 'RemoteProtocolError', 'ResolveFailed',
           'SpawnFailed', 'TimedOut', 'UnknownOption', 'Unsupported', 'UsageError']


# Reasons of a ListenFailed
IN_USE = 'in use'
NOT_OURS = 'not ours'
NOT_PERMITTED = 'not permitted'


class CarryallError(Exception):
    """The root of what carryall itself raises."""

    def __init__(self, message=u'', cause=None):
        # type: (str, Optional[BaseException]) -> None
        Exception.__init__(self, message)
        self.message = message
        self.cause = cause

    def __str__(self):
        # py2: str() of text that is not ASCII raises; 3.x never comes to the second half.
        return self.message if isinstance(self.message, str) else self.message.encode('utf-8')


class UsageError(CarryallError):
    """The user asked for something impossible; a command prints the text and exits with status 2.

    Attributes:
        command:  the command, such as `mktap web`, if that is not the name of the program alone.
    """

    command = None


class UnknownOption(UsageError):
    """The option is unknown; a command tells how to list the known ones."""


class ConnectionLost(CarryallError):
    """The connection broke: the peer reset it, or the network did (law L5)."""


class ConnectFailed(CarryallError):
    """An outgoing connection could not be made."""


class Refused(ConnectFailed):
    """The host refused: no server listens on the port (law L16)."""


class TimedOut(ConnectFailed):
    """It took longer than was allowed."""


class ResolveFailed(ConnectFailed):
    """The name has no address."""


class HandshakeFailed(ConnectFailed):
    """The two ends did not agree on TLS, or the certificate of one is not good enough for the other
    (law L18)."""


class ListenFailed(CarryallError):
    """The address cannot be listened on: in use, not ours, or not permitted.

    Attributes:
        address: the Address, None if there is none.
        why:     IN_USE, NOT_OURS, NOT_PERMITTED, or None for another reason.
    """

    def __init__(self, message=u'', cause=None, address=None, why=None):
        # type: (str, Optional[BaseException], Any, Optional[str]) -> None
        CarryallError.__init__(self, message, cause)
        self.address = address
        self.why = why


class SpawnFailed(CarryallError):
    """The program could not be started."""


class Unsupported(CarryallError):
    """This backend lacks the capability; the message says which, why, and what has it (law L20)."""


class LoopClosed(CarryallError):
    """The loop has been closed and takes no more work (law L17)."""


class Cancelled(CarryallError):
    """The future was cancelled before it had a result."""


class ProtocolError(CarryallError):
    """A rule of a protocol was broken, by us or by the peer; see the two subclasses."""


class LocalProtocolError(ProtocolError):
    """Our own caller asked for something the protocol does not allow."""


class FileFailed(CarryallError):
    """A file that is being served cannot be read: a fault of the disk, not of a program or peer.

    It is logged as one line, without a traceback.
    """


class RemoteProtocolError(ProtocolError):
    """The peer broke the protocol.

    ``reply`` is what may be told to the peer, as the protocol spells it;
    the message is for our log alone.
    """

    def __init__(self, message=u'', reply=None, cause=None):
        # type: (str, Any, Optional[BaseException]) -> None
        ProtocolError.__init__(self, message, cause)
        self.reply = reply


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
