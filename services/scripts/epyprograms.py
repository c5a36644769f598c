# Copyright the carryall authors.  See LICENSE.
"""``.epy``: scripts that write one page (feature WEB-07).

    request.write('<p>You asked for %s</p>' % request.path)

A script runs for each request, with these names: ``request`` (a PageRequest), ``__file__`` and
``registry``.  It is compiled once for each version of its file.  It runs on the loop's thread, as
in Twisted 0.19, unless ``--script-seconds`` is given: then it has a thread, and that time.

Tests:    tests/services/scripts/test_epyprograms.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.options import Flag, Option
from carryall.app.optiontypes import Integer
from carryall.core.compat import FAILURES
from carryall.core.errors import TimedOut, UsageError
from carryall.core.future import with_timeout
from carryall.protocols.http import plain_response
from carryall.services.resources import PageRequest, Resource, render_at
from carryall.services.scripts.scriptfiles import (Registry, ScriptFiles, failure_page, file_name,
                                                   segments_of)

__all__ = ['FOLDER', 'NAME', 'OPTIONS', 'SUFFIXES', 'EpyScripts', 'check', 'describe', 'make',
           'shows_tracebacks', 'suffixes']

NAME = 'epy'
SUFFIXES = (b'.epy',)
FOLDER = None
MAX_SECONDS = 86400

GROUP = 'programs'
OPTIONS = [
    Flag('display-tracebacks', group=GROUP,
         help='show the traceback of a script that fails to the browser; the log has it always'),
    Flag('notracebacks', short='n', group=GROUP,
         help='show no tracebacks to browsers: the default, for command lines of former versions'),
    Option('script-seconds', Integer(0, MAX_SECONDS, 'seconds'), default='0', group=GROUP,
           help='run .epy scripts on threads, and answer 504 after that time; 0: on the thread of '
                'the loop, without a limit'),
]


def check(options):
    # type: (OptionValues) -> None
    """Raises UsageError for flags that contradict each other."""
    if options.notracebacks and options.display_tracebacks:
        raise UsageError(u'--notracebacks and --display-tracebacks contradict each other')


def shows_tracebacks(options):
    # type: (OptionValues) -> bool
    """True if clients see the tracebacks of scripts, of all kinds."""
    return options.display_tracebacks


def suffixes(options):
    # type: (OptionValues) -> Tuple[bytes, ...]
    """The suffix of these scripts."""
    return SUFFIXES


def describe(options):
    # type: (OptionValues) -> str
    """The words of the first line."""
    return u'in this process'


def make(options, loop):
    # type: (OptionValues, Any) -> EpyScripts
    """The handler of the scripts of one service."""
    return EpyScripts(loop, options.script_seconds, options.display_tracebacks)


class _Whole(Resource):
    """A leaf that runs a script; for requests with a body."""

    is_leaf = True

    def __init__(self, run):
        # type: (Callable[[PageRequest], Any]) -> None
        self._run = run

    def render(self, request):
        return self._run(request)


class EpyScripts(object):
    """Runs a script for each request.

    Args:     loop: the loop.
              seconds: that a script may take on a thread; 0: it runs on the loop's.
              shows: true to show tracebacks to clients.
    """

    remembers = True

    def __init__(self, loop, seconds=0, shows=False):
        # type: (Any, int, bool) -> None
        self._loop = loop
        self._seconds = seconds
        self._shows = shows
        self._files = ScriptFiles(lambda name, code: code)
        self.registry = Registry(loop)

    def __call__(self, request, script):
        # type: (Any, Any) -> Any
        """The page of a script."""
        code = script.kept
        if code is None:
            try:
                code = self._files.get(script.path)
            except FAILURES as exc:
                return failure_page(script, exc, self._shows)
            script.kept = code
        if request.length:
            return render_at(_Whole(lambda page: self._run(page, code, script)), request,
                             segments_of(script.name), script.path_info)
        return self._run(PageRequest(request, script.name, script.path_info), code, script)

    def _run(self, page, code, script):
        # type: (PageRequest, Any, Any) -> Any
        names = {'request': page, '__file__': file_name(script.path), 'registry': self.registry,
                 '__name__': '__epy__'}
        if self._seconds:
            return self._run_in_thread(page, code, names, script)
        try:
            exec(code, names)
        except FAILURES as exc:
            return failure_page(script, exc, self._shows)
        return page.response()

    def _run_in_thread(self, page, code, names, script):
        # type: (PageRequest, Any, Dict[str, Any], Any) -> Any
        def failed(error):
            # type: (BaseException) -> Any
            if isinstance(error, TimedOut):
                return plain_response(504)
            return failure_page(script, error, self._shows)

        ran = with_timeout(self._loop, self._loop.run_in_thread(_execute, code, names),
                           self._seconds, u'the script takes too long')
        return ran.then(lambda _: page.response(), failed)

    def close(self):
        # type: () -> None
        """Drops the scripts."""
        self._files.close()


def _execute(code, names):
    # type: (Any, Dict[str, Any]) -> None
    exec(code, names)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Tuple
    from carryall.app.optionvalues import OptionValues
