# Copyright the carryall authors.  See LICENSE.
"""Copies: pieces are taken when there is room for them, and octets are read when they are taken."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.database import ConnectionGone, InterfaceError
from carryall.core.future import Future, failed
from carryall.core.testing.fakeloop import VirtualLoop
from carryall.core.testing.fakewire import FakeTransport
from carryall.protocols.postgresql import PostgreSQLClient
from carryall.protocols.postgresql.wire import message
from tests.protocols.postgresql.servermessages import LOGGED_IN, ONE, READY, error, tag

COPY_IN = message(b'G', b'\0\0\0')
COPY_OUT = message(b'H', b'\0\0\0')
COPY_OUT_BINARY = message(b'H', b'\x01\0\0')
DONE = message(b'c', b'')
END = DONE + tag(b'COPY 2') + READY
LINE = b'x' * 70000


class Bench(object):
    """A client whose server is the test."""

    def __init__(self):
        self.loop = VirtualLoop()
        self.wire = FakeTransport(self.loop)
        self.client = PostgreSQLClient(self.loop, u'anna', b'secret', u'app')
        self.wire.connect(self.client)
        self.loop.advance()
        self.client.start()
        self.say(LOGGED_IN)
        self.wire.take()
        self.taken = 0

    def say(self, *parts):
        """The server says *parts*."""
        self.wire.feed(b''.join(parts))
        self.loop.advance()

    def pieces(self, count):
        """Pieces that are counted when they are taken."""
        for _ in range(count):
            self.taken += 1
            yield LINE

    def copy_in(self, pieces):
        """A copy for which the server has asked; its Future."""
        asked = self.client.copy_in(u'COPY t FROM STDIN', pieces)
        self.wire.take()
        self.say(COPY_IN)
        return asked


def test_no_piece_is_taken_while_the_transport_is_full():
    bench = Bench()
    bench.client.pause_writing()
    bench.copy_in(bench.pieces(100))
    assert bench.taken == 0


def test_pieces_are_taken_when_there_is_room_again():
    bench = Bench()
    bench.client.pause_writing()
    bench.copy_in(bench.pieces(3))
    bench.client.resume_writing()
    assert bench.wire.take() == message(b'd', LINE) * 3 + DONE


def test_a_copy_stops_when_the_transport_becomes_full():
    bench = Bench()
    write = bench.wire.write

    def full(data):
        """The transport is full with each write."""
        write(data)
        bench.client.pause_writing()

    bench.client.copy_in(u'COPY t FROM STDIN', bench.pieces(100))
    bench.wire.write = full
    bench.say(COPY_IN)
    assert bench.taken == 1


def test_a_copy_waits_for_a_piece():
    bench = Bench()
    later = Future()
    bench.copy_in([b'a\n', later, b'c\n'])
    early = bench.wire.take()
    later.set_result(b'b\n')
    assert (early, bench.wire.take()) == (
        message(b'd', b'a\n'), message(b'd', b'b\n') + message(b'd', b'c\n') + DONE)


def test_a_piece_that_fails_gives_the_copy_up():
    bench = Bench()
    later = Future()
    asked = bench.copy_in([later])
    later.set_exception(KeyError('no'))
    assert bench.wire.take()[:1] == b'f'
    bench.say(error(b'57014'), READY)
    assert isinstance(asked.exception(), KeyError)


@pytest.mark.parametrize('pieces', [[u'text'], 5, [failed(KeyError('no'))], [None]])
def test_pieces_that_are_none_give_the_copy_up(pieces):
    bench = Bench()
    asked = bench.copy_in(pieces)
    said = bench.wire.take()[:1]
    bench.say(error(b'57014'), READY)
    assert (said, isinstance(asked.exception(), (TypeError, InterfaceError, KeyError))) == (
        b'f', True)


def test_a_piece_that_comes_after_a_refusal_is_not_sent():
    bench = Bench()
    later = Future()
    asked = bench.copy_in([later])
    bench.say(error(b'22P02'), READY)
    later.set_result(b'a\n')
    assert (asked.exception().sqlstate, bench.wire.take()) == ('22P02', b'')


def test_a_copy_that_is_refused_takes_no_more_pieces():
    bench = Bench()
    bench.client.pause_writing()
    asked = bench.copy_in(bench.pieces(5))
    bench.say(error(b'22P02'), READY)
    bench.client.resume_writing()
    assert (bench.taken, asked.exception().sqlstate) == (0, '22P02')


def test_a_copy_ends_with_its_connection():
    bench = Bench()
    later = Future()
    asked = bench.copy_in([later])
    bench.wire.lose()
    bench.loop.advance()
    later.set_result(b'a\n')
    assert isinstance(asked.exception(), ConnectionGone)


def test_a_second_request_for_data_ends_the_connection():
    bench = Bench()
    bench.copy_in([Future()])
    bench.say(COPY_IN)
    assert bench.client.gone


def test_octets_come_together():
    bench = Bench()
    pieces = []
    asked = bench.client.copy_out(u'COPY t TO STDOUT', pieces.append)
    bench.say(COPY_OUT, message(b'd', b'a\n'), message(b'd', b'b\n'), END)
    assert (pieces, asked.result().count) == ([b'a\nb\n'], 2)


def test_octets_in_binary_are_cut_by_their_lengths():
    bench = Bench()
    pieces = []
    bench.client.copy_out(u'COPY t TO STDOUT (FORMAT binary)', pieces.append)
    bench.say(COPY_OUT_BINARY, message(b'd', b'a\nd\0\0\0\x09b'), message(b'd', b''), END)
    assert pieces == [b'a\nd\0\0\0\x09b']


def test_no_more_is_read_before_the_octets_are_taken():
    bench = Bench()
    takings = []

    def sink(octets):
        """Takes octets later."""
        takings.append(Future())
        return takings[-1]

    asked = bench.client.copy_out(u'COPY t TO STDOUT', sink)
    bench.say(COPY_OUT, message(b'd', b'a\n'))
    paused = not bench.wire.is_reading()
    takings[0].set_result(None)
    bench.loop.advance()
    assert (paused, bench.wire.is_reading()) == (True, True)
    bench.say(message(b'd', b'b\n'), END)
    early = asked.done()
    takings[1].set_result(None)
    bench.loop.advance()
    assert (early, asked.result().count) == (False, 2)


def test_a_sink_that_fails_later_is_told_at_the_end():
    bench = Bench()
    taking = Future()
    asked = bench.client.copy_out(u'COPY t TO STDOUT', lambda _: taking)
    behind = bench.client.query(u'A')
    bench.say(COPY_OUT, message(b'd', b'a\n'), END, ONE)
    taking.set_exception(KeyError('no'))
    bench.loop.advance()
    assert (type(asked.exception()), behind.result()) == (KeyError, [(5,)])


def test_octets_that_were_not_asked_for_end_the_connection():
    bench = Bench()
    asked = bench.client.query(u'A')
    bench.say(message(b'd', b'a\n'))
    assert isinstance(asked.exception(), ConnectionGone)
