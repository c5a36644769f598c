# Copyright the carryall authors.  See LICENSE.
"""Scopes: the connection scope of each request (ASGI 3, HTTP and WebSocket message format 2.5).

Tests:    tests/services/asgi/test_asgispec_py3.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.uri import percent_decode
from carryall.core.compat import native
from carryall.protocols.http.fields import HTTP_1_0, HTTP_1_1

__all__ = ['SPEC_VERSION', 'Scopes']

# -- limits ------------------------------------------------------------------
MAX_SECTIONS = 256          # header sections whose lists are cached
MAX_TARGETS = 512           # targets that are cached
MAX_TARGET = 256            # octets of the longest of them

SPEC_VERSION = '2.5'


class Scopes(object):
    """Makes the scope of requests.

    Args:     root_path: text, without a slash at its end.
    """

    def __init__(self, root_path=u''):
        # type: (Text) -> None
        self.root_path = root_path
        self._raw_root = root_path.encode('utf-8')
        # of the lifespan; each scope gets a copy
        self.state = None           # type: Optional[Dict[str, Any]]
        self._sections = {}         # type: Dict[int, Any]
        self._targets = {}          # type: Dict[bytes, Any]

    def http(self, request, root=None, rest=None):
        # type: (Request, Optional[bytes], Optional[bytes]) -> Dict[str, Any]
        """The scope of an HTTP request.

        Args:     root, rest: root_path and the path below it, decoded, in place of those by the
                      settings.
        """
        scope = self._common(request, root, rest)
        scope['type'] = 'http'
        scope['method'] = native(request.method)
        extensions = {'http.response.pathsend': {}, 'http.response.early_hint': {}}
        if request.version == HTTP_1_1 and b'trailers' in request.headers.get(b'te', b'').lower():
            extensions['http.response.trailers'] = {}
        elif request.version != HTTP_1_1:
            del extensions['http.response.early_hint']
        scope['extensions'] = extensions
        return scope

    def websocket(self, request, subprotocols, root=None, rest=None):
        # type: (Request, Sequence[bytes], Optional[bytes], Optional[bytes]) -> Dict[str, Any]
        """The scope of an opening handshake."""
        scope = self._common(request, root, rest)
        scope['type'] = 'websocket'
        scope['scheme'] = 'ws' if request.tls is None else 'wss'
        scope['subprotocols'] = [native(name) for name in subprotocols]
        scope['extensions'] = {'websocket.http.response': {}}
        return scope

    def lifespan(self):
        # type: () -> Dict[str, Any]
        """The scope of the lifespan; its state is that of all later scopes."""
        self.state = {}
        return {'type': 'lifespan', 'asgi': {'version': '3.0', 'spec_version': '2.0'},
                'state': self.state}

    def _common(self, request, root, rest):
        # type: (Request, Optional[bytes], Optional[bytes]) -> Dict[str, Any]
        target = request.target
        words = self._targets.get(target)
        if words is None:
            words = self._split(request)
        path, raw_path, query = words
        headers = request.headers
        known = self._sections.get(id(headers))
        if known is None or known[0] is not headers:
            known = self._learn(headers)
        root_path = self.root_path
        if root is not None:
            root_path = root.decode('utf-8', 'replace')
            path = root_path + (rest or b'').decode('utf-8', 'replace')
        scope = {
            'asgi': {'version': '3.0', 'spec_version': SPEC_VERSION},
            'http_version': '1.0' if request.version == HTTP_1_0 else '1.1',
            'scheme': 'http' if request.tls is None else 'https',
            'path': path, 'raw_path': raw_path, 'query_string': query, 'root_path': root_path,
            'headers': list(known[1]),
        }                           # type: Dict[str, Any]
        peer = request.peer
        scope['client'] = None if peer is None or peer[1] is None else tuple(peer)
        here = request.here
        scope['server'] = None if here is None else tuple(here)
        if self.state is not None:
            scope['state'] = self.state.copy()
        return scope

    def _split(self, request):
        # type: (Request) -> Tuple[Text, bytes, bytes]
        """(path, raw_path, query_string) of a target."""
        path = request.path
        decoded = percent_decode(path, lenient=True) or b''
        words = (self.root_path + decoded.decode('utf-8', 'replace'), self._raw_root + path,
                 request.query)
        if len(request.target) <= MAX_TARGET:
            if len(self._targets) >= MAX_TARGETS:
                self._targets.clear()
            self._targets[request.target] = words
        return words

    def _learn(self, headers):
        # type: (Headers) -> Any
        """The list of a header section; equal sections are one object."""
        known = headers, [(name.lower(), value) for name, value in headers]
        if len(self._sections) >= MAX_SECTIONS:
            self._sections.clear()
        self._sections[id(headers)] = known
        return known


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Sequence, Text, Tuple
    from carryall.protocols.http import Headers, Request
