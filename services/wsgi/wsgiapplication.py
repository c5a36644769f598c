# Copyright the carryall authors.  See LICENSE.
"""WSGIApplication: an application of PEP 3333 as the application of a Site.

    site = Site(WSGIApplication(app, loop, Settings(threads=4)), loop)

A small body is collected before the application is called, so that a slow client takes no thread.
A client that waits for 100 Continue gets it when the application reads.

Tests:    tests/services/wsgi/test_wsgiapplication.py
"""
from __future__ import absolute_import, division, print_function

import io

from carryall.core.errors import Unsupported
from carryall.core.future import completed
from carryall.core.logs import get_logger
from carryall.core.ratelimit import RateLimit
from carryall.protocols.http import plain_response
from carryall.services.wsgi.bodyinput import BodyInput, collect
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
    """

    def __init__(self, app, loop, settings=DEFAULTS, workers=None):
        # type: (Any, Any, Settings, Optional[Workers]) -> None
        self.app = app
        self.settings = settings
        self._owns_workers = workers is None
        self.workers = workers or Workers(loop, settings.threads, settings.waiting)
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
        call = WSGICall(self.app, environ, post, self.settings.output_bytes,
                        request.method == b'HEAD')
        if not request.length:
            return self._submit(call)
        if request.expects_continue:
            environ['wsgi.input'] = BodyInput(request.body, b'', post)
            return self._submit(call)

        def collected(octets, complete):
            # type: (bytes, bool) -> None
            if complete:
                environ['wsgi.input'] = io.BytesIO(octets)
                environ['CONTENT_LENGTH'] = '%d' % len(octets)
                environ.pop('HTTP_TRANSFER_ENCODING', None)
            else:
                environ['wsgi.input'] = BodyInput(request.body, octets, post)
            found = self._submit(call)
            if found is not call.future and not call.future.done():
                call.future.set_result(found)

        collect(request.body, self.settings.collected_bytes, collected)
        return call.future

    def _submit(self, call):
        # type: (WSGICall) -> Any
        """The Future of the call, or the Response if it cannot be made."""
        try:
            if self.workers.submit(call):
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
        if self._owns_workers:
            self.workers.close()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
    from carryall.protocols.http import Request
