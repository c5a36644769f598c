# Copyright the carryall authors.  See LICENSE.
"""Settings of a Telnet server, and of a client."""
from __future__ import absolute_import, division, print_function

from carryall.core.records import Record, names_of

__all__ = ['ClientSettings', 'Settings']

ROWS = (
    ('by_key', True, u'ask for single keys (ECHO and SGA); otherwise whole lines come'),
    ('negotiation_seconds', 0.5,
     u'for the answers to the first requests; a client without options (nc, a script) waits so '
     u'long (TEL-02; other servers wait 4 s, which users notice)'),
)

CLIENT_ROWS = (
    ('terminal', b'DUMB', u'name of the terminal, for curses programs on the server'),
    ('window', (80, 24), u'columns and rows'),
    ('variables', None, u'of the environment, which the server may ask for: a dictionary of bytes'),
    ('linemode', False, u'let the server ask the client to edit lines (RFC 1184)'),
    ('compress', False, u'let the server compress its output'),
)


class Settings(Record):
    """Negotiation of a server."""

    __slots__ = names_of(ROWS)
    rows = ROWS


class ClientSettings(Record):
    """Values that a client sends, and options that it allows."""

    __slots__ = names_of(CLIENT_ROWS)
    rows = CLIENT_ROWS
