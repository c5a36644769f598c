# Copyright the carryall authors.  See LICENSE.
"""QueryServer: one line, one answer, the end."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import Refused, RemoteProtocolError
from carryall.core.future import Future, failed, sleep
from carryall.core.line.queryserver import FAILED, TOO_LONG, QueryServer
from carryall.core.testing import FakeTransport, VirtualLoop, play


class Upper(QueryServer):
    """Answers a line in upper case; `later` after a second, `bad` with a refusal."""

    max_line = 20

    def __init__(self, loop):
        QueryServer.__init__(self, None, loop)
        self.loop = loop

    def ask(self, line, host):
        if line == b'bad':
            raise RemoteProtocolError(u'no', reply=u'refused')
        if line == b'later':
            return sleep(self.loop, 1.0).then(lambda _: u'LATER')
        if line == b'broken':
            raise ValueError('broken')
        return line.decode('ascii').upper()

    def encode(self, answer):
        return answer.encode('ascii')


def test_a_line_is_answered_and_the_connection_ends():
    assert play(Upper, b'one\r\n') == b'ONE'


def test_a_second_line_is_not_answered():
    assert play(Upper, b'one\ntwo\n') == b'ONE'


def test_a_refusal_is_the_answer():
    assert play(Upper, b'bad\n') == b'refused'


def test_a_failure_tells_nothing(expect_log):
    expect_log('a query could not be answered')
    assert play(Upper, b'broken\n') == FAILED.encode('ascii')


def answer_of(error):
    """The octets for a query whose Future fails so."""
    loop = VirtualLoop()
    server = Upper(loop)
    server.ask = lambda line, host: failed(error)
    wire = FakeTransport(loop).connect(server)
    wire.feed(b'x\n')
    loop.advance()
    return wire.take()


def test_a_late_failure_is_an_error_of_the_log(expect_log):
    records = expect_log('a query could not be answered')
    assert answer_of(ValueError('broken')) == FAILED.encode('ascii')
    assert [record.levelname for record in records] == ['ERROR']


def test_a_late_refusal_is_the_answer():
    assert answer_of(RemoteProtocolError(u'no', reply=u'refused')) == b'refused'


def test_a_machine_that_cannot_be_reached_is_no_error_of_the_log():
    assert answer_of(Refused(u'nothing listens')) == FAILED.encode('ascii')


def test_an_over_long_line_is_refused():
    assert play(Upper, b'x' * 30 + b'\n') == TOO_LONG.encode('ascii')


def test_a_client_may_end_its_side_and_wait():
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(Upper(loop))
    wire.feed(b'later\n')
    wire.feed_eof()
    loop.advance(2.0)
    assert wire.take() == b'LATER'


def test_a_lost_connection_cancels_the_question():
    loop = VirtualLoop()
    asked = Future()
    server = Upper(loop)
    server.ask = lambda line, host: asked
    wire = FakeTransport(loop).connect(server)
    wire.feed(b'x\n')
    wire.lose()
    loop.advance()
    assert asked.cancelled()


def test_a_client_that_asks_nothing_is_disconnected():
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(Upper(loop))
    loop.advance(33.0)
    assert wire.closed
