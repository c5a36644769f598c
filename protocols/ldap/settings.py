# Copyright the carryall authors.  See LICENSE.
"""Settings of an LDAP server, and of a client."""
from __future__ import absolute_import, division, print_function

from carryall.core.records import Record, names_of

__all__ = ['ClientSettings', 'PORT', 'Settings']

PORT = 389                  # RFC 4511 section 5.2

ROWS = (
    ('hostname', b'localhost', u'our name, for SASL (bytes)'),
    ('tls', None, u'a TLSContext for StartTLS; None: not offered'),
    ('clear_auth', False, u'accept passwords without TLS too'),
    ('channel_binding', False, u'offer the mechanisms of SCRAM that are bound to TLS'),
    ('max_first_message', 256 << 10, u'octets of a message before a login'),
    ('max_message', 16 << 20, u'octets of a message behind it'),
    ('max_operations', 32, u'operations of one connection that are under way; no more is read'),
    ('max_paged', 4, u'paged searches that a connection may leave open'),
    ('idle_seconds', 3600.0, u'without a message; the connection is closed'),
    ('login_seconds', 600.0, u'the same, before a login'),
    ('stall_seconds', 120.0, u'without the client reading on; the connection is aborted'),
)


class Settings(Record):
    """How an LDAP server limits its clients."""

    __slots__ = names_of(ROWS)
    rows = ROWS


# -- client ------------------------------------------------------------------

CLIENT_ROWS = (
    ('max_message', 64 << 20, u'octets of one answer'),
    ('max_entries', 1000000, u'entries of one search that is not streamed'),
    ('max_octets', 256 << 20, u'octets of the entries of one search that is not streamed'),
    ('answer_seconds', 60.0, u'until the next part of an answer'),
    ('referrals', 5, u'servers that one operation is referred to'),
)


class ClientSettings(Record):
    """How an LDAP client limits its server."""

    __slots__ = names_of(CLIENT_ROWS)
    rows = CLIENT_ROWS
