# Copyright the carryall authors.  See LICENSE.
"""Domain names as octets: each label behind its length, the root's empty label at the end.

    name = parse_name(u'www.Example.com.')      # b'\\3www\\7Example\\3com\\0'
    format_name(name)                           # u'www.Example.com.'
    folded(name)                                # the key under which a table keeps it

No length is above 63, and no upper-case letter is below 65.  So the case of a whole name can be
folded at once (RFC 4343).  A suffix that begins at a label is a name as well.

Text:     RFC 1035 section 5.1: ``\\.`` is a dot inside a label, ``\\065`` an octet.
Not here: IDNA; a caller converts names of people at its own edge.
Tests:    tests/protocols/dns/test_domainname.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.compat import int2byte, text_type
from carryall.core.errors import LocalProtocolError
from carryall.protocols.dns.errors import DNSError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

__all__ = ['MAX_LABEL', 'MAX_NAME', 'ROOT', 'ancestors', 'canonical_order', 'folded', 'format_name',
           'is_below', 'join_labels', 'labels_of', 'parent', 'parse_name', 'read_name', 'wildcard']

# -- limits ------------------------------------------------------------------
MAX_NAME = 255              # octets of a name with its lengths; RFC 1035 section 2.3.4
MAX_LABEL = 63              # octets of a label; the same
MAX_POINTERS = 128          # that one name follows; each of its at most 127 labels has at most one
MAX_TARGET = 1 << 14        # offset that a pointer reaches

ROOT = b'\0'
# Characters that a label shows as they are; the others need a backslash or a number.
_ESCAPED = frozenset(u'"$().;@\\')
_SHOWN = []                 # type: List[str]
for _code in range(256):
    _char = int2byte(_code).decode('latin-1')
    if _char in _ESCAPED:
        _SHOWN.append(u'\\' + _char)
    else:
        _SHOWN.append(_char if 33 <= _code <= 126 else u'\\%03d' % _code)


def labels_of(name):
    # type: (bytes) -> List[bytes]
    """The labels of a name, without the root's."""
    found = []
    octets = bytearray(name)
    at = 0
    while octets[at]:
        after = at + 1 + octets[at]
        found.append(name[at + 1:after])
        at = after
    return found


def join_labels(labels, origin=ROOT):
    # type: (Any, bytes) -> bytes
    """The name of these labels above *origin*.

    Raises:   LocalProtocolError: a label or the name is too long, or a label is empty.
    """
    parts = []
    for label in labels:
        if not 0 < len(label) <= MAX_LABEL:
            raise LocalProtocolError(u'a label has 1 to %d octets, not %d'
                                     % (MAX_LABEL, len(label)))
        parts.append(int2byte(len(label)) + label)
    parts.append(origin)
    name = b''.join(parts)
    if len(name) > MAX_NAME:
        raise LocalProtocolError(u'a name has at most %d octets, not %d' % (MAX_NAME, len(name)))
    return name


def parse_name(text, origin=None):
    # type: (Any, Optional[bytes]) -> bytes
    """The octets of a name; one without a dot at its end lies below *origin*.

    Without an origin, the dot at the end may be missing.

    Raises:   LocalProtocolError: the text is no name.
    """
    if not isinstance(text, text_type):
        text = text.decode('latin-1')
    elif any(char > u'\x7f' for char in text):
        text = text.encode('utf-8').decode('latin-1')
    if text == u'@' and origin is not None:
        return origin
    if text == u'.':
        return ROOT
    if u'\\' in text:
        labels, absolute = _escaped_labels(text)
    else:
        absolute = text.endswith(u'.')
        labels = (text[:-1] if absolute else text).encode('latin-1').split(b'.')
    try:
        return join_labels(labels, ROOT if absolute or origin is None else origin)
    except LocalProtocolError as exc:
        raise LocalProtocolError(u'"%s" is no domain name: %s' % (text[:80], exc.message))


def _escaped_labels(text):
    # type: (str) -> Tuple[List[bytes], bool]
    """The labels of a text with backslashes, and whether it ends with a dot."""
    labels = []
    label = b''
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == u'.':
            labels.append(label)
            label = b''
            continue
        if char == u'\\':
            digits = text[at:at + 3]
            octet = decimal(digits.encode('ascii', 'replace'), 255)
            if len(digits) == 3 and octet is not None:
                label += int2byte(octet)
                at += 3
                continue
            if not digits or digits[:1].isdigit():
                raise LocalProtocolError(u'"%s" has a backslash without a character or three digits'
                                         % text[:80])
            char = digits[:1]
            at += 1
        label += char.encode('latin-1')
    if label:
        labels.append(label)
    return labels, not label


def format_name(name):
    # type: (bytes) -> str
    """The text of a name, with a dot at its end."""
    if name == ROOT:
        return u'.'
    shown = _SHOWN
    return u''.join(u''.join([shown[code] for code in bytearray(label)]) + u'.'
                    for label in labels_of(name))


def folded(name):
    # type: (bytes) -> bytes
    """The name with its ASCII letters in lower case."""
    return name.lower()


def parent(name):
    # type: (bytes) -> bytes
    """The name without its first label."""
    return name[1 + ord(name[:1]):]


def ancestors(name):
    # type: (bytes) -> List[bytes]
    """The name, its parent and so on to the root."""
    found = [name]
    while name != ROOT:
        name = name[1 + ord(name[:1]):]
        found.append(name)
    return found


def is_below(name, zone):
    # type: (bytes, bytes) -> bool
    """True if *name* is *zone* or inside of it; both are folded."""
    if not name.endswith(zone):
        return False
    left = len(name) - len(zone)
    at = 0
    octets = bytearray(name)
    while at < left:
        at += 1 + octets[at]
    return at == left


def wildcard(name):
    # type: (bytes) -> bytes
    """The name of the wildcard below *name* (RFC 4592)."""
    return b'\1*' + name


def canonical_order(name):
    # type: (bytes) -> Any
    """The key of the canonical order (RFC 4034 section 6.1)."""
    return labels_of(name.lower())[::-1]


def read_name(data, octets, at, end, known):
    # type: (bytes, bytearray, int, int, Dict[int, bytes]) -> Tuple[bytes, int]
    """A name of a message, which may end in a pointer: (name, the position behind it).

    Pointers lead to earlier places only (RFC 1035 section 4.1.4).  *known* keeps names by their
    places, so that no chain of pointers is followed twice.
    """
    start = at
    after = -1                  # behind the first pointer
    limit = at
    parts = []                  # type: List[bytes]
    size = 0
    jumps = 0
    while True:
        if at >= end:
            raise DNSError(u'a name passes the end of its part')
        length = octets[at]
        if not length:
            parts.append(ROOT)
            size += 1
            at += 1
            break
        if length < 64:
            following = at + 1 + length
            if following > end:
                raise DNSError(u'a label passes the end of its part')
            parts.append(data[at:following])
            size += 1 + length
            at = following
            if size >= MAX_NAME:
                raise DNSError(u'a name has more than %d octets' % MAX_NAME)
            continue
        if length < 192:
            raise DNSError(u'a label has an unknown type')
        if at + 2 > end:
            raise DNSError(u'a pointer passes the end of its part')
        target = (length & 63) << 8 | octets[at + 1]
        if after < 0:
            after = at + 2
        jumps += 1
        if target >= limit or target < 12 or jumps > MAX_POINTERS:
            raise DNSError(u'a pointer leads forward, or nowhere')
        tail = known.get(target)
        if tail is not None:
            parts.append(tail)
            size += len(tail)
            break
        at = target
        limit = target
        end = len(data)
    if size > MAX_NAME:
        raise DNSError(u'a name has more than %d octets' % MAX_NAME)
    name = b''.join(parts)
    # Each label of this name is a place that a later pointer may lead to.
    if start < MAX_TARGET:
        _keep(known, start, parts, name)
    return name, at if after < 0 else after


def _keep(known, start, parts, name):
    # type: (Dict[int, bytes], int, List[bytes], bytes) -> None
    """Notes the names that begin at the labels before the first pointer."""
    place = start
    offset = 0
    for part in parts[:-1]:
        known[place] = name[offset:]
        place += len(part)
        offset += len(part)
        if known.get(place) is not None:
            break
