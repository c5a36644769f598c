# Copyright the carryall authors.  See LICENSE.
"""``.pyp``: modules for the publisher, in the folders of the web server.

    carryall web --path site            # site/shop.pyp: http://127.0.0.1:8080/shop.pyp/FUNCTION

A path that names no function means ``index``.  The modules of one folder share an interpreter
(runtimes/host/moduleworlds.py), and live between requests.

Tests:    tests/services/modpython/test_pypprograms.py
"""
from __future__ import absolute_import, division, print_function

import posixpath

from carryall.app.options import Option
from carryall.app.optiontypes import Integer
from carryall.core.future import Future
from carryall.services.modpython.apachemodule import install
from carryall.services.modpython.apachesyntax import Directive
from carryall.services.modpython.heldoutput import HOLD_SECONDS
from carryall.services.modpython.pipeline import Pipeline
from carryall.services.modpython.siteconfig import SiteConfig
from carryall.services.scripts.epyprograms import shows_tracebacks
from carryall.services.scripts.scriptfiles import file_name
from carryall.services.wsgi import Settings, WSGIApplication
from carryall.services.wsgi.workers import Workers

__all__ = ['FOLDER', 'NAME', 'OPTIONS', 'PublisherScripts', 'SUFFIXES', 'check', 'describe', 'make',
           'suffixes']

NAME = 'publisher'
SUFFIXES = (b'.pyp',)
FOLDER = None

# -- limits ------------------------------------------------------------------
MAX_THREADS = 1000
MAX_FOLDERS = 256           # that are kept; one more drops all

OPTIONS = [
    Option('pyp-threads', Integer(1, MAX_THREADS), default='8', group='programs',
           help='functions of .pyp modules that run at the same time'),
]
SOURCE = u'a folder of the web server'


def check(options):
    # type: (OptionValues) -> None
    """Does nothing: no values of this option contradict each other."""


def suffixes(options):
    # type: (OptionValues) -> Tuple[bytes, ...]
    """The suffix of these modules."""
    return SUFFIXES


def describe(options):
    # type: (OptionValues) -> str
    """The words of the first line."""
    return u'in %d threads' % options.pyp_threads


def make(options, loop):
    # type: (OptionValues, Any) -> PublisherScripts
    """The handler of the modules of one service."""
    return PublisherScripts(loop, Settings(threads=options.pyp_threads),
                            shows_tracebacks(options))


class PublisherScripts(object):
    """Answers by the functions of modules.

    Args:     loop: the loop.
              settings: a Settings of WSGI.
              shows: true to show tracebacks to clients.
    """

    remembers = True

    def __init__(self, loop, settings, shows=False):
        # type: (Any, Settings, bool) -> None
        self._loop = loop
        self._settings = settings
        self._shows = shows
        self._workers = Workers(loop, settings.threads, settings.waiting)
        # (folder of the URL, folder of the file) -> (Pipeline, WSGIApplication)
        self._folders = {}          # type: Dict[Tuple[str, str], Tuple[Pipeline, Any]]
        self._waiting = 0           # requests whose response has not begun
        self._timer = None          # type: Any

    def _made(self, script):
        # type: (Any) -> Any
        """The application of the folder that *script* is in."""
        url = posixpath.dirname(file_name(script.name))
        folder = posixpath.dirname(file_name(script.path))
        known = self._folders.get((url, folder))
        if known is not None:
            return known[1]
        if len(self._folders) >= MAX_FOLDERS:
            self._drop()
        pipeline = Pipeline(_config(_text(url), _text(folder), self._shows), self._loop)
        install(pipeline.interpreters)

        def app(environ, start_response):
            # type: (Dict[str, Any], Any) -> Any
            """The pipeline, which knows no SCRIPT_NAME."""
            whole = environ['SCRIPT_NAME'] + environ['PATH_INFO']
            return pipeline(dict(environ, SCRIPT_NAME='', PATH_INFO=whole,
                                 REQUEST_URI=environ.get('REQUEST_URI', whole)), start_response)

        made = WSGIApplication(app, self._loop, self._settings, self._workers)
        self._folders[url, folder] = pipeline, made
        return made

    def __call__(self, request, script):
        # type: (Any, Any) -> Any
        """The answer of a function."""
        if script.kept is None:
            script.kept = self._made(script)
        answer = script.kept.serve(request, script.name, script.path_info)
        if isinstance(answer, Future):
            self._waiting += 1
            answer.add_done_callback(self._answered)
            if self._timer is None:
                self._timer = self._loop.call_later(HOLD_SECONDS, self._flush)
        return answer

    def _answered(self, _answer):
        # type: (Future) -> None
        self._waiting -= 1

    def _flush(self):
        # type: () -> None
        """Sends what functions have written a moment ago."""
        self._timer = None
        for pipeline, _ in list(self._folders.values()):
            pipeline.flush_old(self._loop.time())
        if self._waiting:
            self._timer = self._loop.call_later(HOLD_SECONDS, self._flush)

    def _drop(self):
        # type: () -> None
        for pipeline, _ in self._folders.values():
            pipeline.end()
        self._folders.clear()

    def close(self):
        # type: () -> None
        """Drops the modules, and lets the threads end."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._drop()
        self._workers.close()


def _text(name):
    # type: (str) -> Text
    return name.decode('utf-8') if isinstance(name, bytes) else name


def _config(url, folder, shows):
    # type: (Text, Text, bool) -> SiteConfig
    """The configuration of one folder."""
    def line(name, *args):
        # type: (Text, *Text) -> Directive
        return Directive(name, list(args), SOURCE, 1)

    lines = [
        line(u'SetHandler', u'mod_python'), line(u'PythonHandler', u'mod_python.publisher'),
        line(u'PythonOption', u'publisher.index', u'On'),
        line(u'PythonDebug', u'On' if shows else u'Off'),
    ]
    config = SiteConfig()
    config.take([line(u'DocumentRoot', folder), line(u'Alias', url.rstrip(u'/') + u'/', folder),
                 Directive(u'Directory', [folder], SOURCE, 1, lines)])
    return config.done()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Text, Tuple
    from carryall.app.optionvalues import OptionValues
