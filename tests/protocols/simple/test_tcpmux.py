# Copyright the carryall authors.  See LICENSE.
"""Tcpmux (RFC 1078): server and client."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.net.deadlines import sweeper_of
from carryall.core.errors import ConnectionLost
from carryall.protocols.simple import SimpleError
from carryall.core.net.protocol import Protocol
from carryall.core.testing import (FakeTransport, StrictProtocol, VirtualLoop, chunkings, lockstep,
                                   play, pump)
from carryall.protocols.simple.echo import Echo, EchoClient
from carryall.protocols.simple.tcpmux import Tcpmux, TcpmuxClient


def offering(loop):
    return Tcpmux({u'echo': Echo, b'Other': Protocol}, loop)


@pytest.mark.parametrize('said, answer', [
    (b'echo\r\n', b'+Go\r\n'), (b'echo\n', b'+Go\r\n'), (b'ECHO\r\nhello\r\n', b'+Go\r\nhello\r\n'),
    (b'Echo\r\n\0\xff', b'+Go\r\n\0\xff'),
    (b'help\r\n', b'echo\r\nother\r\n'), (b'HELP\r\necho\r\n', b'echo\r\nother\r\n'),
    (b'gopher\r\necho\r\n', b'-Service not available\r\n'),
    (b'\r\n', b'-Service not available\r\n'),
    (b'echo \r\n', b'-Service not available\r\n'),
    (b'__class__\r\n', b'-Service not available\r\n'),
    (b'\xff\0\r\n', b'-Service not available\r\n'),
    (b'x' * 256 + b'\r\n', b'-Service name too long\r\n'),
    (b'x' * 255 + b'\r\n', b'-Service not available\r\n'),
    (b'x' * 10000, b'-Service name too long\r\n')])
def test_a_name_selects_a_service(said, answer):
    play(offering, said, answer)


def test_refusals_and_help_close():
    for said in (b'gopher\r\n', b'help\r\n', b'x' * 300):
        wire = FakeTransport().connect(offering(VirtualLoop()))
        wire.feed(said)
        assert wire.closed, 'after %r it is still open' % said


def test_a_name_has_its_time_and_the_service_its_own():
    loop = VirtualLoop()
    slow = FakeTransport(loop).connect(offering(loop))
    chosen = FakeTransport(loop).connect(offering(loop))
    chosen.feed(b'other\r\n')
    for _ in range(12):
        slow.feed(b'e')
        loop.advance(1.0)
    assert slow.lost == [None], 'one octet a second is no name'
    loop.advance(1000.0)
    assert not chosen.closed, 'the limit of the name is not that of the service'


def test_everything_goes_on_to_the_service():
    inner = StrictProtocol()
    inner.keep_open = True
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(Tcpmux({b'strict': lambda: inner}, loop))
    wire.feed(b'strict\r\nfirst')
    wire.feed(b'second')
    wire.clog()
    inner.transport.write(b'x' * 100000)
    wire.unclog()
    wire.feed_eof()
    loop.advance()
    assert inner.data == b'firstsecond' and not wire.closed, 'got %r' % inner.data
    wire.lose()
    loop.advance()
    assert inner.calls == ['connection_made', 'data_received', 'data_received', 'pause_writing',
                           'resume_writing',
                           'eof_received', 'connection_lost'], 'called %r' % (inner.calls,)
    assert isinstance(inner.lost_with, ConnectionLost) and not loop.failures, \
        'lost with %r' % inner.lost_with


@pytest.mark.parametrize('said', [b'', b'ec'])
def test_an_end_or_a_reset_before_the_name(said):
    for end in (FakeTransport.feed_eof, FakeTransport.lose):
        loop = VirtualLoop()
        sweeper = sweeper_of(loop)
        wire = FakeTransport(loop).connect(Tcpmux({b'echo': Echo}, loop))
        wire.feed(said)
        end(wire)
        loop.advance()
        assert len(wire.lost) == 1 and len(sweeper) == 0 and not loop.failures, \
            'something is left after %s' % end


@pytest.mark.parametrize('talk', [pump, lockstep], ids=['pump', 'lockstep'])
def test_client_against_server(talk):
    client = TcpmuxClient(b'echo', EchoClient)
    heard = []
    client.ready.then(lambda inner: inner.echo(b'through it')).then(heard.append)
    talk(client, offering(VirtualLoop()))
    assert heard == [b'through it'], 'heard %r' % (heard,)


def test_client_is_refused():
    client = TcpmuxClient(b'gopher', EchoClient)
    lockstep(client, offering(VirtualLoop()))
    assert client.ready.exception().message == u'tcpmux: Service not available', \
        '%r' % client.ready.exception()


@pytest.mark.parametrize('said, error', [
    (b'what?\r\n', SimpleError), (b'\r\n', SimpleError),
    (b'+' + b'x' * 600, SimpleError),
    (b'+', ConnectionLost), (b'', ConnectionLost)])
def test_a_server_that_is_none(said, error):
    for _, pieces in chunkings(said):
        client = TcpmuxClient(b'echo', EchoClient)
        wire = FakeTransport().connect(client)
        for piece in pieces:
            wire.feed(piece)
        wire.feed_eof()
        wire.loop.advance()
        assert type(client.ready.exception()) is error and not wire.loop.failures, \
            '%r' % client.ready.exception()
