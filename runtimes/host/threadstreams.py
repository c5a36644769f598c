# Copyright the carryall authors.  See LICENSE.
"""Standard streams and an environment for each thread, for scripts of CGI in this process.

    with redirected(sys, os, stdin, stdout, environ):
        run the script                  # sys.stdout, os.environ are its own on this thread

``sys.stdin``, ``sys.stdout`` and ``os.environ`` are replaced once.  Then each thread finds its own
there, and a thread without finds what was there before.

Tests:    tests/runtimes/host/test_threadstreams.py
"""
from __future__ import absolute_import, division, print_function

import contextlib
import threading

__all__ = ['redirected']

NAMES = ('stdin', 'stdout')

_here = threading.local()


class _Stream(object):
    """A stream whose every attribute is that of the thread's own stream."""

    def __init__(self, name, usual):
        # type: (str, Any) -> None
        vars(self).update(thread_name=name, usual_stream=usual)

    def _own(self):
        # type: () -> Any
        own = vars(self)
        return getattr(_here, own['thread_name'], None) or own['usual_stream']

    def __getattr__(self, name):
        return getattr(self._own(), name)

    def __setattr__(self, name, value):
        setattr(self._own(), name, value)       # py2: print sets softspace

    def __iter__(self):
        return iter(self._own())


class _Environ(object):
    """A mapping that is the thread's own."""

    def __init__(self, usual):
        # type: (Any) -> None
        self._usual = usual

    def _own(self):
        # type: () -> Any
        found = getattr(_here, 'environ', None)
        return self._usual if found is None else found

    def __getattr__(self, name):
        return getattr(self._own(), name)

    def __getitem__(self, name):
        return self._own()[name]

    def __setitem__(self, name, value):
        self._own()[name] = value

    def __delitem__(self, name):
        del self._own()[name]

    def __contains__(self, name):
        return name in self._own()

    def __iter__(self):
        return iter(self._own())

    def __len__(self):
        return len(self._own())

    def __eq__(self, other):
        return self._own() == other

    def __ne__(self, other):
        return self._own() != other

    __hash__ = None                 # type: ignore

    def __repr__(self):
        return repr(self._own())


@contextlib.contextmanager
def redirected(system, machine, stdin, stdout, environ):
    # type: (Any, Any, Any, Any, Any) -> Iterator[None]
    """Gives this thread streams and an environment.

    Args:     system, machine: the modules ``sys`` and ``os``.
    """
    for name in NAMES:
        usual = getattr(system, name)
        if not isinstance(usual, _Stream):
            setattr(system, name, _Stream(name, usual))
    if not isinstance(machine.environ, _Environ):
        machine.environ = _Environ(machine.environ)
    former = dict(vars(_here))
    vars(_here).update(stdin=stdin, stdout=stdout, environ=environ)
    try:
        yield
    finally:
        vars(_here).clear()
        vars(_here).update(former)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator
