# Copyright the carryall authors.  See LICENSE.
"""The environment of a program: what it gets of ours, and what it does not."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.services.cgi.environment import (ALLOWED, IN_OCTETS, Environment, native_word,
                                                split_variable)
from carryall.services.web.options import SCHEMA

OURS = {'PATH': '/bin', 'SECRET': 'x', 'TZ': 'UTC', 'HTTP_PROXY': 'http://proxy',
        'http_proxy': 'http://proxy', 'LD_PRELOAD': 'evil.so'}


def environment(variables, passed=(), environ=None):
    """The environment of a program, as native strings."""
    found = Environment(passed, environ).of(dict(variables))
    if IN_OCTETS:
        found = dict((native_word(name), native_word(value)) for name, value in found.items())
    return found


def test_a_program_gets_no_more_of_ours_than_the_list():
    assert environment([], environ=OURS) == {'PATH': '/bin', 'TZ': 'UTC'}


def test_the_list_has_no_proxy():
    assert [name for name in ALLOWED if 'PROXY' in name.upper()] == []


def test_a_program_has_a_path_if_we_have_none():
    assert environment([], environ={})['PATH'].split(':')[-1] == '/bin'


def test_variables_of_the_request_are_there():
    assert environment([(b'PATH_INFO', b'/x')], environ={})['PATH_INFO'] == '/x'


def test_the_request_counts_above_the_operator():
    found = environment([(b'REQUEST_METHOD', b'GET')], ['REQUEST_METHOD=x'], {})
    assert found['REQUEST_METHOD'] == 'GET'


@pytest.mark.parametrize('passed, value', [
    (u'SECRET', 'x'), (u'SECRET=other', 'other'), (u'SECRET=', ''), (u'SECRET=a=b', 'a=b')])
def test_the_operator_may_pass_a_variable(passed, value):
    assert environment([], [passed], OURS)['SECRET'] == value


def test_a_variable_that_we_lack_is_not_passed():
    assert 'MISSING' not in environment([], [u'MISSING'], OURS)


@pytest.mark.parametrize('text', [u'', u'=x', u'1A=x', u'A-B=x', u'A B', u'HTTP_PROXY',
                                  u'http_proxy=x', u'A=\0'])
def test_a_wrong_variable_is_refused(text):
    with pytest.raises(UsageError):
        split_variable(text)


def test_the_value_of_a_wrong_variable_is_not_shown():
    with pytest.raises(UsageError) as refused:
        split_variable(u'DB-PASSWORD=geheim')
    assert u'geheim' not in refused.value.message


def test_options_show_no_value_of_a_variable():
    assert 'geheim' not in repr(SCHEMA.parse(['--program-env', 'DB_PASSWORD=geheim']))


def test_a_word_is_passed_as_it_is():
    assert native_word(b'a b') == 'a b'
