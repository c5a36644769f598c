# Copyright the carryall authors.  See LICENSE.
"""Limits: how much of everything a peer may ask for, in one immutable object (RFC 9110 section 17.5).

Tests:    tests/protocols/http/message/test_limits.py (each limit: what fits, and one more)
"""
from __future__ import absolute_import, division, print_function

from carryall.core.bounds import Bounds
from carryall.core.records import namedtuple

__all__ = ['DEFAULTS', 'Limits']

# name, default, what it bounds and what happens beyond.  Bytes are octets on the wire; seconds are met to within
# one, for deadlines are swept (carryall.core.net.deadlines).
DEFAULTS = (
    # -- size ----------------------------------------------------------------
    ('start_line_bytes', 8192, u'the first line with its CRLF; 414.  RFC 9112 section 3 asks for 8000 at the least'),
    ('target_bytes', 8000, u'the request target; 414'),
    ('header_bytes', 32768, u'all header lines with their CRLFs, and again all trailers; 431'),
    ('header_count', 100, u'header lines, and again trailers; 431.  Counted before they are stored by name'),
    ('body_bytes', 64 * 1024 * 1024, u'the body without its chunk framing; 413'),
    ('chunk_line_bytes', 1024, u'one chunk-size line with its extensions and CRLF; 400'),
    ('chunk_extension_bytes', 16384, u'the extensions of all chunks of a body; 400 (as in CVE-2023-39326)'),
    ('pipeline_bytes', 65536, u'of later requests, kept while a response is due; then reading pauses'),
    ('body_buffer_bytes', 65536, u'of a body that the application has not read yet; then reading pauses'),
    ('drain_bytes', 262144, u'of a body that the application did not want, skipped to keep the connection; else closed'),
    # -- time ----------------------------------------------------------------
    ('head_seconds', 20.0, u'from the first byte of a request to the end of its headers; 408'),
    ('request_seconds', 60.0, u'from the first byte of a request to its end; 408.  Time in which we do not read is free'),
    ('body_rate', 1024, u'bytes a second: so much of a body that has come buys a second more; 0 for none'),
    ('idle_seconds', 75.0, u'without a request; the connection is closed'),
    ('write_seconds', 60.0, u'in which the peer takes nothing of what is waiting for it; the connection is cut'),
    ('write_rate', 256, u'bytes a second that the peer must take while some wait, on the average of write_seconds; 0 for none'),
    ('linger_seconds', 5.0, u'that we wait for the peer to read our last words before the connection is cut'),
)


class Limits(Bounds, namedtuple('Limits', 'start_line_bytes target_bytes header_bytes header_count body_bytes chunk_line_bytes '
                        'chunk_extension_bytes pipeline_bytes body_buffer_bytes drain_bytes head_seconds request_seconds '
                        'body_rate idle_seconds write_seconds write_rate linger_seconds')):
    """Bounds on size and time for one site or one client; give by name those that differ from ``DEFAULTS``.

    ``Limits(body_bytes=1 << 20)``; ``limits._replace(idle_seconds=5.0)`` makes another.
    """

    __slots__ = ()
    defaults = DEFAULTS
