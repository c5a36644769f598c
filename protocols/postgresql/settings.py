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
    ('statements', 256, u'statements that are remembered, and prepared at their second use; 0: '
                        u'none is, for a proxy that takes no prepared statements'),
    ('max_minor', 0, u'the newest minor version of the protocol 3 that is asked for: 0 or 2'),
    ('min_minor', 0, u'the oldest one that is taken'),
    ('channel_binding', u'prefer', u'disable, prefer or require, for SCRAM under TLS'),
    ('require_auth', (), u'ways to log in that are taken, as libpq names them; all if empty'),
)


class Settings(Record):
    """Limits and names of a client."""

    __slots__ = names_of(ROWS)
    rows = ROWS
