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
