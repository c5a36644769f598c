# Copyright the carryall authors.  See LICENSE.
"""Law L21: a peer that sends everything at once is answered over many turns, in order, completely.

    class TestFloods(FloodTests):
        flood = Flood(make_server, request=b'NOOP\\r\\n', mark=b'250 ')

Not every protocol keeps two further laws.  SharedFloodTests: a server shares a turn with others of
its kind.  EndedFloodTests: it answers all that came before the end of the stream.
"""
from __future__ import absolute_import, division, print_function

from carryall.core.future import Future
from carryall.core.net.turns import MAX_STEPS, Turns
from carryall.core.testing import FakeTransport, VirtualLoop

__all__ = ['Flood', 'FloodTests', 'EndedFloodTests', 'SharedFloodTests']

COUNT = 700
TICK = 0.0001               # seconds that pass at each look at the clock


class Flood(object):
    """A server, and what a peer says to it.

    Args:     make:     called with a loop, returns the protocol of a server.
              request:  octets of one request, or a function of its number that returns them.
              mark:     octets that each answer has once.
              greeting: octets in front of the first request.
              count:    requests.
              queues:   an answered request may leave something that is queued.
    """

    def __init__(self, make, request, mark, greeting=b'', count=COUNT, queues=False):
        self.make = make
        self.mark = mark
        self.greeting = greeting
        self.count = count
        self.queues = queues
        self._request = request

    def request(self, number):
        """The octets of a request."""
        return self._request(number) if callable(self._request) else self._request

    def requests(self):
        """The octets of all requests."""
        return b''.join(self.request(number) for number in range(1, self.count + 1))

    def loop(self):
        """A loop whose clock moves at each look."""
        loop = VirtualLoop()
        now = [0.0]

        def tick():
            now[0] += TICK
            return now[0]

        loop.turns = Turns(tick, loop.call_soon, loop.report_failure)
        return loop

    def connect(self, loop):
        """The wire of another connection, after the greeting."""
        wire = FakeTransport(loop).connect(self.make(loop))
        loop.advance(1.0)
        wire.feed(self.greeting)
        loop.advance(1.0)
        wire.take()
        return wire

    def answers_by_turn(self, loop, wire):
        """How many answers came at once, and in each turn after that."""
        counts = [wire.take().count(self.mark)]
        for _ in range(10 * self.count):
            if sum(counts) >= self.count:
                break
            turn(loop)
            counts.append(wire.take().count(self.mark))
        return counts


def turn(loop):
    """Lets one turn of the loop pass."""
    done = Future()
    loop.call_soon(done.set_result, None)
    loop.run_until(done)


class FloodTests(object):
    """Tests for every server; a subclass sets ``flood``."""

    flood = None

    def connected(self):
        """(loop, wire) of one connection."""
        loop = self.flood.loop()
        return loop, self.flood.connect(loop)

    def test_a_flood_is_answered_over_many_turns(self):
        loop, wire = self.connected()
        wire.feed(self.flood.requests())
        counts = self.flood.answers_by_turn(loop, wire)
        assert sum(counts) == self.flood.count, 'all are answered'
        assert max(counts) <= MAX_STEPS
        assert len(counts) > self.flood.count // MAX_STEPS
        loop.advance(0.1)
        assert wire.reading
        assert not loop.failures

    def test_one_request_at_a_time_is_answered_at_once(self):
        loop, wire = self.connected()
        for number in range(1, 30):
            wire.feed(self.flood.request(number))
            assert wire.take().count(self.flood.mark) == 1
        assert not loop.queued or self.flood.queues

    def test_a_flood_that_breaks_off_leaves_nothing(self):
        loop, wire = self.connected()
        wire.feed(self.flood.requests())
        wire.lose()
        loop.advance(1.0)
        assert wire.lost
        assert not loop.failures
        assert not loop.turns._waiting


class SharedFloodTests(FloodTests):
    """Tests for servers whose connections share each turn."""

    def test_several_floods_share_each_turn(self):
        loop, wire = self.connected()
        wires = [wire] + [self.flood.connect(loop) for _ in range(4)]
        for each in wires:
            each.feed(self.flood.requests())
        first = [each.take().count(self.flood.mark) for each in wires]
        assert max(first) <= MAX_STEPS
        # On a busy machine the clock ends some turns before the first step.
        for _ in range(20 * self.flood.count):
            turn(loop)
            came = [each.take().count(self.flood.mark) for each in wires]
            assert sum(came) <= 2 * MAX_STEPS, 'however many wait'
            first = [before + now for before, now in zip(first, came)]
        assert first == [self.flood.count] * 5


class EndedFloodTests(FloodTests):
    """Tests for servers that answer all that came before the end of the stream."""

    def test_an_end_behind_a_flood_waits_for_the_answers(self):
        loop, wire = self.connected()
        wire.feed(self.flood.requests())
        wire.feed_eof()
        counts = self.flood.answers_by_turn(loop, wire)
        assert sum(counts) == self.flood.count
        loop.advance(10.0)
        assert wire.ended
