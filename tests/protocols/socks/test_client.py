# Copyright the carryall authors.  See LICENSE.
"""The client of all five kinds of proxy, against our server and against wrong answers."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectFailed, Refused, ResolveFailed, TimedOut, Unsupported
from carryall.core.net.protocol import DatagramProtocol
from carryall.app.proxies import SCHEMES, Proxy
from carryall.core.testing import StrictProtocol, VirtualLoop, chunkings
from carryall.core.net.transport import Address
from carryall.protocols.socks import client
from carryall.protocols.socks.server import SOCKSServer
from tests.protocols.socks.stage import Stage
from tests.support.echo import Echo, EchoClient

ALL = sorted(SCHEMES)


def stage_with_server(**given):
    stage = Stage(**given)
    stage.loop.listen_tcp(lambda: SOCKSServer(stage.gate), '127.0.0.1', 1080)
    stage.loop.listen_tcp(Echo, '192.0.2.7', 7)
    return stage


def proxy(scheme, username=None, password=None):
    return Proxy(scheme, '127.0.0.1', 1080, username, password)


@pytest.mark.parametrize('scheme', ALL)
def test_connect_reaches_the_target(scheme):
    loop = stage_with_server().loop
    transport, echo = loop.run_until(
        client.connect(loop, proxy(scheme), EchoClient, 'host.example', 7))
    assert echo.transport is transport and loop.run_until(echo.echo(b'x' * 100000)) == b'x' * 100000
    with pytest.raises(ConnectFailed):
        loop.run_until(client.connect(loop, proxy(scheme), EchoClient, '192.0.2.7', 8))
    with pytest.raises(ConnectFailed):
        loop.run_until(client.connect(loop, proxy(scheme), EchoClient, 'none.example', 8))


def test_a_refusal_of_socks5_is_refused():
    loop = stage_with_server().loop
    with pytest.raises(Refused):
        loop.run_until(client.connect(loop, proxy('socks5'), EchoClient, '192.0.2.7', 8))


@pytest.mark.parametrize('scheme', ['socks5', 'socks5h', 'http'])
def test_a_login_opens_the_proxy(scheme):
    loop = stage_with_server(login=True).loop
    _, echo = loop.run_until(client.connect(loop, proxy(scheme, u'ann', u'secret'), EchoClient,
                                            'host.example', 7))
    assert loop.run_until(echo.echo(b'in')) == b'in'
    for user, password in ((u'ann', u'wrong'), (None, None)):
        with pytest.raises(client.ProxyRefused) as caught:
            loop.run_until(client.connect(loop, proxy(scheme, user, password), EchoClient,
                                          'host.example', 7))
        assert u'login' in caught.value.message, 'said %s' % caught.value


def test_a_login_that_cannot_be_said():
    loop = stage_with_server().loop
    for user, password in ((u'ann', u''), (u'x' * 256, u'y')):
        with pytest.raises(ConnectFailed):
            loop.run_until(client.connect(loop, proxy('socks5', user, password), EchoClient,
                                          'host.example', 7))


def test_names_are_resolved_here_only_where_the_scheme_says_so():
    loop = VirtualLoop({'host.example': ['2001:db8::1']})
    with pytest.raises(ConnectFailed) as caught:
        loop.run_until(client.connect(loop, proxy('socks4'), EchoClient, 'host.example', 7))
    assert u'IPv4' in caught.value.message
    with pytest.raises(ResolveFailed):
        loop.run_until(client.connect(loop, proxy('socks5'), EchoClient, 'none.example', 7))
    with pytest.raises(Refused):                # comes as far as the proxy, which is not there
        loop.run_until(client.connect(loop, proxy('socks5h'), EchoClient, 'none.example', 7))


class Scripted(StrictProtocol):
    """A proxy that says the next of its lines whenever something comes."""

    def __init__(self, answers):
        StrictProtocol.__init__(self)
        self.answers = list(answers)

    def received(self, data):
        if self.answers:
            answer = self.answers.pop(0)
            if answer is None:
                self.transport.close()
            else:
                self.transport.write(answer)
                if self.answers == [None]:
                    self.transport.close()


def outcome(scheme, answers, user=None):
    loop = VirtualLoop()
    loop.listen_tcp(lambda: Scripted(answers), '127.0.0.1', 1080)
    future = client.connect(loop, proxy(scheme, user, user and u'secret'), StrictProtocol,
                            '192.0.2.7', 7, 10.0)
    loop.advance(11.0)
    assert not loop.failures, '%r' % (loop.failures,)
    assert not loop._wires, 'the connection is left open'
    exc = future.exception()
    loop.close()
    return exc


@pytest.mark.parametrize('scheme, answers, code', [
    ('socks4', [b'\0\x5b\0\0\0\0\0\0'], 91), ('socks4a', [b'\0\x5c\0\0\0\0\0\0'], 92),
    ('socks4', [b'\0\x5d\0\0\0\0\0\0'], 93),
    ('socks5', [b'\5\xff'], 255), ('socks5', [b'\5\0', b'\5\1\0\1\0\0\0\0\0\0'], 1),
    ('socks5', [b'\5\0', b'\5\2\0\3\1h\0\0'], 2),
    ('socks5', [b'\5\0', b'\5\x63\0\1\0\0\0\0\0\0'], 99),
    ('http', [b'HTTP/1.1 403 No\r\n\r\n'], 403),
    ('http', [b'HTTP/1.0 503 Busy\r\nX: y\r\n\r\nbody'], 503)])
def test_a_refusal_has_its_code(scheme, answers, code):
    exc = outcome(scheme, answers)
    assert isinstance(exc, client.ProxyRefused) and exc.code == code, 'it is %r' % exc


@pytest.mark.parametrize('scheme, answers', [
    ('socks4', [b'SSH-2.0-x\r\n']), ('socks4', [None]), ('socks4', [b'\0\x5a\0', None]),
    ('socks5', [b'\4\0']), ('socks5', [b'\5\1']), ('socks5', [b'\5\2']),
    ('socks5', [b'HTTP/1.1 400 \r\n\r\n']),
    ('socks5', [b'\5\0', b'\4\0\0\1\0\0\0\0\0\0']), ('socks5', [b'\5\0', b'\5\0\0\7\0\0\0\0\0\0']),
    ('socks5', [b'\5\0', None]),
    ('http', [b'\5\0']), ('http', [b'HTTP/1.1 x\r\n\r\n']),
    ('http', [b'HTTP/1.1 200 OK\r\n' + b'X: y\r\n' * 5000]), ('http', [None])])
def test_a_server_that_is_no_proxy_is_an_error(scheme, answers):
    exc = outcome(scheme, answers)
    assert isinstance(exc, ConnectFailed) and not isinstance(
        exc, (client.ProxyRefused, TimedOut)), 'it is %r' % exc


@pytest.mark.parametrize('scheme', ALL)
def test_a_proxy_that_says_nothing(scheme):
    assert isinstance(outcome(scheme, []), TimedOut)


def test_a_login_that_is_refused():
    assert isinstance(outcome('socks5', [b'\5\2', b'\1\1'], u'ann'), client.ProxyRefused)


@pytest.mark.parametrize('scheme, answers', [
    ('socks4', [b'\0\x5a\0\0\0\0\0\0greeting']),
    ('socks5', [b'\5\0', b'\5\0\0\3\4host\0\1greeting']),
    ('http', [b'HTTP/1.1 200 OK\r\n\r\ngreeting'])])
def test_data_behind_the_reply_goes_to_the_inner_protocol(scheme, answers):
    for way, pieces in chunkings(answers[-1], cuts=2):
        loop = VirtualLoop()
        loop.listen_tcp(lambda: InPieces(loop, answers[:-1], pieces), '127.0.0.1', 1080)
        transport, inner = loop.run_until(
            client.connect(loop, proxy(scheme), StrictProtocol, '192.0.2.7', 7))
        loop.advance(1.0)
        assert inner.data == b'greeting' and inner.state == 'connected', \
            '%s: it got %r' % (way, inner.data)
        loop.close()


class InPieces(Scripted):
    """Says the last answer in pieces."""

    def __init__(self, loop, answers, pieces):
        Scripted.__init__(self, answers)
        self.loop = loop
        self.pieces = pieces

    def received(self, data):
        if self.answers:
            Scripted.received(self, data)
        else:
            for number, piece in enumerate(self.pieces):
                self.loop.call_later(0.001 * number, self.transport.write, piece)


def test_giving_up_closes_the_connection():
    loop = VirtualLoop()
    loop.listen_tcp(StrictProtocol, '127.0.0.1', 1080)
    future = client.connect(loop, proxy('socks5'), StrictProtocol, '192.0.2.7', 7)
    loop.advance()
    future.cancel()
    loop.advance()
    assert not loop._wires, 'it is left open'


# -- bind and associate ------------------------------------------------------

@pytest.mark.parametrize('scheme', [scheme for scheme in ALL if scheme != 'http'])
def test_bind_waits_for_a_caller(scheme):
    loop = stage_with_server().loop
    bound = loop.run_until(client.bind(loop, proxy(scheme), EchoClient))
    assert bound.address.host == '127.0.0.1'
    near, _ = loop.run_until(loop.connect_tcp(Echo, *bound.address))
    transport, echo, caller = loop.run_until(bound.accepted)
    assert loop.run_until(echo.echo(b'called')) == b'called' and caller == near.get_extra_info(
        'sockname')


def test_a_bind_without_a_caller_fails():
    loop = stage_with_server().loop
    bound = loop.run_until(client.bind(loop, proxy('socks5'), EchoClient))
    loop.advance(130.0)
    assert isinstance(bound.accepted.exception(), ConnectFailed) and not loop._wires


class Packets(DatagramProtocol):
    def __init__(self):
        self.heard = []
        self.over = False

    def datagram_received(self, data, addr):
        self.heard.append((data, addr))

    def connection_lost(self, exc):
        self.over = True


class Shout(DatagramProtocol):
    def datagram_received(self, data, addr):
        self.transport.sendto(data.upper(), addr)


def test_datagrams_pass_both_ways():
    loop = stage_with_server().loop
    loop.open_udp(Shout, '192.0.2.7', 5353)
    packets = Packets()
    transport = loop.run_until(client.associate(loop, proxy('socks5h'), lambda: packets))
    for host in ('192.0.2.7', 'host.example'):
        transport.sendto(b'ping', (host, 5353))
        loop.advance(1.0)
    assert packets.heard == [(b'PING', Address('192.0.2.7', 5353))] * 2
    packets.transport.close()
    loop.advance(1.0)
    assert packets.over and len(loop._datagrams) == 1 and len(loop._wires) == 1, 'something is left'


def test_the_end_of_the_connection_is_that_of_the_datagrams():
    stage = stage_with_server()
    packets = Packets()
    stage.loop.run_until(client.associate(stage.loop, proxy('socks5h'), lambda: packets))
    for wire in list(stage.loop._wires):
        wire.abort()
    stage.loop.advance(1.0)
    assert packets.over and not stage.loop._datagrams


def test_an_unsupported_request_is_refused():
    loop = VirtualLoop()
    for ask in (lambda: client.bind(loop, proxy('http'), EchoClient),
                lambda: client.associate(loop, proxy('http'), Packets),
                lambda: client.associate(loop, proxy('socks4a'), Packets)):
        with pytest.raises(Unsupported):
            ask()


@pytest.mark.parametrize('scheme, answers, code', [
    ('socks4', [b'\0\x5b', None], 91), ('socks5', [b'\5\0', b'\5\2', None], 2),
    ('socks5', [b'\5\0', b'\5\1\0', None], 1),
    ('http', [b'HTTP/1.1 403 No\r\n', None], 403),
    ('http', [b'HTTP/1.0 407 Login\r\nX: y\r\n', None], 407)])
def test_a_refusal_that_ends_too_soon_is_told(scheme, answers, code):
    exc = outcome(scheme, answers)
    assert isinstance(exc, client.ProxyRefused)
    assert exc.code == code


@pytest.mark.parametrize('scheme, answers', [
    ('socks4', [b'\0\x5a', None]), ('socks5', [b'\5\0', b'\5\0\0', None]),
    ('http', [b'HTTP/1.1 200 OK\r\n', None]),
    ('http', [b'HTTP/1.1 x\r\n', None]), ('http', [b'HTTP/1.1 403', None])])
def test_an_incomplete_refusal_is_an_error(scheme, answers):
    exc = outcome(scheme, answers)
    assert isinstance(exc, ConnectFailed)
    assert not isinstance(exc, (client.ProxyRefused, TimedOut))
