# Copyright the carryall authors.  See LICENSE.
"""Settings of a client of PostgreSQL."""
from __future__ import absolute_import, division, print_function

from carryall.core.records import Record, names_of

__all__ = ['PORT', 'Settings']

PORT = 5432                 # IANA

ROWS = (
    ('application_name', u'carryall', u'the name that the server shows for the connection'),
    ('clear_password', False, u'send a password in clear without TLS, if the server asks for it'),
    ('max_message', 1 << 28, u'octets of one message of the server'),
    ('max_login_message', 65536, u'octets of one message until the log-in is over'),
    ('max_pending', 10000, u'statements that wait for their answers'),
    ('parameters', (), u'further parameters of the start-up: (name, value) each'),
)


class Settings(Record):
    """Limits and names of a client."""

    __slots__ = names_of(ROWS)
    rows = ROWS
