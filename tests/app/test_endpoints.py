# Copyright the carryall authors.  See LICENSE.
"""Endpoints: what is read, the one text of each, what is refused."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.compat import range, text_type
from carryall.app.endpoints import Endpoint, parse_endpoint
from carryall.core.codec.numbers import decimal_text
from carryall.core.errors import UsageError
from carryall.core.net.protocol import Protocol
from carryall.core.testing import StrictProtocol, VirtualLoop
from carryall.core.net.transport import peer

# (text, canonical text)
GOOD = [
    ('8080', 'tcp:8080'),
    ('0', 'tcp:0'),
    ('65535', 'tcp:65535'),
    ('tcp:80', 'tcp:80'),
    ('127.0.0.1:80', 'tcp:80:interface=127.0.0.1'),
    ('[::1]:80', 'tcp:80:interface=[::1]'),
    ('[0:0:0:0:0:0:0:1]:80', 'tcp:80:interface=[::1]'),
    ('tcp:80:interface=127.0.0.1', 'tcp:80:interface=127.0.0.1'),
    ('tcp:80:interface=localhost', 'tcp:80:interface=127.0.0.1'),
    ('tcp:80:interface=0.0.0.0', 'tcp:80:interface=0.0.0.0'),
    ('tcp:80:interface=[::]', 'tcp:80:interface=[::]'),
    (r'tcp:80:interface=\:\:1', 'tcp:80:interface=[::1]'),
    ('tcp:80:interface=[2001:DB8:0::0:1]', 'tcp:80:interface=[2001:db8::1]'),
    ('tcp:80:interface=[fe80::1%eth0]', 'tcp:80:interface=[fe80::1%eth0]'),
    ('tcp:80:interface=[::ffff:10.0.0.1]', 'tcp:80:interface=[::ffff:10.0.0.1]'),
    ('tcp:80:backlog=50', 'tcp:80:backlog=50'),
    ('tcp:80:backlog=50:interface=10.1.2.3', 'tcp:80:interface=10.1.2.3:backlog=50'),
    ('udp:53', 'udp:53'),
    ('udp:53:interface=[::1]', 'udp:53:interface=[::1]'),
    ('unix:/run/web.sock', 'unix:/run/web.sock'),
    ('unix:/run/web.sock:mode=660', 'unix:/run/web.sock:mode=660'),
    ('unix:/run/web.sock:mode=0660', 'unix:/run/web.sock:mode=660'),
    ('unix:/run/web.sock:mode=600', 'unix:/run/web.sock'),
    ('unix:/run/web.sock:mode=066', 'unix:/run/web.sock:mode=066'),
    (r'unix:/a\:b', r'unix:/a\:b'),
    (r'unix:/a\\b', r'unix:/a\\b'),
    ('unix:/a[b', r'unix:/a\[b'),
    ('unix:web.sock:backlog=5', 'unix:web.sock:backlog=5'),
    ('unix:C:\\run\\web.sock', r'unix:C\:\\run\\web.sock'),
    ('unix:C:/run/web.sock:mode=660', r'unix:C\:/run/web.sock:mode=660'),
    (u'unix:/gr\xfcn', u'unix:/gr\xfcn'),
    ('tls:443:certificate=/a.pem', 'tls:443:certificate=/a.pem'),
    ('tls:443:key=/a.key:interface=127.0.0.1:certificate=/a.pem:backlog=9',
     'tls:443:interface=127.0.0.1:backlog=9:certificate=/a.pem:key=/a.key'),
    (r'tls:443:certificate=/a\:b:clients=required:trust=/ca.pem',
     r'tls:443:certificate=/a\:b:trust=/ca.pem:clients=required'),
    ('tls:443:certificate=/a.pem:clients=no', 'tls:443:certificate=/a.pem'),
    ('tcp:80:proxy=10.0.0.0/8,127.0.0.1:backlog=9', 'tcp:80:backlog=9:proxy=10.0.0.0/8,127.0.0.1'),
    ('unix:/a:proxy=unix', 'unix:/a:proxy=unix'),
    ('tcp:80:proxy=[fd00::/8]', r'tcp:80:proxy=\[fd00\:\:/8]'),
]

BAD = [
    ('empty', '', 'begins with a port'), ('word', 'http', 'begins with a port'),
    ('unknown', 'http:80', 'tcp, tls, udp, unix'),
    ('tls', 'tls:443', 'certificate=FILE'), ('tls-empty', 'tls:443:certificate=', 'path of a PEM'),
    ('tls-clients', 'tls:443:certificate=/a:clients=all', 'required'),
    ('tcp-certificate', 'tcp:443:certificate=/a', 'none of'),
    ('proxy', 'tcp:80:proxy=x', 'no network'), ('proxy-udp', 'udp:53:proxy=10.0.0.0/8', 'none of'),
    ('host', 'example.org:80', 'begins with a port'),
    ('no-port', 'tcp:', 'port'), ('no-port-2', 'tcp', 'port'), ('large', 'tcp:65536', '65535'),
    ('large-alone', '65536', 'a port is a number from 0 to 65535'),
    ('zero-led', 'tcp:080', 'port'), ('plus', 'tcp:+80', 'port'), ('blank', 'tcp: 80', 'port'),
    ('underscore', 'tcp:8_0', 'port'),
    ('hex', 'tcp:0x50', 'port'), ('fullwidth', u'tcp:\uff18\uff10', 'port'),
    ('minus', 'tcp:-1', 'port'),
    ('name', 'tcp:80:interface=eth0', 'IP address'),
    ('short', 'tcp:80:interface=10.1', 'IP address'),
    ('octal', 'tcp:80:interface=010.0.0.1', 'IP address'),
    ('open', 'tcp:80:interface=[::1', 'bracket'),
    ('unbracketed', 'tcp:80:::1', 'stands in brackets'),
    ('empty-interface', 'tcp:80:interface=', 'IP address'),
    ('odd-scope', u'tcp:80:interface=[fe80::1%\xe9]', 'IP address'),
    ('two-gaps', 'tcp:80:interface=[1::2::3]', 'IP address'),
    ('unknown-part', 'tcp:80:color=red', 'none of'), ('no-value', 'tcp:80:interface', 'none of'),
    ('twice', 'tcp:80:backlog=1:backlog=2', 'twice'), ('no-backlog', 'tcp:80:backlog=0', 'backlog'),
    ('trailing', 'tcp:80:', 'none of'), ('udp-backlog', 'udp:53:backlog=5', 'none of'),
    ('no-path', 'unix:', 'path'), ('nul', 'unix:/a\0b', 'path'),
    ('long-path', 'unix:/' + 'x' * 103, '103 bytes'),
    ('mode', 'unix:/a:mode=668', 'octal'), ('mode-2', 'unix:/a:mode=66', 'octal'),
    ('setuid', 'unix:/a:mode=4660', 'octal'),
    ('endless', 'unix:' + 'x' * 2000, 'at most'),
]


@pytest.mark.parametrize('text, canonical', GOOD,
                         ids=['%d' % number for number in range(len(GOOD))])
def test_a_good_endpoint_has_a_canonical_text(text, canonical):
    """It is read, and its text is the canonical one, which is read as the same."""
    endpoint = parse_endpoint(text)
    assert endpoint.text() == canonical, endpoint.text()
    assert isinstance(endpoint.text(), text_type)
    again = parse_endpoint(endpoint.text())
    assert again == endpoint and hash(again) == hash(endpoint)
    assert again.text() == endpoint.text()


@pytest.mark.parametrize('text, words', [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_bad_endpoint_is_refused_with_a_reason(text, words):
    """It is refused with a sentence that says why."""
    with pytest.raises(UsageError) as caught:
        parse_endpoint(text)
    assert words in caught.value.message, caught.value.message
    assert '\n' not in caught.value.message


def test_the_parts_of_an_endpoint_are_attributes():
    """The parts of an endpoint are its attributes."""
    endpoint = parse_endpoint('tcp:80:interface=[::1]:backlog=7')
    assert (endpoint.kind, endpoint.port, endpoint.interface, endpoint.backlog) \
        == ('tcp', 80, '::1', 7)
    assert (endpoint.path, endpoint.mode) == (None, None)
    assert isinstance(endpoint.interface, str)
    endpoint = parse_endpoint('unix:/a')
    assert (endpoint.kind, endpoint.path, endpoint.mode) == ('unix', u'/a', 0o600)
    assert (endpoint.port, endpoint.interface) == (None, None)


def test_a_kind_that_is_not_served_is_refused():
    """A kind that the caller cannot serve is refused."""
    assert parse_endpoint('80', ('tcp',)).port == 80
    with pytest.raises(UsageError) as caught:
        parse_endpoint('80', ('udp',))
    assert 'only udp' in caught.value.message


def test_bytes_of_the_command_line():
    """2.x gives the words of a command line as bytes."""
    assert parse_endpoint(b'tcp:80').text() == u'tcp:80'
    assert parse_endpoint(u'unix:/gr\xfcn'.encode('utf-8')).path == u'/gr\xfcn'


def test_equal_texts_make_equal_endpoints():
    """Equal texts, equal endpoints; nothing else is equal to one."""
    assert parse_endpoint('80') == parse_endpoint('tcp:80')
    assert parse_endpoint('80') != parse_endpoint('81')
    assert parse_endpoint('80') != 'tcp:80'
    assert len(set([parse_endpoint('80'), parse_endpoint('tcp:80')])) == 1


def test_any_path_survives_the_text():
    """Any path comes back, whatever it is made of."""
    source = random.Random(5)
    for _ in range(500):
        path = u''.join(source.choice(u'ab:\\[]=/%C.') for _ in range(source.randrange(1, 12)))
        endpoint = Endpoint('unix', path=path, mode=source.choice([0o600, 0o660]))
        assert parse_endpoint(endpoint.text()).path == path, (path, endpoint.text())


def test_random_text_is_refused_politely():
    """Nothing but UsageError comes out."""
    source = random.Random(6)
    for _ in range(1000):
        text = u''.join(source.choice(u'tcpunix:80[]=\\.%interfacemode\xe9')
                        for _ in range(source.randrange(30)))
        try:
            parse_endpoint(text)
        except UsageError:
            pass


class RecordingLoop(object):
    """Keeps what it was asked for."""

    def __init__(self):
        self.asked = []

    def __getattr__(self, name):
        def call(*args, **kwargs):
            self.asked.append((name, args, kwargs))
            return name
        return call


def test_an_endpoint_asks_the_loop_to_listen():
    """The loop is asked for what the text says."""
    loop = RecordingLoop()
    assert parse_endpoint('tcp:80:interface=[::1]').listen(loop, 'factory') == 'listen_tcp'
    parse_endpoint('tcp:80:backlog=9').listen(loop, 'factory')
    parse_endpoint('unix:/a:mode=660').listen(loop, 'factory')
    parse_endpoint('udp:53').open(loop, 'factory')
    assert loop.asked == [
        ('listen_tcp', ('factory', '::1', 80), {}),
        ('listen_tcp', ('factory', '', 80), {'backlog': 9}),
        ('listen_unix', ('factory', u'/a'), {'mode': 0o660}),
        ('open_udp', ('factory', '', 53), {})]
    with pytest.raises(UsageError):
        parse_endpoint('udp:53').listen(loop, 'factory')
    with pytest.raises(UsageError):
        parse_endpoint('tcp:53').open(loop, 'factory')


@pytest.mark.parametrize('text, number', [
    (u'0', 0), (u'10', 10), (u'00', None), (u'01', None), (u'', None), (u'11', None), (u'-1', None),
    (u'1_0', None),
    (u' 1', None), (u'\u0661', None)])
def test_a_port_has_digits_alone(text, number):
    """Digits alone, no leading zero, up to the maximum."""
    assert decimal_text(text, 10) == number


def test_a_trusted_proxy_header_names_the_client():
    """A header from a trusted address is believed; other clients are disconnected."""
    loop = VirtualLoop()
    seen = []

    class Tells(Protocol):
        def connection_made(self, transport):
            Protocol.connection_made(self, transport)
            seen.append(str(peer(transport)))

    for relays in (u'127.0.0.0/8', u'10.0.0.0/8'):
        listener = parse_endpoint(u'tcp:0:interface=127.0.0.1:proxy=' + relays).listen(loop, Tells)
        _, client = loop.run_until(
            loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port))
        client.transport.write(b'PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n')
        loop.advance(1.0)
    assert seen == ['192.0.2.7:4711']
    assert client.state == 'lost'


@pytest.mark.parametrize('text, interface', [
    (u'tcp:80:interface=::1', '::1'), (u'tcp:80:interface=fe80::1:backlog=5', 'fe80::1'),
    (u'tcp:80:backlog=5:interface=::', '::'), (u'tcp:80:interface=[::1]', '::1')])
def test_an_ipv6_address_needs_no_brackets(text, interface):
    assert parse_endpoint(text).interface == interface


@pytest.mark.parametrize('text', [u'tcp:80:interface=::1:x', u'tcp:80:interface=127.0.0.1:9',
                                  u'tcp:80:interface=[::1]:9'])
def test_an_address_with_a_rest_is_refused(text):
    with pytest.raises(UsageError):
        parse_endpoint(text)
