# Copyright the carryall authors.  See LICENSE.
"""Pool: reuse, bounds, waiting in order, resolving, connecting, TLS that is not there."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectionLost, Refused, ResolveFailed, TimedOut, Unsupported
from carryall.core.future import Future, completed
from carryall.core.net.loop import Caps
from carryall.core.net.transport import Address
from carryall.protocols.http.client.client import HTTPClient, Timeouts
from carryall.protocols.http.client.settings import Settings
from tests.protocols.http.client.client_kit import OK, World


def slow(head):
    """An answer of which the end is missing."""
    return OK[:-1]


def finish(world, number):
    world.connections[number].transport.write(b'k')
    world.loop.advance()


def test_a_connection_is_reused_for_its_host():
    """One connection, one after the other; another for another host."""
    world = World(lambda head: OK)
    for _ in range(5):
        world.fetch()
    world.fetch('http://other.example/')
    assert len(world.connections) == 2
    assert len(world.client.pool) == 2
    assert world.client.pool.idle() == 2


def test_an_idle_connection_is_closed_in_time():
    """An unused connection is closed after its time, and no timer is left."""
    world = World(lambda head: OK, idle_seconds=15.0)
    world.fetch()
    world.loop.advance(14.0)
    assert world.client.pool.idle() == 1
    world.loop.advance(1.5)
    assert len(world.client.pool) == 0
    assert world.connections[0].transport.closed
    assert world.loop.until_next_timer() is None


def test_closed_by_the_server():
    """A connection that the server closes while it is idle is not offered again."""
    world = World(lambda head: OK)
    world.fetch()
    world.connections[0].transport.close()
    world.loop.advance()
    assert len(world.client.pool) == 0
    world.fetch()
    assert len(world.connections) == 2


def test_connections_are_limited_by_host():
    """No more connections than the limit; waiting requests are served in order, by the same
    connections."""
    world = World(slow, per_host=2)
    done = []
    for number in range(6):
        future = world.client.get('http://host.example/%d' % number)
        future.then(lambda response: response.read_all(9)).then(lambda _,
                                                                number=number: done.append(number))
    world.loop.advance()
    assert len(world.connections) == 2
    assert len(world.requests) == 2
    for number in (0, 1, 0, 1, 0, 1):
        finish(world, number)
    assert done == list(range(6))
    assert len(world.connections) == 2
    assert ([head.split(b' ')[1] for head in world.requests]
            == [b'/%d' % number for number in range(6)])


def test_requests_are_not_pipelined():
    """A request never goes out before the response to the one before is complete."""
    world = World(slow, per_host=1)
    world.client.get('http://host.example/a')
    world.client.get('http://host.example/b').then(lambda response: response.close())
    world.loop.advance()
    assert len(world.requests) == 1


def test_connections_are_limited_in_total():
    """The place of an idle connection is given to another host; if none is idle, the request
    waits."""
    world = World(lambda head: OK, total=1)
    world.fetch()
    world.fetch('http://other.example/')
    assert len(world.client.pool) == 1
    assert len(world.connections) == 2
    world.answers = slow
    first = world.client.get('http://host.example/')
    second = world.client.get('http://other.example/')
    world.loop.advance()
    assert first.done()
    assert not second.done()
    assert len(world.client.pool) == 1
    first.result().close()
    world.loop.advance()
    assert second.done()
    assert len(world.client.pool) == 1
    second.result().close()
    assert len(world.client.pool) == 0


def test_waiting_is_bounded_by_the_deadline():
    """A waiting request fails at its deadline, and leaves nothing behind."""
    world = World(slow, per_host=1)
    first = world.client.get('http://host.example/')
    second = world.client.get('http://host.example/', timeouts=Timeouts(total=5.0))
    world.loop.advance(4.0)
    assert not second.done()
    world.loop.advance(2.0)
    assert isinstance(second.exception(), TimedOut)
    first.result().close()
    world.loop.advance()
    assert len(world.client.pool) == 0


def test_cancelled_while_waiting_and_connecting():
    """A cancelled request gives its place back."""
    world = World(lambda head: OK, per_host=1)
    names = Future()
    resolve, world.loop.resolve = world.loop.resolve, lambda host, port=0: names
    first = world.client.get('http://host.example/')
    second = world.client.get('http://host.example/')
    third = world.client.get('http://host.example/')
    world.loop.advance()
    second.cancel()
    world.loop.resolve = resolve
    first.cancel()
    assert names.cancelled()
    assert world.run(third).status == 200
    assert len(world.connections) == 1
    assert len(world.client.pool) == 1


ORIGIN = ('http', 'host.example', 80)


def test_cancelled_in_the_last_moment():
    """A request that is cancelled in the moment in which it gets a place gives the place back."""
    for free in (lambda pool, one: pool.release(one), lambda pool,
                 one: one.fail(ConnectionLost(u'over'))):
        world = World(per_host=1)
        pool = world.client.pool
        held = world.run(pool.acquire(ORIGIN, Timeouts()))
        waiting = pool.acquire(ORIGIN, Timeouts())
        moment = Future()
        # Within a callback of a future all others are queued: the place is granted, and its owner
        # has not heard of it.
        moment.add_done_callback(lambda _: (free(pool, held), waiting.cancel()))
        moment.set_result(None)
        world.loop.advance()
        assert waiting.cancelled()
        assert len(pool) == pool.idle() == 1


def test_request_cancelled_in_the_last_moment():
    """The same for a request that has its connection and does not know it yet: nothing is sent on
    it.
    """
    world = World(lambda head: OK, per_host=1)
    pool = world.client.pool
    held = world.run(pool.acquire(ORIGIN, Timeouts()))
    granted = Future()
    acquire, pool.acquire = pool.acquire, lambda *_: granted
    request = world.client.get('http://host.example/')
    moment = Future()
    moment.add_done_callback(lambda _: (granted.set_result(held), request.cancel()))
    moment.set_result(None)
    world.loop.advance()
    assert world.heard == b''
    assert pool.idle() == 1
    pool.acquire = acquire
    assert world.fetch() == (200, b'ok')
    assert len(world.connections) == 1


def test_a_fresh_connection_is_never_a_used_one():
    """A request for a fresh connection does not get a used one, neither an idle one nor one that
    comes free."""
    world = World(lambda head: OK, per_host=1)
    pool = world.client.pool
    world.fetch()
    held = world.run(pool.acquire(ORIGIN, Timeouts(), fresh=True))
    assert held.used == 0
    assert len(pool) == 1
    assert len(world.connections) == 2
    waiting = pool.acquire(ORIGIN, Timeouts(), fresh=True)
    pool.release(held)
    assert world.run(waiting) is not held
    assert len(pool) == 1


def test_refused_and_unknown():
    """The contract's own errors."""
    world = World()
    world.fails(Refused, 'http://host.example:81/')
    world.fails(ResolveFailed, 'http://nowhere.example/')
    assert len(world.client.pool) == 0


def test_the_next_address_is_tried():
    """If the first does not answer the next is asked; the time is for all of them."""
    world = World(lambda head: OK)
    world.loop.resolve = lambda host, port=0: completed([Address(one, port) for one
                                                         in ('93.184.0.1', '93.184.216.34')] if
                                                        '.example' in host
                                                        else [Address(host, port)])
    assert world.fetch() == (200, b'ok')


def test_resolving_has_a_timeout():
    """A resolver that does not answer."""
    world = World()
    world.loop.resolve = lambda host, port=0: Future()
    future = world.client.get('http://host.example/', timeouts=Timeouts(resolve=3.0))
    world.loop.advance(2.9)
    assert not future.done()
    world.loop.advance(0.2)
    assert isinstance(future.exception(), TimedOut)
    assert len(world.client.pool) == 0


def test_connecting_has_a_timeout():
    """A listener that takes no connections."""
    world = World()
    listener = world.loop.listen_tcp(lambda: None, '93.184.216.34', 8080)
    listener.pause()
    future = world.client.get('http://host.example:8080/', timeouts=Timeouts(connect=3.0))
    world.loop.advance(2.9)
    assert not future.done()
    world.loop.advance(0.2)
    assert isinstance(future.exception(), TimedOut)
    assert len(world.client.pool) == 0


def test_https_without_tls():
    """A sentence, and no connection."""
    world = World()
    assert ('TLS: this virtual loop was given no provider'
            in world.fails(Unsupported, 'https://host.example:80/'))
    assert world.connections == []
    assert len(world.client.pool) == 0


def test_https_without_context():
    """The loop could, but this client was given nothing to check certificates with."""
    world = World()
    world.loop.caps = Caps(tls=True)
    assert 'TLS context' in world.fails(Unsupported, 'https://host.example:80/')


@pytest.mark.parametrize('works', [True, False])
def test_https_starts_tls_first(works):
    """start_tls comes before the first byte, with the name of the host; its failure frees the
    place.
    """
    calls = []
    world = World(lambda head: OK, tls='context')
    world.loop.caps = Caps(tls=True)

    def start_tls(transport, context, server_side=False, hostname=None):
        calls.append((context, server_side, hostname, len(world.heard)))
        future = Future()
        if works:
            future.set_result(None)
        else:
            future.set_exception(ConnectionLost(u'bad certificate'))
        return future

    world.loop.start_tls = start_tls
    if works:
        assert world.fetch('https://host.example:80/') == (200, b'ok')
        assert b'Host: host.example:80' in world.requests[0]
    else:
        world.fails(ConnectionLost, 'https://host.example:80/')
        assert world.heard == b''
        assert len(world.client.pool) == 0
    assert calls == [('context', False, 'host.example', 0)]


def test_a_tls_handshake_has_a_timeout():
    """A handshake that never ends."""
    world = World(tls='context')
    world.loop.caps = Caps(tls=True)
    world.loop.start_tls = lambda *_, **__: Future()
    future = world.client.get('https://host.example:80/', timeouts=Timeouts(tls=3.0))
    world.loop.advance(3.1)
    assert isinstance(future.exception(), TimedOut)
    assert len(world.client.pool) == 0


def test_close_ends_all_requests():
    """Closing the client ends all that is under way and all that waits."""
    world = World(slow, per_host=1)
    first, second = [world.client.get('http://host.example/') for _ in range(2)]
    world.loop.advance()
    body = first.result().read_all(9)
    world.client.close()
    world.loop.advance()
    assert isinstance(body.exception(), ConnectionLost)
    assert isinstance(second.exception(), ConnectionLost)
    assert isinstance(world.client.get('http://host.example/').exception(), ConnectionLost)
    assert len(world.client.pool) == 0


def test_a_real_loop_carries_requests_both_ways(loop):
    """Over a real backend, against our own server: requests at once, reuse, a large body both
    ways.
    """
    from carryall.protocols.http.message.response import Response
    from carryall.protocols.http.server.httpsite import Site

    def app(request):
        if request.method == b'POST':
            return Response(200, body=request.body)
        return Response(200, body=[request.target] * 3)

    site = Site(app, loop)
    listener = loop.listen_tcp(site, '127.0.0.1', 0)
    base = 'http://127.0.0.1:%d' % listener.address.port
    client = HTTPClient(loop, Settings(per_host=3))

    def text(target):
        return client.get(base + target).then(lambda response: response.read_all(1000))

    from carryall.core.future import gather
    assert (loop.run_until(gather([text('/%d' % number) for number in range(10)]))
            == [b'/%d' % number * 3 for number in
                                                                                     range(10)])
    assert len(client.pool) <= 3
    large = b'0123456789abcdef' * 65536
    posted = client.request('POST', base + '/',
                            body=iter([large[at:at + 50000] for at in range(0, len(large), 50000)]))
    assert loop.run_until(posted.then(lambda response: response.read_all(len(large)))) == large
    listener.close()
    client.close()
