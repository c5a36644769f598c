# Copyright the carryall authors.  See LICENSE.
"""Limits as an object; what each one does is shown where it acts."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.pb.limits import DEFAULTS, SIZE_LIMIT, Limits


def test_defaults():
    limits = Limits()
    assert limits.string_bytes == limits.list_items == SIZE_LIMIT == 655360 \
        and limits.prefix_bytes == 64, 'what every peer allows'
    assert limits.references == limits.caches == 1024 and limits.strikes == 3, 'what peers expect'
    assert all(text for _, _, text in DEFAULTS), 'each says what it bounds'


def test_chosen():
    assert Limits(references=5).references == 5 and Limits()._replace(depth=9).depth == 9, 'by name'
    with pytest.raises(TypeError):
        Limits(nothing=1)
    with pytest.raises(ValueError):
        Limits(depth=-1)


def test_the_table_has_a_row_for_each_field_in_its_order():
    assert tuple(row[0] for row in DEFAULTS) == Limits._fields


def test_the_table_has_the_default_values():
    assert [getattr(Limits(), name) for name, _, _ in DEFAULTS] == [row[1] for row in DEFAULTS]
