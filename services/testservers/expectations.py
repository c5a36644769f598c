# Copyright the carryall authors.  See LICENSE.
"""The HTTP server for tests: it keeps the requests and responds as it is told.

A request gets the first of these that there is:

    1. the next ordered response, which the request must match
    2. the first matching response that counts its uses
    3. the latest of the other matching responses
    4. the response of the application
    5. a file of the folder
    6. 404

Tests:    tests/services/testservers/test_expectations.py
"""
from __future__ import absolute_import, division, print_function

import json
import os
import re

from carryall.core.codec.uri import parse_query, percent_decode
from carryall.core.compat import FAILURES, native, text_type, to_bytes
from carryall.core.errors import UsageError
from carryall.core.future import Future, Return, as_future, completed, coroutine, sleep
from carryall.protocols.http import HTTPError, MutableHeaders, Response, Site
from carryall.services.testservers.controlled import ControlledService
from carryall.services.web.static import StaticFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional

__all__ = ['HTTPExpectations', 'make']

MAX_BODY = 64 << 20         # octets of a request that are kept

PLAIN = [(b'Content-Type', b'text/plain; charset=utf-8')]


class Expected(object):
    """One response and the requests that it is for; attributes as ``respond`` has them."""

    __slots__ = ('path', 'pattern', 'method', 'query', 'pairs', 'fields', 'octets', 'value',
                 'matcher', 'times', 'hits', 'status', 'headers', 'body', 'handler', 'delay', 'cut')

    def __init__(self, values):
        # type: (Dict[str, Any]) -> None
        self.path = to_bytes(values['path'])
        self.pattern = None         # type: Any
        if values['flags'] is not None:
            # A comment in a verbose pattern reaches to the end of its line.
            end = u'\n' if values['flags'] & re.VERBOSE else u''
            try:
                self.pattern = re.compile(u'(?:%s%s)\\Z' % (values['path'], end),
                                          values['flags'] | re.UNICODE)
            except re.error as exc:
                raise UsageError(u'the pattern of a path is wrong: %s' % exc)
        method = values['method']
        self.method = None if method is None else to_bytes(method).upper()
        query = values['query']
        self.query = None if query is None else to_bytes(query)
        self.pairs = None           # type: Any     # of the query, in any order
        if values['any_order'] and self.query is not None:
            self.pairs = _pairs_of(self.query)
        self.fields = [(to_bytes(name).lower(), to_bytes(value))
                       for name, value in values['wanted_headers']]
        octets = values['wanted_body']
        self.octets = None if octets is None else to_bytes(octets)
        self.value = values['wanted_json']
        self.matcher = values['matcher']
        self.times = values['times']
        self.hits = 0
        self.status = values['status']
        self.headers = [(to_bytes(name), to_bytes(value)) for name, value in values['headers']]
        self.body = to_bytes(values['body'])
        self.handler = values['handler']
        self.delay = values['delay']
        self.cut = values['cut']
        Response(self.status, MutableHeaders(self.headers))     # what cannot be is told now

    def matches(self, request):
        # type: (Dict[str, Any]) -> bool
        """True if the response is for *request*."""
        if self.times is not None and self.hits >= self.times:
            return False
        if not self._is_for(request['path']):
            return False
        if self.method not in (None, to_bytes(request['method'])):
            return False
        if not self._asks(to_bytes(request['query'])):
            return False
        if self.octets is not None and self.octets != request['body']:
            return False
        if self.value is not None and self.value != _json_of(request['body']):
            return False
        present = [(to_bytes(name).lower(), to_bytes(value)) for name, value in request['headers']]
        if not all(field in present for field in self.fields):
            return False
        return self.matcher is None or bool(self.matcher(request))

    def _is_for(self, path):
        # type: (Any) -> bool
        if self.pattern is not None:
            return self.pattern.match(path) is not None
        octets = to_bytes(path)
        if self.path[-1:] == b'*':
            return octets.startswith(self.path[:-1])
        return octets == self.path

    def _asks(self, query):
        # type: (bytes) -> bool
        if self.pairs is not None:
            return _pairs_of(query) == self.pairs
        return self.query is None or self.query == query

    def is_due(self):
        # type: () -> bool
        """True if it counts its uses, and some are left."""
        return self.times is not None and self.hits < self.times


def _pairs_of(query):
    # type: (bytes) -> List[Any]
    """The names and values of a query, sorted."""
    return sorted(parse_query(query) or ())


def _json_of(body):
    # type: (bytes) -> Any
    """The value of a body of JSON; None if it is none."""
    try:
        return json.loads(body.decode('utf-8'))
    except ValueError:
        return None


DEFAULTS = {'method': None, 'query': None, 'wanted_headers': (), 'wanted_body': None,
            'wanted_json': None, 'times': None, 'status': 200, 'headers': (), 'body': b'',
            'delay': 0.0, 'cut': None, 'flags': None, 'any_order': False, 'matcher': None,
            'handler': None}


class HTTPExpectations(ControlledService):
    """An HTTP server that responds as it is told."""

    known = {'path': None, 'app': None}
    asks_faults = True
    # A request is kept before its response begins, so that the client's thread finds it.
    direct = ControlledService.direct + ('respond', 'hits', 'came', 'due', 'ordered_left',
                                         'errors')

    def __init__(self, given):
        # type: (Dict[str, Any]) -> None
        self._rows = {}             # type: Dict[int, Expected]
        self._number = 0
        self._ordered = []          # type: List[int]
        self._errors = []           # type: List[str]
        self._due = []              # type: List[Future]
        self._folder = None         # type: Any
        self._wall = None           # type: Any
        ControlledService.__init__(self, 'http', given)

    def listeners(self, loop):
        self._wall = loop.wall
        if self.values['path'] is not None:
            self.serve(self.values['path'])
        site = Site(self._application, loop)
        return [('http', site, bool(self.values['tls']))]

    def application_protocols(self):
        return ('http/1.1',)

    # -- told from outside -----------------------------------------------------------------------

    def calls(self):
        found = ControlledService.calls(self)
        found.update(respond=self.respond, hits=self.hits, withdraw=self.withdraw,
                     serve=self.serve, ordered_left=self.ordered_left, due=self.due,
                     wait_due=self.wait_due, errors=self.errors)
        return found

    def respond(self, path, ordered=False, **values):
        # type: (str, bool, **Any) -> int
        """Responds to the requests for *path* from now on; the number of the expectation.

        Args:     path: percent-decoded; one that ends with ``*`` stands for all that begin so.
                      With *flags*, of the module re, a regular expression of the whole path.
                  ordered: for the next request that is not yet answered by an ordered one, which
                           must be for it.
                  values: as DEFAULTS has them.
        """
        unknown = set(values) - set(DEFAULTS)
        if unknown:
            raise UsageError(u'a response has no %s' % u', '.join(sorted(unknown)))
        values = dict(DEFAULTS, path=path, **values)
        if ordered and values['times'] is None:
            values['times'] = 1
        expected = Expected(values)
        self._number += 1
        self._rows[self._number] = expected
        if ordered:
            self._ordered.append(self._number)
        return self._number

    def due(self):
        # type: () -> List[str]
        """The paths of the responses that were given less often than they should be."""
        return [self._rows[number].path.decode('utf-8', 'replace')
                for number in sorted(self._rows) if self._rows[number].is_due()]

    def wait_due(self, seconds):
        # type: (float) -> Future
        """A Future of ``due()``, once nothing is due, or after the time."""
        if not self.due() or self.loop is None:
            return completed(self.due())
        future = Future()
        self._due.append(future)
        timer = self.loop.call_later(seconds, self._tell_due, future)
        future.add_done_callback(lambda _: timer.cancel())
        return future

    def _tell_due(self, future):
        # type: (Future) -> None
        if not future.done():
            future.set_result(self.due())

    def errors(self):
        # type: () -> List[str]
        """The errors of functions that were to respond."""
        return list(self._errors)

    def hits(self, number):
        # type: (int) -> int
        """How often that response was given."""
        return self._rows[number].hits

    def withdraw(self, number):
        # type: (int) -> None
        """Gives that response no more."""
        self._rows[number].times = 0
        if number in self._ordered:
            self._ordered.remove(number)

    def ordered_left(self):
        # type: () -> List[str]
        """The paths of the ordered responses that no request has come for."""
        return [self._rows[number].path.decode('utf-8', 'replace') for number in self._ordered]

    def serve(self, path):
        # type: (Any) -> None
        """Serves the files of a folder; None: no longer.

        Raises:   UsageError: there is no such folder.
        """
        if path is not None and not os.path.isdir(path):
            raise UsageError(u'there is no folder %s' % path)
        self._folder = None if path is None else StaticFiles(path, self._wall, listing=True)

    def forget(self):
        ControlledService.forget(self)
        self._rows.clear()
        del self._ordered[:], self._errors[:]

    # -- requests --------------------------------------------------------------------------------

    def _application(self, request):
        # type: (Any) -> Any
        line = request.method + b' ' + request.target
        if self.faults.ask(line) is not None:
            return Future()         # the connection ends, and this with it
        if not request.length:
            return self._answer(request, b'')
        return self._read(request)

    @coroutine
    def _read(self, request):
        # type: (Any) -> Any
        pieces = []                 # type: List[bytes]
        size = 0
        while True:
            piece = yield request.body.read()
            if not piece:
                break
            size += len(piece)
            if size > MAX_BODY:
                raise HTTPError(413, u'the body is larger than a test server keeps')
            pieces.append(piece)
        answer = yield as_future(self._answer(request, b''.join(pieces)))
        raise Return(answer)

    def _answer(self, request, body):
        # type: (Any, bytes) -> Any
        record = _record(request, body)
        expected = self._find(record)
        record['expected'] = expected is not None
        if expected is None and self.values['app'] is not None:
            self.keep(record)
            return self.values['app'](request)
        if expected is None and self._folder is not None and not self._ordered:
            self.keep(record)
            return self._folder(request)
        if expected is None:
            self.keep(record)
            return self._unexpected(record)
        expected.hits += 1
        self.keep(record)
        if self._due and not self.due():
            waiting, self._due = self._due, []
            for future in waiting:
                self._tell_due(future)
        if expected.handler is not None:
            return self._handle(expected, request, record)
        response = _response_of(expected, request)
        if not expected.delay:
            return response
        return sleep(self.loop, expected.delay).then(lambda _: response)

    @coroutine
    def _handle(self, expected, request, record):
        # type: (Expected, Any, Dict[str, Any]) -> Any
        """The response of a function, which runs on a thread and may take its time."""
        try:
            made = yield self.loop.run_in_thread(expected.handler, record)
            status, headers, body = made
            response = Response(status, headers, body)
        except FAILURES as exc:
            self._errors.append(u'%s %s: %s: %s' % (record['method'], record['path'],
                                                    type(exc).__name__, exc))
            response = Response(500, list(PLAIN), b'The function of this test failed\n')
        if expected.delay:
            yield sleep(self.loop, expected.delay)
        raise Return(response)

    def _find(self, record):
        # type: (Dict[str, Any]) -> Optional[Expected]
        if self._ordered:
            first = self._rows[self._ordered[0]]
            if not first.matches(record):
                return None
            if first.hits + 1 >= first.times:
                self._ordered.pop(0)
            return first
        rows = [self._rows[number] for number in sorted(self._rows)]
        counted = [row for row in rows if row.times is not None]
        others = [row for row in reversed(rows) if row.times is None]
        for row in counted + others:
            if row.matches(record):
                return row
        return None

    def _unexpected(self, record):
        # type: (Dict[str, Any]) -> Response
        text = u'No response was given for %s %s' % (record['method'], record['path'])
        status = 404
        if self._ordered:
            status = 500
            expected = self._rows[self._ordered[0]]
            method = b'any method' if expected.method is None else expected.method
            text += u'; the next request must be %s %s' % (
                method.decode('latin-1'), expected.path.decode('utf-8', 'replace'))
        return Response(status, list(PLAIN), text.encode('utf-8') + b'\n')


def _record(request, body):
    # type: (Any, bytes) -> Dict[str, Any]
    """The record that is kept of a request."""
    peer = request.peer
    return {'method': request.method.decode('latin-1'),
            'target': request.target.decode('latin-1'),
            'path': percent_decode(request.path, True).decode('utf-8', 'replace'),
            'query': request.query.decode('latin-1'),
            'headers': [[name.decode('latin-1'), value.decode('latin-1')]
                        for name, value in request.headers],
            'body': body, 'scheme': request.scheme.decode('ascii'),
            'client': [text_type(peer.host), peer.port] if peer is not None else None}


def _response_of(expected, request):
    # type: (Expected, Any) -> Response
    headers = MutableHeaders(expected.headers)
    body = expected.body            # type: Any
    if expected.cut is not None:
        if b'content-length' not in headers:
            headers.set(b'Content-Length', b'%d' % len(body))
        body = _Cut(request.transport, body[:expected.cut])
    return Response(expected.status, headers, body)


class _Cut(object):
    """A body that ends too early, and the connection with it."""

    def __init__(self, transport, data):
        # type: (Any, bytes) -> None
        self._transport = transport
        self._data = data

    def read(self, maximum):
        # type: (int) -> Future
        """A Future of the octets, and then one that is never done."""
        future = Future()
        data, self._data = self._data[:maximum], self._data[maximum:]
        if data:
            future.set_result(data)
        else:
            self._transport.close()
        return future


def make(given):
    # type: (Dict[str, Any]) -> HTTPExpectations
    """A stopped server with these options."""
    return HTTPExpectations(dict((native(name), value) for name, value in given.items()))
