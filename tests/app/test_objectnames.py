# Copyright the carryall authors.  See LICENSE.
"""Names of objects in options."""
from __future__ import absolute_import, division, print_function

import os.path
import sys

import pytest

from carryall.app.objectnames import ImportFailed, ObjectName, load_object
from carryall.core.errors import UsageError


@pytest.fixture(autouse=True)
def same_path():
    """The search path of modules is as it was behind each test."""
    before = list(sys.path)
    yield
    sys.path[:] = before


@pytest.mark.parametrize('text', [u'm', u'm:a', u'm.n:a.b', u'm:a()', u'_m:_a'])
def test_a_name_is_taken(text):
    assert ObjectName().check(text) is None


@pytest.mark.parametrize('text', [u'', u':a', u'm:', u'm:a:b', u'm a', u'm:a(1)', u'm/n:a', u'1:a',
                                  u'm:a\n'])
def test_another_text_is_refused(text):
    with pytest.raises(UsageError):
        ObjectName().check(text)


def test_an_attribute_is_loaded():
    assert load_object(u'os.path:join') is os.path.join


def test_an_attribute_of_an_attribute_is_loaded():
    assert load_object(u'os:path.join') is os.path.join


def test_the_usual_name_is_taken_for_a_module_alone():
    assert load_object(u'os.path', u'join') is os.path.join


def test_a_function_is_called():
    with pytest.raises(ImportFailed) as caught:
        load_object(u'os.path:join()')
    assert 'failed' in caught.value.message


@pytest.mark.parametrize('text', [u'no_such_module:x', u'os:no_such_name', u'os:sep'])
def test_a_missing_module_or_attribute_is_told(text):
    with pytest.raises(ImportFailed):
        load_object(text)
