# Copyright the carryall authors.  See LICENSE.
"""Permission to send: clients, senders and recipients."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import VirtualLoop
from tests.services.mail.world import MESSAGE, post, service, stored

WORDS = ('--smtp', 'tcp:0', '--pop3', 'none', '-d', 'a.example=TMP/a', '-u', 'anna=secret', '-u',
         'bert=geheim')
OK = (250, b'2.0.0')
DENIED = (554, b'5.7.1')
UNKNOWN = (550, b'5.1.1')
ANNA = {'username': u'anna', 'password': b'secret'}


@pytest.fixture
def world(tmpdir):
    class World(object):
        def start(self, *words):
            self.loop = VirtualLoop()
            self.service, self.ports = service(self.loop, tmpdir, *(WORDS + words))
            return self

        def post(self, *args, **given):
            port = self.ports[given.pop('name', 'smtp')]
            return self.loop.run_until(post(self.loop, port, *args, **given))

        def stored(self, *parts):
            self.loop.advance(1.0)
            return stored(tmpdir, *parts)
    return World()


@pytest.mark.parametrize('to, expected', [
    (b'anna@a.example', OK), (b'ANNA@A.EXAMPLE', OK), (b'postmaster@a.example', OK),
    (b'Postmaster', OK), (b'nobody@a.example', UNKNOWN), (b'x@far.example', DENIED),
    (b'x%far.example@a.example', UNKNOWN), (b'"x@far.example"@a.example', UNKNOWN),
    (b'far.example!x@a.example', UNKNOWN), (b'x@[192.0.2.1]', DENIED)])
def test_unknown_clients_are_not_relayed_for(world, to, expected):
    assert world.start().post(b'y@other.example', [to]) == [expected]
    assert len(world.service.relay) == 0


def test_a_source_route_does_not_help(world):
    world.start()
    assert world.post(b'y@other.example', [b'@a.example:x@far.example']) == [DENIED]


def test_users_and_trusted_networks_may_send_everywhere(world):
    assert world.start().post(b'anna@a.example', [b'x@far.example', b'nobody@a.example'],
                              **ANNA) == [OK, UNKNOWN]
    world.start('-R', 'TMP/q1', '--relay-network', '127.0.0.0/8')
    assert world.post(b'y@other.example', [b'x@far.example']) == [OK]
    world.start('-R', 'TMP/q2', '--relay-network', '10.0.0.0/8')
    assert world.post(b'y@other.example', [b'x@far.example']) == [DENIED]


def test_a_user_sends_as_itself_alone(world):
    world.start()
    for sender, expected in ((b'anna@a.example', OK), (b'anna+x@a.example', OK), (b'', OK),
                             (b'bert@a.example', (553, b'5.7.1')),
                             (b'x@far.example', (553, b'5.7.1'))):
        assert world.post(sender, [b'bert@a.example'], **ANNA) == [expected]
    assert world.start('-R', 'TMP/q', '--no-sender-login').post(b'x@far.example',
                                                                [b'bert@a.example'], **ANNA) == [OK]


def test_the_rate_limits_a_user(world):
    world.start('--rate', '2')
    got = [world.post(b'anna@a.example', [b'bert@a.example'], **ANNA)[0] for _ in range(3)]
    assert got == [OK, OK, (451, b'4.7.1')]
    world.loop.advance(3601.0)
    assert world.post(b'anna@a.example', [b'bert@a.example'], **ANNA) == [OK]


def test_anonymous_clients_can_be_refused(world):
    world.start('--disable-anonymous')
    assert world.post(b'x@far', [b'anna@a.example']) == [(530, b'5.7.0')]
    assert world.post(b'anna@a.example', [b'bert@a.example'], **ANNA) == [OK]


def test_a_message_in_a_circle_is_refused(world):
    world.start()
    assert world.post(b'x@far', [b'anna@a.example'],
                      b'Received: x\r\n' * 51 + b'\r\n') == [(554, b'5.4.6')]
    assert world.post(b'x@far', [b'anna@a.example'], b'Received: x\r\n' * 50 + b'\r\n') == [OK]


def test_unknown_mail_to_the_postmaster(world):
    assert world.start('-b').post(b'x@far', [b'nobody@a.example']) == [OK]
    assert len(world.stored('a', 'postmaster')) == 1


def test_lists_and_their_owners(world, tmpdir):
    tmpdir.join('aliases').write('choir: anna, bert\nowner-choir: bert\nplain: anna\n')
    assert world.start('-A', 'TMP/aliases').post(b'x@far',
                                                 [b'choir@a.example', b'plain@a.example',
                                                  b'anna@a.example']) == [OK] * 3
    anna = world.stored('a', 'anna')
    bert = world.stored('a', 'bert')
    assert len(anna) == 2, 'one for the list, one for herself'
    assert len(bert) == 1, 'one for the list, one for herself'
    assert bert[0].startswith(b'Return-Path: <owner-choir@a.example>\n')
    assert sorted(mail.split(b'\n')[0]
                  for mail in anna) == [b'Return-Path: <owner-choir@a.example>',
                                        b'Return-Path: <x@far>']


def test_lmtp_answers_for_each_recipient(world):
    world.start('--lmtp', 'tcp:0')
    assert world.post(b'x@far',
                      [b'anna@a.example', b'nobody@a.example', b'y@far.example', b'bert@a.example'],
                      name='lmtp', lmtp=True) == [OK, UNKNOWN, DENIED, OK]
    assert len(world.stored('a', 'anna')) == 1
    assert world.stored('a', 'bert')[0].endswith(MESSAGE.replace(b'\r\n', b'\n'))


def test_a_default_domain(world):
    assert world.start('--default').post(b'x@far',
                                         [b'anna@any.example', b'nobody@any.example']) == [OK,
                                                                                           UNKNOWN]


def test_one_mailbox_gets_one_message(world):
    world.start()
    assert world.post(b'x@far',
                      [b'anna@a.example', b'anna+a@a.example', b'anna+b@a.example',
                       b'ANNA@a.example']) == [OK] * 4
    assert len(world.stored('a', 'anna')) == 1


def test_messages_sort_as_they_came(world):
    world.start()
    for number in range(12):
        world.post(b'x@far', [b'anna@a.example'], b'Subject: %d\r\n\r\n' % number)
    subjects = [mail.split(b'Subject: ')[1].strip() for mail in world.stored('a', 'anna')]
    assert subjects == [b'%d' % number for number in range(12)]


def test_a_message_without_a_header(world):
    world.start().post(b'x@far', [b'anna@a.example'], b'only text\r\n')
    assert world.stored('a', 'anna')[0].endswith(b'+0000\n\nonly text\n')


def test_queue_names_of_bad_senders_are_no_paths(world):
    world.start()
    assert world.post(b'"../../x"@far', [b'anna@a.example']) == [OK]
    assert len(world.stored('a', 'anna')) == 1


def test_vrfy_and_etrn(world):
    from carryall.protocols.smtp.mailbox import parse_mailbox
    policy = world.start().service.policy

    class Session(object):
        user = u'anna'

        def host(self):
            return '127.0.0.1'

    assert policy.vrfy(None, b'anna') == b'250 2.1.5 <anna@a.example>'
    assert policy.vrfy(None, b'nobody').startswith(b'550')
    assert policy.vrfy(None, b'x@far') is None
    assert policy.vrfy(None, b'a b').startswith(b'501')
    assert parse_mailbox(b'a@b')
    assert policy.etrn(Session(), b'far.example').startswith(b'251')
    assert policy.expn(None, b'x') is None


def test_the_members_of_many_lists_are_counted_as_they_are_named(world, tmpdir, monkeypatch):
    monkeypatch.setattr('carryall.services.mail.policy.MAX_ADDRESSEES', 5)
    tmpdir.join('aliases').write('pair: anna, bert\ntrio: anna, bert, postmaster\ncrowd: anna, '
                                 'bert, x, y, z, postmaster\n'
                                 'x: anna\ny: anna+1\nz: anna+2\n')
    world.start('-A', 'TMP/aliases')
    assert world.post(b'x@far',
                      [b'pair@a.example', b'trio@a.example', b'pair@a.example',
                       b'anna@a.example']) == [OK, OK, (452, b'4.5.3'), OK]


def test_names_without_a_domain_are_those_of_the_default_domain(world):
    assert world.start().post(b'root', [b'anna', b'nobody']) == [OK, UNKNOWN]
    assert world.stored('a', 'anna')[0].startswith(b'Return-Path: <root@a.example>\n')
    assert world.start('-R', 'TMP/q', '--strict').post(b'x@far', [b'anna']) == [(501, b'5.1.3')]
