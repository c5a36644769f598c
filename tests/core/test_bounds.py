# Copyright the carryall authors.  See LICENSE.
"""Bounds: limits from their table, by name."""
from __future__ import absolute_import, division, print_function

from collections import namedtuple

import pytest

from carryall.core.bounds import Bounds

DEFAULTS = (('line_bytes', 512, u'of a line'), ('idle_seconds', 2.5, u'without one'))


class Limits(Bounds, namedtuple('Limits', 'line_bytes idle_seconds')):
    __slots__ = ()
    defaults = DEFAULTS


def test_the_defaults_but_for_those_that_are_named():
    assert Limits() == (512, 2.5) and Limits(idle_seconds=0) == (512, 0), 'by name'
    other = Limits(line_bytes=5)._replace(idle_seconds=7.0)
    assert type(other) is Limits and (other.line_bytes, other.idle_seconds) == (5, 7.0), \
        'another one'
    assert repr(other) == 'Limits(line_bytes=5, idle_seconds=7.0)', 'shown by name'


def test_limits_are_immutable():
    with pytest.raises(AttributeError):
        Limits().line_bytes = 5
    with pytest.raises(AttributeError):
        Limits().other = 5


def test_unknown_limits_are_refused_by_name():
    with pytest.raises(TypeError) as caught:
        Limits(lines=1, bytes=2)
    assert str(caught.value) == 'no such limit: bytes, lines', 'which ones'
    with pytest.raises(TypeError):
        Limits(5)
    with pytest.raises(ValueError):
        Limits(line_bytes=-1)
