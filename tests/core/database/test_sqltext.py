# Copyright the carryall authors.  See LICENSE.
"""One text for the drivers of all styles of parameters."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.database import ProgrammingError, parsed
from carryall.core.database.sqltext import MAX_KEPT, STYLES

POSITIONAL = [
    ('qmark', u'a = ? AND b = ?', (1, 2)),
    ('numeric', u'a = :1 AND b = :2', (1, 2)),
    ('dollar', u'a = $1 AND b = $2', (1, 2)),
    ('named', u'a = :p1 AND b = :p2', {'p1': 1, 'p2': 2}),
    ('format', u'a = %s AND b = %s', (1, 2)),
    ('pyformat', u'a = %(p1)s AND b = %(p2)s', {'p1': 1, 'p2': 2}),
]

NAMED = [
    ('qmark', u'a = ? AND b = ? AND c = ?', (1, 2, 1)),
    ('numeric', u'a = :1 AND b = :2 AND c = :1', (1, 2)),
    ('dollar', u'a = $1 AND b = $2 AND c = $1', (1, 2)),
    ('named', u'a = :x AND b = :y AND c = :x', {'x': 1, 'y': 2}),
    ('format', u'a = %s AND b = %s AND c = %s', (1, 2, 1)),
    ('pyformat', u'a = %(x)s AND b = %(y)s AND c = %(x)s', {'x': 1, 'y': 2}),
]

QUOTED = [u"'?'", u"'it''s ?'", u'"?"', u'"a""?"', u'`?`', u'$$?$$', u'$x$ $$ ? $x$',
          u"E'\\'?'", u'-- ?\n', u'/* ? */', u'/* /* ? */ ? */', u"'a", u'/* ?']


@pytest.mark.parametrize('style, text, parameters', POSITIONAL)
def test_question_marks_become_the_style_of_the_driver(style, text, parameters):
    statement = parsed(u'a = ? AND b = ?')
    assert statement.for_driver(style, (1, 2)) == (text, parameters)


@pytest.mark.parametrize('style, text, parameters', NAMED)
def test_names_become_the_style_of_the_driver(style, text, parameters):
    given = {'x': 1, 'y': 2, 'unused': 3}
    statement = parsed(u'a = :x AND b = :y AND c = :x', None, given)
    assert statement.for_driver(style, given) == (text, parameters)


@pytest.mark.parametrize('style, text, _', POSITIONAL)
def test_each_style_is_read(style, text, _):
    statement = parsed(text, style)
    given = {'p1': 1, 'p2': 2} if statement.by_name else (1, 2)
    assert statement.for_driver('qmark', given) == (u'a = ? AND b = ?', (1, 2))


@pytest.mark.parametrize('quoted', QUOTED)
def test_quoted_text_and_comments_hold_no_parameters(quoted):
    text = u'SELECT ' + quoted
    assert parsed(text, 'qmark').keys == ()


@pytest.mark.parametrize('quoted', QUOTED[:-2])
def test_parameters_behind_quoted_text_are_found(quoted):
    assert parsed(quoted + u' ?', 'qmark').keys == (0,)


def test_a_type_in_front_of_a_string_is_no_escape_string():
    assert parsed(u"date'\\' ?", 'qmark').keys == (0,)


def test_a_cast_is_no_parameter():
    assert parsed(u'a::int = :b::int', 'named').keys == (u'b',)


def test_a_slice_of_numbers_is_no_parameter():
    assert parsed(u'a[b:2]', 'numeric').keys == ()


def test_a_doubled_question_mark_is_one():
    text, _ = parsed(u'a ?? ?').for_driver('dollar', (1,))
    assert text == u'a ? $1'


def test_a_doubled_percent_sign_is_one():
    text, _ = parsed(u"a LIKE '%%x' AND b = %s", 'format').for_driver('qmark', (1,))
    assert text == u"a LIKE '%x' AND b = ?"


@pytest.mark.parametrize('style', ['format', 'pyformat'])
def test_percent_signs_are_doubled_for_drivers_that_format(style):
    text, _ = parsed(u"a LIKE '%x'").for_driver(style, ())
    assert text == u"a LIKE '%%x'"


@pytest.mark.parametrize('style', STYLES)
@pytest.mark.parametrize('parameters', [(), (1,), (1, 2, 3)])
def test_a_wrong_number_of_parameters_is_refused(style, parameters):
    with pytest.raises(ProgrammingError):
        parsed(u'a = ? AND b = ?').for_driver(style, parameters)


def test_a_name_that_was_not_given_is_refused():
    with pytest.raises(ProgrammingError):
        parsed(u'a = :x', 'named').for_driver('qmark', {'y': 1})


def test_a_sequence_for_names_is_refused():
    with pytest.raises(ProgrammingError):
        parsed(u'a = :x', 'named').for_driver('qmark', (1,))


@pytest.mark.parametrize('text', [u':0', u':000', u':123456'])
def test_a_number_that_no_parameter_has_is_refused(text):
    with pytest.raises(ProgrammingError):
        parsed(text, 'numeric')


def test_an_unknown_style_is_refused():
    with pytest.raises(ProgrammingError):
        parsed(u'a', 'braces')


def test_octets_that_are_not_utf_8_are_refused():
    with pytest.raises(ProgrammingError):
        parsed(b'\xff')


def test_octets_are_read_as_utf_8():
    assert parsed(u'\xe4 = ?'.encode('utf-8')).for_driver('dollar', (1,))[0] == u'\xe4 = $1'


def test_the_same_text_is_parsed_once():
    assert parsed(u'SELECT ?') is parsed(u'SELECT ?')


def test_the_texts_that_are_kept_are_bounded():
    first = parsed(u'SELECT first')
    for number in range(MAX_KEPT + 1):
        parsed(u'SELECT %d' % number)
    assert parsed(u'SELECT first') is not first


def test_a_long_text_is_not_kept():
    text = u'SELECT %s' % (u'1' * 30000)
    assert parsed(text) is not parsed(text)
