# Copyright the carryall authors.  See LICENSE.
"""Groups of options: what they add to a schema, and what they make of the values."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app.clientoptions import ClientOptions
from carryall.app.limitoptions import LimitOptions
from carryall.app.listeningoptions import ListeningOptions, RelayOptions
from carryall.app.optiongroup import flattened
from carryall.app.options import Flag, Schema
from carryall.app.optiontypes import Interface
from carryall.app.optionvalues import plain
from carryall.app.service import DatagramServer
from carryall.app.endpoints import parse_endpoint
from carryall.app.tlsoptions import TLSOptions
from carryall.commands.catalogue import TYPES, known_types
from carryall.core.errors import ListenFailed, Unsupported, UsageError
from carryall.core.net.protocol import DatagramProtocol, Protocol
from carryall.core.net.transport import Address, peer
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.core.testing.nulltls import NullTLS

FULL = ListeningOptions('port', 'tcp:7', interface='i', connections=5, per_address=2)
NAMES = ('interface', 'max-connections', 'max-per-address', 'ban-after', 'ban-seconds', 'idle',
         'max-octets', 'expect-proxy')
BARE = ListeningOptions('listen', 'tcp:7', short=None, repeat=True, connections=None)


def texts(group, *words):
    """The endpoints that these words ask a group for."""
    return [endpoint.text() for endpoint in group.endpoints(Schema([group]).parse(words))]


def test_a_group_stands_in_a_schema_as_its_options():
    """In their order, among others."""
    schema = Schema([Flag('a'), FULL, Flag('b')])
    names = ['a', 'port', 'interface', 'max-connections', 'max-per-address', 'b']
    assert [option.name for option in schema.options] == names
    assert [option.name for option in Schema([]).extended([FULL]).options] == names[1:-1]
    assert flattened([BARE]) == BARE.options


@pytest.mark.parametrize('words, expected', [
    ([], [u'tcp:7:interface=127.0.0.1']),
    (['-p', '8'], [u'tcp:8:interface=127.0.0.1']),
    (['-p', '8', '-i', '0.0.0.0'], [u'tcp:8:interface=0.0.0.0']),
    (['-i', '::1'], [u'tcp:7:interface=[::1]']),
    (['-i', '[::1]'], [u'tcp:7:interface=[::1]']),
    (['-p', 'tcp:8:interface=192.0.2.1', '-i', '::1'], [u'tcp:8:interface=192.0.2.1']),
    (['-p', 'unix:/x', '-i', '::1'], [u'unix:/x'])])
def test_an_endpoint_without_an_interface_gets_that_of_the_option(words, expected):
    """127.0.0.1 unless given."""
    assert texts(FULL, *words) == expected


def test_without_the_option_it_is_this_machine_alone():
    """And a repeated option has its default where nothing was given."""
    assert texts(BARE) == [u'tcp:7:interface=127.0.0.1']
    assert texts(BARE, '--listen', '8', '--listen', 'unix:/x') == [u'tcp:8:interface=127.0.0.1',
                                                                   u'unix:/x']
    options = Schema([BARE]).parse([])
    assert BARE.endpoints(options, []) == []
    assert [endpoint.port for endpoint in BARE.endpoints(options, [u'tcp:9'])] == [9]


def test_an_interface_is_an_address():
    """Kept in one spelling; a tap of a type with -i may hold another."""
    for wrong in ('example.org', '1.2.3', '127.0.0.1:80', ''):
        with pytest.raises(UsageError):
            Interface().parse(wrong)
    assert Interface().parse(u'localhost') == u'127.0.0.1'
    with pytest.raises(UsageError):
        Interface().check(u'[::1]')
    Interface(True).check(u'[::1]')
    with pytest.raises(UsageError):
        Interface(True).check(u'x')
    held = plain(Schema([FULL]).parse([]))
    held[u'interface'] = u'[::1]'
    assert FULL.endpoints(Schema([FULL]).complete(held))[0].text() == u'tcp:7:interface=[::1]'


def test_the_limits_are_those_of_the_options():
    """A group without the options bounds nothing."""
    limits = FULL.limits(Schema([FULL]).parse(['--max-connections', '9']), b'no')
    assert (limits.total, limits.per_address, limits.refusal) == (9, 2, b'no')
    limits = BARE.limits(Schema([BARE]).parse([]))
    assert (limits.total, limits.per_address) == (None, None)
    unbounded = ListeningOptions(connections=0, per_address=0)
    assert unbounded.limits(Schema([unbounded]).parse([])).total is None


def test_the_server_has_endpoints_and_limits():
    """One connection more than the limit is closed."""
    group = ListeningOptions('port', 'tcp:7', connections=1)
    loop = VirtualLoop()
    server = group.server('x', Schema([group]).parse([]), Protocol)
    server.start(loop)
    assert server.listening() == ['x on 127.0.0.1:7']
    made = [loop.run_until(loop.connect_tcp(Protocol, '127.0.0.1', 7)) for _ in range(2)]
    loop.advance(0.0)
    assert server.factory is not Protocol
    assert len(made) == 2
    server.stop(0.0)


def test_a_server_without_limits_is_not_wrapped():
    """Its factory is the protocol's own."""
    assert BARE.server('x', Schema([BARE]).parse([]), Protocol).factory is Protocol


def test_clients_of_other_networks_are_not_admitted():
    """Everybody is where no network is named, and so is a Unix socket."""
    group = ClientOptions('who')
    admits = group.admits(Schema([group]).parse(['--allow', '192.0.2.0/24', '--allow', '::1/128']))
    assert [admits(host) for host in ('192.0.2.9', '::1', '', '192.0.3.1')] \
        == [True, True, True, False]
    assert group.admits(Schema([group]).parse([]))('192.0.3.1')


def test_a_key_needs_a_certificate():
    """And without one there is no context."""
    group = TLSOptions(key='k')
    schema = Schema([group], check=group.check)
    with pytest.raises(UsageError):
        schema.parse(['-k', 'x'])
    assert group.context(schema.parse([]), VirtualLoop()) is None


def test_a_machine_without_tls_is_told_so():
    """Before a file is read."""
    group = TLSOptions()
    options = Schema([group]).parse(['-c', 'none'])
    with pytest.raises(Unsupported):
        group.context(options, VirtualLoop())
    with pytest.raises(Unsupported):
        group.client_context(options, VirtualLoop())


def test_a_context_has_the_files_of_the_options():
    """That of a client has the authorities too."""
    group = TLSOptions(trust=True)
    options = Schema([group]).parse(['-c', '/c', '--key', '/k', '--trust', '/t'])
    loop = VirtualLoop(tls=NullTLS())
    server = group.context(options, loop)
    assert (server.identity.certificate, server.identity.key, server.trust) == (u'/c', u'/k', None)
    client = group.client_context(options, loop)
    assert (client.identity.certificate, client.trust) == (u'/c', u'/t')
    assert group.client_context(Schema([group]).parse([]), loop).identity is None


def test_no_service_declares_listening_options_of_its_own():
    """The options of these names are those of the groups, in every type."""
    ours = {}
    for row in TYPES:
        for option in known_types().get(row[0]).options:
            if option.name in NAMES:
                ours.setdefault((option.name, type(option.kind).__name__), []).append(row[0])
    assert set(ours) <= set([
        ('ban-after', 'Integer'), ('ban-seconds', 'Seconds'), ('expect-proxy', 'NetworkText'),
        ('idle', 'Seconds'), ('interface', 'Interface'), ('max-connections', 'Integer'),
        ('max-octets', 'Size'), ('max-per-address', 'Integer')])
    assert set(ours) >= set([('interface', 'Interface'), ('max-connections', 'Integer'),
                             ('max-per-address', 'Integer')])


# -- bounds and relays ---------------------------------------------------------------------------

def test_the_limits_of_a_connection_are_those_of_the_options():
    group = LimitOptions('1h', octets=True)
    schema = Schema([group])
    assert [option.name for option in schema.options] == ['idle', 'max-octets']
    settings = group.settings(schema.parse(['--idle', '5m', '--max-octets', '2k']))
    assert (settings.idle_seconds, settings.max_octets) == (300.0, 2048)


def test_a_service_without_a_limit_in_octets_has_settings_without_one():
    group = LimitOptions('1h')
    settings = group.settings(Schema([group]).parse([]))
    assert (settings.idle_seconds, settings.max_octets) == (3600.0, None)


def test_an_idle_time_has_the_bounds_of_the_group():
    schema = Schema([LimitOptions('300', most=600.0)])
    assert schema.parse(['--idle', '600']).idle == 600.0
    for wrong in ('0.5', '601'):
        with pytest.raises(UsageError):
            schema.parse(['--idle', wrong])


def test_the_header_of_a_relay_comes_before_the_limits():
    """The limits are about the clients that the relay names."""
    relays = RelayOptions()
    group = ListeningOptions('port', 'tcp:7', per_address=1, relays=relays)
    options = Schema([group, relays]).parse(['--expect-proxy', '192.0.2.0/24'])
    loop = VirtualLoop()
    seen = []

    class Seen(Protocol):
        def connection_made(self, transport):
            seen.append((peer(transport).host, transport))

    factory = group.server('x', options, Seen, loop=loop).factory
    for host in (b'198.51.100.1', b'198.51.100.2', b'198.51.100.1'):
        FakeTransport(loop, Address('192.0.2.1', 4000)).connect(factory()).feed(
            b'PROXY TCP4 ' + host + b' 192.0.2.9 4000 7\r\n')
    assert [host for host, _ in seen] == ['198.51.100.1', '198.51.100.2']


def test_without_relays_a_factory_is_not_wrapped():
    relays = RelayOptions()
    group = ListeningOptions('port', 'tcp:7', connections=None, relays=relays)
    options = Schema([group, relays]).parse([])
    assert group.server('x', options, Protocol, loop=VirtualLoop()).factory is Protocol


# -- datagrams -----------------------------------------------------------------------------------

def test_a_datagram_server_opens_all_its_endpoints():
    """And closes them when it stops."""
    loop = VirtualLoop()
    places = [parse_endpoint(text)
              for text in (u'udp:7:interface=127.0.0.1', u'udp:8:interface=127.0.0.1')]
    server = DatagramServer('x', DatagramProtocol, places)
    server.start(loop)
    assert server.listening() == ['x on udp 127.0.0.1:7', 'x on udp 127.0.0.1:8']
    server.stop(0.0)
    assert server.listening() == []
    DatagramServer('y', DatagramProtocol, places[0]).start(loop)


def test_a_datagram_server_that_cannot_open_one_keeps_none():
    """The first port is free again."""
    loop = VirtualLoop()
    free, taken = [parse_endpoint(text)
                   for text in (u'udp:7:interface=127.0.0.1', u'udp:8:interface=127.0.0.1')]
    DatagramServer('y', DatagramProtocol, taken).start(loop)
    server = DatagramServer('x', DatagramProtocol, [free, taken])
    with pytest.raises(ListenFailed):
        server.start(loop)
    assert server.loop is None
    DatagramServer('z', DatagramProtocol, free).start(loop)
