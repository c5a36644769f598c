# Copyright the carryall authors.  See LICENSE.
"""Modules that were moved are found by their former names."""
from __future__ import absolute_import, division, print_function

import sys
import warnings

import pytest

from carryall import formernames


@pytest.mark.parametrize('name', sorted(formernames.FORMER))
def test_a_former_name_gives_the_same_module_and_a_warning(name):
    sys.modules.pop(name, None)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        former = __import__(name, None, None, ['*'])
    assert former is sys.modules[formernames.FORMER[name]]
    assert former.__name__ == formernames.FORMER[name]
    messages = [str(each.message) for each in caught if each.category is DeprecationWarning]
    assert '%s is %s now' % (name, formernames.FORMER[name]) in messages


def test_a_name_that_never_was_is_an_import_error():
    with pytest.raises(ImportError):
        __import__('carryall.core.nothing_of_that_name')


class Present(object):
    def __init__(self, value):
        self.value = value


FORMER_CLASS = formernames.former_class('some.module.Former', Present)


def warned(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        result = call()
    return result, [str(each.message) for each in caught]


def test_a_former_class_makes_objects_of_the_present_one():
    made, _ = warned(lambda: FORMER_CLASS(3))
    assert type(made) is Present
    assert made.value == 3


def test_a_former_class_warns_with_both_names():
    _, messages = warned(lambda: FORMER_CLASS(3))
    assert messages == ['some.module.Former is %s.Present now' % __name__]


def test_objects_of_the_present_class_are_instances_of_the_former():
    assert isinstance(Present(1), FORMER_CLASS)
    assert issubclass(Present, FORMER_CLASS)
    assert not isinstance('text', FORMER_CLASS)


def test_a_subclass_of_a_former_class_warns_once():
    kind, messages = warned(lambda: type(FORMER_CLASS)('Own', (FORMER_CLASS,), {}))
    assert len(messages) == 1
    assert type(kind(4)) is kind
    assert isinstance(kind(4), Present)
    assert not isinstance(Present(1), kind)
