# Copyright the carryall authors.  See LICENSE.
"""The settings of NNTP, with their units and defaults.

Tests:    tests/protocols/nntp/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.line.commandserver import UNPRODUCTIVE_SECONDS
from carryall.core.records import Record, names_of

__all__ = ['ClientSettings', 'PORT', 'Settings', 'TLS_PORT']

PORT = 119
TLS_PORT = 563

ROWS = (
    ('hostname', b'localhost', u'our name in Path, Xref and message-ids (bytes)'),
    ('tls', None, u'a TLSContext for STARTTLS, or None'),
    ('clear_auth', False, u'accept passwords without TLS too'),
    ('channel_binding', False, u'offer SCRAM in its -PLUS form'),
    ('mechanisms', None,
     u'names of SASL mechanisms that may be offered; None: all that the portal allows'),
    ('need_account', False, u'answer 480 to all that reads, until a login'),
    ('compress', True, u'offer COMPRESS DEFLATE (RFC 8054)'),
    ('newnews', True, u'offer NEWNEWS'),
    ('max_article', 4 << 20, u'octets of an article'),
    ('max_waiting', 64, u'articles of one peer that are being stored at the same time'),
    ('idle_seconds', 600.0, u'without a command (RFC 3977 section 3.1: three minutes at least)'),
    ('login_seconds', 1800.0, u'from the greeting to the first command that does something'),
    ('article_seconds', 600.0, u'until all of an article has come'),
    ('stall_seconds', 300.0, u'without the client reading on; the connection is aborted'),
    ('unproductive_seconds', UNPRODUCTIVE_SECONDS,
     u'without a command that reads or brings an article'),
)


class Settings(Record):
    """Immutable values for all connections of a listener; ``Settings.rows`` describes each."""

    __slots__ = names_of(ROWS)
    rows = ROWS


CLIENT_ROWS = (
    ('answer_seconds', 120.0, u'until the next line of an answer'),
    ('max_line', 65536, u'octets of a line'),
    ('max_answer', 256 << 20, u'octets of an answer of many lines'),
    ('max_asked', 1000, u'commands under way; more are refused'),
)


class ClientSettings(Record):
    """Limits of a client; ``ClientSettings.rows`` describes each."""

    __slots__ = names_of(CLIENT_ROWS)
    rows = CLIENT_ROWS
