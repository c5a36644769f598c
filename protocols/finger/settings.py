# Copyright the carryall authors.  See LICENSE.
"""Settings of a finger server."""
from __future__ import absolute_import, division, print_function

from carryall.core.records import Record, names_of

__all__ = ['Settings']

ROWS = (
    ('query_seconds', 30.0, u'from the connection to the whole query'),
)


class Settings(Record):
    """How a finger server limits its clients."""

    __slots__ = names_of(ROWS)
    rows = ROWS
