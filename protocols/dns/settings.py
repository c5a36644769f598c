# Copyright the carryall authors.  See LICENSE.
"""Settings of DNS: of a client, and of a server."""
from __future__ import absolute_import, division, print_function

from carryall.core.records import Record, names_of

__all__ = ['PORT', 'ServerSettings', 'Settings']

PORT = 53

ROWS = (
    ('answer_seconds', 5.0, u'for the answer of one server; the RFC is silent'),
    ('tries', 2, u'rounds through the servers; the RFC is silent'),
)

SERVER_ROWS = (
    ('idle_seconds', 30.0, u'of a stream without a query; RFC 7766 section 6.2.3 wants seconds'),
    ('max_pending', 100, u'queries of one stream whose answers are not there yet'),
    ('payload', 1232, u'octets of an answer over UDP, at most; RFC 9715'),
    ('nsid', b'', u'the name of this server (RFC 5001); empty for none'),
    ('cookies', True, u'answer cookies (RFC 7873)'),
    ('require_cookies', False, u'a client over UDP without a valid cookie gets BADCOOKIE'),
    ('rate', 0.0, u'answers a second to one network over UDP; 0 for no limit'),
    ('burst', 100.0, u'answers that one network may get at once'),
    ('slip', 2, u'of so many answers over the rate one is sent, truncated; 0 for none'),
    ('cached_answers', 20000, u'whole answers that are kept; each some 200 octets'),
    ('transfers', 10, u'zone transfers at the same time'),
)


class Settings(Record):
    """Times of one question: ``Settings(tries=1)``."""

    __slots__ = names_of(ROWS)
    rows = ROWS


class ServerSettings(Record):
    """Limits and choices of a server: ``ServerSettings(rate=50.0)``."""

    __slots__ = names_of(SERVER_ROWS)
    rows = SERVER_ROWS
