# Copyright the carryall authors.  See LICENSE.
"""The lines of ident (RFC 1413 section 4).

Wire:     CRLF lines; the ports are seen from the machine that is asked:
              6193, 23            ->  6193, 23 : USERID : UNIX : stjohns
                                      6193, 23 : ERROR : NO-USER
Tests:    tests/protocols/ident/test_ident.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.protocols.ident.errors import IdentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Tuple

__all__ = ['HIDDEN_USER', 'INVALID_PORT', 'Identity', 'MAX_QUERY', 'MAX_USER', 'NO_USER',
           'UNKNOWN_ERROR', 'parse_query', 'parse_reply']

# -- limits of RFC 1413 section 4 --------------------------------------------
MAX_QUERY = 1000            # octets of a line
MAX_USER = 512              # octets of the name of a user
MAX_TOKEN = 64              # octets of the name of a system or an error

# -- errors ------------------------------------------------------------------
INVALID_PORT = b'INVALID-PORT'
NO_USER = b'NO-USER'
HIDDEN_USER = b'HIDDEN-USER'
UNKNOWN_ERROR = b'UNKNOWN-ERROR'


class Identity(object):
    """The owner of a connection: name, the system that knows it, and its charset, all bytes.

    It deserves as much trust as the machine that answered (RFC 1413 section 6).
    """

    __slots__ = ('user', 'system', 'charset')

    def __init__(self, user, system=b'UNIX', charset=b'US-ASCII'):
        # type: (bytes, bytes, bytes) -> None
        self.user = user
        self.system = system
        self.charset = charset


def parse_query(line):
    # type: (bytes) -> Optional[Tuple[int, int]]
    """The two ports in ``6193, 23``, blanks allowed around each; None if they are malformed."""
    parts = line.split(b',')
    if len(parts) != 2:
        return None
    first, second = [decimal(part.strip(b' \t'), 65535) for part in parts]
    return (first, second) if first and second else None


def parse_reply(line):
    # type: (bytes) -> Tuple[Tuple[int, int], Identity]
    """The ports and the Identity in a reply.

    Raises:   IdentError: the reply is an error, or no reply at all.
    """
    parts = line.split(b':', 3)         # a user's name may hold colons
    kind = parts[1].strip(b' \t').upper() if len(parts) > 2 else b''
    ports = parse_query(parts[0])
    if kind == b'ERROR':
        token = b':'.join(parts[2:]).strip(b' \t')
        if not 0 < len(token) <= MAX_TOKEN:
            raise IdentError(b'', u'an ident error with a name that is missing or too long')
        raise IdentError(token)
    if kind != b'USERID' or len(parts) != 4 or ports is None:
        raise IdentError(b'', u'not an ident reply')
    system, _, charset = [part.strip(b' \t') for part in parts[2].partition(b',')]
    user = parts[3]
    # rfc: the text after the last colon is the name, but the RFC's own example has a blank before
    # it, and so have peers.
    if user[:1] == b' ':
        user = user[1:]
    if not 0 < len(user) <= MAX_USER or b'\0' in user or not 0 < len(system) <= MAX_TOKEN \
            or len(charset) > MAX_TOKEN:
        raise IdentError(b'', u'an ident reply with a name that is too long or missing')
    return ports, Identity(user, system, charset or b'US-ASCII')
