# Copyright the carryall authors.  See LICENSE.
"""Rules of a proxy."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.protocols.socks.rules import Rule, Rules, parse_rules
from carryall.protocols.socks.wire import ASSOCIATE, BIND, CONNECT, Request


def request(host='192.0.2.7', port=80, command=CONNECT, user=b''):
    return Request(5, command, host, port, user)


def rules(text, default=True, shielded=False):
    return Rules(parse_rules(text.split(u';')), default, shielded)


def verdicts(text, asked, source='198.51.100.1', address=None):
    made = rules(text)
    name = made.permits_name(asked, source)
    return name, name and made.permits(asked, source, address or asked.host)


@pytest.mark.parametrize('text, asked, allowed', [
    (u'', request(), True), (u'deny', request(), False), (u'allow; deny', request(), True),
    (u'deny to 192.0.2.0/24', request(), False),
    (u'deny to 192.0.2.0/24', request('203.0.113.1'), True),
    (u'allow to 192.0.2.0/24; deny', request(), True),
    (u'allow to 192.0.2.0/24; deny', request('203.0.113.1'), False),
    (u'deny port 25', request(port=25), False), (u'deny port 25,100-200', request(port=150), False),
    (u'deny port 25,100-200', request(port=99), True),
    (u'deny from 198.51.100.0/24', request(), False), (u'deny from 10.0.0.0/8', request(), True),
    (u'allow user ann,bob; deny', request(user=b'bob'), True),
    (u'allow user ann,bob; deny', request(user=b'eve'), False),
    (u'allow command connect; deny', request(), True),
    (u'allow command connect; deny', request(command=BIND), False),
    (u'deny command udp,bind', request(command=ASSOCIATE), False),
    (u'deny to ::ffff:0:0/96', request(), True), (u'deny to *', request(), False),
    (u'allow from 198.51.100.1 user ann to 192.0.2.7 port 80 command connect; deny',
     request(user=b'ann'), True),
    (u'allow from 198.51.100.1 user ann to 192.0.2.7 port 81 command connect; deny',
     request(user=b'ann'), False)])
def test_rules_match_addresses(text, asked, allowed):
    assert verdicts(text, asked)[1] is allowed


@pytest.mark.parametrize('text, host, by_name, at_the_end', [
    (u'deny to evil.example', 'EVIL.example.', False, False),
    (u'deny to evil.example', 'not-evil.example', True, True),
    (u'deny to *.evil.example', 'www.evil.example', False, False),
    (u'deny to *.evil.example', 'evil.example', True, True),
    (u'allow to good.example; deny', 'good.example', True, True),
    (u'allow to good.example; deny', 'bad.example', False, False),
    # The name is fine, and what it leads to is not.
    (u'deny to 192.0.2.0/24', 'inside.example', True, False),
    # Nothing can be said of it before its address is known.
    (u'allow to 192.0.2.0/24; deny', 'inside.example', True, True),
    (u'allow to 203.0.113.0/24; deny', 'inside.example', True, False),
    (u'allow to good.example,203.0.113.0/24; deny', 'good.example', True, True)])
def test_rules_match_names(text, host, by_name, at_the_end):
    assert verdicts(text, request(host), address='192.0.2.7') == (by_name, at_the_end)


@pytest.mark.parametrize('text, address, allowed', [
    (u'', '127.0.0.1', False), (u'', '10.0.0.1', False), (u'', '::1', False),
    (u'', '169.254.169.254', False),
    (u'', '::ffff:10.0.0.1', False), (u'', '8.8.8.8', True), (u'allow', '127.0.0.1', False),
    (u'allow to *', '127.0.0.1', False), (u'allow port 80', '127.0.0.1', False),
    (u'allow to 127.0.0.0/8', '127.0.0.1', True),
    (u'allow to 10.0.0.0/8', '127.0.0.1', False), (u'deny to 8.8.8.8', '8.8.8.8', False)])
def test_the_shield_covers_private_addresses(text, address, allowed):
    made = rules(text, shielded=True)
    assert made.permits(request(address), '198.51.100.1', address) is allowed


def test_a_name_that_leads_inside_is_stopped_by_the_shield():
    made = rules(u'', shielded=True)
    asked = request('rebind.example')
    assert made.permits_name(asked, '1.1.1.1') and not made.permits(asked, '1.1.1.1', '127.0.0.1')


def test_the_default_decides_without_a_rule():
    assert not rules(u'', default=False).permits(request(), '1.1.1.1', '192.0.2.7')
    assert not rules(u'', default=False).permits_name(request(), '1.1.1.1')
    assert rules(u'allow to 192.0.2.7', default=False).permits(request(), '1.1.1.1', '192.0.2.7')


@pytest.mark.parametrize('text', [
    u'permit', u'allow to', u'allow to 10.0.0.0/8 to 11.0.0.0/8', u'deny from host.example',
    u'deny port 70000', u'deny port 9-1', u'deny port x', u'deny port', u'deny command listen',
    u'deny colour red', u'deny to a*b', u'deny to *.', u'deny to 10.0.0.1/8',
    u'deny to \xe9.example', u'deny ' + u'x' * 2000])
def test_a_bad_rule_is_refused(text):
    with pytest.raises(UsageError):
        Rule(text)


def test_a_file_of_rules_is_read():
    made = parse_rules([u'# who', u'', u'  deny to 10.0.0.0/8   # inside', u'allow'])
    assert [rule.text for rule in made] == [u'deny to 10.0.0.0/8', u'allow']
    with pytest.raises(UsageError) as caught:
        parse_rules([u'allow', u'nonsense'])
    assert 'line 2' in str(caught.value)
    with pytest.raises(UsageError):
        parse_rules([u'allow'] * 10001)
