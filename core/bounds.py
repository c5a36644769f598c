# Copyright the carryall authors.  See LICENSE.
"""Bounds: the limits of a protocol as one immutable object,
made from the table that describes them.

    DEFAULTS = (('line_bytes', 512, u'of one line; more is refused'), ...)

    class Limits(Bounds, namedtuple('Limits', 'line_bytes ...')):
        __slots__ = ()
        defaults = DEFAULTS

    Limits(line_bytes=1000)         the defaults but for this one; _replace() makes another

Tests:    tests/core/test_bounds.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['Bounds']


class Bounds(object):
    """Stands before a namedtuple among the bases of a protocol's ``Limits``.

    Attributes:
        defaults: a row for each field of the namedtuple, in its order: name, value, what it bounds
                  and what happens beyond.

    Raises:   TypeError: a name that is no limit.  ValueError: a limit below zero.
    """

    __slots__ = ()

    defaults = ()               # type: Tuple[Tuple[str, Any, Any], ...]

    def __new__(cls, **chosen):
        # type: (**Any) -> Any
        values = [chosen.pop(row[0], row[1]) for row in cls.defaults]
        if chosen:
            raise TypeError('no such limit: %s' % ', '.join(sorted(chosen)))
        if min(values) < 0:
            raise ValueError('a limit cannot be negative')
        return tuple.__new__(cls, values)       # type: ignore


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple
