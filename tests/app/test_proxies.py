# Copyright the carryall authors.  See LICENSE.
"""The text of a proxy, and a loop whose connections go through it."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectFailed, Refused, ResolveFailed, Unsupported, UsageError
from carryall.core.net.protocol import DatagramProtocol
from carryall.app.proxies import SCHEMES, Proxy, ProxyKind, Through, connect_through, parse_proxy
from carryall.core.testing import VirtualLoop
from carryall.protocols.http.client import HTTPClient
from carryall.protocols.http import Response, Site
from carryall.protocols.socks import Gate, SOCKSServer
from carryall.protocols.websocket import WebSocketServer, connect
from tests.protocols.websocket.websocket_kit import Echoing
from tests.support.echo import Echo, EchoClient


@pytest.mark.parametrize('text, canonical', [
    (u'socks5://127.0.0.1:1080', None), (u'socks5://127.0.0.1', u'socks5://127.0.0.1:1080'),
    (u'http://proxy.example/', u'http://proxy.example:3128'), (u'socks5h://ann@[::1]:9', None),
    (u'socks4a://[0:0::1]', u'socks4a://[::1]:1080'), (u'socks4://a%b@h:1', None)])
def test_a_proxy_has_a_canonical_text(text, canonical):
    proxy = parse_proxy(text)
    assert proxy.text() == (canonical or text), 'read as %s' % proxy.text()
    assert parse_proxy(proxy.text()).text() == proxy.text(), 'not stable'
    assert ProxyKind().parse(text) == proxy.text()
    ProxyKind().check(proxy.text())


@pytest.mark.parametrize('text', [
    u'', u'127.0.0.1:1080', u'socks6://h:1', u'socks5://', u'socks5://:1080', u'socks5://h:0',
    u'socks5://h:70000',
    u'socks5://h:x', u'socks5://ann:secret@h:1', u'socks5://@h:1', u'socks5://h:1/path',
    u'socks5://[::1', u'socks5://::1:1',
    u'socks5://[::1]x', u'socks5://[h]:1', u'socks5://h:', u'socks5://\xe9:1',
    u'socks5://' + u'h' * 600])
def test_a_bad_proxy_is_refused(text):
    with pytest.raises(UsageError):
        parse_proxy(text)


def test_a_tap_holds_the_canonical_text_alone():
    for value in (u'socks5://h', b'socks5://h:1080', 7, None):
        with pytest.raises(UsageError):
            ProxyKind().check(value)


def test_the_password_is_never_shown():
    proxy = parse_proxy(u'socks5://ann@h:1', u'secret')
    assert proxy.password == u'secret' and u'secret' not in proxy.text() and 'secret' not in repr(
        proxy)


def served():
    loop = VirtualLoop({'echo.example': ['192.0.2.7']})
    gate = Gate(loop)
    loop.listen_tcp(lambda: SOCKSServer(gate), '127.0.0.1', 1080)
    loop.listen_tcp(Echo, '192.0.2.7', 7)
    return loop


@pytest.mark.parametrize('scheme', sorted(SCHEMES))
def test_a_client_that_knows_nothing_of_proxies(scheme):
    loop = served()
    through = Through(loop, Proxy(scheme, '127.0.0.1', 1080))
    transport, client = loop.run_until(through.connect_tcp(EchoClient, 'echo.example', 7, 10.0))
    assert loop.run_until(client.echo(b'by way of')) == b'by way of', 'no echo'
    assert transport.get_extra_info('peername').port == 1080, 'it went directly'
    assert through.time() == loop.time() and through.caps is loop.caps, 'all else is the loop\'s'
    with pytest.raises(ConnectFailed):
        loop.run_until(through.connect_tcp(EchoClient, '192.0.2.7', 8))
    loop.close()


def test_names_are_left_to_the_proxy_that_resolves_them():
    loop = VirtualLoop()
    for scheme in sorted(SCHEMES):
        through = Through(loop, Proxy(scheme, '127.0.0.1'))
        assert loop.run_until(through.resolve('192.0.2.1', 5)) == [('192.0.2.1', 5)]
        if through._proxy.resolves:
            assert loop.run_until(through.resolve('unknown.example', 5)) == [('unknown.example', 5)]
        else:
            with pytest.raises(ResolveFailed):
                loop.run_until(through.resolve('unknown.example', 5))


def test_packets_do_not_go_around_the_proxy():
    through = Through(VirtualLoop(), Proxy('socks5', '127.0.0.1'))
    with pytest.raises(Unsupported):
        through.open_udp(DatagramProtocol)


def test_without_a_proxy_it_is_a_direct_connection():
    loop = served()
    transport, _ = loop.run_until(connect_through(loop, None, EchoClient, '192.0.2.7', 7))
    assert transport.get_extra_info('peername').port == 7
    with pytest.raises(Refused):
        loop.run_until(connect_through(loop, Proxy('socks5', '127.0.0.1', 9), EchoClient,
                                       '192.0.2.7', 7))
    loop.close()


@pytest.mark.parametrize('scheme', sorted(SCHEMES))
def test_the_http_client_through_each_kind(scheme):
    loop = VirtualLoop({'web.example': ['192.0.2.8']})
    gate = Gate(loop)
    loop.listen_tcp(lambda: SOCKSServer(gate), '127.0.0.1', 1080)
    loop.listen_tcp(Site(lambda request: Response(200, (), b'through'), loop), '192.0.2.8', 80)
    client = HTTPClient(Through(loop, Proxy(scheme, '127.0.0.1', 1080)))
    response = loop.run_until(client.request(b'GET', u'http://web.example/', [], b''))
    assert loop.run_until(response.read(100)) == b'through', 'not the page'
    client.close()
    loop.close()


@pytest.mark.parametrize('scheme', ['socks5h', 'http'])
def test_the_websocket_client_goes_through_a_proxy(scheme):
    loop = VirtualLoop({'chat.example': ['192.0.2.8']})
    gate = Gate(loop)
    loop.listen_tcp(lambda: SOCKSServer(gate), '127.0.0.1', 1080)
    site = Site(WebSocketServer(lambda request: Echoing(), loop), loop)
    loop.listen_tcp(site, '192.0.2.8', 80)
    through = Through(loop, Proxy(scheme, '127.0.0.1', 1080))
    client = loop.run_until(connect(through, 'ws://chat.example/'))
    client.send(u'by way of')
    assert loop.run_until(client.receive()) == u'by way of'
    loop.close()
