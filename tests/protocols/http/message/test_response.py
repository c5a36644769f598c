# Copyright the carryall authors.  See LICENSE.
"""carryall.protocols.http.message.response."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols.http import MutableHeaders, Response, method_not_allowed, plain_response


def test_headers_are_taken_in_three_forms():
    """Pairs, a mapping, or none yet; headers that are given are used as they are."""
    assert Response(200, [(b'A', b'1'), ('B', u'2')]).headers.lines() == b'A: 1\r\nB: 2\r\n'
    assert Response(200, {b'A': b'1'}).headers.lines() == b'A: 1\r\n'
    shared = MutableHeaders([(b'A', b'1')])
    assert Response(200, shared).headers is shared
    response = Response()
    response.headers.add(b'A', b'1')
    assert response.headers.lines() == b'A: 1\r\n'
    assert response.status == 200
    assert response.body == b''


def test_mistakes_are_told_where_they_are_made():
    """Not when the response is sent."""
    for status in (0, 100, 199, 600, '200', None, 200.0):
        with pytest.raises(LocalProtocolError):
            Response(status)
    for pair in ((b'A', b'1\r\nB: 2'), (b'A\r\nB', b'1'), (b'A ', b'1')):
        with pytest.raises(LocalProtocolError):
            Response(200, [pair])
    for body in (u'text', bytearray(b'x')):
        with pytest.raises(TypeError):
            Response(200, body=body)


def test_ready_responses_have_their_status():
    """Responses that the server makes itself, and that applications may use too."""
    assert plain_response(404).body == b'404 Not Found\n'
    assert plain_response(299).body == b'299 \n'
    response = method_not_allowed((b'GET', b'HEAD'))
    assert (response.status, response.headers.get(b'allow')) == (405, b'GET, HEAD')
