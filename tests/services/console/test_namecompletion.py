# Copyright the carryall authors.  See LICENSE.
"""Completion of names by the Tab key."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.services.console.namecompletion import MAX_CANDIDATES, candidates


class Thing(object):
    def __init__(self):
        self.value = 1
        self.various = 2
        self._hidden = 3

    def __dir__(self):
        return ['value', 'various', '_hidden']


@pytest.fixture
def namespace():
    made = {'thing': Thing(), 'os': os, 'thought': 1}
    eval('1', made)                 # as an interpreter does: the built-ins come in
    return made


@pytest.mark.parametrize('line, path, found', [
    (u'th', u'th', [u'thing', u'thought']), (u'x = thi', u'thi', [u'thing']),
    (u'f(thing.va', u'thing.va', [u'thing.value', u'thing.various']),
    (u'thing._h', u'thing._h', [u'thing._hidden']),
    (u'thing.', u'thing.', [u'thing.value', u'thing.various']),
    (u'os.path.joi', u'os.path.joi', [u'os.path.join']), (u'lamb', u'lamb', [u'lambda']),
    (u'isinst', u'isinst', [u'isinstance']),
    (u'nothing.x', u'nothing.x', []), (u'thing.x.y', u'thing.x.y', []), (u'1 + ', u'', []),
    (u'', u'', []), (u'f()', u'', [])])
def test_candidates_are_found_for_a_line(namespace, line, path, found):
    assert candidates(namespace, line) == (path, found)


def test_not_too_many():
    assert len(candidates(dict(('name%d' % number, 1) for number in range(2000)), u'name')[1]) \
        == MAX_CANDIDATES
