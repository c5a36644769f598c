# Copyright the carryall authors.  See LICENSE.
"""The URL of dict (RFC 2229 section 5).

Wire:     dict://user;AUTH@host:port/d:word:database:n
          dict://user;AUTH@host:port/m:word:database:strategy:n
          dict://user;SASLAUTH=mechanism@host:port/d:word
          What is empty or missing has its default; so have trailing colons.
Tests:    tests/protocols/dict/test_dicturl.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.codec.uri import parse_authority, percent_decode, split_uri
from carryall.core.compat import native
from carryall.core.errors import LocalProtocolError
from carryall.core.patterns import Pattern
from carryall.protocols.dict.settings import PORT
from carryall.protocols.dict.wire import is_atom

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional

__all__ = ['DictURL', 'parse_url']

MAX_NUMBER = 1000000        # of a definition or match
DEFINE = b'd'
MATCH = b'm'
AUTH = u'AUTH'
ANY_MECHANISM = u'*'

_SASL = Pattern(u'SASLAUTH=([A-Z0-9_-]{1,20}|\\*)\\Z')


class DictURL(object):
    """The request that a URL stands for.

    Attributes:
        host: a name or an address without brackets (str).
        port: a number.
        user: the account (text); None for no login.
        mechanism: 'AUTH' or a mechanism of SASL; None for the best of both sides (text).
        matches: words are wanted (MATCH), not definitions (DEFINE).
        word: text.
        database: '!' if the URL names none (text).
        strategy: '.' if the URL names none (text).
        number: which of the answers is wanted, from 1; None for all.
    """

    __slots__ = ('host', 'port', 'user', 'mechanism', 'matches', 'word', 'database', 'strategy',
                 'number')

    def __init__(self, host, port=PORT):
        # type: (str, int) -> None
        self.host = host
        self.port = port
        self.user = None            # type: Optional[str]
        self.mechanism = None       # type: Optional[str]
        self.matches = False
        self.word = u''
        self.database = u'!'
        self.strategy = u'.'
        self.number = None          # type: Optional[int]


def parse_url(text):
    # type: (str) -> DictURL
    """The DictURL in a text.

    Raises:   LocalProtocolError: it is none.
    """
    parts = split_uri(text.encode('utf-8'))
    if parts.scheme != b'dict' or parts.authority is None:
        raise LocalProtocolError(u'"%s" is no dict URL' % text)
    found = _server(parts.authority, text)
    path = parts.path[1:]
    if parts.query is not None:     # the scheme has no query: the question mark is the word's
        path += b'?' + parts.query
    words = [_decoded(word, text) for word in path.split(b':')]
    if path[:2] not in (b'd:', b'm:') or not words[1]:
        raise LocalProtocolError(u'"%s" does not name a word, as /d:WORD does' % text)
    found.matches = path[:1] == MATCH
    found.word = words[1]
    rest = words[2:]
    limit = 3 if found.matches else 2
    if len(rest) > limit and any(rest[limit:]):
        raise LocalProtocolError(u'"%s" has too many colons' % text)
    rest = (rest + [u''] * limit)[:limit]
    found.database = rest[0] or found.database
    if found.matches:
        found.strategy = rest[1] or found.strategy
    if not is_atom(found.database) or not is_atom(found.strategy):
        raise LocalProtocolError(u'"%s" names no database or strategy' % text)
    if rest[-1]:
        found.number = decimal(rest[-1].encode('utf-8'), MAX_NUMBER)
        if not found.number:
            raise LocalProtocolError(u'"%s" does not end in a number from 1' % text)
    return found


def _server(authority, text):
    # type: (bytes, str) -> DictURL
    parts = parse_authority(authority)
    if parts is None or not parts.host:
        raise LocalProtocolError(u'"%s" names no server' % text)
    try:
        host = native(parts.host.decode('ascii'))
    except UnicodeError:
        raise LocalProtocolError(u'"%s" names no server' % text)
    found = DictURL(host.strip('[]'), PORT if parts.port is None else parts.port)
    if parts.userinfo is not None:
        user, _, kind = parts.userinfo.partition(b';')
        found.mechanism = _mechanism(_decoded(kind, text).upper())
        if found.mechanism is None or not user:
            raise LocalProtocolError(u'"%s" asks for another login than USER;AUTH or '
                                     u'USER;SASLAUTH=MECHANISM' % text)
        if found.mechanism == ANY_MECHANISM:
            found.mechanism = None
        found.user = _decoded(user, text)
    return found


def _mechanism(kind):
    # type: (str) -> Optional[str]
    """The way to log in that a URL names, ANY_MECHANISM too; None if it names none."""
    if kind == AUTH:
        return AUTH
    found = _SASL.match(kind)
    return None if found is None else found.group(1)


def _decoded(data, text):
    # type: (bytes, str) -> str
    octets = percent_decode(data)
    try:
        if octets is None:
            raise ValueError(data)
        return octets.decode('utf-8')
    except ValueError:
        raise LocalProtocolError(u'"%s" has a broken percent-encoding' % text)
