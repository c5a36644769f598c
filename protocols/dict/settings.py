# Copyright the carryall authors.  See LICENSE.
"""Settings of a DICT server, and of a client."""
from __future__ import absolute_import, division, print_function

from carryall.core.line.commandserver import STALL_SECONDS, UNPRODUCTIVE_SECONDS
from carryall.core.records import Record, names_of

__all__ = ['ClientSettings', 'PORT', 'Settings']

PORT = 2628                 # RFC 2229 section 2.1

ROWS = (
    ('hostname', b'localhost', u'our name, for the banner and the msg-id (bytes)'),
    ('clear_auth', False, u'accept passwords that SASL shows without TLS too'),
    ('channel_binding', False, u'offer the mechanisms of SCRAM that are bound to TLS'),
    ('mechanisms', None, u'names of the SASL mechanisms that may be used; None for all'),
    ('max_definitions', 200, u'definitions that one DEFINE retrieves'),
    ('max_matches', 2000, u'words that one MATCH finds'),
    ('idle_seconds', 600.0, u'without a command; the connection is closed'),
    ('stall_seconds', STALL_SECONDS, u'without the client reading on; the connection is aborted'),
    ('unproductive_seconds', UNPRODUCTIVE_SECONDS,
     u'until the first DEFINE, MATCH or SHOW, and from each to the next'),
)


class Settings(Record):
    """How a DICT server limits its clients."""

    __slots__ = names_of(ROWS)
    rows = ROWS


# -- client ------------------------------------------------------------------

CLIENT_ROWS = (
    ('client', u'carryall', u'what CLIENT says of us; CLIENT is not sent if it is empty'),
    ('max_line', 65536, u'octets of a line; servers exceed the 6,144 of RFC 2229 section 2.4.3'),
    ('max_answer', 16 << 20, u'octets in memory of the whole answer to one command'),
    ('max_definitions', 10000, u'definitions in the answer to one command'),
    ('answer_seconds', 60.0, u'until the next line of an answer'),
)


class ClientSettings(Record):
    """How a DICT client limits its server."""

    __slots__ = names_of(CLIENT_ROWS)
    rows = CLIENT_ROWS
