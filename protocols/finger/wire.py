# Copyright the carryall authors.  See LICENSE.
"""The grammar of finger: queries, and text that is safe to show (RFC 1288 sections 2.3, 3.3).

Wire:     one line to the server, [/W] [user][@host...] CRLF; the answer is text and ends with the
          connection.
              {Q1}  "" lists users, "user" asks about one, "/W" for more
              {Q2}  "user@host" lets the server ask the next host
Tests:    tests/protocols/finger/test_wire.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.printable import clean
from carryall.core.compat import iterbytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Sequence

__all__ = ['MAX_HOPS', 'MAX_QUERY', 'Query', 'clean', 'encode_answer', 'format_query',
           'parse_query']

# -- limits ------------------------------------------------------------------
MAX_QUERY = 512             # octets of a query: a name and some hosts; the RFC is silent
MAX_HOPS = 4                # hosts in one query; RFC 1288 section 3.2.1 lets a server limit them


class Query(object):
    """A finger query.

    Attributes:
        user: bytes; b'' for all users.
        hosts: list of bytes, the next host to ask last; [] if this server must answer.
        verbose: /W was given.
    """

    __slots__ = ('user', 'hosts', 'verbose')

    def __init__(self, user=b'', hosts=(), verbose=False):
        # type: (bytes, Sequence[bytes], bool) -> None
        self.user = user
        self.hosts = list(hosts)
        self.verbose = verbose


def parse_query(line):
    # type: (bytes) -> Optional[Query]
    """The query in a line without its end; None if it is malformed (RFC 1288 section 2.3)."""
    words = line.strip(b' \t').split()
    verbose = bool(words) and words[0].upper() == b'/W'
    if verbose:
        del words[0]
    if len(words) > 1:
        return None
    user, at, rest = (words[0] if words else b'').partition(b'@')
    hosts = rest.split(b'@') if at else []
    if any(not host for host in hosts) or len(hosts) > MAX_HOPS or _is_unprintable(user):
        return None
    return Query(user, hosts, verbose)


def _is_unprintable(name):
    # type: (bytes) -> bool
    return any(octet < b' ' or octet == b'\x7f' for octet in iterbytes(name))


def format_query(query):
    # type: (Query) -> bytes
    """The line of a query, with its end."""
    words = [b'/W'] if query.verbose else []
    words.append(b'@'.join([query.user] + query.hosts))
    return b' '.join(word for word in words if word) + b'\r\n'


def encode_answer(answer):
    # type: (str) -> bytes
    """Text for the wire: cleaned, with CRLF at the end of each line."""
    lines = clean(answer).rstrip(u'\n')
    return lines.replace(u'\n', u'\r\n').encode('utf-8') + b'\r\n' if lines else b''
