# Copyright the carryall authors.  See LICENSE.
"""``.trp``: taps whose service answers the requests for the file and below it (feature WEB-09).

    mktap web --path /srv/docs --output docs.trp

A tap holds the options of a service and runs no code.  One with a ``web``, ``wsgi`` or ``asgi``
service is served; its ports are not used.  The ``.trp`` of Twisted were pickles, which run code
when they are loaded: they are refused, with a page that says so.

Tests:    tests/services/scripts/test_trpprograms.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.application import load
from carryall.app.servicetypes import Registry
from carryall.core.codec.uri import join_segments
from carryall.core.compat import FAILURES
from carryall.core.errors import CarryallError
from carryall.core.files import octetpaths
from carryall.core.logs import get_logger
from carryall.protocols.http import Request, Response
from carryall.services.scripts.scriptfiles import file_name, segments_of
from carryall.services.web.htmlpage import html_headers, page

__all__ = ['FOLDER', 'NAME', 'OPTIONS', 'SUFFIXES', 'TapScripts', 'check', 'describe', 'make',
           'suffixes']

NAME = 'tap'
SUFFIXES = (b'.trp',)
FOLDER = None
OPTIONS = []                # type: List[Any]

# The types whose services have an `application`
TYPES = (
    ('asgi', 'carryall.services.asgi.service', 'ASGI'),
    ('web', 'carryall.services.web.service', 'folders'),
    ('wsgi', 'carryall.services.wsgi.service', 'WSGI'),
)

REFUSED = (u'<h1>This file cannot be served</h1>\n'
           u'<p>A file with the suffix .trp is a tap of one web service, as <code>mktap</code> '
           u'makes it.  A pickle of Twisted is not loaded, since it can run any code.  The log '
           u'of the server has the reason.</p>\n')

log = get_logger('scripts')


def check(options):
    # type: (OptionValues) -> None
    """Does nothing: there are no options."""


def suffixes(options):
    # type: (OptionValues) -> Tuple[bytes, ...]
    """The suffix of these taps."""
    return SUFFIXES


def describe(options):
    # type: (OptionValues) -> str
    """The words of the first line."""
    return u'taps'


def make(options, loop):
    # type: (OptionValues, Any) -> TapScripts
    """The handler of the taps of one service."""
    return TapScripts(loop)


class TapScripts(object):
    """Answers by the services of taps.

    Args:     loop: the loop.
    """

    def __init__(self, loop):
        # type: (Any) -> None
        self._loop = loop
        self._registry = Registry(TYPES, path=[], environ={})
        # path -> (identity of the file, service, its application)
        self._known = {}            # type: Dict[bytes, Any]

    def __call__(self, request, script):
        # type: (Any, Any) -> Any
        """The answer of the service."""
        try:
            app = self._application(script.path)
        except FAILURES as exc:
            log.error('%s is not served: %s', script.path.decode('utf-8', 'replace'), exc)
            return Response(500, html_headers(), page(u'This file cannot be served', REFUSED))
        if hasattr(app, 'serve'):
            return app.serve(request, script.name, script.path_info)
        return app(_below(request, script.path_info))

    def _application(self, path):
        # type: (bytes) -> Any
        """The application of the tap at *path*, as it is now."""
        status = octetpaths.system.stat(path)
        identity = (status.st_mtime, status.st_size, status.st_ino)
        known = self._known.get(path)
        if known is None or known[0] != identity:
            services = load(file_name(path), self._registry).services
            if len(services) != 1:
                raise CarryallError(u'a tap for the web has one service, not %d' % len(services))
            service = services[0].make(self._registry)      # type: Any
            app = service.application(self._loop)
            if known is not None:
                known[1].release()
            known = identity, service, app
            self._known[path] = known
        return known[2]

    def close(self):
        # type: () -> None
        """Ends the services."""
        known = list(self._known.values())
        self._known.clear()
        for _, service, _ in known:
            service.release()


def _below(request, rest):
    # type: (Request, bytes) -> Request
    """The same request for the path *rest*."""
    query = b'?' + request.query if request.query else b''
    target = join_segments(segments_of(rest) or [b'']) + query
    # A request has the attributes of its header section
    inner = Request(request.method, target, request)    # type: ignore
    for name in ('transport', 'incoming', 'waiter', 'connection'):
        setattr(inner, name, getattr(request, name, None))
    inner.user = request.user
    inner.auth_type = request.auth_type
    return inner


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple
    from carryall.app.optionvalues import OptionValues
