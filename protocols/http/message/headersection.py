# Copyright the carryall authors.  See LICENSE.
"""The header fields that frame a message: the end of its body, and the persistence of the
connection.

They are decided here once, strictly, from the raw fields.  Request smuggling relies on two readers
that disagree about the end of a message.  So a message with two possible readings is refused (RFC
9112 sections 6.3 and 11.2).

Not here: the meaning of other fields; the bytes of the body (wire.py).
Tests:    tests/protocols/http/message/test_headersection.py, test_smuggling.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import native
from carryall.core.codec.numbers import decimal
from carryall.protocols.http.errors import HTTPError
from carryall.protocols.http.fields.grammar import MAX_SIZE, OWS, is_host
from carryall.protocols.http.fields.headerfields import Headers
from carryall.protocols.http.fields.tables import HTTP_1_0, HTTP_1_1

__all__ = ['CHUNKED', 'FORBIDDEN_TRAILERS', 'Section', 'UNTIL_CLOSE', 'frames', 'request_section',
           'response_section']

# -- lengths -----------------------------------------------------------------
CHUNKED = -1                # the body is in chunks, its length unknown before its end
# The body of a response ends with the connection (RFC 9112 section 6.3, last rule)
UNTIL_CLOSE = -2

# -- fields that frame a message ---------------------------------------------
_ORDINARY, _HOST, _LENGTH, _CODING, _CONNECTION, _EXPECT, _ROLES = range(7)

_FRAMING = {b'host': _HOST, b'content-length': _LENGTH, b'transfer-encoding': _CODING,
            b'connection': _CONNECTION,
            b'expect': _EXPECT}
# These may have several lines, which mean a list; the others have one
_LISTS = (_CONNECTION, _EXPECT)

# Fields of nearly every request that do not frame it; they are listed to be skipped fast.
_COMMON = (
    b'accept accept-charset accept-encoding accept-language authorization cache-control '
    b'content-encoding '
           b'content-type cookie date dnt etag from if-match if-modified-since if-none-match '
           b'if-range '
           b'if-unmodified-since keep-alive last-modified location origin pragma priority range '
           b'referer '
           b'sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest sec-fetch-mode '
           b'sec-fetch-site sec-fetch-user '
           b'server set-cookie te trailer upgrade upgrade-insecure-requests user-agent vary via '
           b'x-forwarded-for '
           b'x-forwarded-host x-forwarded-proto x-real-ip x-requested-with').split()


def _spelled():
    # type: () -> Dict[bytes, int]
    """Name -> role, each name in lower case and As-It-Is-Usually-Written; other spellings are
    converted to lower case first.
    """
    roles = dict((name, _ORDINARY) for name in _COMMON)
    roles.update(_FRAMING)
    for name, role in list(roles.items()):
        roles[b'-'.join([part.capitalize() for part in name.split(b'-')])] = role
    return roles


_ROLE_OF = _spelled()

# Trailers may not frame, route or authenticate (RFC 9110 section 6.5.1): one that does is an
# attack.
FORBIDDEN_TRAILERS = frozenset((b'authorization', b'connection', b'content-encoding',
                                b'content-length', b'content-range',
                                b'content-type', b'cookie', b'expect', b'host', b'set-cookie',
                                b'te', b'trailer',
                                b'transfer-encoding', b'upgrade'))


class Section(object):
    """A valid header section and the framing of its message; never changed later.

    Attributes:
        version: HTTP_1_0 or HTTP_1_1.
        headers: the fields (``Headers``).
        length: octets of the body, or CHUNKED, or UNTIL_CLOSE.
        keep_alive: true if the peer allows the connection to persist.
        expects_continue: true if the peer waits for a 100 before it sends the body.
        host: the value of Host; None if it is missing.
    """

    __slots__ = ('version', 'headers', 'length', 'keep_alive', 'expects_continue', 'host')

    def __init__(self, version, headers, length=0, keep_alive=True, expects_continue=False,
                 host=None):
        # type: (Tuple[int, int], Headers, int, bool, bool, Optional[bytes]) -> None
        self.version = version
        self.headers = headers
        self.length = length
        self.keep_alive = keep_alive
        self.expects_continue = expects_continue
        self.host = host


def request_section(version, fields):
    # type: (Tuple[int, int], Sequence[Tuple[bytes, bytes]]) -> Section
    """Judges the fields of a request.

    Args:     fields: valid field lines as (name, value), white space still around the value.
    Raises:   HTTPError: with the status that refuses the request.
    Source:   RFC 9112 sections 3.2 (Host), 6.1 to 6.3 (body), 9.3 (persistence); RFC 9110 section
              10.1.1 (Expect).
    """
    found = _collect(fields)
    host = found[_HOST]
    if host is not None:
        host = host.strip(OWS)
        if not is_host(host):
            raise HTTPError('Host is not a host', reply=400)
    elif version == HTTP_1_1:
        raise HTTPError('HTTP/1.1 without Host', reply=400)
    length = _body_length(version, found)
    if length is None:
        length = 0                          # RFC 9112 section 6.3, rule 7
    expectation = found[_EXPECT]
    if expectation is not None and version == HTTP_1_1:
        if not _expects_continue_alone(expectation):
            raise HTTPError('an unknown expectation', reply=417)
    else:
        expectation = None                  # RFC 9110 section 10.1.1: ignored in HTTP/1.0
    return Section(version, Headers(fields), length, _keeps_alive(version, found[_CONNECTION]),
                   expectation is not None and length != 0, host)


def _expects_continue_alone(expectation):
    # type: (bytes) -> bool
    """True if each member of the list *expectation* is 100-continue, in any case (RFC 9110 section
    10.1.1).
    """
    members = [member.strip(OWS) for member in expectation.lower().split(b',')]
    return (all(member in (b'', b'100-continue') for member in members) and b'100-continue'
            in members)


def response_section(version, status, method, fields, same_lengths=False):
    # type: (Tuple[int, int], int, bytes, Sequence[Tuple[bytes, bytes]], bool) -> Section
    """Judges the fields of a response to a request with *method* (RFC 9112 section 6.3).

    Args:     same_lengths: take several equal Content-Lengths for one (RFC 9110 section 8.6).
    """
    found = _collect(fields, same_lengths)
    if same_lengths and found[_LENGTH] is not None and b',' in found[_LENGTH]:      # type: ignore
        lengths = set(length.strip(OWS) for length in found[_LENGTH].split(b','))   # type: ignore
        if len(lengths) == 1:
            found[_LENGTH] = lengths.pop()
    length = _body_length(version, found)
    if (method == b'HEAD' or status < 200 or status in (204, 304)
            or method == b'CONNECT' and status < 300):
        length = 0                          # rules 1 and 2, whatever the fields say
    elif length is None:
        length = UNTIL_CLOSE                # rule 8
    keep_alive = length != UNTIL_CLOSE and _keeps_alive(version, found[_CONNECTION])
    return Section(version, Headers(fields), length, keep_alive)


def frames(name):
    # type: (bytes) -> bool
    """True if a field with that name frames its message."""
    role = _ROLE_OF.get(name)
    if role is None:
        role = _ROLE_OF.get(name.lower())
    return bool(role)


def _collect(fields, same_lengths=False):
    # type: (Sequence[Tuple[bytes, bytes]], bool) -> List[Optional[bytes]]
    """The values of the fields that frame a message, by role."""
    found = [None] * _ROLES         # type: List[Optional[bytes]]
    role_of = _ROLE_OF.get
    for name, value in fields:
        role = role_of(name)
        if role is None:
            role = role_of(name.lower())
        if role:
            before = found[role]
            if before is None:
                found[role] = value
            elif role in _LISTS or role == _LENGTH and same_lengths:
                found[role] = before + b',' + value
            else:
                # Equal ones too: RFC 9112 section 6.3 leaves the choice, and other readers choose
                # otherwise.
                raise HTTPError('%s more than once' % native(name), reply=400)
    return found


def _body_length(version, found):
    # type: (Tuple[int, int], List[Optional[bytes]]) -> Optional[int]
    """Octets of the body, CHUNKED, or None if no field tells it."""
    coding = found[_CODING]
    length = found[_LENGTH]
    if coding is None:
        if length is None:
            return None
        length = length.strip(OWS)
        number = decimal(length, MAX_SIZE)
        if number is None:
            raise HTTPError('Content-Length is not a number, or too large',
                                      reply=413 if length.isdigit() else 400)
        return number
    if length is not None:
        raise HTTPError('Content-Length with Transfer-Encoding', reply=400)
    if version == HTTP_1_0:
        raise HTTPError('Transfer-Encoding in HTTP/1.0', reply=400)       # RFC 9112 section 6.1
    # The one word, in any case (RFC 9112 section 7).  All else that the grammar allows (a list, a
    # tab before it) is refused: another reader on the way may have understood it differently.
    coding = coding.strip(b' ')
    if coding != b'chunked' and coding.lower() != b'chunked':
        raise HTTPError('Transfer-Encoding is not exactly "chunked"', reply=400)
    return CHUNKED


def _keeps_alive(version, connection):
    # type: (Tuple[int, int], Optional[bytes]) -> bool
    """True if the connection persists after this message (RFC 9112 section 9.3)."""
    if connection is None:
        return version == HTTP_1_1
    connection = connection.strip(OWS)
    if connection == b'keep-alive':         # the value that most clients send
        return True
    options = [option.strip(OWS) for option in connection.lower().split(b',')]
    if b'close' in options:
        return False
    return version == HTTP_1_1 or b'keep-alive' in options


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, List, Optional, Sequence, Tuple
