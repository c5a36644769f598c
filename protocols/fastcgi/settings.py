# Copyright the carryall authors.  See LICENSE.
"""Settings of FastCGI, for either role."""
from __future__ import absolute_import, division, print_function

from carryall.core.records import Record, names_of

__all__ = ['PORT', 'Settings']

PORT = 9000

ROWS = (
    ('params_bytes', 262144, u'octets of the variables of a request; the connection is closed'),
    ('max_requests', 100,
     u'that one connection has under way; more are told that it is overloaded'),
    ('body_buffer_bytes', 65536,
     u'octets of a body that the application has not read; beyond it reading pauses'),
    ('params_seconds', 20.0, u'from the begin of a request to the end of its variables'),
    ('idle_seconds', 300.0, u'without a request; the connection is closed'),
)


class Settings(Record):
    """How an application limits the server before it."""

    __slots__ = names_of(ROWS)
    rows = ROWS
