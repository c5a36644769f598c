# Copyright the carryall authors.  See LICENSE.
"""Destinations of mail by MX records, in memory."""
from __future__ import absolute_import, division, print_function

import random
import struct

import pytest

from carryall.core.errors import CarryallError, UsageError
from carryall.core.testing import VirtualLoop
from carryall.protocols.smtp import SMTPServer, Settings
from carryall.services.mail.mx import MXResolver, NameServer, resolver_of, system_servers
from carryall.services.mail.options import SCHEMA
from carryall.services.mail.routes import NoMail, by_address
from carryall.services.mail.service import TYPE, MailService
from tests.protocols.smtp.stage import Kept
from tests.protocols.dns.test_mxlookup import HOST, answer, record, served
from tests.services.mail.world import ports_of, post

NAMES = {'a.example': ['192.0.2.9'], 'mx1.example': ['192.0.2.25'], 'mx2.example': ['192.0.2.26']}


def mx(preference, host):
    return record(struct.pack('!H', preference)
                  + b''.join(struct.pack('!B', len(label)) + label for label in host.split(b'.')
                             if label) + b'\0')


def asked(*records, **given):
    loop = VirtualLoop(NAMES)
    served(loop, lambda number: [answer(*records, number=number, **given)])
    return loop.run_until(MXResolver([HOST], random.Random(1))(loop, 'a.example'))


def test_hosts_in_their_order():
    assert asked(mx(20, b'mx2.example'), mx(5, b'mx1.example')) == [('mx1.example', 25),
                                                                    ('mx2.example', 25)]
    alike = [mx(5, b'm%d.example' % number) for number in range(8)]
    orders = set()
    for seed in range(5):
        loop = VirtualLoop()
        served(loop, lambda number: [answer(*alike, number=number)])
        orders.add(tuple(loop.run_until(MXResolver([HOST], random.Random(seed))(loop,
                                                                                'a.example'))))
    assert len(orders) > 1, 'RFC 5321 section 5.1: those that are alike share the work'
    assert len(asked(*[mx(number, b'm%d.example' % number) for number in range(30)])) == 10


def test_domains_without_records():
    assert asked() == [('a.example', 25)], 'the domain is its own host'
    assert asked(mx(0, b''),
                 mx(5, b'mx1.example')) == [('mx1.example',
                                             25)], 'a null MX beside others is a mistake'
    for given, word in (({'flags': 0x8183}, u'does not exist'), ({}, u'accepts no mail')):
        with pytest.raises(NoMail) as caught:
            asked(*([mx(0, b'')] if not given else []), **given)
        assert word in caught.value.message
    with pytest.raises(CarryallError) as caught:
        asked(flags=0x8182)
    assert not isinstance(caught.value, NoMail), 'another time it may go better'
    with pytest.raises(NoMail):
        VirtualLoop().run_until(MXResolver([HOST])(VirtualLoop(), 'a..b'))


def test_relaying_by_records(tmpdir):
    """To the better host; when that is not there, to the other one; a null MX comes back at
    once."""
    loop = VirtualLoop(NAMES)
    kept = Kept()
    served(loop, lambda number: [answer(mx(5, b'mx1.example'), mx(9, b'mx2.example'),
                                        number=number)])
    loop.listen_tcp(lambda: SMTPServer(kept, loop, Settings(hostname=b'mx2')), '192.0.2.26', 25)
    values = SCHEMA.parse(['--queue', str(tmpdir), '-s', 'tcp:0', '-p', 'none', '--relay-network',
                           '127.0.0.0/8'])
    made = MailService(values, MXResolver([HOST]))
    made.start(loop)
    assert loop.run_until(post(loop, ports_of(made)['smtp'], b'x@a.example',
                               [b'b@a.example'])) == [(250, b'2.0.0')]
    loop.advance(10.0)
    assert [mail[:2] for mail in kept.mails] == [(b'x@a.example', [b'b@a.example'])]
    loop.run_until(made.stop(1.0))


def test_the_option_names_a_server(tmpdir, monkeypatch):
    kind = NameServer()
    assert kind.split(u'192.0.2.1') == ('192.0.2.1', 53)
    assert kind.split(u'192.0.2.1:5353') == ('192.0.2.1', 5353)
    assert kind.split(u'2001:db8::1') == ('2001:db8::1', 53)
    assert kind.split(u'[2001:db8::1]:99') == ('2001:db8::1', 99)
    for wrong in (u'ns.example', u'1.2.3', u'1.2.3.4:0', u'1.2.3.4:x', u'[::1', u'[::1]x',
                  u'[::1]:70000', u'\xe9'):
        with pytest.raises(UsageError):
            kind.check(wrong)
    conf = tmpdir.join('resolv.conf')
    conf.write('# x\nnameserver 192.0.2.1\nsearch y\n nameserver  fe80::1%eth0 \nnameserver '
               'bad\nnameserver\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n')
    assert system_servers(str(conf)) == [('192.0.2.1', 53), ('fe80::1', 53), ('192.0.2.2', 53)]
    assert system_servers(str(tmpdir)) == []
    assert resolver_of([u'none']) is by_address
    assert resolver_of([u'192.0.2.1:54'])._servers == [('192.0.2.1', 54)]
    monkeypatch.setattr('carryall.services.mail.mx.system_servers', lambda: [])
    assert resolver_of([]) is by_address
    made = TYPE.make(SCHEMA.parse(['--queue', str(tmpdir), '--nameserver', '192.0.2.7']))
    assert made._resolver._servers == [('192.0.2.7', 53)]
