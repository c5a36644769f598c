# Copyright the carryall authors.  See LICENSE.
"""The service ``simple``: its options, its files, and each server on each backend."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall import runtimes
from carryall.app.optionvalues import plain
from carryall.core.errors import ConnectFailed, ListenFailed, UsageError
from carryall.core.net.protocol import DatagramProtocol, Protocol
from carryall.commands.catalogue import known_types
from carryall.core.testing import VirtualLoop
from carryall.core.net.transport import Address, here
from carryall.protocols.simple import chargen, daytime, discard, echo, qotd, systat, timeprotocol
from carryall.protocols.simple.settings import Settings
from carryall.pytest_plugin import (        # noqa: F401  fixtures
    carryall_certificates, carryall_servers, simple_server)
from carryall.services.simple import NAMES, TYPE
from tests.support.echo import EchoClient

EXAMPLES = os.path.join(os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), 'doc', 'examples')


def made(*words):
    return TYPE.make(TYPE.options.parse(words))


# -- options -----------------------------------------------------------------

def test_the_registry_knows_it():
    assert known_types().get('simple') is TYPE, 'another one'


@pytest.mark.parametrize('words, tcp, udp', [
    (['--tcp', 'echo:7007'], [u'echo:tcp:7007:interface=127.0.0.1'], []),
    (['--udp', 'daytime:1313', '--tcp=echo:7007', '--tcp', 'qotd:1717'],
     [u'echo:tcp:7007:interface=127.0.0.1', u'qotd:tcp:1717:interface=127.0.0.1'],
     [u'daytime:udp:1313:interface=127.0.0.1']),
    (['-t', 'echo:7007:interface=0.0.0.0'], [u'echo:tcp:7007:interface=0.0.0.0'], []),
    (['-t', 'echo:tcp:7007:interface=[::1]:backlog=5'],
     [u'echo:tcp:7007:interface=[::1]:backlog=5'], []),
    (['-t', 'echo:[::1]:7007'], [u'echo:tcp:7007:interface=[::1]'], []),
    (['-u', 'echo:7007:interface=[::]'], [], [u'echo:udp:7007:interface=[::]']),
    (['-t', 'echo:unix:/run/echo.sock'], [u'echo:unix:/run/echo.sock'], [])])
def test_words_choose_the_servers(words, tcp, udp):
    values = TYPE.options.parse(words)
    assert (values.tcp, values.udp) == (tcp, udp), 'parsed to %r' % (values,)
    assert TYPE.options.parse(TYPE.options.words(values)) == values, \
        'the words do not give the values back'
    assert TYPE.options.complete(plain(values)) == values, 'a tap does not give the values back'
    assert TYPE.endpoints(values) == [text.split(':', 1)[1] for text in tcp + udp], 'the endpoints'


@pytest.mark.parametrize('words', [
    [], ['--tcp', 'echo'], ['--tcp', 'finger:79'], ['--tcp', ':7007'], ['--tcp', 'echo:'],
    ['--tcp', 'echo:70000'],
    ['--tcp', 'echo:x'], ['--tcp', 'echo:udp:7007'], ['--udp', 'echo:tcp:7007'],
    ['--udp', 'echo:unix:/x'],
    ['--tcp', 'ECHO:7007'], ['--tcp', 'echo:7007:interface=example.org'],
    ['--udp', 'echo:7007:backlog=3'],
    ['--tcp', u'echo:\u0661'], ['--tcp', 'echo:7007', '--daytime', 'julian'],
    ['--tcp', 'echo:7007', 'word']])
def test_bad_words_are_refused(words):
    with pytest.raises(UsageError):
        TYPE.options.parse(words)


def test_a_port_that_is_left_out_is_told():
    with pytest.raises(UsageError) as caught:
        TYPE.options.parse(['--tcp', 'echo'])
    assert '"echo" has no port; an example is echo:7007' in str(caught.value)


@pytest.mark.parametrize(
    'value', [u'echo:7007', u'echo:tcp:7007', 7, u'echo', b'echo:tcp:7007:interface=127.0.0.1'])
def test_a_tap_holds_the_canonical_text_alone(value):
    values = plain(TYPE.options.parse(['--tcp', 'echo:7007']))
    values[u'tcp'] = [value]
    with pytest.raises(UsageError):
        TYPE.options.complete(values)


def test_missing_files_are_told_beforehand(tmpdir):
    values = TYPE.options.parse(['--tcp', 'qotd:1717', '--quotes', str(tmpdir.join('none'))])
    assert len(TYPE.check(values)) == 1, 'said %r' % (TYPE.check(values),)
    with pytest.raises(UsageError):
        TYPE.make(values).start(VirtualLoop())


# -- on a virtual loop -------------------------------------------------------

def test_over_all_interfaces_only_if_asked():
    loop = VirtualLoop()
    service = made('--tcp', 'echo:7007', '--udp', 'echo:7007', '--tcp',
                   'qotd:1717:interface=0.0.0.0')
    service.start(loop)
    assert service.listening() == ['echo on 127.0.0.1:7007', 'qotd on 0.0.0.0:1717',
                                   'echo on udp 127.0.0.1:7007'], \
        'listening on %r' % (service.listening(),)
    loop.run_until(service.stop(0.0))
    assert service.listening() == [] and not loop._listeners and not loop._datagrams, \
        'something is left open'
    loop.close()


def test_a_port_that_is_taken_leaves_nothing_behind():
    loop = VirtualLoop()
    loop.open_udp(DatagramProtocol, '127.0.0.1', 7007)
    service = made('--tcp', 'echo:7007', '--udp', 'echo:7007')
    with pytest.raises(ListenFailed):
        service.start(loop)
    assert not loop._listeners and service.loop is None, 'the TCP port is left open'


def test_packets_with_our_own_ports_as_source_are_not_answered():
    loop = VirtualLoop()
    service = made('--udp', 'echo:7007', '--udp', 'chargen:1919', '--udp', 'daytime:1313')
    service.start(loop)
    loop.advance()
    wires = [loop._datagrams[Address('127.0.0.1', port)] for port in (7007, 1919, 1313)]
    for wire in wires:
        for port in (7007, 1919, 1313, 7, 53):
            wire._arrive(b'forged', Address('127.0.0.1', port))
    loop.advance(60.0)
    assert [wire.sent for wire in wires] == [[], [], []], 'they talk'
    loop.run_until(service.stop(0.0))
    loop.close()


def test_an_idle_connection_is_closed():
    loop = VirtualLoop()
    service = made('--tcp', 'echo:7007')
    service.start(loop)
    transport, _ = loop.run_until(loop.connect_tcp(Protocol, '127.0.0.1', 7007))
    loop.advance(Settings().idle_seconds + 2.0)
    assert transport.lost == [None], 'it stays for ever'
    loop.run_until(service.stop(0.0))
    loop.close()


@pytest.mark.parametrize('option', ['--max-connections', '--max-per-address'])
def test_one_connection_too_many_is_closed_and_the_others_live(option):
    loop = VirtualLoop()
    service = made('--tcp', 'echo:7007', '--tcp', 'discard:9009', option, '2')
    service.start(loop)
    wires = [loop.run_until(loop.connect_tcp(echo.EchoClient, '127.0.0.1', port))[0]
             for port in (7007, 9009, 7007)]
    loop.advance()
    assert [wire.lost for wire in wires] == [[], [], [None]], \
        'the third is one too many, of both servers together'
    assert loop.run_until(wires[0].protocol.echo(b'still')) == b'still', 'the first lives'
    wires[1].close()
    loop.advance()
    again, client = loop.run_until(loop.connect_tcp(echo.EchoClient, '127.0.0.1', 7007))
    assert loop.run_until(client.echo(b'room')) == b'room', 'there is room again'
    loop.run_until(service.stop(0.0))
    loop.close()


class NotReading(Protocol):
    def connection_made(self, transport):
        transport.pause_reading()


def test_stop_waits_for_connections_and_then_ends_them():
    loop = VirtualLoop()
    service = made('--tcp', 'chargen:1919')
    service.start(loop)
    transport, _ = loop.run_until(loop.connect_tcp(NotReading, '127.0.0.1', 1919))
    stopped = service.stop(5.0)
    loop.advance(4.0)
    assert not stopped.done() and not transport.lost, 'it has 5 seconds'
    loop.advance(2.0)
    assert stopped.done() and len(transport.lost) == 1, 'the 5 seconds are over'
    loop.close()


def test_files_are_read_at_the_start_and_again_on_reload(tmpdir):
    quotes = tmpdir.join('quotes')
    users = tmpdir.join('users')
    quotes.write_binary(b'first\n')
    users.write_binary(b'ann\n\n  bob  \r\n')
    loop = VirtualLoop()
    service = made('--tcp', 'qotd:1717', '--tcp', 'systat:1111', '--quotes', str(quotes), '--users',
                   str(users))
    service.start(loop)
    assert loop.run_until(qotd.fetch(loop, '127.0.0.1', 1717)) == b'first\r\n', 'not from the file'
    assert loop.run_until(systat.fetch(loop, '127.0.0.1', 1111)) == [b'ann', b'bob'], \
        'not from the file'
    quotes.write_binary(b'second\n')
    users.write_binary(b'cid\n')
    service.reload()
    assert loop.run_until(qotd.fetch(loop, '127.0.0.1', 1717)) == b'second\r\n', 'not read again'
    quotes.write_binary(b'\xff\n')
    with pytest.raises(UsageError):
        service.reload()
    assert loop.run_until(qotd.fetch(loop, '127.0.0.1', 1717)) == b'second\r\n', \
        'a bad file replaced a good one'
    assert loop.run_until(systat.fetch(loop, '127.0.0.1', 1111)) == [b'cid'], 'not read again'
    loop.run_until(service.stop(0.0))
    loop.close()


@pytest.mark.parametrize('form, first', [
    ('rfc', b'Thursday, January 1, 2026 00:16:40-UTC'), ('iso', b'2026-01-01T00:16:40Z'),
    ('nist', b'61041 26-01-01 00:16:40 00 0 0   0.0 UTC(HOST) *')])
def test_the_form_of_daytime(form, first):
    loop = VirtualLoop()
    service = made('--tcp', 'daytime:1313', '--udp', 'daytime:1313', '--daytime', form)
    service.start(loop)
    assert loop.run_until(daytime.fetch(loop, '127.0.0.1', 1313)) == first, 'over TCP'
    assert loop.run_until(daytime.fetch_udp(loop, '127.0.0.1', 1313)) == first, 'over UDP'
    loop.run_until(service.stop(0.0))
    loop.close()


# -- on each backend ---------------------------------------------------------

def started(loop):
    """All servers over both, on ports that the system chose; the service and {(name,
    'tcp' or 'udp'): port}."""
    words = []
    for name in NAMES:
        words.extend(['--tcp', name + ':0', '--udp', name + ':0'])
    service = made(*words)
    service.start(loop)
    ports = {}
    for child in service.children:
        if hasattr(child, 'listeners'):
            ports[child.name, 'tcp'] = child.listeners[0].address.port
        else:
            ports[child.name, 'udp'] = here(child.transports[0]).port
    return service, ports


def test_every_server_answers_its_client(loop):
    service, ports = started(loop)
    host = '127.0.0.1'
    transport, client = loop.run_until(
        loop.connect_tcp(echo.EchoClient, host, ports['echo', 'tcp']))
    assert loop.run_until(client.echo(b'x' * 300000)) == b'x' * 300000, 'echo over TCP'
    transport.close()
    transport, client = loop.run_until(
        loop.connect_tcp(discard.DiscardClient, host, ports['discard', 'tcp']))
    assert loop.run_until(client.send(b'x' * 300000)) == 300000, 'discard over TCP'
    transport.close()
    loop.run_until(client.over)
    lines = loop.run_until(chargen.fetch(loop, host, ports['chargen', 'tcp'], 2000))
    assert lines[1999] + b'\r\n' == chargen.line(1999), 'chargen over TCP'
    for way, fetch in (('tcp', timeprotocol.fetch), ('udp', timeprotocol.fetch_udp)):
        assert abs(loop.run_until(fetch(loop, host, ports['time', way])) - loop.wall()) < 100.0, \
            'time over ' + way
    for way, fetch in (('tcp', daytime.fetch), ('udp', daytime.fetch_udp)):
        answer = loop.run_until(fetch(loop, host, ports['daytime', way]))
        assert abs(daytime.moment(answer) - loop.wall()) < 100.0, \
            'daytime over %s: %r' % (way, answer)
    for way, fetch in (('tcp', qotd.fetch), ('udp', qotd.fetch_udp)):
        assert loop.run_until(fetch(loop, host, ports['qotd', way])) in qotd.OURS, \
            'qotd over ' + way
    for way, fetch in (('tcp', systat.fetch), ('udp', systat.fetch_udp)):
        assert len(loop.run_until(fetch(loop, host, ports['systat', way]))) == 1, \
            'systat over ' + way
    assert loop.run_until(echo.fetch_udp(loop, host, ports['echo', 'udp'], b'hello')) == b'hello', \
        'echo over UDP'
    assert len(loop.run_until(chargen.fetch_udp(loop, host, ports['chargen', 'udp']))) <= 512, \
        'chargen over UDP'
    loop.run_until(service.stop(0.0))
    with pytest.raises(ConnectFailed):
        loop.run_until(loop.connect_tcp(Protocol, host, ports['echo', 'tcp']))


# -- examples ----------------------------------------------------------------

def example(name, monkeypatch, loop):
    """Runs an example of the documentation on this loop."""
    from carryall import runtimes
    monkeypatch.setattr(runtimes, 'choose', lambda: loop)
    with open(os.path.join(EXAMPLES, name), 'rb') as source:
        code = compile(source.read(), name, 'exec')
    # jython: no exec beside a lambda that sees a variable of the function
    eval(code, {'__name__': '__main__'})


@pytest.mark.parametrize('name, port, answer', [
    ('echo_server.py', 7007, b'hello'), ('shout_server.py', 7008, b'HELLO')])
def test_an_example_server_serves(name, port, answer, monkeypatch):
    loop = VirtualLoop()
    heard = []

    class Client(Protocol):
        def connection_made(self, transport):
            transport.write(b'hello')

        def data_received(self, data):
            heard.append(data)
            loop.stop()

    loop.call_later(1.0, lambda: loop.connect_tcp(Client, '127.0.0.1', port))
    loop.call_later(60.0, loop.stop)
    example(name, monkeypatch, loop)
    assert heard == [answer], 'heard %r' % (heard,)
    loop.close()


def test_the_example_client_asks(monkeypatch, capsys):
    loop = VirtualLoop()
    made('--tcp', 'daytime:1313').start(loop)
    example('daytime_client.py', monkeypatch, loop)
    assert capsys.readouterr()[0].startswith('Thursday, January 1, 2026 00:16:4'), \
        'it printed something else'


def test_the_fixture_starts_the_servers_of_its_words(simple_server):        # noqa: F811
    first, second = simple_server('--tcp', 'echo:0', '--tcp', 'discard:0')
    host, _, port = first.rpartition(':')
    assert first != second
    loop = runtimes.choose()
    try:
        _, client = loop.run_until(loop.connect_tcp(EchoClient, host, int(port)))
        assert loop.run_until(client.echo(b'back')) == b'back'
        client.transport.close()
    finally:
        loop.close()
