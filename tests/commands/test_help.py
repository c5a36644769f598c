# Copyright the carryall authors.  See LICENSE.
"""The help of every command and type: two layers, short enough, as wide as the terminal."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app.usage import FIRST_LINES
from carryall.commands.catalogue import COMMANDS, TYPES
from carryall.commands.main import main
from carryall.commands.reference import pages

NAMES = [[]] + [[row[0]] for row in COMMANDS] + [['serve', row[0]] for row in TYPES] \
    + [['mktap', row[0]] for row in TYPES] + [['cert', 'make'], ['cert', 'show']]


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch):
    monkeypatch.delenv('COLUMNS', False)


def _help(capsys, words):
    assert main(words) == 0
    return capsys.readouterr()[0]


@pytest.mark.parametrize('words', NAMES, ids=' '.join)
def test_the_first_layer_fits_on_a_page(capsys, words):
    text = _help(capsys, words + ['--help'])
    assert text.count('\n') <= FIRST_LINES, text


@pytest.mark.parametrize('words', NAMES, ids=' '.join)
def test_the_help_begins_with_its_usage(capsys, words):
    assert _help(capsys, words + ['--help', 'all']).startswith('usage: ')


@pytest.mark.parametrize('page', pages(), ids=lambda page: page.name)
def test_the_second_layer_has_every_option(capsys, page):
    for usage in page.usages:
        text = _help(capsys, list(usage.words[1:]) + ['--help', 'all'])
        missing = [option.name for option in usage.schema.options if '--%s' % option.name
                   not in text]
        assert missing == [], usage.words


def test_the_help_is_as_wide_as_columns_says(capsys, monkeypatch):
    monkeypatch.setenv('COLUMNS', '101')
    lines = _help(capsys, ['serve', 'ftp', '--help', 'all']).split('\n')
    assert 90 < max(len(line) for line in lines) <= 100


def test_a_useless_number_of_columns_is_ignored(capsys, monkeypatch):
    plain = _help(capsys, ['serve', 'ftp', '--help'])
    monkeypatch.setenv('COLUMNS', 'wide')
    assert _help(capsys, ['serve', 'ftp', '--help']) == plain


@pytest.mark.parametrize('words, same', [
    (['help', 'all'], ['--help', 'all']), (['help', 'get', 'all'], ['get', '--help', 'all']),
    (['serve', 'ftp', '-h', 'all'], ['serve', 'ftp', '--help=all']),
    (['help', 'cert', 'make'], ['cert', 'make', '--help'])])
def test_words_and_options_ask_for_the_same_help(capsys, words, same):
    assert _help(capsys, words) == _help(capsys, same)


@pytest.mark.parametrize('name', sorted(set(row[0] for row in COMMANDS)
                                        & set(row[0] for row in TYPES)))
def test_the_help_of_a_client_names_that_of_the_server(capsys, name):
    assert 'carryall serve %s' % name in _help(capsys, [name, '--help'])
