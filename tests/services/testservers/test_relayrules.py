# Copyright the carryall authors.  See LICENSE.
"""A mail server for tests sends messages on by rules, and writes them into a folder."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.services.testservers.relayrules import RelayRules, place_of
from tests.services.testservers.talks import Hall
from tests.services.testservers.test_mailcatcher import send

RULES = [u'allow *', u'deny *@test.example', u'allow ok@test.example']


@pytest.mark.parametrize('rules, address, allowed', [
    ([], u'a@b', True), (RULES, u'a@there', True), (RULES, u'A@Test.Example', False),
    (RULES, u'ok@test.example', True), ([u'deny *'], u'a@b', False),
    ([u'deny a@b'], u'a@b.example', True), ([u'deny a.*@b'], u'axb@b', True)])
def test_the_last_rule_that_matches_decides(rules, address, allowed):
    assert RelayRules(rules).allows(address) is allowed


@pytest.mark.parametrize('rule', [u'permit *', u'deny', u'allow ', u''])
def test_a_rule_is_allow_or_deny_with_a_pattern(rule):
    with pytest.raises(UsageError):
        RelayRules([rule])


@pytest.mark.parametrize('text', [u'there', u'there:', u':25', u'there:0', u'there:70000', u''])
def test_a_place_has_a_host_and_a_port(text):
    with pytest.raises(UsageError):
        place_of(text)


def test_a_place_may_be_an_address_of_ipv6():
    assert place_of(u'[::1]:25') == ('::1', 25)


def relayed(**options):
    """The rows of a server that gets what another one sends on, and that other one."""
    hall = Hall()
    real = hall.begin('mail')
    place = u'%s:%d' % tuple(real.places[0][1:])
    server = hall.begin('mail', relay=place, **options)
    send(server, b'b@there', b'c@test.example')
    hall.loop.advance(1.0)
    return real.call('came'), server


def test_a_message_is_sent_on_to_all_recipients():
    rows, server = relayed()
    assert [row['recipients'] for row in rows] == [[u'b@there', u'c@test.example']]
    assert rows[0]['data'] == server.call('came')[0]['data']
    assert server.call('relay_errors') == []


def test_a_message_is_sent_on_to_those_that_the_rules_allow():
    rows, server = relayed(relay_rules=RULES)
    assert [row['recipients'] for row in rows] == [[u'b@there']]
    assert server.call('came')[0]['recipients'] == [u'b@there', u'c@test.example']


def test_a_message_that_no_rule_allows_is_kept_alone():
    rows, server = relayed(relay_rules=[u'deny *'])
    assert rows == []
    assert len(server.call('came')) == 1


def test_one_address_gets_all_messages():
    assert [row['recipients'] for row in relayed(relay_to=u'me@here')[0]] == [[u'me@here']]


def test_a_message_is_sent_on_behind_a_login():
    rows, _ = relayed(relay_login=[u'user', u'secret'])
    assert [row['user'] for row in rows] == [u'user']


def test_a_server_that_refuses_is_told():
    hall = Hall()
    real = hall.begin('mail')
    real.call('fail', when=b'RCPT', reply=b'550 5.1.1 not here')
    server = hall.begin('mail', relay=u'%s:%d' % tuple(real.places[0][1:]))
    send(server, b'b@there')
    hall.loop.advance(1.0)
    error, = server.call('relay_errors')
    assert error.startswith(u'b@there: 550 ')


def test_a_server_that_is_not_there_is_told():
    hall = Hall()
    server = hall.begin('mail', relay=u'127.0.0.1:9')
    assert send(server, b'b@there').startswith(b'250 ')
    hall.loop.advance(1.0)
    assert len(server.call('relay_errors')) == 1


def test_a_message_is_written_into_a_folder(tmpdir):
    tmpdir.join('1.eml').write(b'of an earlier run')
    server = Hall().begin('mail', folder=str(tmpdir))
    send(server, b'b@there')
    assert sorted(path.basename for path in tmpdir.listdir()) == ['1.eml', '2.eml']
    assert tmpdir.join('2.eml').read('rb') == b'Subject: hi\r\n\r\nhello\r\n'


def test_a_folder_that_is_missing_is_told_at_once(tmpdir):
    with pytest.raises(UsageError):
        Hall().begin('mail', folder=str(tmpdir.join('none')))
