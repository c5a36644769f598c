# Copyright the carryall authors.  See LICENSE.
"""HTTPServer and HTTPSServer for tests.

    with HTTPServer() as server:
        server.respond('/users', json=[{'name': 'ann'}])
        fetch(server.url + '/users')
        server.assert_requested('/users', method='GET', times=1)

Tests:    tests/house/testservers/test_webserver.py
"""
from __future__ import absolute_import, division, print_function

import json as json_module
import re

from carryall.core.codec.uri import format_query, parse_query
from carryall.core.compat import native, text_type, to_bytes
from carryall.testservers.server import WAIT_SECONDS, NotArrived, Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional

__all__ = ['Expectation', 'HTTPSServer', 'HTTPServer', 'ReceivedRequest']

JSON = u'application/json'
TEXT = u'text/plain; charset=utf-8'

# Those of a compiled pattern that another interpreter can be told
PATTERN_FLAGS = re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE


class FieldValues(object):
    """Header fields by name, whatever its case."""

    def __init__(self, pairs):
        # type: (List[Any]) -> None
        self.pairs = [(native_text(name), native_text(value)) for name, value in pairs]

    def get(self, name, default=None):
        # type: (str, Any) -> Any
        """The values of a field, joined by commas."""
        found = self.get_all(name)
        return ', '.join(found) if found else default

    def get_all(self, name):
        # type: (str) -> List[str]
        """Each value of a field."""
        return [value for key, value in self.pairs if key.lower() == name.lower()]

    def __getitem__(self, name):
        found = self.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def __contains__(self, name):
        return bool(self.get_all(name))

    def __iter__(self):
        return iter([name for name, _ in self.pairs])

    def __len__(self):
        return len(self.pairs)

    def __repr__(self):
        return repr(self.pairs)


def native_text(value):
    # type: (Any) -> str
    """ASCII as the interpreter's own ``str``, other text as it is."""
    return native(value) if all(char < u'\x80' for char in value) else value


class ReceivedRequest(object):
    """A request as it came.

    Attributes:
        method, target, path, query_string: text; the path is percent-decoded.
        query: {name: list of values}.
        headers: FieldValues.
        body: bytes.
        expected: True if a response was told for it.
        client: (host, port).
        scheme: http or https.
    """

    def __init__(self, row):
        # type: (Dict[str, Any]) -> None
        self.method = native_text(row['method'])
        self.target = native_text(row['target'])
        self.path = native_text(row['path'])
        self.query_string = native_text(row['query'])
        self.query = {}             # type: Dict[str, List[str]]
        for name, value in parse_query(to_bytes(row['query'])):
            self.query.setdefault(native_text(name.decode('utf-8', 'replace')), []).append(
                native_text(value.decode('utf-8', 'replace')))
        self.headers = FieldValues(row['headers'])
        self.body = row['body']
        self.expected = row.get('expected', True)
        self.scheme = native_text(row['scheme'])
        self.client = None if row['client'] is None else tuple(row['client'])

    @property
    def text(self):
        # type: () -> str
        """The body as UTF-8."""
        return self.body.decode('utf-8')

    @property
    def json(self):
        # type: () -> Any
        """The value of a body of JSON."""
        return json_module.loads(self.text)

    def __repr__(self):
        return '<%s %s, %d octets>' % (self.method, self.target, len(self.body))


class Expectation(object):
    """A response that the server was told to give."""

    def __init__(self, server, number):
        # type: (HTTPServer, int) -> None
        self._server = server
        self._number = number

    @property
    def hits(self):
        # type: () -> int
        """How often it was given."""
        return self._server.ask('hits', number=self._number)

    def cancel(self):
        # type: () -> None
        """Gives it no more."""
        self._server.ask('withdraw', number=self._number)


class HTTPServer(Server):
    """An HTTP server.

    Options:  path: a folder to serve.
              app: a web application of carryall, in this process alone.
              tls: True for HTTPS.
    """

    kind = 'http'
    name = 'http_server'
    options = {'path': 'path', 'app': None, 'tls': bool}

    @property
    def scheme(self):
        """http or https."""
        return 'https' if self.values.get('tls') else 'http'

    def told(self, options):
        if options.get('app') is not None:
            self.need_this_process('an application')
        return Server.told(self, options)

    # -- what it says --------------------------------------------------------------------------

    def respond(self, path, body=None, status=200, json=None, headers=None, content_type=None,
                method=None, query=None, wanted_headers=None, wanted_body=None, wanted_json=None,
                delay=0.0, cut=None, times=None, once=False, ordered=False, matcher=None,
                handler=None):
        # type: (...) -> Expectation
        """Responds so to the requests for *path*.

        Args:     path: percent-decoded; with ``*`` at the end for all that begin so; or a compiled
                      regular expression of the whole path.
                  body: bytes or text.
                  json: a value, in place of the body.
                  headers: a dict or pairs.
                  method, query, wanted_headers, wanted_body, wanted_json: of the requests that it
                      is for.  A *query* that is a dict or pairs may come in any order; one that is
                      text must come so.
                  matcher: a function of the ReceivedRequest; true if the response is for it.
                  handler: a function of the ReceivedRequest that makes the response: bytes or text,
                      a value for JSON, or (status, headers, body).  It runs on a thread and may
                      wait.  An error is a 500, and one of ``assert_as_expected``.
                  delay: seconds before the response.
                  cut: octets of the body after which the connection closes.
                  times, once: how often; then it is gone.
                  ordered: for the next request, which must be that; the following ordered one is
                      for the one after it.
        """
        if matcher is not None or handler is not None:
            self.need_this_process('a function')
        pattern = getattr(path, 'pattern', None)
        pairs = _pairs(headers)
        names = [name.lower() for name, _ in pairs]
        if json is not None:
            body = json_module.dumps(json)
            content_type = content_type or JSON
        elif content_type is None and isinstance(body, text_type):
            content_type = TEXT
        if content_type is not None and u'content-type' not in names:
            pairs.append((u'Content-Type', _text(content_type)))
        return Expectation(self, self.ask(
            'respond',
            path=_text(path if pattern is None else pattern), ordered=ordered,
            flags=None if pattern is None else int(path.flags & PATTERN_FLAGS),
            any_order=_is_pairs(query),
            matcher=matcher and (lambda row: matcher(ReceivedRequest(row))),
            handler=handler and (lambda row: _made_of(handler(ReceivedRequest(row)))),
            status=status, headers=pairs,
            body=to_bytes(body or b''), delay=float(delay), cut=cut,
            times=1 if once else times, method=_text(method), query=_query_of(query),
            wanted_headers=_pairs(wanted_headers),
            wanted_json=wanted_json,
            wanted_body=None if wanted_body is None else to_bytes(wanted_body)))

    def serve(self, path):
        # type: (Any) -> str
        """Serves the files of a folder where nothing else is told; the URL."""
        self.ask('serve', path=None if path is None else self.checked({'path': path})['path'])
        return self.url

    # -- what came -----------------------------------------------------------------------------

    @property
    def requests(self):
        # type: () -> List[ReceivedRequest]
        """The requests, in the order in which they were complete."""
        return [ReceivedRequest(row) for row in self.ask('came')]

    def wait(self, count=1, timeout=WAIT_SECONDS):
        # type: (int, float) -> List[ReceivedRequest]
        """The requests, once there are *count*; NotArrived if that takes too long."""
        return [ReceivedRequest(row) for row in self.came(count, timeout, 'requests')]

    def assert_requested(self, path, method=None, times=None, query=None, headers=None, body=None,
                         json=None):
        # type: (...) -> List[ReceivedRequest]
        """The requests that were so; AssertionError if there was none, or not *times* of them."""
        wanted_query = _query_of(query)             # type: Any
        if wanted_query is not None and _is_pairs(query):
            wanted_query = sorted(parse_query(to_bytes(wanted_query)) or ())
        octets = None if body is None else to_bytes(body)
        found = []
        requests = self.requests
        for request in requests:
            if _fits(request, path, method, wanted_query, headers, octets, json):
                found.append(request)
        if times is None and found or times == len(found):
            return found
        raise AssertionError('%s %s: %d of %s requests were so; there were: %s' % (
            method or 'any method', path, len(found), 'some' if times is None else times,
            ', '.join(repr(request) for request in requests) or 'none'))

    def assert_as_expected(self):
        # type: () -> None
        """AssertionError if a request came that no response was told for, an ordered one did not
        come, or a handler failed."""
        unexpected = [request for request in self.requests if not request.expected]
        left = self.ask('ordered_left')
        errors = self.ask('errors')
        if unexpected or left or errors:
            raise AssertionError('unexpected: %s; still expected: %s; failed: %s'
                                 % (unexpected or 'none', ', '.join(left) or 'none',
                                    '; '.join(errors) or 'none'))

    def wait_for_expected(self, timeout=WAIT_SECONDS):
        # type: (float) -> None
        """Waits until each response with ``times``, ``once`` or ``ordered`` was given so often.

        Raises:   NotArrived: some were not in time.
        """
        due = self.ask('wait_due', timeout, seconds=float(timeout))
        if due:
            raise NotArrived('still expected after %g seconds: %s' % (timeout, ', '.join(due)))

    # -- as a function -------------------------------------------------------------------------

    def __call__(self, app=None, path=None):
        # type: (Any, Any) -> str
        """The URL of one more server, of an application or a folder."""
        if (app is None) == (path is None):
            raise TypeError('%s() takes app or path' % self.name)
        given = {'path': path} if app is None else {'app': app}
        return self.another(type(self), **given).url


class HTTPSServer(HTTPServer):
    """An HTTP server under TLS, with a certificate that ``ca`` vouches for."""

    name = 'https_server'

    def __init__(self, runner=None, **options):
        # type: (Any, **Any) -> None
        HTTPServer.__init__(self, runner, **dict({'tls': True}, **options))


def _text(value):
    # type: (Any) -> Any
    if value is None or isinstance(value, text_type):
        return value
    return value.decode('utf-8')


def _made_of(answer):
    # type: (Any) -> Any
    """(status, headers, body) of what a handler has returned."""
    status = 200
    pairs = []                  # type: List[Any]
    if isinstance(answer, tuple):
        status, headers, answer = answer
        pairs = _pairs(headers)
    kind = None
    if isinstance(answer, text_type):
        kind = TEXT
    elif not isinstance(answer, bytes):
        answer = json_module.dumps(answer)
        kind = JSON
    if kind is not None and u'content-type' not in [name.lower() for name, _ in pairs]:
        pairs.append((u'Content-Type', kind))
    return status, [(to_bytes(name), to_bytes(value)) for name, value in pairs], to_bytes(answer)


def _pairs(headers):
    # type: (Any) -> List[Any]
    rows = headers.items() if hasattr(headers, 'items') else headers or ()
    return [(_text(name), _text(value)) for name, value in rows]


def _is_pairs(query):
    # type: (Any) -> bool
    """True for a query that is given as names and values, whose order does not count."""
    return query is not None and not isinstance(query, (bytes, text_type))


def _query_of(query):
    # type: (Any) -> Optional[str]
    if query is None or isinstance(query, (bytes, text_type)):
        return _text(query)
    rows = query.items() if hasattr(query, 'items') else query
    return format_query([(to_bytes(name), to_bytes(value)) for name, value in rows]).decode('ascii')


def _fits(request, path, method, query, headers, body, json):
    # type: (ReceivedRequest, str, Optional[str], Any, Any, Optional[bytes], Any) -> bool
    path = _text(path)
    if path[-1:] == u'*':
        if not request.path.startswith(path[:-1]):
            return False
    elif request.path != path:
        return False
    if method is not None and request.method != method.upper():
        return False
    if isinstance(query, list):
        if sorted(parse_query(to_bytes(request.query_string)) or ()) != query:
            return False
    elif query is not None and request.query_string != query:
        return False
    if body is not None and request.body != body:
        return False
    if json is not None and (not request.body or request.json != json):
        return False
    return all(value in request.headers.get_all(name) for name, value in _pairs(headers))
