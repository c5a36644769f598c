# Copyright the carryall authors.  See LICENSE.
"""Settings of an ident server."""
from __future__ import absolute_import, division, print_function

from carryall.core.records import Record, names_of

__all__ = ['PORT', 'Settings']

PORT = 113

ROWS = (
    ('max_queries', 100, u'on one connection, which is then closed'),
    ('query_seconds', 60.0, u'until the next whole query; RFC 1413 section 3 has 60 to 180'),
)


class Settings(Record):
    """How an ident server limits its clients."""

    __slots__ = names_of(ROWS)
    rows = ROWS
