# Copyright the carryall authors.  See LICENSE.
"""An application behind another web server, by FastCGI."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.future import Future
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.fastcgi import (FastCGIServer, RecordReader, Settings, format_pairs,
                                        format_record, parse_pairs)
from carryall.protocols.fastcgi import wire
from carryall.protocols.http import Response

VARIABLES = [(b'REQUEST_METHOD', b'GET'), (b'REQUEST_URI', b'/x?y'), (b'HTTP_HOST', b'h')]


def hello(request):
    """An application."""
    return Response(200, body=request.method + b' ' + request.target)


def echo(request):
    """An application that gives the body back."""
    return request.body.read_all(1 << 20).then(lambda data: Response(200, body=data))


class Wire(object):
    """A connection to a FastCGIServer."""

    def __init__(self, app=hello, **settings):
        self.loop = VirtualLoop()
        self.transport = FakeTransport(self.loop)
        self.server = FastCGIServer(app, self.loop, Settings(**settings))
        self.transport.connect(self.server)
        self._reader = RecordReader()

    def say(self, data):
        """Gives octets to the server."""
        self.transport.feed(data)
        self.loop.advance(0.1)

    def heard(self):
        """The records that it has sent since."""
        return list(self._reader.receive_data(self.transport.take()))


def begin(number=1, role=wire.RESPONDER, flags=wire.KEEP_CONN):
    """BEGIN_REQUEST."""
    return format_record(wire.BEGIN_REQUEST, number, wire.begin_body(role, flags))


def params(pairs=(), number=1):
    """The variables of a request."""
    return (format_record(wire.PARAMS, number, format_pairs(VARIABLES + list(pairs)))
            + format_record(wire.PARAMS, number))


def answer(records, number=1):
    """(octets of the answer, content of END_REQUEST or None)."""
    out = b''.join(content for kind, whose, content in records
                   if (kind, whose) == (wire.STDOUT, number))
    ends = [content for kind, whose, content in records
            if (kind, whose) == (wire.END_REQUEST, number)]
    return out, ends[0] if ends else None


EMPTY_BODY = format_record(wire.STDIN, 1)


def test_a_request_is_answered_and_the_connection_kept():
    wired = Wire()
    for _ in range(3):
        wired.say(begin() + params() + EMPTY_BODY)
        out, end = answer(wired.heard())
        assert out == b'Status: 200 OK\r\nContent-Length: 8\r\n\r\nGET /x?y'
        assert wire.parse_end(end) == (0, wire.REQUEST_COMPLETE)
    assert not wired.transport.closed


def test_a_connection_that_is_not_to_be_kept_is_closed():
    wired = Wire()
    wired.say(begin(flags=0) + params() + EMPTY_BODY)
    assert answer(wired.heard())[1] is not None
    assert wired.transport.closed


def test_a_dialogue_gives_the_same_octet_by_octet():
    wired = Wire(echo)
    for octet in bytearray(begin() + params([(b'CONTENT_LENGTH', b'5')])
                           + format_record(wire.STDIN, 1, b'hello') + EMPTY_BODY):
        wired.say(bytes(bytearray((octet,))))
    assert answer(wired.heard())[0].endswith(b'\r\n\r\nhello')


def test_requests_of_one_connection_are_answered_side_by_side():
    waiting = {}

    def app(request):
        """Waits for the test."""
        waiting[request.query] = Future()
        return waiting[request.query]

    wired = Wire(app)
    wired.say(begin(1) + params([(b'REQUEST_URI', b'/?1')], 1)
              + begin(2) + params([(b'REQUEST_URI', b'/?2')], 2))
    waiting[b'2'].set_result(Response(200, body=b'two'))
    records = wired.heard()
    assert answer(records, 2)[0].endswith(b'two')
    assert answer(records, 1) == (b'', None)
    waiting[b'1'].set_result(Response(200, body=b'one'))
    assert answer(wired.heard(), 1)[0].endswith(b'one')


@pytest.mark.parametrize('role', [2, 3, 9])
def test_another_role_is_unknown(role):
    """FastCGI section 5.5."""
    wired = Wire()
    wired.say(begin(role=role))
    assert wire.parse_end(answer(wired.heard())[1])[1] == wire.UNKNOWN_ROLE


def test_too_many_requests_are_too_much():
    wired = Wire(lambda request: Future(), max_requests=1)
    wired.say(begin(1) + params(number=1) + begin(2))
    assert wire.parse_end(answer(wired.heard(), 2)[1])[1] == wire.OVERLOADED


def test_an_aborted_request_ends():
    later = Future()
    wired = Wire(lambda request: later)
    wired.say(begin() + params() + format_record(wire.ABORT_REQUEST, 1))
    assert later.cancelled()
    assert answer(wired.heard())[1] is not None


def test_the_values_are_told():
    """FastCGI section 4.1."""
    wired = Wire()
    wired.say(format_record(wire.GET_VALUES, 0, format_pairs([(b'FCGI_MPXS_CONNS', b''),
                                                              (b'UNKNOWN', b'')])))
    kind, number, content = wired.heard()[0]
    assert (kind, number) == (wire.GET_VALUES_RESULT, 0)
    assert parse_pairs(content) == [(b'FCGI_MPXS_CONNS', b'1')]


def test_an_unknown_record_is_told():
    """FastCGI section 4.2."""
    wired = Wire()
    wired.say(format_record(77, 0))
    assert wired.heard() == [(wire.UNKNOWN_TYPE, 0, b'\x4d' + b'\0' * 7)]


def test_records_of_an_ended_request_are_dropped():
    wired = Wire()
    wired.say(format_record(wire.STDIN, 5, b'x') + begin() + params() + EMPTY_BODY)
    assert answer(wired.heard())[1] is not None


@pytest.mark.parametrize('data', [
    b'\x02' + b'\0' * 7, begin() + begin(), begin() + params() + params(),
    begin() + format_record(wire.STDIN, 1, b'x'), format_record(wire.BEGIN_REQUEST, 1, b'short'),
    begin() + format_record(wire.PARAMS, 1, b'\x05\x05a') + format_record(wire.PARAMS, 1)],
    ids=['version', 'twice', 'params', 'body', 'begin', 'pairs'])
def test_a_peer_that_breaks_the_rules_is_cut_off(data):
    wired = Wire(lambda request: Future())
    wired.say(data)
    assert wired.transport.closed


def test_a_body_without_a_length_ends_with_its_stream():
    wired = Wire(echo)
    wired.say(begin() + params([(b'HTTP_TRANSFER_ENCODING', b'chunked')])
              + format_record(wire.STDIN, 1, b'hello') + EMPTY_BODY)
    assert answer(wired.heard())[0].endswith(b'\r\n\r\nhello')


def test_a_body_that_ends_early_ends_the_request():
    later = Future()
    wired = Wire(lambda request: later)
    wired.say(begin() + params([(b'CONTENT_LENGTH', b'5')]) + format_record(wire.STDIN, 1, b'he')
              + EMPTY_BODY)
    assert later.cancelled()
    assert answer(wired.heard())[1] is not None


def test_a_body_beyond_its_length_is_cut_off():
    wired = Wire(lambda request: Future())
    wired.say(begin() + params([(b'CONTENT_LENGTH', b'2')]) + format_record(wire.STDIN, 1, b'abc'))
    assert wired.transport.closed


@pytest.mark.parametrize('more, cut', [(0, False), (1, True)])
def test_variables_have_a_limit(more, cut):
    wired = Wire(params_bytes=1000)
    wired.say(begin() + format_record(wire.PARAMS, 1, b'x' * (1000 + more)))
    assert wired.transport.closed is cut


def test_a_body_that_is_not_read_pauses_the_connection():
    wired = Wire(lambda request: Future(), body_buffer_bytes=100)
    wired.say(begin() + params([(b'CONTENT_LENGTH', b'1000')])
              + format_record(wire.STDIN, 1, b'x' * 99))
    assert wired.transport.is_reading()
    wired.say(format_record(wire.STDIN, 1, b'x'))
    assert not wired.transport.is_reading()


def test_a_connection_without_a_request_is_closed():
    wired = Wire(idle_seconds=10.0)
    wired.loop.advance(12.0)
    assert wired.transport.closed


def test_variables_that_do_not_come_are_not_waited_for():
    wired = Wire(params_seconds=5.0)
    wired.say(begin())
    wired.loop.advance(7.0)
    assert wired.transport.closed


def test_an_application_may_take_its_time():
    wired = Wire(lambda request: Future())
    wired.say(begin() + params())
    wired.loop.advance(1000.0)
    assert not wired.transport.closed


def test_a_server_that_goes_cancels_the_application():
    later = Future()
    wired = Wire(lambda request: later)
    wired.say(begin() + params())
    wired.transport.abort()
    wired.loop.advance(0.1)
    assert later.cancelled()


def test_a_drain_ends_what_is_under_way_first():
    later = Future()
    wired = Wire(lambda request: later)
    wired.say(begin() + params())
    wired.server.drain()
    assert not wired.transport.closed
    later.set_result(Response(200, body=b'last'))
    wired.loop.advance(0.1)
    assert wired.transport.closed


def test_an_answer_that_breaks_is_not_complete(expect_log):
    expect_log('the application failed')

    def pieces():
        """Fails behind the first piece."""
        yield b'begun'
        raise ZeroDivisionError('no')

    wired = Wire(lambda request: Response(200, body=pieces()))
    wired.say(begin() + params())
    assert answer(wired.heard())[1] is None
    assert wired.transport.closed
