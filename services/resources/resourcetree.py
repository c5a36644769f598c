# Copyright the carryall authors.  See LICENSE.
"""Resource: a tree of objects that answer requests by their path (feature HTS-18).

    class Shop(Resource):
        def render_GET(self, request):
            return u'<p>welcome</p>'

    root = Shop()
    root.put_child(b'about', Page(u'about us'))
    root.put_child(b'{item}', Item())           # any name; request.arguments has it
    root.put_child(b'api', some_callable)       # a plain application, as a leaf
    site = Site(root, loop)

A Resource is an application itself, and the child of another one.  Objects with Twisted's names
(``getChild``, ``render``, ``isLeaf``, ``putChild``) work in the same places: see `adapted`.

Tests:    tests/services/resources/test_resourcetree.py
"""
from __future__ import absolute_import, division, print_function

import io

from carryall.core.allowance import Allowance
from carryall.core.codec.buffer import Pieces
from carryall.core.codec.uri import path_segments
from carryall.core.compat import to_bytes
from carryall.core.future import Future, Return, coroutine
from carryall.core.net.ip import source_of
from carryall.protocols.http import HTTPError, Response, method_not_allowed, plain_response
from carryall.protocols.http.forms import read_form
from carryall.services.resources.pagerequest import PageRequest

__all__ = ['ErrorPage', 'Page', 'Redirect', 'Resource', 'adapted', 'render_at']

# -- limits ------------------------------------------------------------------
MAX_CONTENT = 16 << 20      # octets of a body that is collected for a resource
# Octets of the bodies of all requests that are collected at one time; one client has half of them
MAX_HELD = 128 << 20
PIECE_BYTES = 65536         # octets that are read of a body at once
MAX_SEGMENTS = 100          # of a path

# Methods with the names of the methods that answer them, ours and Twisted's
RENDERERS = (
    (b'GET', 'render_GET'), (b'HEAD', 'render_HEAD'), (b'POST', 'render_POST'),
    (b'PUT', 'render_PUT'), (b'DELETE', 'render_DELETE'), (b'PATCH', 'render_PATCH'),
    (b'OPTIONS', 'render_OPTIONS'), (b'QUERY', 'render_QUERY'),
)
FORMS = (b'application/x-www-form-urlencoded', b'multipart/form-data')

_renderers = {}             # type: Dict[Any, Dict[bytes, Any]]


class Resource(object):
    """One place of the tree.

    Attributes:
        is_leaf: true if paths below it are its own: it has no children.
    """

    is_leaf = False
    _children = None            # type: Optional[Dict[bytes, Any]]
    _any_name = None            # type: Any     # (name of the argument, child)

    # -- the tree ----------------------------------------------------------------------------------

    def put_child(self, name, child):
        # type: (Any, Any) -> None
        """Adds a child: a Resource, an object with Twisted's names, or a plain application.

        Args:     name: the decoded segment of its path, b'' for the path with a slash at its end;
                      b'{argument}' for any name that no other child has.
        """
        name = to_bytes(name)
        if name[:1] == b'{' and name[-1:] == b'}':
            self._any_name = name[1:-1].decode('ascii'), child
            return
        if self._children is None:
            self._children = {}
        self._children[name] = child

    def get_child(self, name, request):
        # type: (bytes, PageRequest) -> Any
        """The child for a segment; None if there is none.  Override it for children that are made
        when they are asked for.
        """
        found = None if self._children is None else self._children.get(name)
        if found is None and self._any_name is not None and name:
            argument, found = self._any_name
            if request.arguments is None:
                request.arguments = {}
            request.arguments[argument] = name
        return found

    # -- rendering ---------------------------------------------------------------------------------

    def render(self, request):
        # type: (PageRequest) -> Any
        """The page: what ``render_GET`` and its like return; 405 for a method without one.

        A page is bytes, text, a Response, NOT_DONE_YET, a Future or a coroutine of one of these.
        HEAD is answered as GET unless there is a ``render_HEAD``.
        """
        found = _renderers.get(type(self))
        if found is None:
            found = _renderers_of(type(self))
        method = found.get(request.request.method)
        if method is None:
            return method_not_allowed(sorted(found))
        return method(self, request)

    def __call__(self, request):
        # type: (Request) -> Any
        """Answers a Request of a Site: this resource is the root."""
        if self.is_leaf and not request.length:
            page = PageRequest(request)
            result = self.render(page)
            return page.response(result) if type(result) is bytes else page.settle(result)
        return render_at(self, request)


def _renderers_of(kind):
    # type: (Any) -> Dict[bytes, Any]
    """The functions of a class that answer methods."""
    found = dict((method, getattr(kind, name)) for method, name in RENDERERS
                 if hasattr(kind, name))
    if b'GET' in found:
        found.setdefault(b'HEAD', found[b'GET'])
    _renderers[kind] = found
    return found


class Page(Resource):
    """A leaf with a constant page.

    Args:     content: bytes or text.
              kind: the media type.
              status: of the response.
    """

    is_leaf = True

    def __init__(self, content, kind=b'text/html; charset=utf-8', status=200):
        # type: (Any, bytes, int) -> None
        self._content = to_bytes(content)
        self._kind = kind
        self._status = status

    def render_GET(self, request):
        # type: (PageRequest) -> Response
        """The page."""
        return Response(self._status, [(b'Content-Type', self._kind)], self._content)


class ErrorPage(Resource):
    """A leaf that answers each method with an error."""

    is_leaf = True

    def __init__(self, status):
        # type: (int) -> None
        self._status = status

    def render(self, request):
        """The error as one line of text."""
        return plain_response(self._status)


class Redirect(Resource):
    """A leaf that sends clients elsewhere.

    Args:     location: the URL, encoded.
              status: 301, 302, 303, 307 or 308.
    """

    is_leaf = True

    def __init__(self, location, status=302):
        # type: (Any, int) -> None
        self._location = to_bytes(location)
        self._status = status

    def render(self, request):
        """The redirect."""
        return plain_response(self._status, [(b'Location', self._location)])


# -- objects of other kinds ------------------------------------------------------------------------

class _TwistedResource(Resource):
    """An object with Twisted's names, as a Resource."""

    def __init__(self, inner):
        # type: (Any) -> None
        self._inner = inner
        self.is_leaf = bool(getattr(inner, 'isLeaf', False)) or not (
            hasattr(inner, 'getChild') or hasattr(inner, 'getChildWithDefault'))

    def get_child(self, name, request):
        inner = self._inner
        name = name if isinstance(name, str) else name.decode('utf-8', 'replace')
        found = getattr(inner, 'children', None)
        if found and name in found:
            return found[name]
        look = getattr(inner, 'getChildWithDefault', None) or inner.getChild
        return look(name, request)

    def render(self, request):
        return self._inner.render(request)


class _PlainResource(Resource):
    """An application that is called with the Request, as a leaf."""

    is_leaf = True

    def __init__(self, app):
        # type: (Any) -> None
        self._app = app

    def render(self, request):
        return self._app(request.request)


def adapted(thing):
    # type: (Any) -> Resource
    """*thing* as a Resource: one of ours, one with Twisted's names, or an application.

    Raises:   TypeError: it is none of these.
    """
    if isinstance(thing, Resource):
        return thing
    if callable(getattr(thing, 'render', None)):
        return _TwistedResource(thing)
    if callable(thing):
        return _PlainResource(thing)
    raise TypeError('%r is neither a resource nor an application' % (thing,))


# -- requests --------------------------------------------------------------------------------------

def render_at(root, request, prepath=(), rest=None):
    # type: (Any, Request, Sequence[bytes], Optional[bytes]) -> Any
    """The Response of the tree at *root*, or a Future of it.

    Args:     prepath: segments that led to *root*.
              rest: the path below it, decoded, b'' or b'/a/b'; that of the request if left out.
    """
    if rest is None:
        segments = path_segments(request.path)
    else:
        segments = rest.split(b'/')[1:]
    if segments is None or len(segments) > MAX_SEGMENTS:
        return plain_response(400)
    page = PageRequest(request, list(prepath), list(segments))
    if request.length and not isinstance(root, _PlainResource):
        return _collected(root, page)
    return _find(root, page)


def _find(found, page):
    # type: (Any, PageRequest) -> Any
    """Walks down from a resource, and renders the one at the end."""
    found = adapted(found)
    while page.postpath and not found.is_leaf:
        if page.postpath == [b''] and found._children is None and not page.prepath:
            break                   # the root is at / without a child of that name
        name = page.postpath.pop(0)
        page.prepath.append(name)
        child = found.get_child(name, page)
        if isinstance(child, Future):
            return child.then(lambda late: _find(_or_missing(late), page))
        if child is None and not name and not page.postpath:
            break                   # a slash at the end of the path of a folder
        found = adapted(_or_missing(child))
    return page.settle(found.render(page))


def _or_missing(child):
    # type: (Any) -> Any
    return ErrorPage(404) if child is None else child


def _collected(root, page):
    # type: (Any, PageRequest) -> Future
    """Renders after the body has come."""
    request = page.request
    kind = request.headers.get(b'content-type', b'').partition(b';')[0].strip().lower()

    def with_form(form):
        # type: (Any) -> Any
        page.form = form
        page.content = io.BytesIO()
        return _find(root, page)

    def with_octets(octets):
        # type: (bytes) -> Any
        page.content = io.BytesIO(octets)
        return _find(root, page)

    counted = _Counted(request)
    answer = (read_form(counted).then(with_form) if kind in FORMS
              else _octets_of(counted).then(with_octets))
    answer.add_done_callback(counted.release)
    return answer


class _Counted(object):
    """A request whose body is counted as it comes: it is kept in memory.

    Attributes:
        octets: of it so far.
    """

    def __init__(self, request):
        # type: (Request) -> None
        self.headers = request.headers
        self.body = self
        self.octets = 0
        self._inner = request.body
        peer = request.peer
        # All that come by Unix sockets are one source.
        self._source = None if peer is None or peer.port is None else source_of(peer.host)

    def read(self, maximum):
        # type: (int) -> Future
        """A Future of the next octets, b'' at the end.

        It fails with HTTPError, reply 503, if the bodies of others need the room.
        """
        return self._inner.read(maximum).then(self._count)

    def _count(self, data):
        # type: (bytes) -> bytes
        if data and not _held.take(self._source, len(data)):
            raise HTTPError('too much of the bodies of requests is held', reply=503)
        self.octets += len(data)
        return data

    def release(self, _):
        # type: (Future) -> None
        """The request has its answer, or needs none."""
        octets, self.octets = self.octets, 0
        if octets:
            _held.give(self._source, octets)


@coroutine
def _octets_of(counted):
    # type: (_Counted) -> Any
    """A Future of a whole body."""
    pieces = Pieces()
    while True:
        piece = yield counted.read(PIECE_BYTES)
        if not piece:
            raise Return(pieces.joined())
        if counted.octets > MAX_CONTENT:
            raise HTTPError('a body of more than %d octets' % MAX_CONTENT, reply=413)
        pieces.append(piece)


_held = Allowance(MAX_HELD)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Sequence
    from carryall.protocols.http import Request
