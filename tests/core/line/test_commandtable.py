# Copyright the carryall authors.  See LICENSE.
"""The table of commands."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.line.commandtable import Command, CommandTable


def test_a_duplicate_verb_is_refused():
    with pytest.raises(ValueError):
        CommandTable([Command(b'A', 'x'), Command(b'A', 'y')])


def test_rows_keep_their_order():
    rows = [Command(b'B', 'x'), Command(b'A', 'y')]
    assert list(CommandTable(rows)) == rows


@pytest.mark.parametrize('args, expected', [
    (0, (0, 0)), (2, (2, 2)), ((1, 3), (1, 3)), (None, (None, None))])
def test_args_give_the_least_and_the_most(args, expected):
    row = Command(b'A', 'x', args=args)
    assert (row.least, row.most) == expected


def test_the_syntax_is_the_verb_if_none_is_given():
    assert Command(b'STAT', 'x').syntax == b'STAT'


def test_an_unknown_verb_has_no_row():
    assert CommandTable([Command(b'A', 'x')]).get(b'B') is None
