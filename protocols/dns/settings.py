# Copyright the carryall authors.  See LICENSE.
"""Settings of a client of name servers."""
from __future__ import absolute_import, division, print_function

from carryall.core.records import Record, names_of

__all__ = ['Settings']

ROWS = (
    ('answer_seconds', 5.0, u'for the answer of one server; the RFC is silent'),
    ('tries', 2, u'rounds through the servers; the RFC is silent'),
)


class Settings(Record):
    """Times of one question: ``Settings(tries=1)``."""

    __slots__ = names_of(ROWS)
    rows = ROWS
