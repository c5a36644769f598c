# Copyright the carryall authors.  See LICENSE.
"""The service ``portforward``: options, targets, and a relay on each backend."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app.optionvalues import plain
from carryall.core.errors import ConnectFailed, ListenFailed, UsageError
from carryall.core.net.protocol import DatagramProtocol, Protocol
from carryall.commands.catalogue import known_types
from carryall.core.testing import StrictProtocol, VirtualLoop
from carryall.core.net.transport import Address
from carryall.services.portforward.targets import Target, Targets
from carryall.services.portforward import TYPE
from tests.support.echo import Echo, EchoClient


def made(*words):
    return TYPE.make(TYPE.options.parse(words))


def test_the_registry_knows_it():
    assert known_types().get('portforward') is TYPE


def test_options_of_old():
    values = TYPE.options.parse([])
    assert (values.port, values.host, values.dest_port) == (u'tcp:6666', u'localhost', 6665), \
        'the defaults of 0.19'
    values = TYPE.options.parse(['-p', '7000', '-h', 'example.org', '-d', '80'])
    assert (values.port, values.host, values.dest_port) == (u'tcp:7000', u'example.org', 80)
    assert TYPE.options.parse(['--port=7000', '--host', 'x', '--dest_port', '80']).dest_port == 80
    assert TYPE.options.parse(TYPE.options.words(values)) == values and TYPE.options.complete(
        plain(values)) == values
    assert TYPE.endpoints(values) == [u'tcp:7000:interface=127.0.0.1'], \
        'for this machine alone, unless told otherwise'


@pytest.mark.parametrize('words', [
    ['--target', 'x'], ['--target', 'tcp:x'], ['--target', 'tcp::80'], ['--target', 'udp:x:80'],
    ['--target', 'tcp:x:70000'],
    ['--target', 'tcp:::1:80'], ['--allow', 'x'], ['--via', 'x'], ['-d', '0'],
    ['--balance', 'random'], ['--expect-proxy', 'x'],
    ['-p', 'udp:5', '--via', 'socks5://h'], ['-p', 'udp:5', '--target', 'unix:/x'],
    ['-p', 'udp:5', '--trace'],
    ['--via', 'socks5://h', '--target', 'unix:/x']])
def test_bad_words_are_refused(words):
    with pytest.raises(UsageError):
        TYPE.options.parse(words)


@pytest.mark.parametrize('text, kind, host, port', [
    (u'tcp:host.example:80', 'tcp', 'host.example', 80), (u'tls:[::1]:443', 'tls', '::1', 443)])
def test_a_target_is_parsed(text, kind, host, port):
    target = Target(text)
    assert (target.kind, target.host, target.port, str(target)) == (kind, host, port, str(text))


class Stage(object):
    """Three targets that say their number, and a service."""

    def __init__(self, *words):
        self.loop = VirtualLoop({'localhost.example': ['127.0.0.1']})
        self.up = {}
        for number in (1, 2, 3):
            self.begin(number)
        self.service = made('-p', '7000', *words)
        self.service.start(self.loop)

    def begin(self, number):
        class Says(Protocol):
            def connection_made(self, transport):
                transport.write(b'%d' % number)
                self.transport = transport

            def data_received(self, data):
                self.transport.write(data)

        self.up[number] = self.loop.listen_tcp(Says, '10.0.0.%d' % number, 80)

    def call(self, host='127.0.0.1', local=None):
        client = StrictProtocol()
        self.loop.run_until(self.loop.connect_tcp(lambda: client, host, 7000, 30.0, local))
        self.loop.advance()
        return client


def targets(*numbers):
    words = []
    for number in numbers:
        words += ['--target', 'tcp:10.0.0.%d:80' % number]
    return words


def test_the_first_that_is_up(expect_log):
    expect_log('is down')
    stage = Stage(*targets(1, 2))
    assert [stage.call().data for _ in range(3)] == [b'1', b'1', b'1']
    stage.up[1].close()
    assert [stage.call().data for _ in range(2)] == [b'2', b'2']
    stage.begin(1)
    assert stage.call().data == b'2', 'it is tried again too soon'
    stage.loop.advance(11.0)
    assert stage.call().data == b'1', 'it is never tried again'


def test_each_in_turn_and_the_least():
    stage = Stage('--balance', 'round-robin', *targets(1, 2, 3))
    assert [stage.call().data for _ in range(4)] == [b'1', b'2', b'3', b'1']
    stage = Stage('--balance', 'least', *targets(1, 2))
    first = stage.call()
    assert first.data == b'1' and stage.call().data == b'2' \
        and [one.active for one in stage.service.targets.all] == [1, 1]
    first.transport.close()
    stage.loop.advance(31.0)
    assert stage.service.targets.all[0].active == 0, 'it is still counted'


def test_a_health_check(expect_log):
    expect_log('is down')
    stage = Stage('--check', '2s', *targets(1, 2))
    stage.loop.advance(5.0)
    stage.up[1].close()
    stage.loop.advance(2.5)
    assert stage.service.targets.all[0].down_until is not None, 'nobody noticed'
    stage.begin(1)
    stage.loop.advance(2.5)
    assert stage.call().data == b'1', 'nobody noticed that it is back'
    stage.loop.run_until(stage.service.stop(0.0))
    stage.loop.advance(60.0)


def test_all_are_down(expect_log):
    expect_log('is down')
    stage = Stage('--target', 'tcp:10.9.9.9:80')
    client = stage.call()
    assert client.state == 'lost' and client.data == b''


def test_networks_and_numbers():
    stage = Stage('--allow', '192.0.2.0/24', '--max-connections', '1', *targets(1))
    assert stage.call().state == 'lost', '127.0.0.1 is not in that network'
    stage.loop.advance()
    client = stage.call(local=('192.0.2.9', 5))
    assert client.data == b'1'
    assert stage.call(local=('192.0.2.9', 6)).state == 'lost', 'one is the most'


def test_the_proxy_protocol_in_and_out():
    heard = StrictProtocol()
    stage = Stage('--send-proxy', 'v1', '--expect-proxy', '127.0.0.0/8', '--allow',
                  '198.51.100.0/24', '--target', 'tcp:10.0.0.4:80')
    stage.loop.listen_tcp(lambda: heard, '10.0.0.4', 80)
    client = stage.call()
    client.transport.write(b'PROXY TCP4 198.51.100.7 192.0.2.1 5 80\r\nhello')
    stage.loop.advance()
    assert heard.data == b'PROXY TCP4 198.51.100.7 192.0.2.1 5 80\r\nhello'
    other = stage.call()
    other.transport.write(b'PROXY TCP4 203.0.113.7 192.0.2.1 5 80\r\nhello')
    stage.loop.advance()
    assert other.state == 'lost', 'the network is that of the client, not of the relay'


def test_a_port_that_is_taken():
    stage = Stage(*targets(1))
    with pytest.raises(ListenFailed):
        made('-p', '7000').start(stage.loop)


def test_datagrams_are_forwarded():
    loop = VirtualLoop()

    class Shout(DatagramProtocol):
        def datagram_received(self, data, addr):
            self.transport.sendto(data.upper(), addr)

    class Client(DatagramProtocol):
        heard = b''

        def datagram_received(self, data, addr):
            self.heard += data

    loop.open_udp(Shout, '127.0.0.1', 53)
    service = made('-p', 'udp:5353', '-d', '53')
    service.start(loop)
    assert service.listening() == ['portforward on udp 127.0.0.1:5353 to udp:localhost:53']
    client = Client()
    loop.open_udp(lambda: client, '127.0.0.1', 40000)
    loop.advance()
    client.transport.sendto(b'question', Address('127.0.0.1', 5353))
    loop.advance()
    assert client.heard == b'QUESTION'
    loop.run_until(service.stop(0.0))
    loop.advance()
    assert len(loop._datagrams) == 2, 'a socket is left'


def test_no_target_at_all():
    loop = VirtualLoop()
    empty = Targets([])
    empty.prepare(loop)
    with pytest.raises(ConnectFailed):
        loop.run_until(empty.connect(Protocol, None))


# -- on each backend ---------------------------------------------------------

def test_a_megabyte_there_and_back(loop, tmpdir):
    target = loop.listen_tcp(Echo)
    service = made('-p', 'tcp:0', '--target', 'tcp:127.0.0.1:%d' % target.address.port)
    service.start(loop)
    port = service.children[0].listeners[0].address.port
    transport, client = loop.run_until(loop.connect_tcp(EchoClient, '127.0.0.1', port))
    data = b'0123456789abcdef' * 65536
    assert loop.run_until(client.echo(data)) == data
    transport.close()
    if loop.caps.unix:
        path = str(tmpdir.join('s'))
        loop.listen_unix(Echo, path)
        second = made('-p', 'unix:%s' % tmpdir.join('t'), '--target', 'unix:' + path)
        second.start(loop)
        transport, client = loop.run_until(loop.connect_unix(EchoClient, str(tmpdir.join('t'))))
        assert loop.run_until(client.echo(data)) == data
        transport.close()
        loop.run_until(second.stop(1.0))
    loop.run_until(service.stop(1.0))
