# Copyright the carryall authors.  See LICENSE.
"""PageRequest: the request that a resource or a script is given, and the response that it writes.

    def render_GET(self, request):
        request.write(u'hello ')            # or return the page, or both
        return u'world'

Text is sent as UTF-8.  A method that returns NOT_DONE_YET goes on later, with ``write`` and
``finish``.  The names of Twisted 0.19 to 1.2 (``setHeader``, ``args``, ``prepath`` ...) are the
same methods and attributes.  Fields and arguments are native strings there.

Tests:    tests/services/resources/test_resourcetree.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.uri import parse_query
from carryall.core.compat import is_awaitable, native, text_type, to_bytes
from carryall.core.future import Future, as_future
from carryall.protocols.http import MutableHeaders, Response
from carryall.protocols.http.fields import format_date, format_set_cookie, parse_cookies
from carryall.services.resources.pageoutput import PageOutput

__all__ = ['NOT_DONE_YET', 'PageRequest']

# -- limits ------------------------------------------------------------------
MAX_ARGUMENTS = 1000        # arguments of one request; Twisted has no limit

# Twisted 0.19's value
NOT_DONE_YET = 1

HTML = MutableHeaders([(b'Content-Type', b'text/html')])


class PageRequest(object):
    """One request of a resource.

    Args:     request: the Request of the connection.
              prepath: the decoded path that led to the resource, b'/a/b', or its segments.
              postpath: the path that follows, likewise.

    Attributes:
        request: as given.
        arguments: name -> segment, of the wildcards on the way.
        form: the Form of the body (http/forms); None if it has none.
        content: a file with the body, if that was collected.
        code: the status, 200 until set.
    """

    # Attributes of the class are the values before they are set, which saves setting them for each
    # request
    arguments = None            # type: Optional[Dict[str, bytes]]
    form = None                 # type: Any
    content = None              # type: Any
    code = 200
    _fields = None              # type: Optional[MutableHeaders]
    _pieces = None              # type: Optional[List[bytes]]
    _output = None              # type: Optional[PageOutput]
    _future = None              # type: Optional[Future]
    _args = None                # type: Optional[Dict[str, List[str]]]
    _watchers = None            # type: Optional[List[Future]]
    _over = False

    def __init__(self, request, prepath=b'', postpath=b''):
        # type: (Request, Any, Any) -> None
        self.request = request
        self._prepath = prepath
        self._postpath = postpath

    @property
    def prepath(self):
        # type: () -> List[bytes]
        """The segments that led to the resource."""
        if type(self._prepath) is bytes:
            self._prepath = self._prepath.split(b'/')[1:]
        return self._prepath

    @property
    def postpath(self):
        # type: () -> List[bytes]
        """The segments behind those."""
        if type(self._postpath) is bytes:
            self._postpath = self._postpath.split(b'/')[1:]
        return self._postpath

    # -- the request -------------------------------------------------------------------------------

    @property
    def method(self):
        # type: () -> str
        """``GET``, ``POST`` ..."""
        return native(self.request.method)

    @property
    def uri(self):
        # type: () -> str
        """The target, as sent."""
        return native(self.request.target)

    @property
    def path(self):
        # type: () -> str
        """The path of the target, as sent."""
        return native(self.request.path)

    @property
    def clientproto(self):
        # type: () -> str
        """``HTTP/1.1`` or ``HTTP/1.0``."""
        return 'HTTP/%d.%d' % self.request.version

    @property
    def headers(self):
        # type: () -> Headers
        """The fields of the request."""
        return self.request.headers

    @property
    def user(self):
        # type: () -> Any
        """The account that has logged in; None without a login."""
        return self.request.user

    @property
    def args(self):
        # type: () -> Dict[str, List[str]]
        """The arguments of the query and of a form, each with its values, as native strings."""
        if self._args is None:
            found = {}              # type: Dict[str, List[str]]
            pairs = parse_query(self.request.query, MAX_ARGUMENTS) or []
            for name, value in pairs:
                found.setdefault(_text(name), []).append(_text(value))
            for name, value in [] if self.form is None else self.form.fields:
                found.setdefault(_native(name), []).append(_native(value))
            self._args = found
        return self._args

    def get_header(self, name):
        # type: (Any) -> Optional[str]
        """The value of a field of the request, in any case; None if it is missing."""
        value = self.request.headers.get(to_bytes(name))
        return None if value is None else _text(value)

    def all_headers(self):
        # type: () -> Dict[str, str]
        """The fields of the request, by their names in lower case."""
        return dict((_text(name.lower()), _text(value)) for name, value in self.request.headers)

    def get_cookie(self, name):
        # type: (Any) -> Optional[str]
        """The value of a cookie; None if it is missing."""
        found = dict(parse_cookies(self.request.headers.get(b'cookie', b'')))
        value = found.get(to_bytes(name))
        return None if value is None else _text(value)

    def client_address(self):
        # type: () -> Optional[str]
        """The address of the client; None for a Unix socket."""
        peer = self.request.peer
        return None if peer is None or peer.port is None else peer.host

    # -- the response ------------------------------------------------------------------------------

    @property
    def fields(self):
        # type: () -> MutableHeaders
        """The fields of the response, text/html unless set."""
        if self._fields is None:
            self._fields = MutableHeaders(HTML)
        return self._fields

    def set_status(self, code, message=None):
        # type: (int, Any) -> None
        """Sets the status; the *message* of Twisted's form is the usual one always."""
        self.code = int(code)

    def set_header(self, name, value):
        # type: (Any, Any) -> None
        """Sets a field of the response."""
        self.fields.set(_octets(name), _octets(value))

    def redirect(self, url):
        # type: (Any) -> None
        """Makes the response a redirect to *url*: 302."""
        self.code = 302
        self.set_header(b'Location', url)

    def set_last_modified(self, when):
        # type: (float) -> None
        """Sets Last-Modified, in seconds since 1970."""
        self.fields.set(b'Last-Modified', format_date(when))

    def add_cookie(self, name, value, **attributes):
        # type: (Any, Any, **Any) -> None
        """Adds a cookie; *attributes* as of format_set_cookie: path, domain, max_age ..."""
        given = {}                  # type: Dict[str, Any]
        for key, found in attributes.items():
            given[key] = _octets(found) if isinstance(found, text_type) else found
        self.fields.add(b'Set-Cookie', format_set_cookie(_octets(name), _octets(value), **given))

    def write(self, data):
        # type: (Any) -> None
        """Adds *data* to the body: bytes, or text as UTF-8."""
        if type(data) is not bytes:
            data = _octets(data)
        if self._over:
            return
        if self._output is not None:
            self._output.write(data)
        elif self._future is not None:
            self._begin(data)
        elif self._pieces is None:
            self._pieces = [data]
        else:
            self._pieces.append(data)

    def finish(self):
        # type: () -> None
        """Ends a response that a method has left with NOT_DONE_YET."""
        if self._over:
            return
        self._over = True
        self._tell()
        if self._output is not None:
            self._output.end()
        elif self._future is not None and not self._future.done():
            self._future.set_result(self.response())

    def notify_finish(self):
        # type: () -> Future
        """A Future that completes when the response is finished or the client is gone."""
        future = Future()
        if self._over:
            future.set_result(None)
            return future
        if self._watchers is None:
            self._watchers = []
        self._watchers.append(future)
        return future

    # -- for the tree ------------------------------------------------------------------------------

    def response(self, data=b''):
        # type: (bytes) -> Response
        """The Response of what was written, and *data* behind it."""
        if self._pieces is not None:
            self._pieces.append(data)
            data = b''.join(self._pieces)
        return Response(self.code, HTML if self._fields is None else self._fields, data)

    def answer(self, result):
        # type: (Any) -> Any
        """The Response, or a Future of it, for what a method has returned.

        Raises:   TypeError: that is neither a page nor NOT_DONE_YET.
        """
        kind = type(result)
        if kind is bytes:
            return self.response(result)
        if kind is text_type:
            return self.response(result.encode('utf-8'))
        if isinstance(result, Response):
            return result
        if result is None and self._pieces is not None:
            return self.response()
        if result == NOT_DONE_YET and kind is int:
            return self._later()
        raise TypeError('a page is bytes, text or a Response, not %s' % kind.__name__)

    def settle(self, result):
        # type: (Any) -> Any
        """The same as `answer`, for a Future or a coroutine of a page too."""
        if isinstance(result, Future) or is_awaitable(result):
            return as_future(result).then(self.answer)
        return self.answer(result)

    def _later(self):
        # type: () -> Any
        if self._over:
            return self.response()
        self._future = Future(self._lost)
        if self._pieces is not None:
            self._begin(b''.join(self._pieces))
            self._pieces = None
        return self._future

    def _begin(self, data):
        # type: (bytes) -> None
        """Gives the connection a Response whose body is written later."""
        self._output = PageOutput(self._lost)
        self._output.write(data)
        self._future.set_result(        # type: ignore
            Response(self.code, HTML if self._fields is None else self._fields, self._output))

    def _lost(self, _future=None):
        # type: (Any) -> None
        self._over = True
        self._tell()

    def _tell(self):
        # type: () -> None
        watchers, self._watchers = self._watchers, None
        for watcher in watchers or ():
            if not watcher.done():
                watcher.set_result(None)

    # -- Twisted's names ---------------------------------------------------------------------------

    getHeader = get_header
    getAllHeaders = all_headers
    getCookie = get_cookie
    getClientIP = client_address
    setResponseCode = set_status
    setHeader = set_header
    setLastModified = set_last_modified
    addCookie = add_cookie
    notifyFinish = notify_finish


def _text(data):
    # type: (bytes) -> str
    """*data* as a native string."""
    return data if isinstance(data, str) else data.decode('utf-8', 'replace')


def _native(text):
    # type: (Any) -> str
    """Text as a native string."""
    return text if isinstance(text, str) else text.encode('utf-8')


def _octets(value):
    # type: (Any) -> bytes
    """*value* as octets: bytes as they are, text as UTF-8, numbers as digits."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if isinstance(value, text_type):
        return value.encode('utf-8')
    return ('%s' % (value,)).encode('utf-8')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional
    from carryall.protocols.http import Headers, Request
