# Copyright the carryall authors.  See LICENSE.
"""Site: what the connections of one HTTP server share, and the factory that makes them.

    loop.listen_tcp(Site(app, loop), '127.0.0.1', 8080)

``app(request)`` is called when the headers of a request are complete.  It returns a Response, a Future of one, or (3.x) a
coroutine that returns one.  An exception out of it is logged and answered with 500; of a RemoteProtocolError the peer is
told the status in its ``reply``.

Tests:    tests/protocols/http/server/test_httpsite.py, test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.net.deadlines import Sweeper
from carryall.core.future import Future, completed
from carryall.protocols.http.fields.dates import format_date
from carryall.protocols.http.fields.headerfields import MutableHeaders
from carryall.protocols.http.message.heads import SeenSections
from carryall.protocols.http.settings import Settings, former_settings
from carryall.protocols.http.message.response import method_not_allowed, plain_response
from carryall.protocols.http.server.server import HTTPServer
from carryall.protocols.http.fields.tables import status_line

__all__ = ['Site']

DEFAULTS = Settings()


class Site(object):
    """The one place that knows the application, the limits, the connections and the time of day.

    Args:
        app: the application.
        clock: the loop, or an object with its ``time()``, ``call_later()`` and ``wall()``.
        settings: a Settings.
        access_log: an object with ``served(peer, request, status, octets, seconds)``, called once for each response.
            *request* is None if the input was not a request, *octets* counts the body, *seconds* is the clock's.
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
        self.draining = False
        self.sweeper = Sweeper(clock, wall=clock.wall)
        self.seen = SeenSections()
        self.prefixes = {}              # type: Dict[int, bytes]   # status -> status line and Date, of this second
        self.dated = None               # type: Optional[float]    # when, by the sweeper, they were made
        named = [] if settings.server is None else [(b'Server', settings.server)]
        self._standing = MutableHeaders(named + list(settings.fields)).lines()
        self._connections = set()       # type: Set[HTTPServer]
        self._drained = None            # type: Optional[Future]

    def __call__(self):
        # type: () -> HTTPServer
        """A protocol for a new connection."""
        return HTTPServer(self, self.clock, self.settings)

    def __len__(self):
        """How many connections there are."""
        return len(self._connections)

    # -- life --------------------------------------------------------------------------------------------------------

    def drain(self):
        # type: () -> Future
        """Come to an end without breaking anything: a Future that completes when the last connection is closed.

        Idle connections are closed at once, others with the response they owe, which says ``Connection: close``.
        """
        self.draining = True
        if self._drained is None:
            self._drained = Future()
            for connection in list(self._connections):
                connection.drain()
        if not self._connections and not self._drained.done():
            self._drained.set_result(None)
        return self._drained if not self._drained.done() else completed()

    def abort(self):
        # type: () -> None
        """Cut what connections there still are."""
        for connection in list(self._connections):
            connection.transport.abort()

    # -- for the connections -----------------------------------------------------------------------------------------

    def opened(self, connection):
        # type: (HTTPServer) -> None
        """There is one more."""
        self._connections.add(connection)
        self.sweeper.add(connection)

    def closed(self, connection):
        # type: (HTTPServer) -> None
        """There is one less."""
        self._connections.discard(connection)
        self.sweeper.discard(connection)
        if self._drained is not None and not self._connections and not self._drained.done():
            self._drained.set_result(None)

    def refusal(self, request):
        # type: (Request) -> Optional[Response]
        """What the application need not be asked about: 405, 415; None if there is nothing against *request*."""
        if request.method not in self.methods:
            return method_not_allowed(self.methods)
        if request.length and self.media_types is not None:
            kind = request.headers.get(b'content-type', b'').partition(b';')[0].strip().lower()
            if kind not in self.media_types and kind.partition(b'/')[0] + b'/*' not in self.media_types:
                return plain_response(415)
        return None

    def prefix(self, status, dated=True):
        # type: (int, bool) -> bytes
        """Status line, Date (unless the application gives one) and what every response has, with their CRLFs."""
        if not dated:
            return status_line(status) + self._standing
        if self.dated != self.sweeper.now:
            self.dated = self.sweeper.now
            self.prefixes.clear()
        prefix = self.prefixes.get(status)
        if prefix is None:
            # RFC 9110 section 6.6.1.  Made once a second at the most: the sweeper's time moves when a second of the wall begins.
            prefix = self.prefixes[status] = b'%sDate: %s\r\n%s' % (
                status_line(status), format_date(self.clock.wall()), self._standing)
        return prefix


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional, Set
    from carryall.protocols.http.server.request import Request
    from carryall.protocols.http.message.response import Response
