# Copyright the carryall authors.  See LICENSE.
"""A hostile personal server behind a front end of ours,
and a hostile front end before a personal server of ours."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.compat import int2byte
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols import pb
from carryall.protocols.http import Response, Site
from carryall.protocols.pb.banana import PB, encode
from carryall.services.distrib.publisher import Publisher
from carryall.services.distrib.state import REQUEST_TAG
from carryall.services.distrib.subscription import Subscription
from tests.protocols.pb.stage import CHOICE, HELLO, VERSION
from tests.services.distrib.stage import parts
from tests.services.distrib.test_exchange import Foreign
from tests.services.distrib.test_publisher import state


def call(number, luid, name, *args):
    return encode([b'message', number, luid, name, 1, [b'tuple'] + list(args), [b'dictionary']], PB)


RESPONSE = (call(1, 1, b'setResponseCode', 203, b'x') + call(2, 1, b'setHeader', b'x-a', b'1')
            + call(3, 1, b'registerProducer', [b'remote', 5], 1)
            + call(4, 1, b'write', b'some') + call(5, 1, b'unregisterProducer')
            + call(6, 1, b'finish') + encode([b'answer', 1, 1], PB) + encode([b'decref', 1], PB))


class Front(object):
    """A front end, a client's connection, and octets in place of the personal server."""

    def __init__(self, said, lost=True):
        self.loop = VirtualLoop()
        options = dict((key, value) for key, value in Subscription.options().items()
                       if key != 'timeout')
        self.broker = pb.Broker(self.loop, client=True, **options)
        self.behind = FakeTransport(self.loop).connect(self.broker)
        self.subscription = Subscription(self.loop, [lambda: self.broker.ready])
        site = Site(lambda request: self.subscription(request, 1), self.loop)
        self.wire = FakeTransport(self.loop).connect(site())
        self.wire.feed(b'GET /anna.twistd/ HTTP/1.1\r\nHost: h\r\n\r\n')
        self.behind.feed(said)
        if lost and not self.behind.closed:
            self.behind.lose()
        self.loop.advance(61.0)         # the time that it has to begin its answer
        assert not self.loop.failures, '%r escaped' % (self.loop.failures[0],)

    def left(self):
        """The remains of a request: nothing under way, nothing kept."""
        return self.subscription.under_way, sum(self.broker.live()) if self.broker.lost else 0


WHOLE = HELLO + VERSION + RESPONSE


def test_a_response_cut_at_any_byte_ends():
    """The client has the response, or a status, or a connection that ends;
    never a wait without an end."""
    seen = set()
    for end in range(len(WHOLE) + 1):
        front = Front(WHOLE[:end])
        said = front.wire.take()
        status = parts(said)[0] if said else 0
        seen.add(status)
        assert said or front.wire.closed, 'after %d bytes the client waits' % end
        assert front.left() == (0, 0), 'after %d bytes: %r' % (end, front.left())
    assert seen <= set([203, 502, 503]) and 502 in seen, 'the statuses: %r' % (seen,)


def test_each_byte_changed():
    dice = random.Random(20020707)
    for at in range(len(WHOLE)):
        value = dice.choice((0, 1, 0x7f, 0x80, 0x82, 0x87, 0xff))
        front = Front(WHOLE[:at] + int2byte(value) + WHOLE[at + 1:], lost=False)
        front.behind.lose() if not front.behind.closed else None
        front.loop.advance(61.0)
        assert front.left() == (0, 0) and not front.loop.failures, \
            '%d at %d: %r' % (value, at, front.left())


@pytest.mark.parametrize('said', [
    call(1, 1, b'write', b'x') * 3 + call(2, 1, b'finish') * 3,
    call(1, 1, b'finish') + call(1, 1, b'setHeader', b'a', b'b'),
    call(1, 1, b'registerProducer', [b'remote', 1], 1) * 3 + call(2, 1, b'finish'),
    encode([b'decref', 1], PB) * 5,
    call(1, b'root', b'finish'), call(1, 2, b'finish'), call(1, 1, b'released_by_peer'),
    call(1, 1, b'abandon'), call(1, 1, b'stop'),
    encode([b'answer', 1, [b'remote', 1]], PB), encode([b'answer', 1, [b'os.system', b'x']], PB),
    encode([b'error', 1, 5], PB)], ids=[str(number) for number in range(12)])
def test_calls_that_it_should_not_make(said):
    front = Front(HELLO + VERSION + said)
    assert front.wire.take() or front.wire.closed, 'the client waits'
    assert front.left() == (0, 0), 'left: %r' % (front.left(),)


def test_header_fields_without_end():
    foreign = Foreign()
    foreign.answer(foreign.request(), 1)
    for number in range(1000):
        foreign.say(b'appendHeader', b'x-%d' % number, b'y' * 100)
    foreign.say(b'finish')
    head = parts(foreign.wire.take())[1]
    assert head.count(b'\r\n') < 210, '%d fields went out' % head.count(b'\r\n')


def test_a_body_that_the_client_does_not_take():
    """Waiting data of one client is bounded by the amount that holds up its server; beyond it the
    client is disconnected."""
    foreign = Foreign()
    foreign.answer(foreign.request(), 1)
    foreign.wire.clog()
    for number in range(600):
        if not foreign.behind.reading or foreign.behind.closed:
            break
        foreign.behind.feed(call(1000 + number, foreign.luid, b'write', b'x' * 600000))
    assert number < 70, 'nobody said stop for %d pieces' % number
    foreign.loop.advance(200.0)
    assert foreign.subscription.under_way == 0 and foreign.behind.reading, \
        'the client is gone, and the others are served'


# -- a front end ---------------------------------------------------------------

REQUEST = encode([b'message', 1, b'root', b'request', 1,
                  [b'tuple', [REQUEST_TAG, state(method=b'POST', content_data=b'a=b')]],
                  [b'dictionary']], PB)
SESSION = CHOICE + VERSION + REQUEST


def test_a_front_end_that_ends_at_every_byte():
    for end in range(len(SESSION) + 1):
        loop = VirtualLoop()
        publisher = Publisher(lambda request: Response(200, body=b'x' * 300000), loop)
        wire = FakeTransport(loop).connect(publisher.broker())
        wire.feed(SESSION[:end])
        loop.advance()
        wire.lose()
        loop.advance(1.0)
        assert publisher.under_way == 0 and sum(wire.protocol.live()) == 0 and not loop.failures \
            and not loop._timers, 'after %d bytes' % end


def test_each_byte_of_a_request_changed():
    dice = random.Random(8787)
    for at in range(len(SESSION)):
        loop = VirtualLoop()
        publisher = Publisher(lambda request: Response(200, body=b'ok'), loop)
        wire = FakeTransport(loop).connect(publisher.broker())
        wire.feed(SESSION[:at] + int2byte(dice.choice((0, 1, 0x7f, 0x80, 0x82, 0x87, 0xff)))
                  + SESSION[at + 1:])
        loop.advance()
        wire.lose() if not wire.closed else None
        loop.advance(1.0)
        assert publisher.under_way == 0 and not loop.failures, 'at %d' % at


def test_a_front_end_that_answers_nothing():
    """Requests pile up to what is taken at a time; the next are told 503, and nothing of a body is
    made beyond its window."""
    loop = VirtualLoop()
    publisher = Publisher(lambda request: Response(200, body=b'x' * 3000000), loop, max_requests=5)
    wire = FakeTransport(loop).connect(publisher.broker())
    wire.feed(CHOICE + VERSION)
    for number in range(20):
        wire.feed(encode([b'message', number, b'root', b'request', 1,
                          [b'tuple', [REQUEST_TAG, state(remote=[b'remote', number + 1])]],
                          [b'dictionary']], PB))
    loop.advance()
    assert publisher.under_way == 20 and len(wire.take()) < 6 * 1000000, 'the rest waits'
    wire.lose()
    loop.advance(1.0)
    assert publisher.under_way == 0 and sum(wire.protocol.live()) == 0 and not loop.failures, \
        'nothing is left'
