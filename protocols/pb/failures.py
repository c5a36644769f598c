# Copyright the carryall authors.  See LICENSE.
"""Failures of calls at either end, and their form on the wire.

An exception goes over as ['error', n, [b'twisted.spread.pb.CopyableFailure', state]]: the name of
its class, the names of all its bases, a text.  The text of an ``PBError`` is meant for the peer and
is sent.  The text of any other exception stays in our log, unless the broker was given its class
(``tells=(ValueError,)``) or ``unsafe_tracebacks``.

An exception that is a Copyable is sent as one; the class that stands for it there is raised.

Tests:    tests/protocols/pb/test_failures.py
"""
from __future__ import absolute_import, division, print_function

import traceback

from carryall.core.compat import FAILURES, text_type, to_bytes
from carryall.core.errors import CarryallError, ProtocolError
from carryall.protocols.pb.security import Unjellyable, native_keys

__all__ = ['CopiedFailure', 'DeadReference', 'Error', 'FAILURE_TAG', 'NoSuchMethod', 'PBError',
           'RemoteError', 'Unauthorized', 'Unavailable', 'failure_state', 'names_of',
           'remote_error']

FAILURE_TAG = b'twisted.spread.pb.CopyableFailure'
HIDDEN = u'the call failed; the log of the other side says why'
NO_TRACEBACK = u'Traceback unavailable\n'
MAX_TEXT = 16384            # characters of an error's text or traceback that are sent

BUILTINS = ('builtins', 'exceptions', '__builtin__')


class PBError(CarryallError):
    """An error whose text is sent to the caller; raise it or a subclass."""

    wire_name = 'twisted.spread.pb.Error'


# The former name, for `except`, which a class that warns could not serve.
Error = PBError


class NoSuchMethod(PBError):
    """The object has no such method, or none that a peer may call."""

    wire_name = 'twisted.spread.flavors.NoSuchMethod'
    # Twisted 0.19 raises it, and the class of 26.10 is derived from it.
    wire_bases = ('builtins.AttributeError', 'exceptions.AttributeError')


class Unauthorized(PBError):
    """The login failed; the reason is not told."""

    wire_name = 'twisted.cred.error.UnauthorizedLogin'


class DeadReference(ProtocolError):
    """The connection that the reference belongs to is gone, or the reference was released."""

    wire_name = 'twisted.spread.pb.DeadReferenceError'


class Unavailable(PBError):
    """The login could not be checked now; the same credentials may be right a while later."""

    wire_name = 'carryall.protocols.pb.Unavailable'


class RemoteError(CarryallError):
    """A call failed at the other end.

    Attributes:
        remote_type: the name of the exception's class there.
        parents: the names of all its bases, itself first.
        remote_traceback: text; nearly always a remark that it is unavailable.
    """

    def __init__(self, message=u'', remote_type='', parents=(), remote_traceback=u''):
        # type: (str, str, Sequence[str], str) -> None
        CarryallError.__init__(self, message)
        self.remote_type = remote_type
        self.parents = tuple(parents) or (remote_type,)
        self.remote_traceback = remote_traceback

    def check(self, *classes):
        # type: (*Any) -> Any
        """The first of *classes* (exceptions, or names) that the error is an instance of, or None.

        Python's exceptions have another module on 2.7 than on 3; both names count as one.
        """
        for one in classes:
            names = set([one] if isinstance(one, str) else names_of_class(one))
            if names.intersection(self.parents):
                return one
        return None

    def __str__(self):
        text = CarryallError.__str__(self)
        return '%s: %s' % (self.remote_type, text) if text else self.remote_type \
            or type(self).__name__


def names_of_class(cls):
    # type: (Any) -> List[str]
    """The names of one exception class on the wire; two for Python's own, whose module differs
    between 2 and 3."""
    name = vars(cls).get('wire_name')
    if name is not None:
        return [name]
    if cls.__module__ in BUILTINS:
        return ['builtins.' + cls.__name__, 'exceptions.' + cls.__name__]
    return ['%s.%s' % (cls.__module__, cls.__name__)]


def names_of(exc):
    # type: (Any) -> List[str]
    """The names of an exception's class and of all its bases, its own first."""
    names = []                  # type: List[str]
    for cls in getattr(type(exc), '__mro__', (type(exc),)):
        for name in names_of_class(cls) + list(vars(cls).get('wire_bases', ())):
            if name not in names:
                names.append(name)
    return names


def failure_state(exc, tells=(), unsafe_tracebacks=False):
    # type: (Any, Sequence[Any], bool) -> Dict[Any, Any]
    """The state of the CopyableFailure for *exc*, with all attributes that any version of Twisted
    reads."""
    names = names_of(exc)
    told = unsafe_tracebacks or isinstance(exc, (PBError,) + tuple(tells))
    trace = NO_TRACEBACK
    if unsafe_tracebacks:
        trace = _text(u''.join(_text(line) for line in traceback.format_exception(
            type(exc), exc, getattr(exc, '__traceback__', None))))
    return {
        u'type': to_bytes(text_type(names[0])), u'value': _text(exc) if told else HIDDEN,
        u'parents': [to_bytes(text_type(name)) for name in names], u'traceback': trace, u'tb': None,
        u'frames': [],
        u'stack': [], u'count': 1, u'captureVars': False,
        u'unsafeTracebacks': bool(unsafe_tracebacks), u'pickled': 1}


def _text(value):
    # type: (Any) -> Any
    try:
        text = str(value)
    except FAILURES:            # py2: an exception with text that is not ASCII
        text = ''
    return (text.decode('utf-8', 'replace') if isinstance(text, bytes) else text)[:MAX_TEXT]


class CopiedFailure(Unjellyable):
    """A failure as received; ``error`` makes it an exception."""

    def setStateFor(self, unjellier, state):
        self.state = native_keys(state)

    def error(self):
        # type: () -> RemoteError
        """A RemoteError, or our class for the remote exception."""
        state = self.state
        name = _name(state.get('type'))
        parents = state.get('parents')
        parents = [_name(one) for one in parents[:100]] if isinstance(parents, list) else []
        return remote_error(name, _as_text(state.get('value')), parents,
                            _as_text(state.get('traceback')))


def _as_text(value):
    # type: (Any) -> Any
    if isinstance(value, bytes):
        return value.decode('utf-8', 'replace')
    return value if isinstance(value, text_type) else u''


def _name(value):
    # type: (Any) -> str
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode('utf-8', 'replace')         # type: ignore
    return value.encode('utf-8') if isinstance(value, text_type) else ''    # type: ignore


class RemoteNoSuchMethod(RemoteError, NoSuchMethod):
    """The peer has no such method."""


class RemoteUnauthorized(RemoteError, Unauthorized):
    """The peer refused our login."""


class RemoteUnavailable(RemoteError, Unavailable):
    """The peer cannot judge logins now."""


class RemotePBError(RemoteError, PBError):
    """The peer raised a PBError, whose text is for us."""


# Old peers have these in other modules, or raise a base class of them.
_KNOWN = (
    (('twisted.spread.flavors.NoSuchMethod', 'twisted.spread.pb.NoSuchMethod'), RemoteNoSuchMethod),
    (('twisted.cred.error.UnauthorizedLogin', 'twisted.cred.error.Unauthorized',
      'twisted.cred.error.LoginFailed'),
     RemoteUnauthorized),
    (('carryall.protocols.pb.Unavailable',), RemoteUnavailable),
    (('twisted.spread.pb.Error',), RemotePBError),
)


def remote_error(name, text, parents=(), remote_traceback=u''):
    # type: (str, str, Sequence[str], str) -> RemoteError
    """The exception for one that was raised at the other end."""
    names = ([] if name in parents else [name]) + list(parents)
    for known, cls in _KNOWN:
        if any(one in names for one in known):
            return cls(text, name, names, remote_traceback)
    return RemoteError(text, name, names, remote_traceback)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Sequence
