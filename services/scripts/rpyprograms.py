# Copyright the carryall authors.  See LICENSE.
"""``.rpy``: scripts that make a resource (feature WEB-08).

    class Hello:
        isLeaf = 1
        def render(self, request):
            return 'hello'

    resource = Hello()

A script runs once for each version of its file, with the names ``registry`` and ``__file__``.  It
sets ``resource``: a Resource, an object with Twisted's names, or an application.  That answers all
requests for the script and for the paths below it.

Tests:    tests/services/scripts/test_rpyprograms.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.logs import get_logger
from carryall.protocols.http import Response
from carryall.services.resources import PageRequest, adapted, render_at
from carryall.services.scripts.scriptfiles import Registry, ScriptFiles, failure_page, segments_of
from carryall.services.web.htmlpage import html_headers, page

__all__ = ['FOLDER', 'NAME', 'OPTIONS', 'SUFFIXES', 'RpyScripts', 'check', 'describe', 'make',
           'suffixes']

NAME = 'rpy'
SUFFIXES = (b'.rpy',)
FOLDER = None
OPTIONS = []                # type: List[Any]

MISSING = (u'<h1>This script has no resource</h1>\n'
           u'<p>A script with the suffix .rpy sets the name <code>resource</code> to an object '
           u'that renders requests, such as:</p>\n'
           u'<pre>from carryall.services.resources import Page\n'
           u'resource = Page(u"hello")</pre>\n')

log = get_logger('scripts')


def check(options):
    # type: (OptionValues) -> None
    """Does nothing: there are no options."""


def suffixes(options):
    # type: (OptionValues) -> Tuple[bytes, ...]
    """The suffix of these scripts."""
    return SUFFIXES


def describe(options):
    # type: (OptionValues) -> str
    """The words of the first line."""
    return u'in this process'


def make(options, loop):
    # type: (OptionValues, Any) -> RpyScripts
    """The handler of the scripts of one service."""
    return RpyScripts(options.display_tracebacks, Registry(loop))


class RpyScripts(object):
    """Answers by the resources of scripts.

    Args:     shows: true to show tracebacks to clients.
              registry: a Registry; its own if left out.
    """

    remembers = True

    def __init__(self, shows=False, registry=None):
        # type: (bool, Optional[Registry]) -> None
        self._shows = shows
        self.registry = Registry() if registry is None else registry
        self._files = ScriptFiles(self._make)

    def _make(self, name, code):
        # type: (str, Any) -> Any
        """The resource of a script; None if it sets none."""
        names = {'__file__': name, 'registry': self.registry, '__name__': '__rpy__'}
        exec(code, names)
        found = names.get('resource')   # type: Any
        return None if found is None else adapted(found)

    def resource(self, path):
        # type: (bytes) -> Any
        """The resource of the script at *path*; None if it sets none."""
        return self._files.get(path)

    def __call__(self, request, script):
        # type: (Any, Any) -> Any
        """The page of a resource."""
        found = script.kept
        if found is None:
            try:
                found = self._files.get(script.path)
            except FAILURES as exc:
                return failure_page(script, exc, self._shows)
            script.kept = found
        if found is None:
            log.error('%s sets no resource', script.path.decode('utf-8', 'replace'))
            return Response(500, html_headers(), page(u'This script has no resource', MISSING))
        try:
            if request.length or script.path_info:
                return render_at(found, request, segments_of(script.name), script.path_info)
            asked = PageRequest(request, script.name)
            result = found.render(asked)
            if type(result) is bytes:
                return asked.response(result)
            return asked.settle(result)
        except FAILURES as exc:
            return failure_page(script, exc, self._shows)

    def close(self):
        # type: () -> None
        """Drops the resources."""
        self._files.close()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple
    from carryall.app.optionvalues import OptionValues
