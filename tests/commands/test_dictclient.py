# Copyright the carryall authors.  See LICENSE.
"""`carryall dict` asks a server; the examples are a server and a client too."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall import runtimes
from carryall.commands import dictclient
from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.portal import Portal, Realm
from carryall.core.errors import Refused, UsageError
from carryall.core.testing import VirtualLoop
from carryall.protocols.dict import DICTServer, MemoryDictionary
from tests.support.examples import Standing

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORDS = {u'apple': u'A round fruit.\n\nRed.', u'apples': u'Many.', u'bell': u'\x1b[2J\x07'}
APPLE = 'Fruit [fruit]:\n\n  A round fruit.\n\n  Red.\n\n'


@pytest.fixture
def loop(monkeypatch):
    """The loop of the command, with a server."""
    made = VirtualLoop()
    monkeypatch.setattr(dictclient, 'choose', lambda backend: Standing(made))
    service = MemoryDictionary(u'fruit', WORDS, u'Fruit')
    service.portal = Portal(Realm(), [MemoryChecker({u'ann': b'secret'})])
    for port in (2628, 7000):
        made.listen_tcp(lambda: DICTServer(service, made), '127.0.0.1', port)
    return made


def run(capsys, *words):
    """(status, stdout, stderr) of the command."""
    status = dictclient.main(['-h', '127.0.0.1'] + list(words))
    out, err = capsys.readouterr()
    return status, out, err


def test_a_definition_is_shown(loop, capsys):
    assert run(capsys, 'apple') == (0, APPLE, '')


def test_many_words_are_looked_up(loop, capsys):
    assert run(capsys, 'apple', 'apple') == (0, APPLE + APPLE, '')


def test_a_word_that_is_missing_brings_others_and_a_failure(loop, capsys):
    assert run(capsys, 'app') == (
        1, 'fruit                apple\nfruit                apples\n',
        'carryall dict: no definition of "app"; did you mean one of these?\n')


def test_a_word_that_is_like_no_other_is_a_failure(loop, capsys):
    assert run(capsys, 'zebra') == (1, '', 'carryall dict: no definition of "zebra"\n')


def test_words_are_matched(loop, capsys):
    assert run(capsys, '-m', '-s', 'prefix', 'app')[:2] == (
        0, 'fruit                apple\nfruit                apples\n')


def test_a_word_that_matches_nothing_is_a_failure(loop, capsys):
    assert run(capsys, '-m', 'zebra') == (1, '', 'carryall dict: no word matches "zebra"\n')


@pytest.mark.parametrize('word, shown', [
    ('-D', 'fruit                Fruit\n'),
    ('-S', 'exact                Match headwords exactly\nprefix               Match prefixes\n'),
    ('--server-info', 'A dictionary in memory.\n'), ('-Ifruit', '3 words in memory\n')])
def test_an_option_shows_the_data_of_the_server(loop, capsys, word, shown):
    assert run(capsys, word) == (0, shown, '')


def test_an_unknown_database_is_a_failure(loop, capsys):
    assert run(capsys, '-d', 'nowhere', 'apple')[0] == 1


def test_an_unknown_strategy_is_a_failure(loop, capsys):
    status, _, err = run(capsys, '-m', '-s', 'nonsense', 'apple')
    assert (status, err[:40]) == (1, 'carryall dict: Invalid strategy, use "SH')


def test_control_characters_are_not_shown(loop, capsys):
    assert run(capsys, 'bell')[1] == 'Fruit [fruit]:\n\n  \\x1b[2J\\x07\n\n'


def test_a_url_names_server_and_word(loop, capsys):
    assert dictclient.main(['dict://127.0.0.1:7000/d:apple:fruit']) == 0
    assert capsys.readouterr()[0] == APPLE


def test_a_url_chooses_one_answer(loop, capsys):
    assert dictclient.main(['dict://127.0.0.1/m:app:fruit:prefix:2']) == 0
    assert capsys.readouterr()[0] == 'fruit                apples\n'


def test_urls_may_name_different_servers(loop, capsys):
    urls = ['dict://127.0.0.1:%d/m:apple:fruit:exact' % port for port in (2628, 7000)]
    assert dictclient.main(urls) == 0
    assert capsys.readouterr()[0] == 'fruit                apple\n' * 2


def test_a_user_logs_in(loop, capsys, monkeypatch):
    monkeypatch.setenv('CARRYALL_PASSWORD', 'secret')
    assert run(capsys, '-u', 'ann', 'apple')[0] == 0


def test_a_url_with_a_user_logs_in(loop, capsys, monkeypatch):
    monkeypatch.setenv('CARRYALL_PASSWORD', 'secret')
    assert dictclient.main(['dict://ann;AUTH@127.0.0.1/d:apple']) == 0


@pytest.mark.parametrize('kind', ['SASLAUTH=CRAM-MD5', 'SASLAUTH=*'])
def test_a_url_may_ask_for_a_mechanism_of_sasl(loop, capsys, monkeypatch, kind):
    monkeypatch.setenv('CARRYALL_PASSWORD', 'secret')
    assert dictclient.main(['dict://ann;%s@127.0.0.1/d:apple' % kind]) == 0


@pytest.mark.parametrize('name', ['AUTH', 'SCRAM-SHA-256', 'CRAM-MD5'])
def test_a_user_logs_in_by_the_mechanism_of_the_command_line(loop, capsys, monkeypatch, name):
    monkeypatch.setenv('CARRYALL_PASSWORD', 'secret')
    assert run(capsys, '-u', 'ann', '--mechanism', name, 'apple')[0] == 0


def test_a_mechanism_that_shows_the_secret_is_refused(loop, monkeypatch):
    monkeypatch.setenv('CARRYALL_PASSWORD', 'secret')
    with pytest.raises(UsageError):
        dictclient.main(['-h', '127.0.0.1', '-u', 'ann', '--mechanism', 'PLAIN', 'apple'])


def test_a_user_without_a_secret_is_refused(loop, monkeypatch):
    monkeypatch.delenv('CARRYALL_PASSWORD', raising=False)
    with pytest.raises(UsageError):
        dictclient.main(['-u', 'ann', 'apple'])


@pytest.mark.parametrize('words', [
    [], ['-D', 'word'], ['-D', '-S'], ['-I', 'a b'], ['-d', 'a"', 'x'], ['-s', '', '-m', 'x'],
    ['dict://'], ['dict://a/x:y'], ['-p', '0', 'x'], ['--nonsense']])
def test_a_command_line_that_is_wrong_is_refused(words):
    with pytest.raises(UsageError):
        dictclient.main(words)


def test_a_server_that_is_not_there_is_an_error(loop):
    with pytest.raises(Refused):
        dictclient.main(['-h', '127.0.0.1', '-p', '7001', 'apple'])


@pytest.mark.parametrize('words', [['--help'], ['-h']])
def test_the_help_is_printed(capsys, words):
    assert dictclient.main(words) == 0
    assert capsys.readouterr()[0].startswith('usage: carryall dict')


def test_the_example_of_a_client_asks_that_of_a_server(monkeypatch, capsys):
    made = VirtualLoop()
    monkeypatch.setattr(runtimes, 'choose', lambda: Standing(made))
    for name in ('dict_server.py', 'dict_client.py'):
        with open(os.path.join(ROOT, 'doc', 'examples', name), 'rb') as source:
            eval(compile(source.read(), name, 'exec'), {'__name__': '__main__'})
    assert capsys.readouterr()[0] == 'A few fruits: A round fruit.\nfruit apple\nfruit apple pie\n'
