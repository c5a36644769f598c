# Copyright the carryall authors.  See LICENSE.
"""A request of the web as the state of a copyable,
in both directions (as twisted.web.distrib from 2002 to today).

Wire:     ['twisted.web.server.Request', ['dictionary', ...]] with the keys of a Twisted request:
          client and host as ('INET', ip, port) or ('UNIX', path); requestHeaders as a list of
          (name, [values]).  args holds the fields of the query and of a form.  method, uri,
          clientproto, path, prepath (the segments up to this resource), postpath (the others),
          sitepath, content_data (the whole body), remote (a reference to call with the response).
          0.19 has received_headers, a dictionary, in place of requestHeaders; both are written,
          and either is read.  received_cookies holds the pairs of all Cookie fields; of equal names
          the last counts, as with Twisted.
Addition: content_stream, a reference to read the body from, in place of content_data;
          only for a peer that knows it.
Tests:    tests/services/distrib/test_state.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import int_types, native, text_type, to_bytes
from carryall.core.errors import RemoteProtocolError
from carryall.core.net.transport import Address, here, peer
from carryall.protocols.http import Body, Headers, Request
from carryall.protocols.http.fields import HTTP_1_0, HTTP_1_1, parse_cookies
from carryall.protocols.http.forms import FormParser
from carryall.protocols.http.message import CHUNKED, Section
from carryall.core.codec.uri import encode_segment, parse_query, path_segments, percent_decode
from carryall.protocols.pb import Copyable, InsecureJelly, RemoteCopy, RemoteReference

__all__ = ['CopiedRequest', 'REQUEST_TAG', 'SentRequest', 'mounted_segments', 'under']

REQUEST_TAG = b'twisted.web.server.Request'
MAX_SEGMENTS = 1000         # of the path of a received request
MAX_HEADERS = 1000          # fields of a received request
HOP_BY_HOP = frozenset((b'connection', b'keep-alive', b'proxy-connection', b'te', b'trailer',
                        b'transfer-encoding', b'upgrade'))


def under(request, count):
    # type: (Request, int) -> Request
    """The same request without the first *count* segments of its path,
    for the application below them."""
    other = Request.__new__(Request)
    for name in ('method', 'version', 'headers', 'length', 'keep_alive', 'expects_continue', 'host',
                 'transport', 'incoming'):
        setattr(other, name, getattr(request, name))
    _, mark, query = request.target.partition(b'?')
    other.target = b'/' + b'/'.join(request.path.split(b'/')[count + 1:]) + mark + query
    other.waiter = request.lost
    return other


def mounted_segments(path):
    # type: (bytes) -> Optional[List[bytes]]
    """The segments of a path, as path_segments returns them; also None if dot segments lead above
    the first, which `under` cuts."""
    segments = path_segments(path)
    return segments if segments and segments[0] == percent_decode(path[1:].partition(b'/')[0]) \
        else None


# -- written -----------------------------------------------------------------

class SentRequest(Copyable):
    """A request on its way to a personal server.

    Args:     request: of ours; its path counts from segment number *count* on.
              remote: the object that the personal server calls with the response.
              content: the body, or b'' if *stream*, a ByteSource, is given instead.
    """

    def __init__(self, request, count, remote, content=b'', stream=None):
        # type: (Any, int, Any, bytes, Any) -> None
        self._request = request
        self._count = count
        self._remote = remote
        self._content = content
        self._stream = stream

    def getTypeToCopy(self):
        return REQUEST_TAG

    def getStateToCopy(self):
        request = self._request
        segments = path_segments(request.path, keep_slashes=True) or [b'']
        headers = _grouped(request.headers)
        if request.host is not None and b'host' not in request.headers:
            # HTTP/1.0, with a target that contains the host.
            headers.insert(0, (b'Host', [request.host]))
        transport = request.transport
        state = {
            u'client': _address_tuple(peer(transport)), u'host': _address_tuple(here(transport)),
            u'requestHeaders': headers,
            u'received_headers': dict((name.lower(), request.headers.get(name, values[0]))
                                      for name, values in headers),
            u'received_cookies': dict(parse_cookies(request.headers.get(b'cookie', b''))),
            u'cookies': [], u'notifications': [], u'queued': 0, u'_adapterCache': {},
            u'_parsePOSTFormSubmission': True,
            u'args': arguments_of(request, self._content), u'method': request.method,
            u'uri': request.target, u'clientproto': b'HTTP/%d.%d' % request.version,
            u'path': request.path,
            u'prepath': segments[:self._count], u'postpath': segments[self._count:],
            u'sitepath': [], u'content_data': self._content, u'remote': self._remote}
        if self._stream is not None:
            state[u'content_stream'] = self._stream
        return state


def _grouped(headers):
    # type: (Headers) -> List[Tuple[bytes, List[bytes]]]
    """(name, values) with each name once; fields about our own connection are left out."""
    order = []                  # type: List[bytes]
    values = {}                 # type: Dict[bytes, Tuple[bytes, List[bytes]]]
    for name, value in headers:
        key = name.lower()
        if key in HOP_BY_HOP:
            continue
        if key not in values:
            order.append(key)
            values[key] = (name, [])
        values[key][1].append(value)
    return [values[key] for key in order]


def _address_tuple(address):
    # type: (Any) -> Tuple
    if address is None:
        return (u'UNIX', u'')
    if address.port is None:
        return (u'UNIX', text_type(address.host))
    return (u'INET', text_type(address.host), address.port)


def arguments_of(request, content):
    # type: (Any, bytes) -> Dict[bytes, List[bytes]]
    """The fields of the query, and of a form in the body; a body that is not a valid form
    has none."""
    found = {}                  # type: Dict[bytes, List[bytes]]
    for name, value in parse_query(request.query) or ():
        found.setdefault(name, []).append(value)
    if content and request.method == b'POST':
        try:
            parser = FormParser(request.headers.get(b'content-type'))
            parser.feed(content)
            form = parser.finish()
        except RemoteProtocolError:
            return found
        for field, text in form.fields:
            found.setdefault(to_bytes(field), []).append(to_bytes(text))
        for upload in form.uploads:
            found.setdefault(to_bytes(upload.name), []).append(upload.content)
    return found


# -- read --------------------------------------------------------------------

class _Place(object):
    """Stands for the connection between the front end and its client."""

    __slots__ = ('_client', '_host')

    def __init__(self, client, host):
        # type: (Any, Any) -> None
        self._client = client
        self._host = host

    def get_extra_info(self, name, default=None):
        # type: (str, Any) -> Any
        """The address of the client, as the front end tells it."""
        return {'peername': self._client, 'sockname': self._host}.get(name, default)


class CopiedRequest(RemoteCopy):
    """A request from a front end of any version.

    Attributes:
        remote: the reference to call with the response.
        stream: a reference to read the body from, or None.
        prefix: the path up to the application, encoded, without a slash at its end.
    """

    def setCopyableState(self, state):
        if not isinstance(state, dict):
            raise InsecureJelly('the state of a request must be a dictionary')
        state = dict((to_bytes(key) if isinstance(key, text_type) else key, value)
                     for key, value in state.items())
        self.remote = state.get(b'remote')
        self.stream = state.get(b'content_stream')
        if not isinstance(self.remote, RemoteReference) or not isinstance(
                self.stream, (RemoteReference, type(None))):
            raise InsecureJelly('a request needs a reference for its response')
        self.remote.keep()
        if self.stream is not None:
            self.stream.keep()
        self._method = _octets(state.get(b'method'))
        self._version = HTTP_1_0 if _octets(state.get(b'clientproto', b'')) == b'HTTP/1.0' \
            else HTTP_1_1
        self._fields = _fields_of(state)
        self.prefix = b''.join(b'/' + encode_segment(one)
                               for one in _segments(state.get(b'prepath', [])) if one)
        post = _segments(state.get(b'postpath', []))
        mark, query = _octets(state.get(b'uri', b'')).partition(b'?')[1:]
        self._target = b'/' + b'/'.join(encode_segment(one) for one in post) + mark + query
        self._content = _octets(state.get(b'content_data', b'') or b'')
        self._place = _Place(_address_of(state.get(b'client')), _address_of(state.get(b'host')))

    def request(self, pull):
        # type: (Callable[[Body], None]) -> Request
        """The request, for an application of ours; *pull* is called with its body each time more of
        a stream is wanted."""
        headers = Headers(self._fields)
        length = len(self._content) if self.stream is None else CHUNKED
        request = Request(self._method, self._target,
                          Section(self._version, headers, length, host=headers.get(b'host')))
        request.transport = self._place
        request.incoming = None
        request.waiter = None
        if length:
            body = Body(None if self.stream is None else lambda: pull(body))
            if self.stream is None:
                body.feed(self._content)
                body.end(Headers())
            request.incoming = body
        return request


def _octets(value):
    # type: (Any) -> bytes
    if isinstance(value, (bytes, text_type)):
        return to_bytes(value)
    raise InsecureJelly('a value of a request must be a string')


def _segments(value):
    # type: (Any) -> List[bytes]
    if not isinstance(value, (list, tuple)) or len(value) > MAX_SEGMENTS:
        raise InsecureJelly('a path must be a list')
    return [_octets(one) for one in value]


def _fields_of(state):
    # type: (Dict[Any, Any]) -> List[Tuple[bytes, bytes]]
    """The header fields, of either form; line ends are refused."""
    given = state.get(b'requestHeaders')
    if given is None:
        given = state.get(b'received_headers')
    if isinstance(given, dict):
        given = sorted((_octets(name), value) for name, value in given.items())
    if not isinstance(given, (list, tuple)) or len(given) > MAX_HEADERS:
        raise InsecureJelly('headers must be a list or a dictionary')
    fields = []                 # type: List[Tuple[bytes, bytes]]
    for pair in given:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise InsecureJelly('a header must be a pair')
        name, values = pair
        for value in values if isinstance(values, (list, tuple)) else [values]:
            fields.append((_line(name), _line(value)))
    return fields


def _line(value):
    # type: (Any) -> bytes
    data = _octets(value)
    if b'\r' in data or b'\n' in data or b'\0' in data:
        raise InsecureJelly('a header contains a line end')
    return data


def _address_of(value):
    # type: (Any) -> Any
    """('INET', ip, port) or ('UNIX', path) as an Address; None for any other value."""
    if not isinstance(value, (list, tuple)) or len(value) < 2 \
            or not all(isinstance(one, (bytes, text_type)) for one in value[:2]):
        return None
    try:
        host = native(to_bytes(value[1]).decode('ascii'))
    except UnicodeError:
        return None
    if to_bytes(value[0]) == b'INET' and len(value) == 3 and isinstance(value[2], int_types):
        return Address(host, value[2])
    return Address(host) if to_bytes(value[0]) == b'UNIX' else None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple
