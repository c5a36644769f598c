# Copyright the carryall authors.  See LICENSE.
"""Scopes: the connection scope of each request (ASGI 3, HTTP and WebSocket message format 2.5).

Tests:    tests/services/asgi/test_asgispec_py3.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.uri import percent_decode
from carryall.core.compat import native
from carryall.protocols.http.fields import HTTP_1_0, HTTP_1_1, METHODS

__all__ = ['SPEC_VERSION', 'Scopes']

# -- limits ------------------------------------------------------------------
MAX_SECTIONS = 256          # header sections whose lists are cached
MAX_TARGETS = 512           # targets that are cached
MAX_TARGET = 256            # octets of the longest of them

MAX_ENDS = 128              # connections whose addresses are cached

SPEC_VERSION = '2.5'

_METHODS = dict((name, native(name)) for name in METHODS)


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
        self._sections = {}         # type: Dict[int, _Section]
        self._ends = {}             # type: Dict[int, Any]
        self._targets = {}          # type: Dict[bytes, Any]

    def http(self, request, root=None, rest=None):
        # type: (Request, Optional[bytes], Optional[bytes]) -> Dict[str, Any]
        """The scope of an HTTP request.

        Args:     root, rest: root_path and the path below it, decoded, in place of those by the
                      settings.
        """
        section = self.section(request.headers, request.version)
        return self.scope('http', request, section, root, rest)

    def section(self, headers, version):
        # type: (Headers, Tuple[int, int]) -> _Section
        """The facts of a header section; equal sections are one object."""
        known = self._sections.get(id(headers))
        if known is None or known.headers is not headers:
            known = _Section(headers, version)
            if len(self._sections) >= MAX_SECTIONS:
                self._sections.clear()
            self._sections[id(headers)] = known
        return known

    def websocket(self, request, subprotocols, root=None, rest=None):
        # type: (Request, Sequence[bytes], Optional[bytes], Optional[bytes]) -> Dict[str, Any]
        """The scope of an opening handshake."""
        section = self.section(request.headers, request.version)
        scope = self.scope('websocket', request, section, root, rest)
        del scope['method']
        scope['scheme'] = 'ws' if request.scheme == b'http' else 'wss'
        scope['subprotocols'] = [native(name) for name in subprotocols]
        scope['extensions'] = {'websocket.http.response': {}}
        return scope

    def lifespan(self):
        # type: () -> Dict[str, Any]
        """The scope of the lifespan; its state is that of all later scopes."""
        self.state = {}
        return {'type': 'lifespan', 'asgi': {'version': '3.0', 'spec_version': '2.0'},
                'state': self.state}

    def scope(self,
              kind,         # type: str
              request,      # type: Request
              section,      # type: _Section
              root=None,    # type: Optional[bytes]
              rest=None     # type: Optional[bytes]
              ):
        # type: (...) -> Dict[str, Any]
        """A scope of that *kind*; its *section* is that of the request."""
        words = self._targets.get(request.target)
        if words is None:
            words = self._split(request)
        path, raw_path, query = words
        transport = request.transport
        ends = self._ends.get(id(transport))
        if ends is None or ends[0] is not transport:
            ends = self._learn_ends(request)
        root_path = self.root_path
        if root is not None:
            root_path = root.decode('utf-8', 'replace')
            path = root_path + (rest or b'').decode('utf-8', 'replace')
        scope = {
            'type': kind, 'asgi': {'version': '3.0', 'spec_version': SPEC_VERSION},
            'http_version': section.http_version, 'server': ends[1], 'client': ends[2],
            'scheme': ends[3], 'method': _METHODS.get(request.method) or native(request.method),
            'root_path': root_path, 'path': path, 'raw_path': raw_path, 'query_string': query,
            'headers': section.pairs[:],
            'extensions': {'http.response.pathsend': {}, 'http.response.early_hint': {}},
        }                           # type: Dict[str, Any]
        if section.extensions is not None:
            scope['extensions'] = dict([(name, {}) for name in section.extensions])
        if self.state is not None:
            scope['state'] = self.state.copy()
        return scope

    def _learn_ends(self, request):
        # type: (Request) -> Any
        """(transport, server, client, scheme) of a connection."""
        peer = request.peer
        here = request.here
        ends = (request.transport, None if here is None else tuple(here),
                None if peer is None or peer[1] is None else tuple(peer),
                native(request.scheme))
        if hasattr(request, 'variables'):
            # A GatewayRequest: a connection of the server before us has many clients
            return ends
        if len(self._ends) >= MAX_ENDS:
            self._ends.clear()
        self._ends[id(request.transport)] = ends
        return ends

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


class _Section(object):
    """The facts of one header section.

    Attributes:
        headers: the Headers; kept, so that no other object gets its id().
        pairs: the list for a scope, which is copied for each.
        http_version: '1.1' or '1.0'.
        extensions: names of those of the response; None for the usual ones.
        upgrades: true if it has an Upgrade.
    """

    __slots__ = ('headers', 'pairs', 'http_version', 'extensions', 'upgrades')

    def __init__(self, headers, version):
        # type: (Headers, Tuple[int, int]) -> None
        self.headers = headers
        self.pairs = [(name.lower(), value) for name, value in headers]
        self.http_version = '1.0' if version == HTTP_1_0 else '1.1'
        self.upgrades = b'upgrade' in headers
        names = ['http.response.pathsend']
        if version == HTTP_1_1:
            names.append('http.response.early_hint')
            if b'trailers' in headers.get(b'te', b'').lower():
                names.append('http.response.trailers')
        self.extensions = None if len(names) == 2 else tuple(names)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Sequence, Text, Tuple
    from carryall.protocols.http import Headers, Request
