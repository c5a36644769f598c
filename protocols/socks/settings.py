# Copyright the carryall authors.  See LICENSE.
"""Settings of a SOCKS server."""
from __future__ import absolute_import, division, print_function

from carryall.core.records import Record, names_of

__all__ = ['Settings']

ROWS = (
    ('negotiation_seconds', 30.0, u'from the connection to the whole request'),
    ('connect_seconds', 30.0, u'until the target must be connected'),
    ('bind_seconds', 120.0, u'that a BIND waits for its caller: two minutes in the SOCKS4 paper'),
    ('ident_seconds', 10.0, u"for an answer of the client's ident server"),
    ('versions', (1, 4, 5), u'enabled versions: 4, 5, and 1 for HTTP CONNECT'),
    ('check_ident', False, u"a version 4 user must be the one that the client's ident server names "
                           u'(RFC 1413)'),
    ('per_user', None, u'connections of one user at a time; None for no limit'),
    ('user_rate', None, u'octets a second of one user, both ways together; None for no limit'),
)


class Settings(Record):
    """Limits and versions of a server."""

    __slots__ = names_of(ROWS)
    rows = ROWS

    def checked(self, values):
        values['versions'] = frozenset(values['versions'])
        return Record.checked(self, values)
