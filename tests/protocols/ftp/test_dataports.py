# Copyright the carryall authors.  See LICENSE.
"""Addresses and ports of data connections: PASV, PORT, EPSV, EPRT, LPSV, LPRT (RFC 959, 1639, 2428,
2577)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.net.transport import Address
from carryall.core.testing import VirtualLoop
from carryall.protocols.ftp.hostport import parse_epsv_reply, parse_long, parse_pasv_reply
from tests.protocols.ftp.stage import Data, Talk, codes, make_site

CLIENT6 = Address('::1', 40000)
SERVER6 = Address('::1', 2121)


def test_pasv_names_a_port():
    talk = Talk()
    host, port = parse_pasv_reply(talk.say(b'PASV')[4:])
    assert host == '127.0.0.1', host
    data = talk.connect(port)
    assert codes(talk.say(b'RETR readme.txt')) == [125, 226] and data.got == b'hello\nworld\n' \
        and data.over, data.got


def test_epsv_takes_the_protocols_of_rfc_2428():
    talk = Talk()
    assert codes(talk.say(b'EPSV 1', b'EPSV 2', b'EPSV 3', b'EPSV x', b'EPSV 1 2')) \
        == [229, 522, 522, 501, 501], 'RFC 2428'
    data = talk.connect(parse_epsv_reply(talk.say(b'EPSV')[4:].strip()))
    assert codes(talk.say(b'NLST pub/sub')) == [125, 226] and data.got == b'pub/sub/deep.txt\r\n', \
        data.got


def test_epsv_all_forbids_the_others():
    talk = Talk()
    assert codes(talk.say(b'EPSV ALL', b'PASV', b'PORT 127,0,0,1,200,1',
                          b'EPRT |1|127.0.0.1|50000|', b'LPSV',
                          b'LPRT 4,4,127,0,0,1,2,200,1', b'EPSV')) == [200, 501, 501, 501, 501, 501,
                                                                       229], 'nothing else'


def test_lpsv_names_a_long_address():
    talk = Talk()
    version, host, port = parse_long(talk.say(b'LPSV').partition(b'(')[2].partition(b')')[0])
    assert (version, host) == (4, '127.0.0.1'), host
    data = talk.connect(port)
    assert codes(talk.say(b'RETR readme.txt')) == [125, 226] and data.got, 'nothing came'


@pytest.mark.parametrize(
    'line', [b'PORT 127,0,0,1,%d,%d', b'EPRT |1|127.0.0.1|%d|', b'LPRT 4,4,127,0,0,1,2,%d,%d'])
def test_active_ports_are_limited_to_the_client(line):
    talk = Talk()
    found = []

    def make():
        found.append(Data())
        return found[-1]

    port = talk.loop.listen_tcp(make, '127.0.0.1', 0).address.port
    numbers = (port >> 8, port & 255) if line.count(b'%d') == 2 else (port,)
    assert codes(talk.say(line % numbers)) == [200] and not found, 'it connects too early'
    assert codes(talk.say(b'RETR readme.txt')) == [150, 226] \
        and found[0].got == b'hello\nworld\n', 'nothing came'
    assert codes(talk.say(b'RETR readme.txt')) == [425], 'once'


@pytest.mark.parametrize('line, code', [
    (b'PORT 10,0,0,1,200,1', 504), (b'EPRT |1|10.0.0.1|50000|', 504),
    (b'LPRT 4,4,10,0,0,1,2,200,1', 504),
    (b'PORT 127,0,0,1,0,25', 504), (b'PORT 127,0,0,1,3,255', 504),
    (b'EPRT |1|127.0.0.1|1023|', 504),
    (b'PORT 127,0,0,1', 501), (b'PORT x', 501), (b'EPRT x', 501), (b'EPRT |2|::1|50000|', 522),
    (b'EPRT |7|x|50000|', 522),
    (b'LPRT 6,16,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,2,200,1', 521), (b'LPRT x', 501)])
def test_addresses_that_are_refused(line, code):
    """RFC 2577 section 3: no third hosts, no ports of the system."""
    talk = Talk()
    assert codes(talk.say(line, b'LIST')) == [code, 425], line


def test_third_parties_where_they_are_allowed():
    talk = Talk(third_party=True)
    assert codes(talk.say(b'PORT 10,0,0,1,200,1', b'PORT 10,0,0,1,0,25')) == [200, 504], \
        'ports of the system never'


def test_ipv6_refuses_pasv():
    loop = VirtualLoop()
    talk = Talk(loop=loop, site=make_site(loop), peer=CLIENT6, here=SERVER6)
    assert codes(talk.say(b'PASV', b'EPSV 1', b'EPSV 2', b'LPSV', b'EPRT |1|127.0.0.1|5000|',
                          b'EPRT |2|::1|5000|')) == [
        425, 522, 229, 228, 522, 200], 'RFC 2428'


def test_an_address_with_a_scope():
    """The client cannot know what our machine calls the link;
    it is the same address all the same."""
    loop = VirtualLoop()
    talk = Talk(loop=loop, site=make_site(loop), peer=Address('fe80::1%eth0', 40000),
                here=Address('fe80::2%eth0', 2121))
    assert codes(talk.say(b'EPRT |2|fe80::1|5000|', b'EPRT |2|fe80::3|5000|')) == [200, 504], \
        'its own'
    assert talk.server.ports.arranged.host == 'fe80::1%eth0', talk.server.ports.arranged.host


def test_without_an_address():
    """The control connection is a Unix socket."""
    loop = VirtualLoop()
    talk = Talk(loop=loop, site=make_site(loop), peer=Address(''), here=Address('/run/ftp'))
    assert codes(talk.say(b'EPSV')) == [425], 'nowhere to listen'


def test_strangers_do_not_get_the_port():
    talk = Talk()
    port = parse_epsv_reply(talk.say(b'EPSV')[4:].strip())
    made = talk.loop.connect_tcp(Data, '127.0.0.1', port, local=('10.0.0.1', 5000))
    talk.loop.advance()
    assert made.result()[1].over, 'a stranger is in'
    data = talk.connect(port)
    assert codes(talk.say(b'RETR readme.txt')) == [125, 226] and data.got == b'hello\nworld\n', \
        'it was still there'


def test_a_port_waits_for_so_long():
    talk = Talk(data_seconds=30.0)
    port = parse_epsv_reply(talk.say(b'EPSV')[4:].strip())
    talk.loop.advance(31.0)
    assert not talk.loop._listeners, 'port %d is still open' % port
    assert codes(talk.say(b'RETR readme.txt') + talk.hear(31.0)) == [150, 425], 'nobody came'


def test_one_port_at_a_time():
    talk = Talk()
    talk.say(b'EPSV', b'PASV', b'EPSV')
    assert len(talk.loop._listeners) == 1, 'older ones are open'
    first = parse_epsv_reply(talk.say(b'EPSV')[4:].strip())
    data = talk.connect(first)
    assert not talk.loop._listeners, 'it takes a second connection'
    talk.say(b'EPSV')
    talk.loop.advance()
    assert data.over, 'a new port ends what came to the old one'


def test_ports_of_a_range():
    talk = Talk(passive_ports=(50000, 50001))
    seen = set(parse_epsv_reply(talk.say(b'EPSV')[4:].strip()) for _ in range(40))
    assert seen == {50000, 50001}, seen


def test_no_port_is_free(expect_log):
    expect_log('no passive port')
    talk = Talk(passive_ports=(50000, 50000))
    other = talk.loop.listen_tcp(Data, '127.0.0.1', 50000)
    assert codes(talk.say(b'EPSV')) == [425], 'taken'
    other.close()
    assert codes(talk.say(b'EPSV')) == [229], 'free again'


def test_another_address_is_told():
    talk = Talk(advertise=lambda own, client: '192.0.2.7' if client == '127.0.0.1' else own)
    assert parse_pasv_reply(talk.say(b'PASV')[4:])[0] == '192.0.2.7', 'PASV'
    assert b'192,0,2,7' in talk.say(b'LPSV'), 'LPSV'


def test_a_refused_port_of_the_client_is_425():
    talk = Talk()
    assert codes(talk.say(b'PORT 127,0,0,1,200,1', b'RETR readme.txt')) == [200, 150, 425], \
        'refused'
