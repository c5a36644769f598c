# Copyright the carryall authors.  See LICENSE.
"""The gateway to a FastCGI application: with our own server, and with answers as others give."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.cgi import CGIError
from carryall.protocols.fastcgi import FastCGIServer, RecordReader, connect, format_record
from carryall.protocols.fastcgi import wire
from carryall.protocols.fastcgi.client import FastCGIClient
from carryall.protocols.http import Body, Headers, Response

VARIABLES = [(b'REQUEST_METHOD', b'POST'), (b'REQUEST_URI', b'/x'), (b'CONTENT_LENGTH', b'10')]
DATA = bytes(bytearray(range(256))) * 2000


def body_of(*pieces):
    """A Body that has come."""
    made = Body()
    for piece in pieces:
        made.feed(piece)
    made.end(Headers())
    return made


def test_client_and_server_understand_each_other():
    loop = VirtualLoop()
    listener = loop.listen_tcp(
        lambda: FastCGIServer(lambda request: Response(200, body=request.body), loop),
        '127.0.0.1', 0)
    client = loop.run_until(connect(loop, '127.0.0.1', listener.address.port))
    for _ in range(2):
        pairs = VARIABLES[:2] + [(b'CONTENT_LENGTH', b'%d' % len(DATA))]
        response = loop.run_until(client.request(pairs, body_of(DATA[:1000], DATA[1000:])))
        assert response.status == 200
        found = b''
        while True:
            piece = loop.run_until(response.body.read())
            if not piece:
                break
            found += piece
        assert found == DATA
    client.close()


class Wire(object):
    """A FastCGIClient, and what it is told."""

    def __init__(self):
        self.loop = VirtualLoop()
        self.transport = FakeTransport(self.loop)
        self.said = []
        self.client = FastCGIClient(self.loop, complain=self.said.append)
        self.transport.connect(self.client)
        self.response = self.client.request(VARIABLES[:2])
        self.asked = list(RecordReader().receive_data(self.transport.take()))

    def tell(self, *records):
        """Gives records of request 1 to the client."""
        self.transport.feed(b''.join(format_record(kind, 1, content) for kind, content in records))
        self.loop.advance(0.1)


HEAD = (wire.STDOUT, b'Content-Type: a/b\n\nhello')
END = (wire.END_REQUEST, wire.end_body())


def test_a_request_is_one_with_its_streams():
    kinds = [kind for kind, _, _ in Wire().asked]
    assert kinds == [wire.BEGIN_REQUEST, wire.PARAMS, wire.PARAMS, wire.STDIN]


def test_an_answer_becomes_a_response():
    wired = Wire()
    wired.tell(HEAD, (wire.STDOUT, b''), END)
    response = wired.response.result()
    assert response.body == b'hello'
    assert not wired.transport.closed


def test_messages_go_to_the_log():
    wired = Wire()
    wired.tell((wire.STDERR, b'Primary script unknown'), HEAD, END)
    assert wired.said == [b'Primary script unknown']


@pytest.mark.parametrize('status, code', [
    (wire.OVERLOADED, 503), (wire.CANT_MPX_CONN, 503), (wire.UNKNOWN_ROLE, 502), (9, 502)])
def test_a_refusal_has_its_status(status, code):
    wired = Wire()
    wired.tell((wire.END_REQUEST, wire.end_body(0, status)))
    assert wired.response.exception().code == code


@pytest.mark.parametrize('records', [
    [(wire.STDOUT, b'nonsense\n\n')], [(wire.BEGIN_REQUEST, b'')], [END],
    [(wire.END_REQUEST, b'short')]], ids=['header', 'record', 'empty', 'end'])
def test_a_malformed_answer_is_a_bad_gateway(records):
    wired = Wire()
    wired.tell(*records)
    assert wired.response.exception().code == 502


def test_an_answer_to_another_request_is_refused():
    wired = Wire()
    wired.transport.feed(format_record(wire.STDOUT, 2, b'x'))
    wired.loop.advance(0.1)
    assert isinstance(wired.response.exception(), CGIError)


def test_an_application_that_goes_leaves_the_answer_incomplete():
    wired = Wire()
    wired.tell(HEAD)
    body = wired.response.result().body
    assert body.read(100).result() == b'hello'
    wired.transport.abort()
    wired.loop.advance(0.1)
    assert body.read(100).exception().code == 502


def test_a_client_that_goes_ends_the_connection():
    wired = Wire()
    wired.response.cancel()
    assert wired.transport.closed


def test_octets_that_were_not_asked_for_end_the_connection():
    wired = Wire()
    wired.tell(HEAD, END)
    wired.tell(HEAD)
    assert wired.transport.closed


def test_an_answer_before_the_end_of_the_body_ends_the_connection():
    """The rest of the body would be taken for another request."""
    loop = VirtualLoop()
    transport = FakeTransport(loop)
    client = FastCGIClient(loop)
    transport.connect(client)
    response = client.request(VARIABLES, Body(lambda: None))
    transport.feed(format_record(wire.STDOUT, 1, HEAD[1]) + format_record(wire.END_REQUEST, 1,
                                                                          END[1]))
    loop.advance(0.1)
    assert response.result().body == b'hello'
    assert transport.closed
