# Copyright the carryall authors.  See LICENSE.
"""Replies as text, names of addresses, and the name servers of a machine."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.protocols.dns import EDNS, Message, Question, ResourceRecord, parse_name
from carryall.services.dns.digtext import reply_text, reverse_name
from carryall.services.dns.nameservers import system_servers


def test_a_reply_is_shown_as_dig_shows_it():
    reply = Message(7, 0x8580)
    name = parse_name(u'a.example.')
    reply.questions = [Question(name, 1)]
    reply.answers = [ResourceRecord(name, 1, 1, 60, b'\1\2\3\4')]
    reply.edns = EDNS(1232, flags=0x8000, options=[(3, b'x')])
    text = reply_text(reply, u'192.0.2.53#53', 5.0)
    for part in (u';; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 7',
                 u';; flags: qr aa rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 1',
                 u'; EDNS: version: 0, flags: do; udp: 1232', u'; NSID: 78 ("x")',
                 u'a.example.\t60\tIN\tA\t1.2.3.4', u';; SERVER: 192.0.2.53#53'):
        assert part in text


@pytest.mark.parametrize('address, name', [
    (u'192.0.2.1', u'1.2.0.192.in-addr.arpa.'),
    (u'2001:db8::1', u'1.0.0.0.' + u'0.0.0.0.' * 5 + u'8.b.d.0.1.0.0.2.ip6.arpa.')])
def test_an_address_has_a_name(address, name):
    assert reverse_name(address) == name


def test_a_host_is_no_address():
    with pytest.raises(UsageError):
        reverse_name(u'host')


def test_the_servers_of_the_machine_are_read(tmpdir):
    path = tmpdir.join('resolv.conf')
    path.write('# x\nnameserver 192.0.2.1\nsearch a\nnameserver fe80::1%eth0\nnameserver x\n'
               'nameserver 192.0.2.3\nnameserver 192.0.2.4\n')
    assert system_servers(str(path)) == [('192.0.2.1', 53), ('fe80::1', 53), ('192.0.2.3', 53)]
    assert system_servers(str(tmpdir.join('none'))) == []
