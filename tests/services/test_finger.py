# Copyright the carryall authors.  See LICENSE.
"""The service ``finger``: what it tells, and what it does not (FIN-01, FIN-02); whois."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.errors import UsageError
from carryall.commands.catalogue import known_types
from carryall.core.testing import VirtualLoop
from carryall.protocols import finger, whois
from carryall.protocols.finger import Query
from carryall.services.finger import TYPE
from tests.support.activity import watch
from tests.support.pipes import make_pipe


@pytest.fixture
def people(tmpdir):
    folder = tmpdir.mkdir('people')
    for login, name, files in (('ann', 'Ann Example',
                                {'plan': 'to rest\n\x1b[2J', 'project': 'sleep\nmore',
                                 'pgpkey': 'KEY', 'forward': 'a@b.example'}),
                               ('anna', 'Anna Example', {}),
                               ('bob', 'Bob Builder', {'nofinger': ''})):
        made = folder.mkdir(login)
        made.join('name').write(name)
        for each in files:
            made.join(each).write(files[each])
    return folder


def started(people, *words):
    loop = VirtualLoop()
    service = TYPE.make(TYPE.options.parse(['-p', '7979', '--folder', str(people)] + list(words)))
    service.start(loop)
    return loop, service


def ask(loop, user=b'', long=False, hosts=()):
    return loop.run_until(finger.fetch(loop, Query(user, hosts, long), '127.0.0.1', 7979)).decode(
        'utf-8')


def test_the_registry_knows_it():
    assert known_types().get('finger') is TYPE
    assert TYPE.endpoints(TYPE.options.parse([])) == [u'tcp:79:interface=127.0.0.1']


@pytest.mark.parametrize(
    'words', [['--whois', '43'], ['--records', '/x'], ['--folder', '/x', '--passwd', '/y'],
              ['--allow', 'x'], ['--rate', '0']])
def test_bad_words_are_refused(words):
    with pytest.raises(UsageError):
        TYPE.options.parse(words)


def test_one_person_is_shown_in_full(people):
    loop, _ = started(people)
    told = ask(loop, b'ann')
    assert told == (u'Login: ann                            Name: Ann Example\nProject: sleep\nPGP '
                    u'key:\nKEY\n'
                    u'Plan:\nto rest\n\\x1b[2J\n'), 'told %r' % told


def test_the_service_tells_little_by_default(people):
    loop, _ = started(people)
    assert u'listed' in ask(loop) and u'a@b' not in ask(loop, b'ann') and u'denied' in ask(
        loop, b'x', hosts=[b'h'])
    loop, _ = started(people, '--list', '--mail')
    assert u'ann' in ask(loop) and u'Bob' not in ask(loop), 'who wants not to be there is not'
    assert u'Mail forwarded to a@b.example' in ask(loop, b'ann')


def test_names_match_without_the_login(people):
    loop, _ = started(people)
    told = ask(loop, b'example')
    assert told.splitlines()[0].startswith(u'Login') and u'ann ' in told and u'anna' in told, \
        'ambiguous: a table'
    assert ask(loop, b'example', True).count(u'Plan') == 2, '/W: all of each'
    assert u'Anna' in ask(loop, b'ANNA') and u'Unknown user' in ask(loop, b'bob') \
        and u'Unknown user' in ask(loop, b'nobody')
    loop, _ = started(people, '--no-match')
    assert u'Unknown user' in ask(loop, b'example')


def test_clients_and_rates_are_limited(people):
    loop, _ = started(people, '--allow', '10.0.0.0/8')
    assert ask(loop, b'ann') == u'Access denied.\n'
    loop, _ = started(people, '--rate', '3')
    answers = [ask(loop, b'ann')[:3] for _ in range(5)]
    assert answers == [u'Log'] * 3 + [u'Too'] * 2
    loop.advance(60.0)
    assert ask(loop, b'ann').startswith(u'Login')


def test_forwarding_asks_the_next_host(people):
    loop, _ = started(people, '--forward', 'far.example')
    loop._names['far.example'] = ['192.0.2.9']
    loop.listen_tcp(lambda: finger.FingerServer(Far()), '192.0.2.9', 79)
    assert ask(loop, b'x', hosts=[b'FAR.example']) == u'far away\n'
    assert u'denied' in ask(loop, b'x', hosts=[b'other.example']) and u'denied' in ask(
        loop, b'x', hosts=[b'one', b'far.example'])


class Far(object):
    def answer(self, user, long, host):
        return u'far away'


def test_whois_serves_records_of_a_folder(people, tmpdir):
    records = tmpdir.mkdir('records')
    records.join('example.org').write('domain: example.org\n')
    tmpdir.join('secret').write('secret')
    loop, service = started(people, '--whois', '4343', '--records', str(records))
    asked = lambda text: loop.run_until(whois.fetch(loop, text, '127.0.0.1', 4343))
    assert asked(b'EXAMPLE.org') == b'domain: example.org\n'
    for text in (b'../secret', b'none', b'..', b'.', b'\\secret', b'c:x'):
        assert asked(text).startswith(b'No match'), text
    assert service.listening() == ['finger on 127.0.0.1:7979', 'whois on 127.0.0.1:4343']
    loop.run_until(service.stop(0.0))


@pytest.mark.skipif(not hasattr(os, 'symlink'), reason='this system has no symbolic links')
def test_a_record_may_be_a_link_to_one_of_its_owner_and_no_pipe(people, tmpdir):
    records = tmpdir.mkdir('records')
    records.join('example.org').write('domain: example.org\n')
    os.symlink('example.org', str(records.join('example.com')))
    make_pipe(str(records), 'pipe')
    loop, service = started(people, '--whois', '4343', '--records', str(records))
    asked = lambda text: loop.run_until(whois.fetch(loop, text, '127.0.0.1', 4343))
    assert asked(b'example.com') == b'domain: example.org\n'
    assert asked(b'pipe').startswith(b'No match')
    loop.run_until(service.stop(0.0))


def test_on_each_backend(loop, people):
    service = TYPE.make(TYPE.options.parse(['-p', '0', '--folder', str(people)]))
    service.start(loop)
    port = service.children[0].listeners[0].address.port
    told = loop.run_until(finger.fetch(loop, Query(b'ann'), '127.0.0.1', port))
    assert told.startswith(b'Login: ann ')
    loop.run_until(service.stop(1.0))


def test_a_query_is_told_to_the_activity(people):
    loop = VirtualLoop()
    told = watch(loop)
    TYPE.make(TYPE.options.parse(['-p', '7979', '--folder', str(people)])).start(loop)
    octets = len(ask(loop, b'bob'))
    assert told.rows == [(u'finger', u'127.0.0.1', u'"bob"', u'answered', octets + 2, True)]
