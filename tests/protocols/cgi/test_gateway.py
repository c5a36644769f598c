# Copyright the carryall authors.  See LICENSE.
"""The response that is made of a program's output: as it comes, bounded in memory and time."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectionLost
from carryall.core.future import Return, coroutine
from carryall.core.testing import VirtualLoop
from carryall.protocols.cgi import CGIError, ProgramAnswer, Redirect, Settings

HEAD = b'Content-Type: text/plain\n\n'


class Program(object):
    """A program, as a ProgramAnswer sees it."""

    def __init__(self, method=b'GET', hold_seconds=0, **settings):
        self.loop = VirtualLoop()
        self.calls = []
        chosen = Settings(hold_seconds=hold_seconds, **settings)
        self.answer = ProgramAnswer(
            self.loop, chosen, method, lambda: self.calls.append('pause'),
            lambda: self.calls.append('resume'), self.stop)

    def stop(self, reason):
        """Keeps the reason."""
        self.calls.append(reason)

    def reason(self):
        """The last reason to stop."""
        return self.calls[-1]


def test_the_response_is_there_with_the_header():
    program = Program()
    program.answer.feed(HEAD[:-1])
    assert not program.answer.response.done()
    program.answer.feed(b'\nhello')
    response = program.answer.response.result()
    assert response.status == 200
    assert response.headers.get(b'content-type') == b'text/plain'
    assert response.body.read(100).result() == b'hello'


def test_a_short_answer_is_sent_whole():
    program = Program(hold_seconds=0.01)
    program.answer.feed(HEAD + b'hello')
    assert not program.answer.response.done()
    program.answer.feed(b' world')
    program.answer.end()
    assert program.answer.response.result().body == b'hello world'


@pytest.mark.parametrize('more', [b'', b'x' * 16384], ids=['slow', 'long'])
def test_an_answer_that_goes_on_is_sent_as_it_comes(more):
    program = Program(hold_seconds=0.01)
    program.answer.feed(HEAD + b'hello')
    if more:
        program.answer.feed(more)
    else:
        program.loop.advance(0.1)
    body = program.answer.response.result().body
    program.answer.feed(b'!')
    program.answer.end()
    assert program.loop.run_until(_whole(body)) == b'hello' + more + b'!'


@coroutine
def _whole(body):
    found = b''
    while True:
        piece = yield body.read(100)
        if not piece:
            raise Return(found)
        found += piece


def test_a_short_answer_of_another_length_is_an_error():
    program = Program(hold_seconds=0.01)
    program.answer.feed(b'Status: 200\nContent-Length: 7\n\nhello')
    program.answer.end()
    assert program.answer.response.exception().code == 502
    assert program.answer.failure is not None


def test_a_failure_while_the_answer_is_held_has_its_status():
    program = Program(hold_seconds=0.01)
    program.answer.feed(HEAD + b'hello')
    program.answer.fail(CGIError(u'no', reply=504))
    assert program.answer.response.exception().code == 504


def test_a_client_that_goes_while_the_answer_is_held_stops_the_program():
    program = Program(hold_seconds=0.01)
    program.answer.feed(HEAD + b'hello')
    program.answer.response.cancel()
    assert isinstance(program.reason(), ConnectionLost)


def test_the_body_ends_with_the_output():
    program = Program()
    program.answer.feed(HEAD)
    body = program.answer.response.result().body
    read = body.read(100)
    assert not read.done()
    program.answer.end()
    assert read.result() == b''
    assert program.calls == []


def test_a_client_that_does_not_read_pauses_the_program():
    program = Program(buffer_bytes=10)
    program.answer.feed(HEAD + b'x' * 9)
    assert program.calls == []
    program.answer.feed(b'x')
    assert program.calls == ['pause']
    body = program.answer.response.result().body
    assert body.read(100).result() == b'x' * 10
    assert program.calls == ['pause', 'resume']


def test_an_output_without_a_header_is_an_error():
    program = Program()
    program.answer.end()
    error = program.answer.response.exception()
    assert isinstance(error, CGIError)
    assert error.code == 502


def test_a_malformed_header_stops_the_program():
    program = Program()
    program.answer.feed(b'nonsense\n\n')
    assert program.answer.response.exception() is program.reason()
    assert program.answer.failure is program.reason()


def test_a_local_redirect_lets_the_program_end():
    program = Program()
    program.answer.feed(b'Location: /x\n\nignored')
    redirect = program.answer.response.result()
    assert isinstance(redirect, Redirect)
    assert redirect.location == b'/x'
    assert program.calls == [None]


@pytest.mark.parametrize('method, header', [
    (b'HEAD', HEAD), (b'GET', b'Status: 204\nContent-Length: 3\n\n'),
    (b'GET', b'Status: 304\n\n')])
def test_a_response_without_a_body_leaves_the_program_alone(method, header):
    program = Program(method)
    program.answer.feed(header + b'dropped')
    assert program.answer.response.result().body == b''
    program.answer.feed(b'x' * 1000000)
    program.answer.end()
    assert program.calls == []


def test_a_204_has_no_length():
    program = Program()
    program.answer.feed(b'Status: 204\nContent-Length: 3\n\n')
    assert b'content-length' not in program.answer.response.result().headers


def test_a_client_that_goes_before_the_header_stops_the_program():
    program = Program()
    program.answer.response.cancel()
    assert isinstance(program.reason(), ConnectionLost)


def test_a_client_that_goes_in_the_body_stops_the_program():
    program = Program()
    program.answer.feed(HEAD)
    program.answer.response.result().body.close()
    assert isinstance(program.reason(), ConnectionLost)


def test_a_body_that_ended_stops_nothing():
    program = Program()
    program.answer.feed(HEAD)
    program.answer.end()
    program.answer.response.result().body.close()
    assert program.calls == []


@pytest.mark.parametrize('size, stopped', [(100, False), (101, True)])
def test_an_output_has_a_limit(size, stopped):
    program = Program(output_bytes=100)
    program.answer.feed(HEAD)
    program.answer.feed(b'x' * (size - len(HEAD)))
    assert (program.calls != []) is stopped


def test_a_header_that_does_not_come_is_a_timeout():
    program = Program(head_seconds=10.0)
    program.loop.advance(9.0)
    assert program.calls == []
    program.loop.advance(3.0)
    assert program.answer.response.exception().code == 504


def test_input_gives_the_header_its_time_again():
    program = Program(head_seconds=10.0)
    program.loop.advance(9.0)
    program.answer.progress()
    program.loop.advance(8.0)
    assert program.calls == []


def test_a_silent_program_is_stopped():
    program = Program(idle_seconds=10.0)
    program.answer.feed(HEAD)
    read = program.answer.response.result().body.read(10)
    program.loop.advance(12.0)
    assert read.exception().code == 504


def test_a_slow_client_is_not_the_silence_of_the_program():
    program = Program(idle_seconds=10.0, buffer_bytes=10)
    program.answer.feed(HEAD + b'x' * 10)
    program.loop.advance(100.0)
    assert program.calls == ['pause']


def test_a_program_has_a_limit_on_its_whole_time():
    program = Program(wall_seconds=20.0, idle_seconds=10.0)
    program.answer.feed(HEAD)
    for _ in range(5):
        program.loop.advance(5.0)
        program.answer.feed(b'.')
    assert program.reason().code == 504


def test_nothing_is_watched_after_the_end():
    program = Program()
    program.answer.feed(HEAD)
    program.answer.end()
    program.loop.advance(10000.0)
    assert program.calls == []
