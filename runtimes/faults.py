# Copyright the carryall authors.  See LICENSE.
"""From what the system raises to what carryall raises (see ``carryall.core.errors``),
for sockets of the BSD kind.

The Java counterpart is ``carryall.runtimes.jvm.javafaults``.

Tests:    tests/runtimes/test_faults.py
"""
from __future__ import absolute_import, division, print_function

import errno
import os

from carryall.core.errors import (IN_USE, NOT_OURS, NOT_PERMITTED, ConnectFailed, ConnectionLost,
                                  ListenFailed, Refused, TimedOut)

__all__ = ['IN_PROGRESS', 'OUT_OF_RESOURCES', 'RETRY', 'connect_fault', 'errno_of', 'listen_fault',
           'lost_fault']


def _numbers(*names):
    # type: (*str) -> FrozenSet[int]
    return frozenset(getattr(errno, name) for name in names if hasattr(errno, name))


RETRY = _numbers('EAGAIN', 'EWOULDBLOCK', 'EINTR', 'WSAEWOULDBLOCK', 'WSAEINTR')
IN_PROGRESS = _numbers('EINPROGRESS', 'EALREADY', 'EWOULDBLOCK', 'EAGAIN', 'WSAEINPROGRESS',
                       'WSAEWOULDBLOCK')
OUT_OF_RESOURCES = _numbers('EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'WSAEMFILE', 'WSAENOBUFS')
_REFUSED = _numbers('ECONNREFUSED', 'WSAECONNREFUSED', 'ENOENT')       # ENOENT: no such Unix socket
_TIMED_OUT = _numbers('ETIMEDOUT', 'WSAETIMEDOUT')
_WHY = dict((number, why) for why, names in (
    (IN_USE, ('EADDRINUSE', 'WSAEADDRINUSE')), (NOT_PERMITTED, ('EACCES', 'EPERM', 'WSAEACCES')),
    (NOT_OURS, ('EADDRNOTAVAIL', 'WSAEADDRNOTAVAIL'))) for number in _numbers(*names))


def errno_of(exc):
    # type: (BaseException) -> Optional[int]
    """The errno of what the socket module raised; None if it has none."""
    return exc.args[0] if exc.args and isinstance(exc.args[0], int) else None


def text_of(exc):
    # type: (BaseException) -> str
    """The system's words for *exc*, without the number."""
    number = errno_of(exc)
    return os.strerror(number) if number is not None else (str(exc) or exc.__class__.__name__)


def lost_fault(exc):
    # type: (BaseException) -> ConnectionLost
    """The ConnectionLost that a failed read or write means."""
    return ConnectionLost(u'the connection was lost: %s' % text_of(exc), exc)


def connect_fault(exc, where):
    # type: (BaseException, Any) -> ConnectFailed
    """The error of a connect to the address *where* that failed with *exc*."""
    number = errno_of(exc)
    kind = ConnectFailed
    if number in _REFUSED:
        kind = Refused
    elif number in _TIMED_OUT:
        kind = TimedOut
    return kind(u'cannot connect to %s: %s' % (where, text_of(exc)), exc)


def listen_fault(exc, where):
    # type: (BaseException, Any) -> ListenFailed
    """The error of listening on the address *where* that failed with *exc*."""
    number = errno_of(exc)
    why = None if number is None else _WHY.get(number)
    return ListenFailed(u'cannot listen on %s: %s' % (where, text_of(exc)), exc, where, why)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, FrozenSet, Optional
