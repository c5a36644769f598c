# Copyright the carryall authors.  See LICENSE.
"""The service type ``web``: a folder over HTTP/1.1.

    carryall web --path site          mktap web --path site && twistd -f web.tap

Tests:    tests/services/web/test_service.py
"""
from __future__ import absolute_import, division, print_function

import io
import os

from carryall.core.compat import FAILURES, to_bytes
from carryall.core.errors import UsageError
from carryall.core.policies import ConnectionLimits
from carryall.core.registry import ServiceType
from carryall.core.service import DRAIN_SECONDS, Service, StreamServer
from carryall.protocols.http.mediatypes import BINARY, MAX_FILE_BYTES, read_mime_types
from carryall.protocols.http.site import Site
from carryall.services.web.accesslog import AccessLog
from carryall.services.web.options import SCHEMA, TypeRule, endpoints_of
from carryall.services.web.static import DEFAULT_INDEX, StaticFiles

__all__ = ['TYPE', 'WebService', 'WebType']

# What a connection is told that is one too many.
REFUSAL = (b'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: text/plain\r\nRetry-After: 10\r\n'
           b'Content-Length: 24\r\n\r\n503 Service Unavailable\n')


class WebService(Service):
    """A site of static files.

    Args:     values: as ``options.SCHEMA`` gives them.
    """

    def __init__(self, values):
        # type: (Dict[str, Any]) -> None
        Service.__init__(self, 'web')
        self._values = values
        self._server = None         # type: Optional[StreamServer]
        self._site = None           # type: Optional[Site]
        self._log = None            # type: Optional[AccessLog]

    def start(self, loop):
        values = self._values
        if not os.path.isdir(values[u'path']):
            raise UsageError(u'there is no folder %s' % values[u'path'])
        app = self._make_app(loop)
        if values[u'logfile'] is not None:
            self._log = AccessLog(values[u'logfile'], loop, values[u'log_format'])
        site = self._site = Site(app, loop, access_log=self._log)
        factory = site
        if values[u'max_connections'] is not None or values[u'max_per_address'] is not None:
            factory = ConnectionLimits(values[u'max_connections'], values[u'max_per_address'], REFUSAL).wrap(site)
        self._server = StreamServer('http', factory, endpoints_of(values), site.drain)
        try:
            self._server.start(loop)
        except FAILURES:
            self._close()
            raise
        self.loop = loop

    def stop(self, seconds=DRAIN_SECONDS):
        self.loop = None
        if self._server is None:
            return Service.stop(self, seconds)
        return self._server.stop(seconds).then(lambda _: self._close())

    def reload(self):
        """Read the types again, and open the log file anew; what is wrong leaves everything as it was."""
        if self._site is not None:
            self._site.app = self._make_app(self.loop)
            if self._log is not None:
                self._log.reopen()

    def listening(self):
        return self._server.listening() if self._server is not None else []

    def _close(self):
        # type: () -> None
        self._server = self._site = None
        log, self._log = self._log, None
        if log is not None:
            log.close()

    def _make_app(self, loop):
        # type: (Any) -> StaticFiles
        values = self._values
        types = _types_of(values[u'mime_types']) if values[u'mime_types'] is not None else {}      # type: Dict[Any, Any]
        default = BINARY            # type: Any
        for rule in values[u'mime_type']:
            ending, kind = TypeRule().split(rule)
            if ending is None:
                default = kind
            else:
                types[ending.lower().lstrip(u'.').encode('utf-8')] = kind
        endings = list(values[u'ignore_ext'])
        if values[u'allow_ignore_ext']:
            endings.append(u'*')
        return StaticFiles(
            values[u'path'], loop.wall, index=values[u'index'] or DEFAULT_INDEX, mime_types=types, default_type=default,
            listing=values[u'listing'], dotfiles='show' if values[u'dotfiles'] else 'hide',
            symlinks=str(values[u'symlinks']), cache_control=values[u'cache_control'], downloads=values[u'download'],
            error_pages=dict(values[u'error_page']), ignored_endings=endings, gzip=values[u'gzip'],
            precompressed=values[u'precompressed'])


class WebType(ServiceType):
    """What ``mktap web`` and ``carryall web`` make."""

    name = 'web'
    summary = 'web server for a folder of files'
    version = 1
    options = SCHEMA

    def make(self, values):
        """A stopped WebService."""
        return WebService(values)

    def endpoints(self, values):
        """Where it will listen."""
        return [endpoint.text() for endpoint in endpoints_of(values)]


TYPE = WebType()


def _types_of(path):
    # type: (str) -> Dict[Any, Any]
    try:
        with io.open(to_bytes(path), 'rb') as source:
            data = source.read(MAX_FILE_BYTES + 1)
    except FAILURES as exc:
        raise UsageError(u'%s cannot be read: %s' % (path, exc))
    return dict(read_mime_types(data))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional
