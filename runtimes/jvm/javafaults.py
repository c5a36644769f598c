# Copyright the carryall authors.  See LICENSE.
"""Faults of Java as the exceptions of carryall (``carryall.core.errors``).

Java has no error numbers: many faults of the system are one class, SocketException or IOException,
and differ in their text alone.  The texts are those of the C library in English, which the JDK
passes on.

Tests:    tests/runtimes/test_jython_faults.py
"""
from __future__ import absolute_import, division, print_function

from java.net import ConnectException, SocketTimeoutException

from carryall.core.errors import (IN_USE, NOT_OURS, NOT_PERMITTED, ConnectFailed, ConnectionLost,
                                  ListenFailed, Refused, TimedOut)

__all__ = ['connect_fault', 'is_out_of_resources', 'listen_fault', 'lost_fault', 'text_of']

_OUT_OF_RESOURCES = ('Too many open files', 'No buffer space', 'Cannot allocate memory')
_REFUSED = ('No such file', 'Connection refused')
_WHY = (('in use', IN_USE), ('permission denied', NOT_PERMITTED),
        ('assign requested address', NOT_OURS))


def text_of(exc):
    # type: (BaseException) -> str
    """The text of *exc*, or the name of its class if it has none."""
    message = exc.getMessage() if hasattr(exc, 'getMessage') else str(exc)
    if message:
        return message
    return exc.getClass().getSimpleName() if hasattr(exc, 'getClass') else exc.__class__.__name__


def is_out_of_resources(exc):
    # type: (BaseException) -> bool
    """True if the system had no descriptor or memory to give, and may have one later."""
    message = text_of(exc)
    # jython: EMFILE, ENFILE, ENOBUFS and ENOMEM are one class of exception, so the text decides.
    return any(each in message for each in _OUT_OF_RESOURCES)


def lost_fault(exc):
    # type: (BaseException) -> ConnectionLost
    """The ConnectionLost that a failed read or write means."""
    return ConnectionLost(u'the connection was lost: %s' % text_of(exc), exc)


def connect_fault(exc, where):
    # type: (BaseException, Any) -> ConnectFailed
    """The error of a connect to the address *where* that failed with *exc*."""
    text = text_of(exc)
    kind = ConnectFailed
    # jython: ETIMEDOUT is a ConnectException, as ECONNREFUSED is, so the text decides.
    if isinstance(exc, SocketTimeoutException) or 'timed out' in text:
        kind = TimedOut
    # jython: ENOENT of a Unix socket is a plain SocketException, so the text decides.
    elif isinstance(exc, ConnectException) or any(each in text for each in _REFUSED):
        kind = Refused
    return kind(u'cannot connect to %s: %s' % (where, text), exc)


def listen_fault(exc, where):
    # type: (BaseException, Any) -> ListenFailed
    """The error of listening on the address *where* that failed with *exc*."""
    text = text_of(exc)
    # jython: the class is BindException or SocketException for all of them, so the text decides.
    whys = [why for part, why in _WHY if part in text.lower()]
    return ListenFailed(u'cannot listen on %s: %s' % (where, text), exc, where,
                        whys[0] if whys else None)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
