# Copyright the carryall authors.  See LICENSE.
"""From what Java throws to what carryall raises (see ``carryall.core.errors``).

Tests:    tests/runtimes/test_jython_faults.py
"""
from __future__ import absolute_import, division, print_function

from java.net import ConnectException, SocketTimeoutException

from carryall.core.errors import ConnectFailed, ConnectionLost, ListenFailed, Refused, TimedOut

__all__ = ['connect_fault', 'is_out_of_resources', 'listen_fault', 'lost_fault', 'text_of']


def text_of(exc):
    # type: (BaseException) -> str
    """Java's words for *exc*, or the name of its class where it has none."""
    message = exc.getMessage() if hasattr(exc, 'getMessage') else str(exc)
    if message:
        return message
    return exc.getClass().getSimpleName() if hasattr(exc, 'getClass') else exc.__class__.__name__


def is_out_of_resources(exc):
    # type: (BaseException) -> bool
    """True if the system had no descriptor or memory to give, and may have one later."""
    message = text_of(exc)
    return 'Too many open files' in message or 'No buffer space' in message \
        or 'Cannot allocate memory' in message


def lost_fault(exc):
    # type: (BaseException) -> ConnectionLost
    """The ConnectionLost that a failed read or write means."""
    return ConnectionLost(u'the connection was lost: %s' % text_of(exc), exc)


def connect_fault(exc, where):
    # type: (BaseException, Any) -> ConnectFailed
    """The error of a connect to the address *where* that failed with *exc*."""
    text = text_of(exc)
    kind = ConnectFailed
    if 'timed out' in text or isinstance(exc, SocketTimeoutException):
        kind = TimedOut
    elif isinstance(exc, ConnectException) or 'No such file' in text \
            or 'Connection refused' in text:
        kind = Refused
    return kind(u'cannot connect to %s: %s' % (where, text), exc)


def listen_fault(exc, where):
    # type: (BaseException, Any) -> ListenFailed
    """The error of listening on the address *where* that failed with *exc*."""
    return ListenFailed(u'cannot listen on %s: %s' % (where, text_of(exc)), exc)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
