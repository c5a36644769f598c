# Copyright the carryall authors.  See LICENSE.
"""Settings: the limits, times, tolerances and names of a server, in one immutable record (RFC 9110
section 17.5).

Tests:    tests/protocols/http/test_settings.py (for each limit: the most that fits, and one more)
"""
from __future__ import absolute_import, division, print_function

import warnings

from carryall.core.records import Record, names_of
from carryall.protocols.http.fields.tables import ALLOWED_METHODS, METHODS

__all__ = ['Leniency', 'Limits', 'SIZES', 'Settings', 'TOLERANCES', 'former_settings']

# Name, default, meaning.  Sizes are octets on the wire.  Times are met to within one second,
# because deadlines are swept (carryall.core.net.deadlines).
SIZES = (
    ('start_line_bytes', 8192,
     u'the first line with its CRLF; 414.  RFC 9112 section 3 asks for at least 8000'),
    ('target_bytes', 8000, u'the request target; 414'),
    ('header_bytes', 32768, u'all header lines with their CRLFs, and again all trailers; 431'),
    ('header_count', 100,
     u'header lines, and again trailers; 431.  Counted before they are stored by name'),
    ('body_bytes', 64 * 1024 * 1024, u'the body without its chunk framing; 413'),
    ('chunk_line_bytes', 1024, u'one chunk-size line with its extensions and CRLF; 400'),
    ('chunk_extension_bytes', 16384,
     u'the extensions of all chunks of a body; 400 (as in CVE-2023-39326)'),
    ('body_buffer_bytes', 65536,
     u'of a body that was not read yet; beyond it the connection pauses reading'),
)

TOLERANCES = (
    ('bare_lf', False, u'LF alone ends a line of a head (RFC 9112 section 2.2 permits it)'),
    ('obs_fold', False,
     u'a line that begins with white space continues the field before it (RFC 9112 section 5.2)'),
    ('chunk_padding', False, u'blanks between the chunk size and CRLF, which old servers write'),
    ('bare_status', False, u'a status line without a reason ends after the code, without a blank'),
    ('http_0_9', False, u'``GET path`` CRLF is a request (RFC 1945 section 4.1)'),
    ('same_lengths', False,
     u'equal Content-Lengths of a response count as one (RFC 9110 section 8.6)'),
    ('odd_status', False,
     u'statuses from 600 to 999, which mean what 500 means (RFC 9110 section 15)'),
    ('location_blanks', False,
     u'octets that a URL cannot hold are percent-encoded in the Location of a redirect, as '
                               u'browsers do (WHATWG URL section 4.4)'),
)

SERVER = (
    ('pipeline_bytes', 65536,
     u'of later requests while a response is due; beyond it reading pauses'),
    ('drain_bytes', 262144,
     u'of an unwanted body that are skipped to keep the connection; beyond it, it is closed'),
    ('head_seconds', 20.0, u'from the first octet of a request to the end of its headers; 408'),
    ('request_seconds', 60.0,
     u'from the first octet of a request to its end; 408.  Pauses of reading do not count'),
    ('body_rate', 1024,
     u'octets a second; each such amount of a body extends request_seconds by one.  0: never'),
    ('idle_seconds', 75.0, u'without a request; the connection is closed'),
    ('write_seconds', 60.0,
     u'in which the peer takes nothing of the output; the connection is aborted'),
    ('write_rate', 256,
     u'octets a second that the peer must take on average over write_seconds; 0: any rate'),
    ('linger_seconds', 5.0,
     u'for the peer to read the last response before the connection is aborted'),
    ('methods', ALLOWED_METHODS,
     u'methods that are allowed; others are 405, or 501 if they are unknown'),
    ('media_types', None,
     u'types allowed in requests, such as b"image/png" or b"image/*"; others are 415.  None: all'),
    ('server', None,
     u'the value of the Server field; None: not sent (RFC 9110 section 10.2.4: it helps '
     u'attackers)'),
    ('error_response', None,
     u'called with a request, the status of an error of the server or of a failed application, and '
     u'(name, value) pairs or nothing; returns the Response.  None: the status as a line of text'),
    ('fields', (),
     u'(name, value) pairs for every response, refusals too: Strict-Transport-Security, for '
     u'example'),
)


class Settings(Record):
    """Settings of one server: ``Settings(body_bytes=1 << 20, obs_fold=True)``.

    Attributes:
        rows: each name with its default and meaning.
        is_strict: true if nothing is tolerated beyond the grammar.
        known_methods: the methods that are not answered with 501.
    """

    rows = SIZES + TOLERANCES + SERVER
    __slots__ = names_of(rows) + ('is_strict', 'known_methods')

    def checked(self, values):
        values = Record.checked(self, values)
        values['methods'] = tuple(values['methods'])
        values['fields'] = tuple(values['fields'])
        if values['media_types'] is not None:
            values['media_types'] = frozenset(kind.lower() for kind in values['media_types'])
        values['known_methods'] = METHODS.union(values['methods'])
        values['is_strict'] = not any(values[name] for name in names_of(TOLERANCES))
        return values


# -- former names ------------------------------------------------------------

class Limits(Settings):
    """The former name of Settings."""

    __slots__ = ()

    def __init__(self, **chosen):
        # type: (**Any) -> None
        warnings.warn('carryall.protocols.http.Limits is Settings now', DeprecationWarning, 2)
        Settings.__init__(self, **chosen)

    def _replace(self, **chosen):
        # type: (**Any) -> Settings
        return self.replace(**chosen)

    def replace(self, **chosen):
        # type: (**Any) -> Settings
        """A Settings with the *chosen* values in place of these."""
        values = self.as_dict()
        values.update(chosen)
        return Settings(**values)


class Leniency(Record):
    """The former record of TOLERANCES, which belong to Settings now."""

    rows = TOLERANCES
    __slots__ = names_of(rows)

    def __init__(self, **chosen):
        # type: (**bool) -> None
        warnings.warn('carryall.protocols.http.Leniency is a part of Settings now',
                      DeprecationWarning, 2)
        Record.__init__(self, **chosen)


def former_settings(settings, former):
    # type: (Any, Dict[str, Any]) -> Any
    """*settings* with those that a caller gave by their *former* keywords (limits, leniency,
    methods, server ...).
    """
    warnings.warn('%s: give these in one Settings' % ', '.join(sorted(former)), DeprecationWarning,
                  3)
    values = dict(former)
    limits = values.pop('limits', None)
    leniency = values.pop('leniency', None)
    if limits is not None:
        known = names_of(settings.rows)
        settings = settings.replace(**dict((name, value) for name,
                                           value in limits.as_dict().items() if name in known))
    if leniency is not None:
        values.update(leniency.as_dict())
    return settings.replace(**values)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict
