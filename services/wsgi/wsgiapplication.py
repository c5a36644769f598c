# Copyright the carryall authors.  See LICENSE.
"""WSGIApplication: an application of PEP 3333 as the application of a Site.

    site = Site(WSGIApplication(app, loop, Settings(threads=4)), loop)

The body is collected before the application is called, so that a slow client takes no thread.  A
larger body goes to a temporary file.  With Settings(spools=False) the application
reads a larger body while it arrives, and a client that waits for 100 Continue gets it then.

Tests:    tests/services/wsgi/test_wsgiapplication.py
"""
from __future__ import absolute_import, division, print_function

import io

from carryall.core.allowance import Allowance
from carryall.core.errors import Unsupported
from carryall.core.future import failed
from carryall.core.logs import get_logger
from carryall.core.ratelimit import RateLimit
from carryall.protocols.http import plain_response
from carryall.services.web.bodyspool import NoRoom, Spool
from carryall.services.web.bodyspool import collect as collect_in_spool
from carryall.services.wsgi.bodyinput import BodyInput, collect
from carryall.services.wsgi.calldeadlines import CallDeadlines
from carryall.services.wsgi.environs import Environs
from carryall.services.wsgi.settings import Settings
from carryall.services.wsgi.workers import Workers
from carryall.services.wsgi.wsgicall import WSGICall
from carryall.services.wsgi.wsgierrors import ErrorLog

__all__ = ['WSGIApplication']

DEFAULTS = Settings()

REFUSALS_TOLD = 1.0         # a second at most, in the log

log = get_logger('wsgi')


class WSGIApplication(object):
    """Called with a Request, it returns a Future of the Response.

    Args:     app:      the WSGI application.
              loop:     the loop of the site.
              settings: a Settings.
              workers:  Workers that it shares with other applications; its own if left out.

    Attributes:
        spooled: the Allowance of the bodies that are collected in files.
        deadlines: the CallDeadlines; None without Settings(call_seconds=...).
        lend: called with a WSGICall whose body is complete; if true, it runs elsewhere.
    """

    def __init__(self, app, loop, settings=DEFAULTS, workers=None):
        # type: (Any, Any, Settings, Optional[Workers]) -> None
        self.app = app
        self.settings = settings
        self._owns_workers = workers is None
        self.workers = workers or Workers(loop, settings.threads, settings.waiting)
        self.spooled = Allowance(settings.spool_bytes)
        self.deadlines = None       # type: Optional[CallDeadlines]
        if settings.call_seconds:
            self.deadlines = CallDeadlines(loop, self.workers, settings.call_seconds,
                                           settings.stuck)
        self.lend = None            # type: Optional[Callable[[WSGICall], bool]]
        self._time = loop.time
        self._environs = Environs(settings, ErrorLog())
        # A flood of requests must not be one of the log
        self._told = RateLimit(loop, REFUSALS_TOLD, 1)

    def __call__(self, request):
        # type: (Request) -> Any
        return self.serve(request)

    def serve(self, request, script=None, rest=None):
        # type: (Request, Optional[bytes], Optional[bytes]) -> Any
        """Answers *request*; *script* and *rest* as of Environs.of."""
        environ = self._environs.of(request, script, rest)
        post = self.workers.post
        call = WSGICall(self.app, environ, post, self.settings.output_bytes, request, self._time)
        if not request.length:
            return self._submit(call, request)
        if request.expects_continue and not self.settings.spools:
            environ['wsgi.input'] = BodyInput(request.body, b'', post)
            return self._submit(call, request)

        def collected(octets, complete):
            # type: (bytes, bool) -> None
            if complete:
                environ['wsgi.input'] = io.BytesIO(octets)
                environ['CONTENT_LENGTH'] = '%d' % len(octets)
                environ.pop('HTTP_TRANSFER_ENCODING', None)
            elif self.settings.spools:
                self._spool(call, request, octets)
                return
            else:
                environ['wsgi.input'] = BodyInput(request.body, octets, post)
            self._submit_later(call, request)

        collect(request.body, self.settings.collected_bytes, collected)
        return call.future

    def _spool(self, call, request, first):
        # type: (WSGICall, Request, bytes) -> None
        """Collects the rest of a body in a file, and submits the call then."""
        spool = Spool(self.spooled.account(request.peer))

        def collected(done):
            # type: (Any) -> None
            error = done.exception()
            if error is None:
                call.spool = spool
                call.environ['wsgi.input'] = spool.file
                call.environ['CONTENT_LENGTH'] = '%d' % spool.length
                call.environ.pop('HTTP_TRANSFER_ENCODING', None)
                self._submit_later(call, request)
            elif isinstance(error, NoRoom):
                spool.close()
                if self._told.take():
                    log.error('a body is refused: %s', error)
                if not call.future.done():
                    call.future.set_exception(error)
            # Any other error is that of the connection, which answers if it can.

        try:
            spool.append(first)
        except NoRoom as exc:
            collected(failed(exc))
            return
        collect_in_spool(request.body, spool).add_done_callback(collected)

    def _submit_later(self, call, request):
        # type: (WSGICall, Request) -> None
        """Submits a call whose Future the site has."""
        found = self._submit(call, request)
        if found is not call.future:
            if call.spool is not None:
                call.spool.close()
            if not call.future.done():
                call.future.set_result(found)

    def _submit(self, call, request):
        # type: (WSGICall, Request) -> Any
        """The Future of the call, or the Response if it cannot be made."""
        if self.lend is not None and self.lend(call):
            return call.future
        return self.submit(call)

    def submit(self, call):
        # type: (WSGICall) -> Any
        """The Future of a call that a thread will make, or the Response if none can."""
        if self.deadlines is not None:
            self.deadlines.watch()
        try:
            if self.workers.submit(call, call.peer):
                return call.future
            if self._told.take():
                log.warning('%d requests wait for a thread: one more is refused',
                            self.workers.pending)
        except Unsupported as exc:
            log.error('%s', exc)
        return plain_response(503, [(b'Retry-After', b'%d' % self.settings.retry_seconds)])

    def close(self):
        # type: () -> None
        """Lets its threads end."""
        if self.deadlines is not None:
            self.deadlines.close()
        if self._owns_workers:
            self.workers.close()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
    from carryall.protocols.http import Request
