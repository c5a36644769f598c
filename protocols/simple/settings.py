# Copyright the carryall authors.  See LICENSE.
"""Settings of the simple servers."""
from __future__ import absolute_import, division, print_function

from carryall.core.records import Record, names_of

__all__ = ['Settings']

ROWS = (
    ('idle_seconds', 300.0, u'echo, discard: without an octet; the connection is closed'),
    ('stall_seconds', 60.0, u'chargen: without a read of the peer, which is cut off then'),
    ('longest_seconds', 600.0, u'chargen: of a connection, which would never end otherwise'),
    ('linger_seconds', 10.0, u'short answers: from the answer to the end of the connection'),
    ('name_seconds', 10.0, u'tcpmux: from the connection to the name of a service'),
    ('form', 'rfc', u"daytime: how the time is shown, 'rfc', 'iso' or 'nist'"),
)


class Settings(Record):
    """Time limits, and the form of daytime."""

    __slots__ = names_of(ROWS)
    rows = ROWS
