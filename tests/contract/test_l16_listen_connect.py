# Copyright the carryall authors.  See LICENSE.
"""L16: listen_* returns a Listener with its real port; connect_* a Future;
a refusal is Refused on every backend."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import (Cancelled, ConnectFailed, ListenFailed, Refused, ResolveFailed,
                                  TimedOut)
from carryall.core.future import Future, gather
from carryall.core.testing import StrictProtocol, VirtualLoop
from carryall.core.net.transport import Address, peer
from tests.contract.support import connected, new_loop, settle, until


class Counting(object):
    """A factory that keeps what it made."""

    def __init__(self):
        self.made = []

    def __call__(self):
        self.made.append(StrictProtocol())
        return self.made[-1]


def _free_port(loop):
    listener = loop.listen_tcp(StrictProtocol)
    port = listener.address.port
    listener.close()
    return port


def test_l16_the_port_is_readable_at_once(loop):
    one = loop.listen_tcp(StrictProtocol)
    two = loop.listen_tcp(StrictProtocol)
    assert isinstance(one.address, Address)
    assert one.address.host == '127.0.0.1'
    assert 0 < one.address.port < 65536 and one.address.port != two.address.port


def test_l16_connect_gives_a_future_of_both(loop):
    listener = loop.listen_tcp(StrictProtocol)
    future = loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port)
    assert isinstance(future, Future) and not future.done()
    transport, protocol = loop.run_until(future)
    assert isinstance(protocol, StrictProtocol) and protocol.transport is transport
    assert peer(transport) == listener.address


def test_l16_a_refused_connection_is_an_error(loop):
    made = Counting()
    port = _free_port(loop)
    with pytest.raises(Refused) as caught:
        loop.run_until(loop.connect_tcp(made, '127.0.0.1', port))
    assert '127.0.0.1:%d' % port in str(caught.value)
    assert all(protocol.calls == [] for protocol in made.made)


def test_l16_refused_many_times(loop):
    port = _free_port(loop)
    errors = []
    for _ in range(20):
        loop.connect_tcp(StrictProtocol, '127.0.0.1', port).then(None, errors.append)
    until(loop, lambda: len(errors) == 20)
    assert set(map(type, errors)) == set([Refused])


def test_l16_the_name_localhost(loop):
    listener = loop.listen_tcp(StrictProtocol)
    transport, _ = loop.run_until(
        loop.connect_tcp(StrictProtocol, 'localhost', listener.address.port))
    assert peer(transport) == listener.address


def test_l16_a_name_that_is_refused_everywhere(loop):
    with pytest.raises(Refused):
        loop.run_until(loop.connect_tcp(StrictProtocol, 'localhost', _free_port(loop)))


def test_l16_a_name_without_address(loop):
    with pytest.raises(ResolveFailed):
        loop.run_until(loop.connect_tcp(StrictProtocol, 'no such name.invalid', 80))


@pytest.mark.parametrize('host, expected',
                         [('127.0.0.1', '127.0.0.1'), ('::1', '::1'), ('0:0::1', '::1')])
def test_l16_resolve_of_a_numeric_address(machine, host, expected):
    assert machine.run_until(machine.resolve(host, 7)) == [(expected, 7)]


def test_l16_localhost_resolves_to_addresses(loop):
    found = loop.run_until(loop.resolve('localhost', 7))
    assert Address('127.0.0.1', 7) in found and len(found) == len(set(found))
    assert all(isinstance(one, Address) for one in found)


def test_l16_address_in_use(loop):
    listener = loop.listen_tcp(StrictProtocol)
    with pytest.raises(ListenFailed) as caught:
        loop.listen_tcp(StrictProtocol, port=listener.address.port)
    assert str(listener.address) in str(caught.value)


def test_l16_the_port_is_free_again_after_close(loop):
    pair = connected(loop)
    port = pair.listener.address.port
    pair.server.transport.close()
    until(loop, lambda: pair.client.state == 'lost' and pair.server.state == 'lost')
    pair.listener.close()
    settle(loop, 5)
    listener = loop.listen_tcp(StrictProtocol, port=port)
    assert listener.address.port == port


def test_l16_an_address_that_is_not_ours(machine):
    with pytest.raises(ListenFailed):
        machine.listen_tcp(StrictProtocol, '192.0.2.1')        # RFC 5737: no host has it


@pytest.mark.parametrize('port', [65536, -1, 1 << 40])
def test_l16_a_port_that_cannot_be(machine, port):
    with pytest.raises(ListenFailed):
        machine.listen_tcp(StrictProtocol, port=port)
    with pytest.raises(ConnectFailed):
        machine.run_until(machine.connect_tcp(StrictProtocol, '127.0.0.1', port))


def test_l16_an_unanswered_connect_times_out(loop):
    # A listener that takes nothing and whose queue is full:
    # the system then leaves a connect without an answer.
    listener = loop.listen_tcp(StrictProtocol, backlog=1)
    listener.pause()
    settle(loop, 3)
    outcomes = []
    for _ in range(8):
        loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port, timeout=0.3).then(
            lambda pair: outcomes.append(None), outcomes.append)
    until(loop, lambda: len(outcomes) == 8)
    late = [exc for exc in outcomes if exc is not None]
    assert len(late) >= 4, outcomes
    assert set(map(type, late)) == set([TimedOut]), late
    settle(loop)


def test_l16_cancel_of_a_connect(loop):
    made = Counting()
    served = Counting()
    listener = loop.listen_tcp(served, backlog=1)
    listener.pause()
    settle(loop, 3)
    futures = [loop.connect_tcp(made, '127.0.0.1', listener.address.port) for _ in range(8)]
    settle(loop, 5)
    waiting = [future for future in futures if not future.done()]
    assert len(waiting) >= 4
    for future in waiting:
        assert future.cancel()
        assert isinstance(future.exception(), Cancelled)
    listener.close()
    settle(loop)
    assert len([protocol for protocol in made.made if protocol.calls]) == 8 - len(waiting)


def test_l16_cancel_at_once(loop):
    made = Counting()
    listener = loop.listen_tcp(StrictProtocol)
    for host in ('127.0.0.1', 'localhost'):
        future = loop.connect_tcp(made, host, listener.address.port)
        future.cancel()
    settle(loop)
    assert all(protocol.calls == [] for protocol in made.made)


def test_l16_a_paused_listener_takes_nothing_until_it_is_resumed(loop):
    served = Counting()
    listener = loop.listen_tcp(served)
    # An accept may be under way on a thread of its own; what it took is held back all the same.
    listener.pause()
    futures = [loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port)
               for _ in range(3)]
    settle(loop)
    assert [protocol for protocol in served.made if protocol.calls] == []
    listener.resume()
    until(loop, lambda: len(served.made) == 3 and all(protocol.calls for protocol in served.made))
    loop.run_until(gather(futures))
    listener.pause()
    listener.pause()
    listener.resume()
    listener.resume()
    loop.run_until(loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port))
    until(loop, lambda: len(served.made) == 4)


def test_l16_close_of_a_listener_leaves_the_connections(loop):
    pair = connected(loop)
    pair.listener.close()
    pair.listener.close()
    pair.client.transport.write(b'still')
    until(loop, lambda: pair.server.data == b'still')
    with pytest.raises(Refused):
        loop.run_until(loop.connect_tcp(StrictProtocol, '127.0.0.1', pair.listener.address.port))
    pair.listener.pause()
    pair.listener.resume()
    settle(loop, 3)


def test_l16_refused_as_soon_as_the_listener_is_closed(loop):
    for _ in range(50):
        pair = connected(loop)
        pair.listener.close()
        with pytest.raises(Refused):
            loop.run_until(loop.connect_tcp(StrictProtocol, '127.0.0.1',
                                            pair.listener.address.port))
        pair.client.transport.abort()


def test_l16_a_listener_closed_by_the_connection_it_took(loop):
    served = []

    class Last(StrictProtocol):
        def made(self):
            served.append(self)
            listener.close()

    listener = loop.listen_tcp(Last)
    futures = [loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port)
               for _ in range(5)]
    until(loop, lambda: all(future.done() for future in futures))
    settle(loop)
    assert len(served) == 1
    for future in futures:
        future.exception()


def test_l16_the_local_address_of_a_connect(machine):
    made = Counting()
    listener = machine.listen_tcp(made)
    machine.run_until(machine.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port,
                                          local=('127.0.0.2', 0)))
    until(machine, lambda: made.made and made.made[0].calls)
    assert peer(made.made[0].transport).host == '127.0.0.2'


def test_l16_several_loops_listen_on_one_port(backend):
    one = new_loop(backend)
    two = new_loop(backend)
    try:
        first = one.listen_tcp(StrictProtocol, reuse_port=True)
        second = two.listen_tcp(StrictProtocol, port=first.address.port, reuse_port=True)
        assert first.address == second.address
    finally:
        one.close()
        two.close()


def test_l16_the_virtual_loop_resolves_names():
    loop = VirtualLoop(names={'host.example': ['192.0.2.7', '192.0.2.8']})
    loop.listen_tcp(StrictProtocol, '192.0.2.7', 80)
    transport, _ = loop.run_until(loop.connect_tcp(StrictProtocol, 'host.example', 80))
    assert peer(transport) == ('192.0.2.7', 80)
    loop.close()
