# Copyright the carryall authors.  See LICENSE.
"""SeenLines: field lines of requests that were validated before, shared by the connections of one
site.

Most lines of a header section come again and again, from the same client and from others; few
differ.  A line that was seen before is neither parsed nor validated again.  A line is kept when it
comes for the second time, unless it is likely to hold a secret.

A client can neither fill the memory nor slow the search: the tables are small, and emptied when
they are full.

Tests:    tests/protocols/http/message/test_seenlines.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.http.fields.grammar import OWS, TEXT_OCTETS, is_host, parse_field_line
from carryall.protocols.http.fields.headerfields import Headers
from carryall.protocols.http.fields.tables import HTTP_1_1
from carryall.protocols.http.message.headersection import Section, frames, request_section

__all__ = ['SeenLines']

# -- limits ------------------------------------------------------------------
MAX_LINES = 512             # lines that are kept
MAX_BYTES = 256             # octets of the longest of them
MAX_ONCE = 1024             # lines known to have come once
MAX_HOSTS = 128             # lines with a host that are kept

# Fields that differ from client to client, or hold a secret: their lines are not kept
UNIQUE = frozenset((b'Authorization', b'Cookie', b'Referer', b'authorization', b'cookie',
                    b'If-Modified-Since', b'If-None-Match', b'if-modified-since', b'if-none-match',
                    b'proxy-authorization', b'referer'))
HOST = b'host'


class SeenLines(object):
    """The lines of one site."""

    __slots__ = ('_fields', '_once', '_hosts')

    def __init__(self):
        # type: () -> None
        # line -> its field, if that does not frame the message
        self._fields = {}           # type: Dict[bytes, Tuple[bytes, bytes]]
        self._once = set()          # type: Set[int]   # hashes of lines that came once
        # line of Host -> (its field, the host)
        self._hosts = {}            # type: Dict[bytes, Tuple[Tuple[bytes, bytes], bytes]]

    def __len__(self):
        """The number of lines that are kept."""
        return len(self._fields) + len(self._hosts)

    def section(self, version, lines):
        # type: (Tuple[int, int], List[bytes]) -> Optional[Section]
        """The section of the *lines* of a request; None if one of them is no field.

        Raises:   HTTPError: with the status that refuses the request.
        """
        fields = list(map(self._fields.get, lines))     # type: List[Any]
        host = None                 # type: Optional[bytes]
        plain = version == HTTP_1_1
        while None in fields:
            place = fields.index(None)
            line = lines[place]
            known = self._hosts.get(line)
            if known is not None:
                fields[place] = known[0]
                plain = plain and host is None          # a second one is an error
                host = known[1]
                continue
            name, colon, value = line.partition(b':')
            if colon and name in UNIQUE:
                if value.translate(None, TEXT_OCTETS):
                    return None
                fields[place] = name, value
                continue
            field = parse_field_line(line)
            if field is None:
                return None
            fields[place] = field
            if frames(name):
                plain = False
                self._note_host(line, field)
            else:
                self._note(line, field)
        if plain and host is not None:
            return Section(HTTP_1_1, Headers(fields), host=host)
        return request_section(version, fields)

    def _note(self, line, field):
        # type: (bytes, Tuple[bytes, bytes]) -> None
        """Notes a line that does not frame the message."""
        if len(line) > MAX_BYTES or field[0].lower() in UNIQUE:
            return
        # The hash only recognises it: the search compares the octets in full
        key = hash(line)
        if key not in self._once:
            if len(self._once) >= MAX_ONCE:
                self._once.clear()
            self._once.add(key)
            return
        if len(self._fields) >= MAX_LINES:
            self._fields.clear()
        self._fields[line] = field

    def _note_host(self, line, field):
        # type: (bytes, Tuple[bytes, bytes]) -> None
        """Notes a line that is a valid Host."""
        if len(line) > MAX_BYTES or field[0].lower() != HOST:
            return
        host = field[1].strip(OWS)
        if not is_host(host):
            return
        if len(self._hosts) >= MAX_HOSTS:
            self._hosts.clear()
        self._hosts[line] = field, host


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Set, Tuple
