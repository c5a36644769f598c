# Copyright the carryall authors.  See LICENSE.
"""Entity tags: the names of one state of a resource, weak and strong (RFC 9110 section 8.8.3).

Wire:     ``"opaque"`` or ``W/"opaque"``; in lists ``"a", W/"b"`` or ``*``.
Not here: the fields that use tags (conditionals.py), the making of tags
          (services/web/validators.py).
Tests:    tests/protocols/http/fields/test_etags.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import LocalProtocolError
from carryall.core.records import namedtuple

__all__ = ['ANY', 'ETag', 'format_etag', 'parse_etag', 'parse_etags', 'strong_match', 'weak_match']

# -- limits ------------------------------------------------------------------
MAX_TAGS = 256              # of one If-Match or If-None-Match; the RFC is silent

# -- grammar -----------------------------------------------------------------
# entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE;  etagc = %x21 / %x23-7E / obs-text
NOT_ETAGC = bytes(bytearray(list(range(33)) + [0x22, 0x7f]))

ETag = namedtuple('ETag', 'weak opaque')
ANY = ETag(False, None)     # `*`


def format_etag(opaque, weak=False):
    # type: (bytes, bool) -> bytes
    """The tag as written in a field.

    Raises:   LocalProtocolError: a quote, space or control character.
    """
    if len(opaque.translate(None, NOT_ETAGC)) != len(opaque):
        raise LocalProtocolError(
            'an entity tag cannot have a quote, space or control character')
    return b'W/"' + opaque + b'"' if weak else b'"' + opaque + b'"'


def parse_etag(data):
    # type: (bytes) -> Optional[ETag]
    """The tag *data*, or None if it is malformed; ``w/`` in lower case is (it is
    case-sensitive)."""
    weak = data[:2] == b'W/'
    opaque = data[3:-1] if weak else data[1:-1]
    spelled = (b'W/"%s"' if weak else b'"%s"') % opaque
    if data != spelled or opaque.translate(None, NOT_ETAGC) != opaque:
        return None
    return ETag(weak, opaque)


def parse_etags(data, maximum=MAX_TAGS):
    # type: (bytes, int) -> Optional[List[ETag]]
    """The tags of a list, [ANY] for ``*``; None if it is not a list of tags or longer than
    *maximum*.

    A tag may contain a comma, so the list cannot simply be split at the commas.
    """
    data = data.strip(b' \t')
    if data == b'*':
        return [ANY]
    tags = []                   # type: List[ETag]
    at = 0
    size = len(data)
    while at < size:
        if data[at:at + 1] in (b',', b' ', b'\t'):
            at += 1
            continue
        quote = at + 2 if data[at:at + 2] == b'W/' else at
        end = data.find(b'"', quote + 1)
        tag = parse_etag(data[at:end + 1]) if end >= 0 else None
        if (tag is None or len(tags) == maximum
                or data[end + 1:end + 2] not in (b'', b',', b' ', b'\t')):
            return None
        tags.append(tag)
        at = end + 1
    return tags or None


def strong_match(left, right):
    # type: (ETag, ETag) -> bool
    """True if both are strong and equal, so the octets are the same (RFC 9110 section 8.8.3.2)."""
    return not left.weak and not right.weak and left.opaque == right.opaque


def weak_match(left, right):
    # type: (ETag, ETag) -> bool
    """True if they are equal apart from strength (RFC 9110 section 8.8.3.2)."""
    return left.opaque == right.opaque


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional
