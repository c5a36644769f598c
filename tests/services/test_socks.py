# Copyright the carryall authors.  See LICENSE.
"""The service ``socks``: options, warnings, rules, log,
and each kind of proxy on each backend, plain and TLS."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.app.optionvalues import plain
from carryall.core.auth.checkers import MemoryChecker
from carryall.core.errors import ConnectFailed, ListenFailed, UsageError
from carryall.core.net.protocol import DatagramProtocol
from carryall.app.proxies import SCHEMES, Proxy, connect_through
from carryall.commands.catalogue import known_types
from carryall.core.testing import VirtualLoop
from carryall.core.net.transport import Address, here
from carryall.protocols.socks import client
from carryall.services.socks import TYPE, SOCKSService
from tests.services import test_portforward as portforward
from tests.support.activity import watch
from tests.support.echo import Echo, EchoClient


def made(*words):
    return TYPE.make(TYPE.options.parse(list(words)))


def test_the_registry_knows_it():
    assert known_types().get('socks') is TYPE


def test_options_of_old():
    values = TYPE.options.parse([])
    assert (values.port, values.interface, values.log) == (u'tcp:1080', u'127.0.0.1', None), \
        'the defaults of 0.19'
    values = TYPE.options.parse(['-p', '8080', '-i', '0.0.0.0', '-l', 'traffic'])
    assert values.port == u'tcp:8080' and values.log.endswith(u'traffic')
    assert TYPE.endpoints(values) == [u'tcp:8080:interface=0.0.0.0']
    assert TYPE.options.parse(TYPE.options.words(values)) == values and TYPE.options.complete(
        plain(values)) == values


@pytest.mark.parametrize('words', [['--rule', 'permit'], ['--upstream', 'x'],
                                   ['--upstream', 'socks5://a:b@h'], ['--idle', '0'], ['-p', 'x'],
                                   ['--max-connections', '0'],
                                   ['--no-socks4', '--no-socks5', '--no-http']])
def test_bad_words_are_refused(words):
    with pytest.raises(UsageError):
        TYPE.options.parse(words)


def started(*words, **given):
    loop = VirtualLoop({'echo.example': ['192.0.2.7']})
    loop.listen_tcp(Echo, '192.0.2.7', 7)
    loop.listen_tcp(Echo, '127.0.0.1', 7)
    loop.listen_tcp(Echo, '8.8.8.8', 7)
    service = SOCKSService(TYPE.options.parse(list(words)), **given)
    service.start(loop)
    return loop, service


def echoed(loop, scheme='socks5h', host='echo.example', **login):
    _, echo = loop.run_until(connect_through(loop, Proxy(scheme, '127.0.0.1', 1080, **login),
                                             EchoClient, host, 7))
    return loop.run_until(echo.echo(b'x')) == b'x'


def test_open_to_all_and_unguarded_is_warned_of_and_shielded(expect_log):
    expect_log('may use this proxy without a login')
    loop, _ = started('-i', '0.0.0.0')
    assert echoed(loop, host='8.8.8.8')
    for host in ('127.0.0.1', '192.0.2.7', 'echo.example'):
        with pytest.raises(client.ProxyRefused):
            echoed(loop, host=host)
    loop, _ = started('-i', '0.0.0.0', '--private')
    assert echoed(loop, host='127.0.0.1')
    loop, _ = started('-i', '0.0.0.0', '--rule', 'allow to 127.0.0.0/8')
    assert echoed(loop, host='127.0.0.1')


def test_logins_are_demanded_on_every_protocol():
    loop, _ = started(checkers=[MemoryChecker({u'ann': b'secret'})])
    assert echoed(loop, username=u'ann', password=u'secret')
    for scheme in ('socks5', 'socks4', 'http'):
        with pytest.raises(client.ProxyRefused):
            echoed(loop, scheme, host='192.0.2.7')


def test_rules_and_reload(tmpdir):
    path = tmpdir.join('rules')
    path.write('# nothing yet\nallow\n')
    loop, service = started('--rules', str(path), '--default-deny', '--rule', 'deny port 9')
    assert echoed(loop)
    path.write('deny to 192.0.2.0/24\nallow\n')
    service.reload()
    with pytest.raises(client.ProxyRefused):
        echoed(loop)
    path.write('nonsense')
    with pytest.raises(UsageError):
        service.reload()
    path.write('allow\n')

    def refuse():
        raise UsageError(u'a certificate')

    service.server.reload = refuse
    with pytest.raises(UsageError):
        service.reload()
    with pytest.raises(client.ProxyRefused):
        echoed(loop)                        # what was wrong has changed nothing
    with pytest.raises(UsageError):
        started('--rules', str(tmpdir.join('none')))
    loop.run_until(service.stop(0.0))


def test_protocols_can_be_left_out():
    for word, scheme in (('--no-socks4', 'socks4a'), ('--no-socks5', 'socks5h'),
                         ('--no-http', 'http')):
        loop, _ = started(word)
        with pytest.raises(ConnectFailed):
            echoed(loop, scheme)
        assert all(echoed(loop, other) for other in ('socks4a', 'socks5h', 'http')
                   if other != scheme)


def test_through_another_proxy(monkeypatch):
    loop, far = started(checkers=[MemoryChecker({u'ann': b'secret'})])
    monkeypatch.setenv('CARRYALL_PROXY_PASSWORD', 'secret')
    near = SOCKSService(TYPE.options.parse(
        ['-p', '1081', '--upstream', 'socks5h://ann@127.0.0.1:1080']))
    near.start(loop)
    _, echo = loop.run_until(connect_through(loop, Proxy('socks4a', '127.0.0.1', 1081), EchoClient,
                                             'echo.example', 7))
    assert loop.run_until(echo.echo(b'two proxies')) == b'two proxies'
    assert far.listening() == ['socks on 127.0.0.1:1080']


def test_the_log_shows_the_traffic(tmpdir):
    path = tmpdir.join('traffic')
    loop, service = started('-l', str(path))
    assert echoed(loop)
    service.reload()
    assert echoed(loop)
    loop.run_until(service.stop(0.0))
    assert os.name == 'nt' or os.stat(str(path)).st_mode & 0o777 == 0o600, \
        'passwords are among what is relayed'
    entries = path.read().strip().split('\n\n')
    assert len(entries) == 4 and entries[0].split('\n')[0].endswith(' < 192.0.2.7:7') \
        and '78 ' in entries[0] and ' > ' in entries[1]
    with pytest.raises(UsageError):
        started('-l', str(tmpdir.join('no', 'such')))


def test_a_port_that_is_taken():
    loop, _ = started()
    with pytest.raises(ListenFailed):
        made().start(loop)


def test_too_many_connections():
    loop, _ = started('--max-per-address', '1')
    assert echoed(loop)
    with pytest.raises(ConnectFailed):
        echoed(loop)


# -- on each backend ---------------------------------------------------------

@pytest.mark.parametrize('scheme', sorted(SCHEMES))
def test_each_kind_of_proxy_relays(loop, scheme):
    target = loop.listen_tcp(Echo)
    service = made('-p', '0')
    service.start(loop)
    proxy = Proxy(scheme, '127.0.0.1', service.server.listeners[0].address.port)
    host = '127.0.0.1' if scheme == 'socks4' else 'localhost'
    transport, echo = loop.run_until(
        connect_through(loop, proxy, EchoClient, host, target.address.port))
    data = b'0123456789abcdef' * 16384
    assert loop.run_until(echo.echo(data)) == data
    transport.close()
    target.close()
    with pytest.raises(ConnectFailed):
        loop.run_until(connect_through(loop, proxy, EchoClient, '127.0.0.1', target.address.port))
    loop.run_until(service.stop(1.0))


def test_bind_and_datagrams(loop):
    service = made('-p', '0')
    service.start(loop)
    proxy = Proxy('socks5', '127.0.0.1', service.server.listeners[0].address.port)
    bound = loop.run_until(client.bind(loop, proxy, EchoClient))
    loop.run_until(loop.connect_tcp(Echo, *bound.address))
    transport, echo, _ = loop.run_until(bound.accepted)
    assert loop.run_until(echo.echo(b'called')) == b'called'
    transport.close()

    class Shout(DatagramProtocol):
        def datagram_received(self, data, addr):
            self.transport.sendto(data.upper(), addr)

    class Hear(DatagramProtocol):
        heard = None

        def datagram_received(self, data, addr):
            self.heard = (data, addr)
            loop.stop()

    server = loop.open_udp(Shout)
    place = here(server)
    hear = Hear()
    datagrams = loop.run_until(client.associate(loop, proxy, lambda: hear))
    datagrams.sendto(b'ping', ('127.0.0.1', place.port))
    loop.call_later(10.0, loop.stop)
    loop.run()
    assert hear.heard == (b'PING', Address('127.0.0.1', place.port))
    loop.run_until(service.stop(0.0))


def test_a_relay_goes_by_way_of_the_proxy():
    stage = portforward.Stage('--via', 'socks5://127.0.0.1:1080', *portforward.targets(2))
    proxy = TYPE.make(TYPE.options.parse([]))
    proxy.start(stage.loop)
    client = stage.call()
    assert client.data == b'2'
    client.transport.write(b' and back')
    stage.loop.advance()
    assert client.data == b'2 and back'


def test_a_connection_is_told_to_the_activity_when_it_ends():
    loop = VirtualLoop()
    loop.listen_tcp(Echo, '127.0.0.1', 7)
    told = watch(loop)
    SOCKSService(TYPE.options.parse([])).start(loop)
    _, echo = loop.run_until(connect_through(loop, Proxy('socks5', '127.0.0.1', 1080), EchoClient,
                                             '127.0.0.1', 7))
    loop.run_until(echo.echo(b'xy'))
    echo.transport.close()
    loop.advance(1.0)
    assert told.rows == [(u'socks', u'127.0.0.1', u'CONNECT 127.0.0.1:7', u'ended', 4, True)]


def test_a_refusal_is_told_to_the_activity():
    loop = VirtualLoop()
    told = watch(loop)
    SOCKSService(TYPE.options.parse(['--default-deny'])).start(loop)
    with pytest.raises(client.ProxyRefused):
        echoed(loop, host='127.0.0.1')
    loop.advance(1.0)
    assert told.rows == [(u'socks', u'127.0.0.1', u'CONNECT 127.0.0.1:7', u'refused', 0, False)]


def test_a_user_of_the_command_line_logs_in():
    loop, _ = started('--user', 'ann=secret')
    assert echoed(loop, username=u'ann', password=u'secret')
    with pytest.raises(client.ProxyRefused):
        echoed(loop, 'socks5', host='192.0.2.7')
