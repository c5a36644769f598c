# Copyright the carryall authors.  See LICENSE.
"""``.wsgi``: scripts that set ``application``, a WSGI application (feature WEB-10, PEP 3333).

A script runs once for each version of its file.  All scripts of a service share their threads.

Tests:    tests/services/scripts/test_wsgiprograms.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.options import Option
from carryall.app.optiontypes import Integer
from carryall.core.compat import FAILURES
from carryall.core.errors import CarryallError
from carryall.services.scripts.scriptfiles import ScriptFiles, failure_page
from carryall.services.wsgi import Settings, WSGIApplication
from carryall.services.wsgi.workers import Workers

__all__ = ['FOLDER', 'NAME', 'OPTIONS', 'SUFFIXES', 'WSGIScripts', 'check', 'describe', 'make',
           'suffixes']

NAME = 'WSGI'
SUFFIXES = (b'.wsgi',)
FOLDER = None
MAX_THREADS = 1000

OPTIONS = [
    Option('wsgi-threads', Integer(1, MAX_THREADS), default='8', group='programs',
           help='calls of WSGI applications at the same time'),
]


def check(options):
    # type: (OptionValues) -> None
    """Does nothing: no values of this option contradict each other."""


def suffixes(options):
    # type: (OptionValues) -> Tuple[bytes, ...]
    """The suffix of these scripts."""
    return SUFFIXES


def describe(options):
    # type: (OptionValues) -> str
    """The words of the first line."""
    return u'in %d threads' % options.wsgi_threads


def make(options, loop):
    # type: (OptionValues, Any) -> WSGIScripts
    """The handler of the scripts of one service."""
    return WSGIScripts(loop, Settings(threads=options.wsgi_threads), options.display_tracebacks)


class WSGIScripts(object):
    """Answers by the applications of scripts.

    Args:     loop: the loop.
              settings: a Settings of WSGI.
              shows: true to show tracebacks of their start to clients.
    """

    remembers = True

    def __init__(self, loop, settings, shows=False):
        # type: (Any, Settings, bool) -> None
        self._loop = loop
        self._settings = settings
        self._shows = shows
        self._workers = Workers(loop, settings.threads, settings.waiting)
        self._files = ScriptFiles(self._make)

    def _make(self, name, code):
        # type: (str, Any) -> WSGIApplication
        names = {'__file__': name, '__name__': '__wsgi__'}      # type: Any
        exec(code, names)
        if not callable(names.get('application')):
            raise CarryallError(u'the script sets no application')
        return WSGIApplication(names['application'], self._loop, self._settings, self._workers)

    def __call__(self, request, script):
        # type: (Any, Any) -> Any
        """The answer of an application."""
        app = script.kept
        if app is None:
            try:
                app = self._files.get(script.path)
            except FAILURES as exc:
                return failure_page(script, exc, self._shows)
            script.kept = app
        return app.serve(request, script.name, script.path_info)

    def close(self):
        # type: () -> None
        """Drops the applications, and lets the threads end."""
        self._files.close()
        self._workers.close()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple
    from carryall.app.optionvalues import OptionValues
