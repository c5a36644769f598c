# Copyright the carryall authors.  See LICENSE.
"""Settings of a Telnet server, and of a client."""
from __future__ import absolute_import, division, print_function

from carryall.core.records import Record, names_of

__all__ = ['ClientSettings', 'Settings']

ROWS = (
    ('by_key', True, u'ask for single keys (ECHO and SGA); otherwise whole lines come'),
    ('negotiation_seconds', 0.5,
     u'for the answers to the first requests; a client without options (nc, a script) never waits '
     u'longer (TEL-02: other servers wait 4 s, which users notice)'),
)

CLIENT_ROWS = (
    ('terminal', b'DUMB', u'name of the terminal, by which curses programs at the server go'),
    ('window', (80, 24), u'columns and rows'),
    ('variables', None, u'of the environment, for the server to know: a dictionary of bytes'),
    ('linemode', False, u'let the server have the client edit the line (RFC 1184)'),
    ('compress', False, u'let the server compress its output'),
)


class Settings(Record):
    """How a server negotiates."""

    __slots__ = names_of(ROWS)
    rows = ROWS


class ClientSettings(Record):
    """What a client tells, and allows."""

    __slots__ = names_of(CLIENT_ROWS)
    rows = CLIENT_ROWS
