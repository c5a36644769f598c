# Copyright the carryall authors.  See LICENSE.
"""URIs as octets: parts, percent-encoding, dot segments, queries (RFC 3986).

Wire:     ``scheme://user@host:port/path?query#fragment``; everything is bytes, and non-ASCII is
          percent-encoded UTF-8 by custom alone, so nothing is decoded to text here.
Rules:    a part that is absent is None, a part that is empty is b''.  A broken percent-encoding is
          never guessed at in a path (two readers would guess differently); in a query it stands for
          itself, as in every browser.
Not here: request targets and Host (grammar.py), what a path leads to
(services/web/requestpaths.py), international names.
Tests:    tests/core/codec/test_uri.py
"""
from __future__ import absolute_import, division, print_function

from binascii import unhexlify

from carryall.core.errors import LocalProtocolError
from carryall.core.records import namedtuple
from carryall.core.codec.numbers import decimal

__all__ = ['Authority', 'URI', 'encode_segment', 'format_query', 'join_segments', 'join_uri',
           'parse_authority', 'parse_query', 'path_segments', 'percent_decode', 'percent_encode',
           'resolve', 'split_uri']

# -- limits ------------------------------------------------------------------
# Name=value pairs of one query; ours (colliding names cost a dict dear on the JVM)
MAX_FIELDS = 1000
MAX_SEGMENTS = 256          # of one path
MAX_PORT = 65535
DECODED_BYTES = 8192  # that are decoded at a time, for each octet of them is an object meanwhile

# -- grammar -----------------------------------------------------------------
# unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"      sub-delims = "!" "$" "&" "'" "(" ")" "*"
#                                                         "+" "," ";" "="
# pchar = unreserved / pct-encoded / sub-delims / ":" / "@"
UNRESERVED = b'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~'
SUB_DELIMS = b"!$&'()*+,;="
HOST_OCTETS = UNRESERVED + SUB_DELIMS + b'%'
SEGMENT_SAFE = UNRESERVED + b'!$*+,;=:@'  # pchar without what HTML and shells stumble over
SCHEME_OCTETS = b'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.'
LETTERS = b'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
HEX = b'0123456789abcdefABCDEF'


class _Decoded(dict):
    """Two hexadecimal digits -> the octet; found at first use, since all 484 would take long on a
    JVM that has just started."""

    def __missing__(self, digits):
        # type: (bytes) -> Optional[bytes]
        if len(digits) != 2 or digits.translate(None, HEX):
            return None
        self[digits] = unhexlify(digits)
        return self[digits]


class _Encoded(dict):
    """An octet's number -> its percent-encoding, likewise."""

    def __missing__(self, number):
        # type: (int) -> bytes
        self[number] = b'%%%02X' % number
        return self[number]


_DECODED = _Decoded()
_ENCODED = _Encoded()

URI = namedtuple('URI', 'scheme authority path query fragment')
Authority = namedtuple('Authority', 'userinfo host port')


# -- percent-encoding ---------------------------------------------------------
def percent_decode(data, lenient=False):
    # type: (bytes, bool) -> Optional[bytes]
    """*data* with each ``%41`` as the octet it stands for (RFC 3986 section 2.1).

    Args:     lenient: let a broken encoding stand as it is; otherwise the result is None.
    """
    if b'%' not in data:
        return data
    if len(data) > DECODED_BYTES:
        return _decode_in_parts(data, lenient)
    pieces = data.split(b'%')
    out = [pieces[0]]
    for piece in pieces[1:]:
        octet = _DECODED[piece[:2]]
        if octet is not None:
            out.append(octet)
            out.append(piece[2:])
        elif lenient:
            out.append(b'%' + piece)
        else:
            return None
    return b''.join(out)


def _decode_in_parts(data, lenient):
    # type: (bytes, bool) -> Optional[bytes]
    out = bytearray()
    at = 0
    while at < len(data):
        end = at + DECODED_BYTES
        begun = data.rfind(b'%', end - 2, end)      # an encoding that would be cut
        if begun >= 0:
            end = begun
        part = percent_decode(data[at:end], lenient)
        if part is None:
            return None
        out += part
        at = end
    return bytes(out)


def percent_encode(data, safe=UNRESERVED):
    # type: (bytes, bytes) -> bytes
    """*data* with every octet that is not in *safe* as ``%41`` (RFC 3986 section 2.1)."""
    unsafe = data.translate(None, safe)
    if not unsafe:
        return data
    safe_numbers = bytearray(safe)
    return b''.join([bytes(bytearray((number,))) if number in safe_numbers else _ENCODED[number]
                     for number in bytearray(data)])


def encode_segment(segment):
    # type: (bytes) -> bytes
    """One segment of a path, encoded; ``a/b`` becomes ``a%2Fb`` and never two segments."""
    return percent_encode(segment, SEGMENT_SAFE)


# -- paths --------------------------------------------------------------------
def path_segments(path, keep_slashes=False):
    # type: (bytes, bool) -> Optional[List[bytes]]
    """The segments of an absolute path, decoded,
    dot segments resolved (RFC 3986 section 5.2.4, 6.2.2).

    The last is b'' if the path ends with a slash or a dot segment.  Decoding comes first, so that
    ``%2e%2e`` climbs as ``..`` does.

    Args:     keep_slashes: let an encoded slash become one inside a segment; otherwise it is
                            refused, since two programs in a row would cut the path at different
                            places.
    Returns:  None: not absolute, more than MAX_SEGMENTS, a broken percent-encoding, a NUL, an
              encoded slash, or more ``..`` than there are segments to climb.
    """
    if path[:1] != b'/' or path.count(b'/') > MAX_SEGMENTS:
        return None
    if b'%' not in path and b'/.' not in path and b'\0' not in path:
        return path[1:].split(b'/')
    out = []                    # type: List[bytes]
    segments = path[1:].split(b'/')
    last = len(segments) - 1
    for index, raw in enumerate(segments):
        segment = percent_decode(raw)
        if segment is None or b'\0' in segment or b'/' in segment and not keep_slashes:
            return None
        if segment == b'..':
            if not out:
                return None
            out.pop()
        elif segment != b'.':
            out.append(segment)
            continue
        if index == last:
            out.append(b'')
    return out


def join_segments(segments):
    # type: (Sequence[bytes]) -> bytes
    """The absolute path of decoded *segments*; it never begins with two slashes,
    which would name a host."""
    path = b'/' + b'/'.join([encode_segment(segment) for segment in segments])
    return path if path[:2] != b'//' else b'/' + path.lstrip(b'/')


# -- queries ------------------------------------------------------------------
def parse_query(query, maximum=MAX_FIELDS):
    # type: (bytes, int) -> Optional[List[Tuple[bytes, bytes]]]
    """The (name, value) pairs of ``a=1&b=2``, in order, ``+`` as a space (WHATWG URL section 5.1).

    Returns:  None: more than *maximum* pairs.
    """
    if not query:
        return []
    if query.count(b'&') >= maximum:
        return None
    pairs = []
    plain = b'%' not in query and b'+' not in query
    for field in query.split(b'&'):
        if field:
            name, _, value = field.partition(b'=')
            pairs.append((name, value) if plain else (_form_decode(name), _form_decode(value)))
    return pairs


def _form_decode(data):
    # type: (bytes) -> bytes
    data = data.replace(b'+', b' ')
    return percent_decode(data, lenient=True) or b''


def format_query(pairs):
    # type: (Iterable[Tuple[bytes, bytes]]) -> bytes
    """``a=1&b=2`` from (name, value) pairs, a space as ``+`` (WHATWG URL section 5.2)."""
    return b'&'.join([b'%s=%s' % (_form_encode(name), _form_encode(value))
                      for name, value in pairs])


def _form_encode(data):
    # type: (bytes) -> bytes
    return percent_encode(data, UNRESERVED + b' ').replace(b' ', b'+')


# -- parts --------------------------------------------------------------------
def split_uri(data):
    # type: (bytes) -> URI
    """The five parts of a URI or a relative reference (RFC 3986 appendix B);
    no octet of it is checked."""
    rest, mark, fragment = data.partition(b'#')
    fragment_or_none = fragment if mark else None
    rest, mark, query = rest.partition(b'?')
    query_or_none = query if mark else None
    scheme, mark, after = rest.partition(b':')
    if mark and scheme and not scheme[:1].translate(None, LETTERS) and not scheme.translate(
            None, SCHEME_OCTETS):
        scheme_or_none = scheme.lower()
        rest = after
    else:
        scheme_or_none = None
    authority = None
    if rest[:2] == b'//':
        authority, slash, path = rest[2:].partition(b'/')
        rest = slash + path
    return URI(scheme_or_none, authority, rest, query_or_none, fragment_or_none)


def join_uri(uri):
    # type: (URI) -> bytes
    """The parts as one again (RFC 3986 section 5.3)."""
    out = b''
    if uri.scheme is not None:
        out += uri.scheme + b':'
    if uri.authority is not None:
        out += b'//' + uri.authority
    out += uri.path
    if uri.query is not None:
        out += b'?' + uri.query
    if uri.fragment is not None:
        out += b'#' + uri.fragment
    return out


def resolve(base, reference):
    # type: (bytes, bytes) -> bytes
    """The URI that *reference*, found in the document at *base*, leads to (RFC 3986 section 5.2.2).

    Raises:   LocalProtocolError: *base* has no scheme.
    """
    origin = split_uri(base)
    found = split_uri(reference)
    if origin.scheme is None:
        raise LocalProtocolError('a relative reference needs an absolute base')
    if found.scheme is not None:
        return join_uri(found._replace(path=_without_dots(found.path)))
    found = found._replace(scheme=origin.scheme)
    if found.authority is not None:
        return join_uri(found._replace(path=_without_dots(found.path)))
    found = found._replace(authority=origin.authority)
    if not found.path:
        query = origin.query if found.query is None else found.query
        return join_uri(found._replace(path=origin.path, query=query))
    if found.path[:1] == b'/':
        path = found.path
    elif origin.authority is not None and not origin.path:
        path = b'/' + found.path
    else:
        path = origin.path[:origin.path.rfind(b'/') + 1] + found.path
    return join_uri(found._replace(path=_without_dots(path)))


def _without_dots(path):
    # type: (bytes) -> bytes
    """*path* without dot segments; a client's ``..`` above the root is dropped (RFC 3986 section
    5.2.4)."""
    if b'.' not in path:
        return path
    out = []                    # type: List[bytes]
    segments = path.split(b'/')
    last = len(segments) - 1
    for index, segment in enumerate(segments):
        if segment in (b'.', b'..'):
            if segment == b'..' and len(out) > 1:
                out.pop()
            if index == last:
                out.append(b'')
        else:
            out.append(segment)
    return b'/'.join(out)


def parse_authority(data):
    # type: (bytes) -> Optional[Authority]
    """``user@host:port`` as (userinfo or None, host in lower case,
    port or None) (RFC 3986 section 3.2).

    The host keeps its brackets if it is an IPv6 address.

    Returns:  None: an octet that cannot stand there, a port that is no number up to 65535,
              no closing bracket.
    """
    userinfo, mark, rest = data.rpartition(b'@')
    if mark and userinfo.translate(None, HOST_OCTETS + b':'):
        return None
    if rest[:1] == b'[':
        address, bracket, after = rest[1:].partition(b']')
        if not bracket or not _is_ipv6(address) or after and after[:1] != b':':
            return None
        host = b'[' + address + b']'
        port = after[1:]
    else:
        host, _, port = rest.partition(b':')
        if host.translate(None, HOST_OCTETS) or percent_decode(host) is None:
            return None
    number = decimal(port, MAX_PORT) if port else None
    if port and number is None:
        return None
    return Authority(userinfo if mark else None, host.lower(), number)


def _is_ipv6(data):
    # type: (bytes) -> bool
    """True if *data* is an IPv6 address as RFC 3986 section 3.2.2 writes it, without a zone."""
    head, gap, tail = data.partition(b'::')
    groups = [group for half in (head, tail) if half for group in half.split(b':')]
    count = len(groups)
    if groups and b'.' in groups[-1]:
        numbers = groups.pop().split(b'.')
        if len(numbers) != 4 or None in [decimal(number, 255) for number in numbers]:
            return False
        count += 1
    if [group for group in groups if not 1 <= len(group) <= 4 or group.translate(None, HEX)]:
        return False
    return count <= 7 if gap else count == 8


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable, List, Optional, Sequence, Tuple
