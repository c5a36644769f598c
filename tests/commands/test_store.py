# Copyright the carryall authors.  See LICENSE.
"""carryall store: moving and showing, by the command line."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import runtimes
from carryall.app.datastore import DataStore
from carryall.commands.store import find_schema, main
from carryall.core.errors import Unsupported, UsageError


@pytest.fixture
def location(tmpdir):
    """A store with one account."""
    loop = runtimes.choose()
    place = u'sqlite:%s' % tmpdir.join('old.db')
    store = DataStore(find_schema('accounts'), place)
    try:
        loop.run_until(store.open(loop))
    except Unsupported as exc:
        pytest.skip(str(exc))
    loop.run_until(store.pool.run_operation(
        u'INSERT INTO accounts (name, verifier) VALUES (?, ?)', (u'anna', u'x')))
    loop.run_until(store.close())
    loop.close()
    return place


def test_stores_are_shown(location, capsys):
    assert main([u'show', location]) == 0
    assert 'accounts' in capsys.readouterr()[0]


def test_stores_are_moved(location, tmpdir, capsys):
    target = u'sqlite:%s' % tmpdir.join('new.db')
    assert main([u'move', location, target]) == 0
    assert '1 row' in capsys.readouterr()[0]


def test_a_second_move_fails(location, tmpdir, capsys):
    target = u'sqlite:%s' % tmpdir.join('new.db')
    main([u'move', location, target])
    assert main([u'move', location, target]) == 2
    assert 'rows already' in capsys.readouterr()[1]


def test_a_file_without_stores_fails(location, tmpdir, capsys):
    assert main([u'show', u'sqlite:%s' % tmpdir.join('empty.db')]) == 1
    assert 'no stores' in capsys.readouterr()[1]


@pytest.mark.parametrize('words', [[], [u'copy'], [u'move', u'memory:'], [u'show', u'nothing']])
def test_a_wrong_command_line_is_refused(words, capsys):
    assert main(words) == 2


@pytest.mark.parametrize('words', [[u'--help'], [u'move', u'--help'], [u'show', u'--help']])
def test_help_is_shown(words, capsys):
    assert main(words) == 0


def test_an_unknown_store_is_refused():
    with pytest.raises(UsageError):
        find_schema('nosuch')
