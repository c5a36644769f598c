# Copyright the carryall authors.  See LICENSE.
"""Site: the state that the connections of one HTTP server share, and the factory that makes them.

    endpoint = parse_endpoint('tcp:8080:interface=127.0.0.1')
    service = StreamServer('http', Site(app, loop), [endpoint])

``app(request)`` is called when the headers of a request are complete.  It returns a Response, a
Future of one, or (3.x) a coroutine that returns one.  An exception is logged and answered with 500.
An HTTPError is answered with its status.

Tests:    tests/protocols/http/server/test_httpsite.py, tests/protocols/http/server/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.net.deadlines import sweeper_of
from carryall.protocols.http.fields.dates import format_date
from carryall.protocols.http.fields.headerfields import MutableHeaders
from carryall.protocols.http.message.heads import SeenSections
from carryall.protocols.http.settings import Settings, former_settings
from carryall.protocols.http.message.response import plain_response
from carryall.protocols.http.server.server import HTTPServer
from carryall.protocols.http.fields.tables import status_line

__all__ = ['Site']

DEFAULTS = Settings()


class Site(object):
    """The application, the settings and the prepared header lines of one server.

    Args:
        app: the application.
        clock: the loop, or an object with its ``time()``, ``call_later()`` and ``wall()``.
        settings: a Settings.
        access_log: its ``served(peer, request, status, octets, seconds)`` is called once for each
            response.  The request is None if the input was not a request.  The octets are those of
            the body, the seconds are the clock's.
    """

    def __init__(self, app, clock, settings=DEFAULTS, access_log=None, **former):
        # type: (Callable[[Request], Any], Any, Settings, Any, **Any) -> None
        if former:
            settings = former_settings(settings, former)
        self.app = app
        self.clock = clock
        self.settings = settings
        self.methods = settings.methods
        self.media_types = settings.media_types
        self.access_log = access_log
        self.error_response = settings.error_response or _plain
        self.sweeper = sweeper_of(clock)
        self.seen = SeenSections()
        # status -> status line and Date, of this second
        self.prefixes = {}              # type: Dict[int, bytes]
        # the sweeper's time when they were made
        self.dated = None               # type: Optional[float]
        named = [] if settings.server is None else [(b'Server', settings.server)]
        self._standing = MutableHeaders(named + list(settings.fields)).lines()

    def __call__(self):
        # type: () -> HTTPServer
        """A protocol for a new connection."""
        return HTTPServer(self, self.clock, self.settings)

    # -- for the connections -----------------------------------------------------------------

    def refusal(self, request):
        # type: (Request) -> Optional[Response]
        """The 405 or 415 for *request*, without asking the application; None if it is acceptable.
        """
        if request.method not in self.methods:
            return self.error_response(request, 405, [(b'Allow', b', '.join(self.methods))])
        if request.length and self.media_types is not None:
            kind = request.headers.get(b'content-type', b'').partition(b';')[0].strip().lower()
            group = kind.partition(b'/')[0] + b'/*'
            if kind not in self.media_types and group not in self.media_types:
                return self.error_response(request, 415)
        return None

    def prefix(self, status, dated=True):
        # type: (int, bool) -> bytes
        """The status line, Date (unless the application gives one) and the standing fields, with
        their CRLFs.
        """
        if not dated:
            return status_line(status) + self._standing
        if self.dated != self.sweeper.now:
            self.dated = self.sweeper.now
            self.prefixes.clear()
        prefix = self.prefixes.get(status)
        if prefix is None:
            # RFC 9110 section 6.6.1.  Made at most once a second: the sweeper's time moves at each
            # second of the wall.
            prefix = b'%sDate: %s\r\n%s' % (
                status_line(status), format_date(self.clock.wall()), self._standing)
            self.prefixes[status] = prefix
        return prefix


def _plain(request, status, headers=()):
    # type: (Request, int, Iterable[Tuple[bytes, bytes]]) -> Response
    """The status as one line of text."""
    return plain_response(status, headers)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, Optional, Tuple
    from carryall.protocols.http.server.request import Request
    from carryall.protocols.http.message.response import Response
