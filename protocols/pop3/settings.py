# Copyright the carryall authors.  See LICENSE.
"""Settings of a POP3 server, and of a client.

Tests:    tests/protocols/pop3/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.line.commandserver import UNPRODUCTIVE_SECONDS
from carryall.core.records import Record, names_of

__all__ = ['ClientSettings', 'Settings']

ROWS = (
    ('hostname', b'localhost', u'our name, for the timestamp of APOP (bytes)'),
    ('tls', None, u'a TLSContext for STLS, or None'),
    ('clear_auth', False, u'accept passwords without TLS too'),
    # peer: mutt 2.2.12 picks the -PLUS form and has nothing to bind it to.
    ('channel_binding', False, u'offer SCRAM in its -PLUS form'),
    ('apop', False, u'offer APOP; it needs a checker that keeps passwords in clear'),
    ('mechanisms', None,
     u'names of SASL mechanisms that may be offered; None: all that the portal allows'),
    ('last', False, u'know LAST, which RFC 1460 had and RFC 1939 has not'),
    ('login_delay', 0, u'seconds between two logins of one account; 0: none'),
    ('idle_seconds', 600.0, u'without a command (RFC 1939 section 3: ten minutes at least)'),
    ('login_seconds', 120.0, u'from the greeting to the login'),
    ('stall_seconds', 300.0, u'without the client reading on; the connection is aborted'),
    ('unproductive_seconds', UNPRODUCTIVE_SECONDS,
     u'from the login to the next listing, message or deletion, and from each to the next'),
)


class Settings(Record):
    """Immutable values for all connections of a listener; ``Settings.rows`` describes each."""

    __slots__ = names_of(ROWS)
    rows = ROWS


# -- client ------------------------------------------------------------------

CLIENT_ROWS = (
    ('answer_seconds', 120.0, u'until the next line of an answer'),
    ('max_line', 65536, u'octets of a line; RFC 2449 section 4 bounds replies, not messages'),
    ('max_message', 256 << 20, u'octets of an answer of many lines, unless a call says otherwise'),
)


class ClientSettings(Record):
    """Limits of a client; ``ClientSettings.rows`` describes each."""

    __slots__ = names_of(CLIENT_ROWS)
    rows = CLIENT_ROWS
