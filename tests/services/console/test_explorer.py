# Copyright the carryall authors.  See LICENSE.
"""The read-only shell: it shows, and runs nothing (TEL-06)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.services.console.explorer import MAX_LISTED, Explorer


class Trap(object):
    """Documentation of the trap."""

    __slots__ = ('slot', 'empty')
    sprung = []

    def __init__(self):
        self.slot = u'inside'

    @property
    def tempting(self):
        self.sprung.append('property')

    def __getattr__(self, name):
        self.sprung.append(name)
        raise AttributeError(name)

    def __repr__(self):
        self.sprung.append('repr')
        return 'sprung'

    def __eq__(self, other):
        self.sprung.append('eq')
        return True

    def __hash__(self):
        return 1

    def __len__(self):
        self.sprung.append('len')
        return 3

    def __getitem__(self, key):
        self.sprung.append('getitem')


class Plain(object):
    def __init__(self):
        self.name = 'plain'
        self.rows = [1, [2, 3]]
        self.table = {u'key': u'value', 7: None, b'bytes': 1}


@pytest.fixture
def explorer():
    del Trap.sprung[:]
    return Explorer({'trap': Trap(), 'plain': Plain(), 'many': list(range(2000)),
                     'keyed': {Trap(): 1, u'k': 2}})


@pytest.mark.parametrize('line, shown', [
    (u'look plain.rows[1][0]', u'2\n'), (u'look plain.rows[-1][-1]', u'3\n'),
    (u"look plain.table['key']", u'%r\n' % u'value'),
    (u'look plain.table["key"]', u'%r\n' % u'value'), (u'look plain.table[7]', u'None\n'),
    (u"look plain.table['bytes']", u'1\n'),
    (u'look trap.slot', u'%r\n' % u'inside'), (u'doc trap', u'Documentation of the trap.\n'),
    (u"look keyed['k']", u'2\n'), (u'', u'')])
def test_looking_shows_values_and_runs_nothing(explorer, line, shown):
    assert explorer.line(line) == shown and Trap.sprung == []


@pytest.mark.parametrize('line', [u'look nothing', u'look plain.nothing', u'look plain.rows[9]',
                                  u"look plain.table['none']",
                                  u'look trap.empty', u'look trap[0]', u"look trap['x']",
                                  u'look plain.name.upper()', u'look plain..x',
                                  u'look __import__', u"look plain['name']", u'look plain.rows[x]'])
def test_a_missing_name_is_reported(explorer, line):
    assert u'there is no' in explorer.line(line) or u'not a path' in explorer.line(line)
    assert Trap.sprung == []


@pytest.mark.parametrize('line', [u'ls', u'ls trap', u'ls plain', u'ls plain.rows',
                                  u'ls plain.table', u'ls keyed', u'look trap',
                                  u'look trap.tempting', u'ls trap.tempting', u'doc trap.tempting',
                                  u'doc plain', u'doc plain.name'])
def test_nothing_is_run(explorer, line):
    assert explorer.line(line) and Trap.sprung == []


def test_a_long_list_is_cut(explorer):
    assert u'name ' in explorer.line(u'ls plain') and u'rows ' in explorer.line(u'ls plain')
    assert explorer.line(u'ls many').count(u'\n') <= MAX_LISTED + 1


@pytest.mark.parametrize('line', [u'help', u'1 + 1', u'import os', u'exec("x")', u'look',
                                  u'LOOK trap', u'lookup'])
def test_anything_else_gets_help(explorer, line):
    assert explorer.line(line).startswith(u'ls [PATH]')


def test_quit_ends_the_explorer(explorer):
    assert explorer.line(u'quit') == u'' and explorer.finished
