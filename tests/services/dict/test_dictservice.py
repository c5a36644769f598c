# Copyright the carryall authors.  See LICENSE.
"""The service type ``dict``, with the client."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.commands.catalogue import known_types
from carryall.core.errors import UsageError
from carryall.core.future import Future
from carryall.core.testing import VirtualLoop
from carryall.protocols.dict import DICTError, connect
from carryall.services.dict.service import TYPE
from tests.services.dict.samples import database
from tests.support.activity import watch

WORDS = 'apple\tA word of a list.\n'


class Started(object):
    """A service with two databases, and a client."""

    def __init__(self, tmpdir, *more):
        self.path = database(tmpdir, 'fruit', zipped=True)
        self.words = tmpdir.join('words.txt')
        self.words.write(WORDS)
        self.loop = VirtualLoop()
        words = ['-p', '7000', '-d', 'fruit=' + self.path, '-d', 'own=' + str(self.words)]
        self.service = TYPE.make(TYPE.options.parse(words + list(more)))
        self.service.start(self.loop)
        self.client = self.loop.run_until(connect(self.loop, '127.0.0.1', 7000))

    def ask(self, method, *args):
        """The answer to a command of the client."""
        return self.loop.run_until(getattr(self.client, method)(*args))

    def client_of(self, host):
        """Another client, which has this address."""
        class From(object):
            """The loop, whose connections come from there."""

            call_later = self.loop.call_later
            time = self.loop.time
            turns = self.loop.turns

            @staticmethod
            def connect_tcp(*args, **chosen):
                return self.loop.connect_tcp(*args, local=(host, 40000), **chosen)

        return self.loop.run_until(connect(From, '127.0.0.1', 7000))


@pytest.fixture
def started(tmpdir):
    """A service without accounts."""
    return Started(tmpdir)


@pytest.fixture
def guarded(tmpdir):
    """A service one of whose databases is for ann alone."""
    tmpdir.join('secrets').write('# accounts\nann a long secret\n')
    return Started(tmpdir, '--secrets', str(tmpdir.join('secrets')), '--restricted', 'own')


def test_the_registry_has_the_type():
    assert known_types().get('dict') is TYPE


@pytest.mark.parametrize('words, endpoint', [
    ([], u'tcp:2628:interface=127.0.0.1'), (['-p', '7000'], u'tcp:7000:interface=127.0.0.1'),
    (['--interface', '192.0.2.1'], u'tcp:2628:interface=192.0.2.1'),
    (['-p', 'tcp:7000:interface=192.0.2.1'], u'tcp:7000:interface=192.0.2.1')])
def test_the_default_endpoint_is_local(words, endpoint):
    assert TYPE.endpoints(TYPE.options.parse(['-d', 'a=b'] + words)) == [endpoint]


@pytest.mark.parametrize('words', [
    [], ['-d', 'fruit'], ['-d', 'a b=x'], ['-d', '*=x'], ['-d', 'a=x', '-d', 'a=y'],
    ['-d', 'a=x', '--restricted', 'b', '--secrets', 'x'], ['-d', 'a=x', '--description', 'b=B'],
    ['-d', 'a=x', '--restricted', 'a']])
def test_a_command_line_that_is_wrong_is_refused(words):
    with pytest.raises(UsageError):
        TYPE.options.parse(words)


def test_a_database_that_is_missing_is_a_problem(tmpdir):
    options = TYPE.options.parse(['-d', 'a=' + str(tmpdir.join('nothing'))])
    assert len(TYPE.options.problems(options)) == 1


def test_a_database_without_its_ending_is_no_problem(tmpdir):
    options = TYPE.options.parse(['-d', 'a=' + database(tmpdir, 'fruit')])
    assert TYPE.options.problems(options) == []


def test_databases_are_listed_in_their_order(started):
    assert [(each.name, each.description) for each in started.ask('databases')] == [
        (u'fruit', u'Fruit'), (u'own', u'own')]


def test_a_word_is_defined_by_all_databases(started):
    assert [each.text for each in started.ask('define', u'apple')] == [
        u'apple\nA round fruit.\n.dots\n', u'apple\nA tree.\n', u'apple\n   A word of a list.\n']


def test_long_definitions_are_read_when_they_are_sent(tmpdir):
    tmpdir.join('long.txt').write(''.join('a\t%s\n' % (letter * 200000) for letter in 'xyz'))
    found = Started(tmpdir, '-d', 'long=' + str(tmpdir.join('long.txt')))
    texts = [each.text for each in found.ask('define', u'a', u'long')]
    assert [text.replace(u'\n', u'').strip(u'a ') for text in texts] == [
        letter * 200000 for letter in u'xyz']


def test_words_are_matched_by_the_strategy_for_typing_errors(started):
    assert started.ask('match', u'banan') == [(u'fruit', u'banana')]


def test_strategies_are_listed(started):
    names = [each.name for each in started.ask('strategies')]
    assert set(names) >= set([u'exact', u'prefix', u'substring', u'suffix', u're', u'soundex',
                              u'lev'])


def test_a_malformed_expression_is_an_illegal_parameter(started):
    with pytest.raises(DICTError) as caught:
        started.ask('match', u'(', u'*', u're')
    assert caught.value.code == 501


def test_a_database_tells_of_its_source(started):
    assert started.ask('info', u'fruit').startswith(u'Free for all.')


def test_the_server_tells_of_its_databases(started):
    assert u'fruit' in started.ask('about')


def test_the_server_shows_a_file(tmpdir):
    tmpdir.join('info').write('Ask ann.')
    found = Started(tmpdir, '--info', str(tmpdir.join('info')))
    assert found.ask('about').endswith(u'Ask ann.\n')


def test_a_client_from_elsewhere_is_not_served(tmpdir):
    with pytest.raises(DICTError) as caught:
        Started(tmpdir, '--allow', '192.0.2.0/24')
    assert caught.value.code == 530


def test_the_limits_are_those_of_the_options(tmpdir):
    found = Started(tmpdir, '--max-definitions', '2', '--max-matches', '3')
    assert len(found.ask('define', u'apple')) == 2
    assert len(found.ask('match', u'.', u'*', u're')) == 3


def test_a_file_that_has_changed_is_not_read(started, expect_log):
    expect_log('a database cannot be read')
    with open(started.path + '.index', 'ab') as file:
        file.write(b'more\tA\tB\n')
    with pytest.raises(DICTError) as caught:
        started.ask('define', u'apple')
    assert caught.value.code == 420


def test_a_reload_reads_files_that_have_changed(started):
    started.words.write('pear\tA new word.\n')
    started.service.reload()
    assert [each.word for each in started.ask('define', u'pear')] == [u'pear']


def test_a_reload_that_fails_changes_nothing(started):
    os.rename(started.path + '.index', started.path + '.gone')
    with pytest.raises(UsageError):
        started.service.reload()
    os.rename(started.path + '.gone', started.path + '.index')
    assert started.ask('define', u'banana')


def test_a_search_that_takes_too_long_is_given_up(started, monkeypatch):
    library = started.client.transport and started.service._library
    monkeypatch.setattr(library._scans, 'run', lambda *args: Future())
    with pytest.raises(DICTError) as caught:
        started.ask('match', u'a', u'*', u're')
    assert caught.value.code == 420


def test_the_time_of_a_search_begins_with_its_turn(started):
    loop = started.loop
    held = []

    def run_in_thread(function, *args):
        held.append((Future(), function, args))
        return held[-1][0]

    loop.run_in_thread = run_in_thread
    asked = [started.client.match(u'a', u'fruit', u're')]
    for number in range(2):
        client = started.client_of('192.0.2.%d' % number)
        asked.append(client.match(u'a', u'fruit', u're'))
    loop.advance(12.0)
    held[0][0].set_result([])
    _, function, args = held[2]             # the turn of the third has come
    function(*args)
    loop.advance(9.0)
    assert [each.done() for each in asked] == [True, False, False]
    loop.advance(2.0)
    assert asked[2].exception().code == 420


def test_a_search_does_not_wait_for_its_turn_for_ever(started):
    started.loop.run_in_thread = lambda *args: Future()
    asked = started.client.match(u'a', u'fruit', u're')
    started.loop.advance(29.0)
    assert not asked.done()
    started.loop.advance(2.0)
    assert asked.exception().code == 420


def test_searches_beyond_those_that_may_wait_are_refused(started):
    loop = started.loop
    held = []
    loop.run_in_thread = lambda *args: held.append(Future()) or held[-1]
    asked = []
    for _ in range(80):
        client = loop.run_until(connect(loop, '127.0.0.1', 7000))
        asked.append(client.match(u'a', u'fruit', u're'))
    loop.advance()
    assert len(held) == 1
    assert [each.exception().code for each in asked if each.done()] == [420] * 15


def test_one_source_leaves_a_place_for_the_searches_of_others(started):
    loop = started.loop
    held = []
    loop.run_in_thread = lambda *args: held.append(Future()) or held[-1]
    for _ in range(3):
        started.client_of('192.0.2.1').match(u'a', u'fruit', u're')
    loop.advance()
    assert len(held) == 1
    started.client_of('192.0.2.2').match(u'a', u'fruit', u're')
    loop.advance()
    assert len(held) == 2


def test_a_restricted_database_is_hidden(guarded):
    assert [each.name for each in guarded.ask('databases')] == [u'fruit']


def test_a_restricted_database_is_shown_to_an_account(guarded):
    guarded.ask('auth', u'ann', b'a long secret')
    assert [each.name for each in guarded.ask('databases')] == [u'fruit', u'own']
    assert len(guarded.ask('define', u'apple', u'own')) == 1
    assert u'own' in guarded.ask('about')


def test_a_wrong_secret_shows_nothing(guarded):
    with pytest.raises(DICTError) as caught:
        guarded.ask('auth', u'ann', b'another secret')
    assert caught.value.code == 531


def test_a_line_of_the_secrets_that_is_wrong_is_named(tmpdir):
    tmpdir.join('secrets').write('ann\n')
    with pytest.raises(UsageError) as caught:
        Started(tmpdir, '--secrets', str(tmpdir.join('secrets')))
    assert 'line 1' in caught.value.message


def test_a_client_is_served_until_the_service_stops(started):
    started.loop.run_until(started.service.stop(2.0))
    assert started.service.listening() == []


def test_searches_are_told_to_the_activity(tmpdir):
    started = Started(tmpdir)
    told = watch(started.loop)
    started.ask('define', u'apple', u'own')
    assert started.ask('match', u'zzz', u'own', u'exact') == []
    assert [row[2:4] for row in told.rows] == [(u'DEFINE own apple', u'1 found'),
                                               (u'MATCH own exact zzz', u'0 found')]


def test_a_user_of_the_command_line_logs_in(tmpdir):
    started = Started(tmpdir, '--user', 'ann=secret', '--restricted', 'own')
    started.ask('auth', u'ann', b'secret')
    assert len(started.ask('define', u'apple', u'own')) == 1
