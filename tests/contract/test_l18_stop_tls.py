# Copyright the carryall authors.  See LICENSE.
"""L18: TLS is taken off in place over every backend and every provider, and not an octet is lost or
goes the wrong way."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.errors import ConnectionLost, LocalProtocolError
from carryall.core.testing import StrictProtocol
from carryall.core.tls import connect_tls, connection, listening
from carryall.core.net.transport import tls
from carryall.runtimes import tls as providers
from tests.contract.support import pattern, settle, until
from tests.core.tls.material import material

pytestmark = pytest.mark.skipif(providers.available() is not True,
                                reason=str(providers.available()))

VERSIONS = ('TLSv1.2', 'TLSv1.3')


class End(StrictProtocol):
    """One end; ``secret`` is what came before TLS stopped, ``data`` what came since."""

    secret = None
    stops_at = None  # octets that, when they have come, are answered and stop TLS on this side
    answer = b''
    lenient = False
    stopping = None

    def __init__(self, loop):
        StrictProtocol.__init__(self)
        self.loop = loop

    def received(self, data):
        if self.stops_at is not None and self.data.endswith(self.stops_at):
            self.stops_at = None
            self.transport.write(self.answer)
            self.stop()

    def stop(self):
        self.stopping = self.loop.stop_tls(self.transport, self.lenient)

    def tls_stopped(self, transport):
        assert self._inside is None, 'called inside %s' % self._inside
        self.secret, self.data = self.data, b''
        StrictProtocol.tls_stopped(self, transport)


class Pair(object):
    """Two Ends under TLS."""

    def __init__(self, loop, version='TLSv1.3'):
        made = []

        def factory():
            made.append(End(loop))
            return made[-1]

        ours = material().server(minimum=version, maximum=version)
        self.listener = loop.listen_tcp(listening(loop, ours, factory))
        _, self.client = loop.run_until(
            connect_tls(loop, material().client(), lambda: End(loop), '127.0.0.1',
                        self.listener.address.port, 'localhost'))
        until(loop, lambda: made and made[0].state != 'initial', 'the server is connected')
        self.server = made[0]
        self.loop = loop

    def stopped(self):
        """Turns the loop until TLS is off at both ends."""
        until(self.loop, lambda: all(end.stopping is not None and end.stopping.done()
                                     for end in (self.client, self.server)))
        assert self.client.stopping.exception() is None and self.server.stopping.exception() is None


def goodbye(end, *before):
    """The records of *before*, and a close_notify, as that end would send them."""
    session = end.transport._session
    sealed = b''.join([session.seal(data) for data in before])
    session.finish()
    return sealed + session.take()


@pytest.mark.parametrize('version', VERSIONS)
def test_l18_both_go_on_in_clear(loop, version):
    pair = Pair(loop, version)
    client = pair.client
    server = pair.server
    server.stops_at = b'CLEAR'
    server.answer = b'OK'
    client.stops_at = b'OK'
    below = server.transport.transport
    client.transport.write(b'first CLEAR')
    pair.stopped()
    assert server.transport is below and tls(server.transport) is None \
        and tls(client.transport) is None
    client.transport.write(b'one')
    until(loop, lambda: server.data == b'one')
    server.transport.write(b'two')
    until(loop, lambda: client.data == b'two')
    assert (server.secret, client.secret) == (b'first CLEAR', b'OK')
    client.transport.close()
    until(loop, lambda: server.state == 'lost' and client.state == 'lost')
    assert server.lost_with is None and client.lost_with is None and 'eof_received' in server.calls


@pytest.mark.parametrize('version', VERSIONS)
def test_l18_all_of_it_in_one_piece(loop, version):
    pair = Pair(loop, version)
    pair.server.stops_at = b'last words'
    pair.client.transport.transport.write(goodbye(pair.client, b'some, and ', b'last words')
                                          + b'in clear')
    until(loop, lambda: pair.server.data == b'in clear')
    assert pair.server.secret == b'some, and last words' and pair.server.stopping.result() is None


@pytest.mark.parametrize('version', VERSIONS)
@pytest.mark.parametrize('size', (1, 2, 7, 100, 0))
def test_l18_the_end_at_every_chunking(version, size):
    provider = providers.provider()
    dice = random.Random(size)
    server = material().server(minimum=version, maximum=version).session(provider, True)
    client = material().client().session(provider, False, 'localhost')
    client.start()
    server.start()
    for _ in range(6):
        server.receive(client.take())
        client.receive(server.take())
    assert client.ready and server.ready
    octets = client.seal(b'secret ') + client.seal(b'too')
    client.finish()
    octets += client.take() + b'in clear'
    got = b''
    rest = b''
    server.finish()  # what comes is read though we have said it already
    server.take()
    while octets:
        cut = size or dice.randint(1, 60)
        if server.ended:
            rest += octets[:cut]
        else:
            got += server.receive(octets[:cut])
            if server.ended:
                rest = server.rest()
        octets = octets[cut:]
    assert (got, rest) == (b'secret too', b'in clear')


def test_l18_data_written_before_goes_under_tls(loop):
    pair = Pair(loop)
    data = pattern(1 << 20)
    sent = []
    below = pair.server.transport.transport
    pair.server.transport.transport = _Spy(below, sent)
    pair.client.transport.pause_reading()
    for start in range(0, len(data), 1 << 16):
        pair.server.transport.write(data[start:start + (1 << 16)])
    pair.server.stop()
    pair.server.transport.write(b'in clear')
    settle(loop, 3)
    assert sent and all(piece[:3] == b'\x17\x03\x03' for piece in sent), \
        'in clear before the goodbye'
    pair.client.stops_at = data[-20:]
    pair.client.transport.resume_reading()
    pair.stopped()
    until(loop, lambda: pair.client.data == b'in clear')
    assert pair.client.secret == data
    assert sent[-1] == b'in clear' and data[:100] not in b''.join(sent), 'it went in clear'


class _Spy(object):
    """The transport below, and what is written to it."""

    def __init__(self, below, sent):
        self._below = below
        self._sent = sent

    def __getattr__(self, name):
        return getattr(self._below, name)

    def write(self, data):
        self._sent.append(data)
        self._below.write(data)


@pytest.mark.parametrize('version', VERSIONS)
def test_l18_a_paused_reader_loses_nothing(loop, version):
    pair = Pair(loop, version)
    server = pair.server
    server.transport.pause_reading()
    pair.client.transport.transport.write(goodbye(pair.client, b'under TLS') + b'in clear')
    settle(loop, 3)
    server.stop()
    settle(loop, 3)
    assert server.data == b'' and server.secret is None, 'data_received after pause_reading (L10)'
    server.transport.resume_reading()
    until(loop, lambda: server.data == b'in clear')
    assert server.secret == b'under TLS'


def test_l18_tls_may_begin_again(loop):
    pair = Pair(loop)
    pair.server.stops_at = b'CLEAR'
    pair.client.transport.write(b'CLEAR')
    pair.client.stop()
    pair.stopped()
    theirs = loop.start_tls(pair.server.transport, material().server(), server_side=True)
    loop.run_until(loop.start_tls(pair.client.transport, material().client(), hostname='localhost'))
    loop.run_until(theirs)
    pair.client.transport.write(b'secret again')
    until(loop, lambda: pair.server.data == b'secret again')
    assert tls(pair.server.transport) is not None
    pair.server.stop()
    pair.client.stop()
    pair.stopped()
    pair.client.transport.write(b'and clear again')
    until(loop, lambda: pair.server.data == b'and clear again')


def test_l18_a_peer_that_does_not_stop_is_not_waited_for(loop, monkeypatch):
    monkeypatch.setattr(connection, 'STOP_SECONDS', 0.1)
    pair = Pair(loop)
    pair.client.keep_open = True                        # it neither stops nor leaves
    pair.server.stop()
    until(loop, lambda: pair.server.state == 'lost')
    assert isinstance(pair.server.lost_with, ConnectionLost)
    assert pair.server.stopping.exception() is pair.server.lost_with


@pytest.mark.parametrize('octets', [b'NOOP\r\n', b'PWD\r\n', b'N'])
def test_l18_clear_text_for_an_answer_is_taken_by_the_lenient_alone(loop, octets):
    for lenient in (True, False):
        pair = Pair(loop)
        pair.client.keep_open = True                    # its TLS says nothing by itself
        pair.server.lenient = lenient
        pair.server.stop()
        until(loop, lambda: 'eof_received' in pair.client.calls)
        pair.client.transport.transport.write(octets)
        if lenient and len(octets) > 4:  # as many as the head of a record has: enough to tell
            until(loop, lambda: pair.server.data == octets)
        settle(loop, 2)
        pair.client.transport.transport.write(b'MORE\r\n')
        if lenient:
            until(loop, lambda: pair.server.data == octets + b'MORE\r\n')
            assert pair.server.secret == b'' and pair.server.stopping.done()
        else:
            until(loop, lambda: pair.server.state == 'lost')
            assert pair.server.data == b'' and isinstance(pair.server.stopping.exception(),
                                                          ConnectionLost)


def test_l18_an_end_while_it_stops(loop):
    for end, broken in (('close', False), ('abort', False), ('lose', True)):
        pair = Pair(loop)
        pair.client.keep_open = True
        pair.server.stop()
        pair.server.transport.write(b'in clear')
        if end == 'lose':
            pair.client.transport.transport.close()
        else:
            getattr(pair.server.transport, end)()
        until(loop, lambda: pair.server.state == 'lost')
        assert (pair.server.lost_with is not None) == broken, end
        assert isinstance(pair.server.stopping.exception(), ConnectionLost)


def test_l18_there_is_nothing_to_stop(loop):
    pair = Pair(loop)
    pair.server.stop()
    with pytest.raises(LocalProtocolError):
        loop.stop_tls(pair.server.transport)            # twice
    pair.client.stop()
    pair.stopped()
    with pytest.raises(LocalProtocolError):
        loop.stop_tls(pair.server.transport)            # it has none
