# Copyright the carryall authors.  See LICENSE.
"""L6: an exception out of a callback is reported with the connection's name and aborts that
transport alone."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectFailed
from carryall.core.testing import StrictProtocol
from carryall.core.net.transport import peer
from tests.contract.support import Failures, KeepOpen, connected, fill, settle, until

SECRET = 'a text for our log alone'


class Boom(Exception):
    """Raised by the protocols below."""


class Failing(KeepOpen):
    """Raises Boom out of the callback called *where*."""

    where = None

    def _fail(self, name):
        if self.where == name:
            raise Boom(SECRET)

    def made(self):
        self._fail('connection_made')

    def received(self, data):
        self._fail('data_received')

    def ended(self):
        self._fail('eof_received')

    def lost(self, exc):
        self._fail('connection_lost')

    def pause_writing(self):
        KeepOpen.pause_writing(self)
        self._fail('pause_writing')

    def resume_writing(self):
        KeepOpen.resume_writing(self)
        self._fail('resume_writing')


def _failing_in(name):
    def make():
        protocol = Failing()
        protocol.where = name
        return protocol
    return make


def _pair(loop, name):
    """A Pair whose ``server`` fails in *name*. In connection_made the connecting side fails: the
    other might see the reset before its connection is reported."""
    if name != 'connection_made':
        return connected(loop, server=_failing_in(name), client=KeepOpen)
    pair = connected(loop, client=_failing_in(name), server=KeepOpen)
    pair.client, pair.server = pair.server, pair.client
    return pair


def _provoke(loop, pair, name):
    if name == 'data_received':
        pair.client.transport.write(b'go')
    elif name == 'eof_received':
        pair.client.transport.write_eof()
    elif name == 'connection_lost':
        pair.client.transport.close()
        until(loop, lambda: pair.server.state != 'connected')
        pair.server.transport.close()
    elif name == 'pause_writing':
        pair.server.transport.set_write_buffer_limits(0)
        fill(loop, pair.server, pair.client)
    elif name == 'resume_writing':
        pair.server.transport.set_write_buffer_limits(0)
        fill(loop, pair.server, pair.client)
        pair.client.transport.resume_reading()


@pytest.mark.parametrize(
    'name', ['connection_made', 'data_received', 'eof_received', 'connection_lost'])
def test_l06_reported_with_its_name_and_aborted(loop, name):
    failures = Failures(loop)
    pair = _pair(loop, name)
    name_of_peer = str(peer(pair.server.transport))
    _provoke(loop, pair, name)
    until(loop, lambda: pair.server.state == 'lost' and failures.seen, 'it is reported and aborted')
    settle(loop)
    (where, exc), = failures.seen
    assert isinstance(exc, Boom)
    assert name in where and name_of_peer in where, where
    assert pair.server.lost_with is None, 'an abort of our own'
    assert pair.server.calls.count('connection_lost') == 1
    assert pair.server.transport.is_closing()


@pytest.mark.parametrize('name', ['pause_writing', 'resume_writing'])
def test_l06_flow_control_that_fails(loop, name):
    failures = Failures(loop)
    pair = connected(loop, server=_failing_in(name))
    try:
        _provoke(loop, pair, name)
    except AssertionError:              # fill() found nothing waiting, for it was aborted meanwhile
        assert failures.seen
    until(loop, lambda: pair.server.state == 'lost' and failures.seen, 'it is reported and aborted')
    where, exc = failures.seen[0]
    assert isinstance(exc, Boom) and name in where, where
    assert len(failures.seen) == 1


@pytest.mark.parametrize('name', ['connection_made', 'data_received', 'eof_received'])
def test_l06_the_peer_learns_nothing(loop, name):
    Failures(loop)
    pair = _pair(loop, name)
    _provoke(loop, pair, name)
    until(loop, lambda: pair.server.state == 'lost' and pair.client.state != 'connected')
    assert pair.client.data == b''


def test_l06_the_loop_and_the_other_connections_live(loop):
    failures = Failures(loop)
    made = []

    def factory():
        protocol = Failing()
        made.append(protocol)
        if len(made) == 1:
            protocol.where = 'data_received'
        return protocol

    listener = loop.listen_tcp(factory)
    clients = [loop.run_until(loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port))[
        1]
               for _ in range(2)]
    until(loop, lambda: len(made) == 2 and all(each.calls for each in made))
    for client in clients:
        client.transport.write(b'go')
    until(loop, lambda: made[0].state == 'lost' and made[1].data == b'go')
    third = loop.run_until(loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port))[1]
    third.transport.write(b'and I')
    until(loop, lambda: len(made) == 3 and made[2].data == b'and I')
    assert len(failures.seen) == 1


def test_l06_a_factory_that_fails(loop):
    failures = Failures(loop)
    made = []

    def factory():
        made.append(1)
        if len(made) == 1:
            raise Boom(SECRET)
        return StrictProtocol()

    listener = loop.listen_tcp(factory)
    try:
        first = loop.run_until(loop.connect_tcp(StrictProtocol, '127.0.0.1',
                                                listener.address.port))[1]
        until(loop, lambda: first.state == 'lost')
        assert first.data == b''
    except ConnectFailed:               # the reset came before we had noticed that it was connected
        pass
    until(loop, lambda: failures.seen)
    second = loop.run_until(loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port))[1]
    until(loop, lambda: len(made) == 2)
    settle(loop)
    assert second.state == 'connected'


def test_l06_a_factory_of_a_connect_that_fails(loop):
    def factory():
        raise Boom(SECRET)

    pair_of = []
    listener = loop.listen_tcp(lambda: pair_of.append(StrictProtocol()) or pair_of[-1])
    with pytest.raises(Boom):
        loop.run_until(loop.connect_tcp(factory, '127.0.0.1', listener.address.port))
    settle(loop)
    assert all(protocol.state in ('initial', 'lost') for protocol in pair_of), \
        'the connection is left open'


def test_l06_a_factory_of_a_datagram_socket_that_fails(loop):
    def factory():
        raise Boom(SECRET)

    with pytest.raises(Boom):
        loop.open_udp(factory)
    settle(loop, 2)


def test_l06_callbacks_of_the_loop_itself(loop):
    failures = Failures(loop)
    ran = []

    def boom():
        raise Boom(SECRET)

    loop.call_soon(boom)
    loop.call_soon(ran.append, 1)
    loop.call_later(0, boom)
    until(loop, lambda: ran and len(failures.seen) == 2)
    assert [type(exc) for _, exc in failures.seen] == [Boom, Boom]


def test_l06_without_a_handler_it_is_logged(machine, expect_log):
    records = expect_log('data_received of .*127.0.0.1')
    pair = connected(machine, server=_failing_in('data_received'))
    pair.client.transport.write(b'go')
    until(machine, lambda: pair.client.state == 'lost')
    assert len(records) == 1 and records[0].exc_info is not None


def test_l06_a_handler_that_fails_is_logged(machine, expect_log):
    expect_log('exception handler failed')

    def handler(_loop, _where, _exc):
        raise ValueError('me too')

    machine.set_exception_handler(handler)
    pair = connected(machine, server=_failing_in('data_received'))
    pair.client.transport.write(b'go')
    until(machine, lambda: pair.client.state == 'lost')
