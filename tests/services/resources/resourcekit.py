# Copyright the carryall authors.  See LICENSE.
"""Shared parts of the tests of resources: requests without a connection."""
from __future__ import absolute_import, division, print_function

from carryall.core.future import Future, as_future
from carryall.core.testing import FakeTransport
from carryall.protocols.http import Headers, Request
from carryall.protocols.http.message import Section


def request(target=b'/', method=b'GET', body=b'', fields=()):
    """A Request whose body has come."""
    fields = [(b'Host', b'h')] + list(fields)
    found = Request(method, target, Section((1, 1), Headers(fields), length=len(body)))
    found.transport = FakeTransport()
    found.incoming = None
    found.waiter = None
    if body:
        found.body.ended = False
        found.body.feed(body)
        found.body.ended = True
    return found


def result(answer):
    """The Response of an application that has one by now."""
    assert not isinstance(answer, Future) or answer.done()
    return as_future(answer).result()


def ask(app, target=b'/', method=b'GET', body=b'', fields=()):
    """The Response of *app* to a request."""
    return result(app(request(target, method, body, fields)))
