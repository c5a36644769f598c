# Copyright the carryall authors.  See LICENSE.
"""``.asgi``: scripts that set ``app`` or ``application``, an ASGI application, on Python 3.

A script runs once for each version of its file, and so does the lifespan of its application.
Applications that use asyncio need the backend asyncio.

Tests:    tests/services/scripts/test_asgiprograms_py3.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES, PY2
from carryall.core.errors import CarryallError
from carryall.core.future import Future
from carryall.core.logs import get_logger
from carryall.services.asgi import asgi_application
from carryall.services.scripts.scriptfiles import ScriptFiles, failure_page

__all__ = ['ASGIScripts', 'FOLDER', 'NAME', 'OPTIONS', 'SUFFIXES', 'check', 'describe', 'make',
           'suffixes']

NAME = 'ASGI'
SUFFIXES = (b'.asgi',)
FOLDER = None
OPTIONS = []                # type: List[Any]

log = get_logger('scripts')


def check(options):
    # type: (OptionValues) -> None
    """Does nothing: there are no options."""


def suffixes(options):
    # type: (OptionValues) -> Tuple[bytes, ...]
    """The suffix of these scripts."""
    return SUFFIXES


def describe(options):
    # type: (OptionValues) -> Optional[str]
    """The words of the first line; None on Python 2, which has no coroutines."""
    return None if PY2 else u'in this process'


def make(options, loop):
    # type: (OptionValues, Any) -> ASGIScripts
    """The handler of the scripts of one service."""
    return ASGIScripts(loop, options.display_tracebacks)


class _Started(object):
    """An application, and the Future of its startup."""

    def __init__(self, app):
        # type: (Any) -> None
        self.app = app
        self.startup = app.start()      # type: Future


class ASGIScripts(object):
    """Answers by the applications of scripts.

    Args:     loop: the loop.
              shows: true to show tracebacks of their start to clients.
    """

    remembers = True

    def __init__(self, loop, shows=False):
        # type: (Any, bool) -> None
        self._loop = loop
        self._shows = shows
        self._files = ScriptFiles(self._make, _stop)

    def _make(self, name, code):
        # type: (str, Any) -> _Started
        names = {'__file__': name, '__name__': '__asgi__'}      # type: Any
        exec(code, names)
        found = names.get('app') or names.get('application')
        if not callable(found):
            raise CarryallError(u'the script sets neither app nor application')
        return _Started(asgi_application(found, self._loop))

    def __call__(self, request, script):
        # type: (Any, Any) -> Any
        """The answer of an application, once it has started."""
        found = script.kept
        if found is None:
            try:
                found = self._files.get(script.path)
            except FAILURES as exc:
                return failure_page(script, exc, self._shows)
            script.kept = found
        if found.startup.done() and found.startup.exception() is None:
            return found.app.serve(request, script.name, script.path_info)
        answer = Future()

        def started(startup):
            # type: (Future) -> None
            if startup.exception() is None:
                answer.set_result(None)
            else:
                answer.set_exception(startup.exception())

        found.startup.add_done_callback(started)
        return answer.then(
            lambda _: found.app.serve(request, script.name, script.path_info),
            lambda error: failure_page(script, error, self._shows))

    def close(self):
        # type: () -> None
        """Drops the applications, and ends their lifespans."""
        self._files.close()


def _stop(started):
    # type: (_Started) -> None
    started.app.stop().add_done_callback(_tell_failure)


def _tell_failure(future):
    # type: (Future) -> None
    if future.exception() is not None:
        log.error('an application did not stop: %s', future.exception())


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple
    from carryall.app.optionvalues import OptionValues
