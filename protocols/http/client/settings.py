# Copyright the carryall authors.  See LICENSE.
"""Settings of a client: limits and tolerances for responses, its connections, times and name.

Tests:    tests/protocols/http/client/test_client.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.records import Record, names_of
from carryall.protocols.http.client.clientrequest import Timeouts
from carryall.protocols.http.fields.grammar import MAX_SIZE
from carryall.protocols.http.message.contentdecoder import MAX_DECODED
from carryall.protocols.http.settings import SIZES, TOLERANCES

__all__ = ['Settings']

# Servers send all of these; a client takes them unless told otherwise.
TAKEN = frozenset(('obs_fold', 'chunk_padding', 'bare_status', 'same_lengths', 'odd_status',
                   'location_blanks'))

CLIENT = (
    ('timeouts', Timeouts(), u'Timeouts of requests that have none of their own'),
    ('redirects', 10,
     u'redirects followed within one request (RFC 9110 section 15.4 leaves the number open)'),
    ('decoded_bytes', MAX_DECODED, u'octets of a decompressed body'),
    ('user_agent', b'carryall', u'the value of User-Agent; None: not sent'),
    ('per_host', 6, u'connections to one origin, as in browsers'),
    ('total', 64, u'connections in all'),
    ('idle_seconds', 15.0, u'that an unused connection is kept; servers wait 60 to 75'),
)


def _rows():
    # type: () -> Tuple[Tuple[str, Any, Any], ...]
    """The rows of Settings: bodies of any size, because they are streamed."""
    rows = []               # type: List[Tuple[str, Any, Any]]
    for name, default, text in SIZES:
        rows.append((name, MAX_SIZE if name == 'body_bytes' else default, text))
    for name, _, text in TOLERANCES:
        rows.append((name, name in TAKEN, text))
    return tuple(rows) + CLIENT


class Settings(Record):
    """Settings of one client: ``Settings(redirects=0)``; strict parsing: ``Settings(obs_fold=False,
    ...)``.

    Attributes:
        rows: each name with its default and meaning.
    """

    rows = _rows()
    __slots__ = names_of(rows)

    def strict(self):
        # type: () -> Settings
        """The same, without tolerance for anything beyond the grammar."""
        return self.replace(**dict((row[0], False) for row in TOLERANCES))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Tuple
