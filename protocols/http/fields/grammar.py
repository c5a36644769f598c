# Copyright the carryall authors.  See LICENSE.
"""The grammar of HTTP/1.1 messages: pure functions over complete lines (RFC 9112, 9110 section 5,
3986).

Each function takes all bytes of one construct and returns their meaning, or None if they are
malformed; no byte is skipped.  ``wire`` decides which error a None becomes.

Wire:     request-line, status-line, field-line, chunk-size line; the four forms of a request
          target; host and port.
Not here: buffers and states (wire.py), the fields that frame the body (headersection.py).
Tests:    tests/protocols/http/fields/test_grammar.py, test_smuggling.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.patterns import Pattern
from carryall.core.codec.numbers import decimal, hexadecimal
from carryall.protocols.http.fields.fieldsyntax import ALPHANUMERIC, is_token

__all__ = ['ABSOLUTE', 'ASTERISK', 'AUTHORITY', 'FIELD_LINES', 'MAX_SIZE', 'OBS_FOLD', 'ORIGIN',
           'OWS', 'PLAIN_TARGET',
           'TARGET_OCTETS', 'TEXT_OCTETS', 'authority_of', 'host_name', 'is_field_value', 'is_host',
           'parse_chunk_line', 'parse_field_line',
           'parse_request_line', 'parse_status_line', 'same_authority', 'split_target',
           'target_form']

OWS = b' \t'                        # OWS = *( SP / HTAB )

# -- characters --------------------------------------------------------------
# As character classes for regular expressions, and as octets for bytes.translate(None, octets),
# which deletes them all: nothing left means "only these", and that is the fastest such test on
# every runtime.

# tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" /
# "`" / "|" / "~" / DIGIT / ALPHA
_TCHAR = br"[!#$%&'*+\-.^_`|~0-9A-Za-z]"

# field-content: field-vchar = VCHAR / obs-text, with SP and HTAB between.  No CR, LF, NUL or other
# control (RFC 9110 section 5.5); so a value with one of them can neither be received nor set.
TEXT_OCTETS = b'\t' + bytes(bytearray(range(0x20, 0x7f))) + bytes(bytearray(range(0x80, 0x100)))
_TEXT = br'[\t\x20-\x7e\x80-\xff]'

# pchar = unreserved / pct-encoded / sub-delims / ":" / "@";  and "/",
# "?" of path and query (RFC 3986 appendix A).
# peer: browsers also send these seven as they are: [ ] { } | ^ `  (WHATWG URL, path and query
# percent-encode sets).
TARGET_OCTETS = b"-._~!$&'()*+,;=:@%/?[]{}|^`" + ALPHANUMERIC
# Of these anything that begins with "/" is an origin-form
PLAIN_TARGET = TARGET_OCTETS.replace(b'%', b'')

# -- field lines -------------------------------------------------------------
# field-line   = field-name ":" OWS field-value OWS          (RFC 9112 section 5)
# field-name   = token                     nothing between name and colon: 5.1 makes that a 400
# obs-fold     = OWS CRLF RWS              no field-name begins so:
#              5.2 makes that a 400 in a request
# The value is kept with the white space around it, which is stripped when the value is read.
_FIELD_LINE = Pattern(b'(' + _TCHAR + b'+):(' + _TEXT + br'*)\Z')

# All lines of a header section at once, in data[begin:end] where data[begin:] is the CRLF before
# the first of them and data[end - 2:end] that after the last.  A match begins at a CRLF and ends
# before the next, with neither CR nor LF in between, so as many matches as there are CRLFs before
# the last one means: each line is a field-line, and all of each.
FIELD_LINES = Pattern(b'\r\n(' + _TCHAR + b'+):(' + _TEXT + b'*)(?=\r\n)')

OBS_FOLD = (b' ', b'\t')            # the first octet of a line that continues the one before

# -- start lines -------------------------------------------------------------
# HTTP-version = HTTP-name "/" DIGIT "." DIGIT;  HTTP-name = %s"HTTP"      (RFC 9112 section 2.3)
_VERSION = Pattern(br'HTTP/[0-9]\.[0-9]\Z')

# status-line = HTTP-version SP status-code SP [ reason-phrase ];  status-code = 3DIGIT     (RFC
# 9112 section 4) reason-phrase = 1*( HTAB / SP / VCHAR / obs-text )
MAX_STATUS = 599            # RFC 9110 section 15
_STATUS_LINE = Pattern(br'(HTTP/[0-9]\.[0-9]) ([1-9][0-9][0-9])(?: (' + _TEXT + br'*))?\Z')

# -- targets -----------------------------------------------------------------
# RFC 9112 section 3.2
ORIGIN = 'origin'
ABSOLUTE = 'absolute'
AUTHORITY = 'authority'
ASTERISK = 'asterisk'

# pct-encoded = "%" HEXDIG HEXDIG
_BAD_PERCENT = Pattern(br'%(?![0-9A-Fa-f][0-9A-Fa-f])')

# absolute-form = scheme "://" authority path-abempty [ "?" query ], for the schemes that we serve.
_ABSOLUTE = Pattern(br'([Hh][Tt][Tt][Pp][Ss]?)://([^/?]*)(.*)\Z')

# uri-host    = IP-literal / IPv4address / reg-name;
#             reg-name = *( unreserved / pct-encoded / sub-delims )
# IP-literal  = "[" ( IPv6address / IPvFuture ) "]";   port = *DIGIT        (RFC 3986 section 3.2.2)
# reg-name may be empty there, which 9110 section 4.2.1 forbids for http; userinfo is refused as
# 4.2.4 advises.
_HOST = Pattern(br"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9\-._~!$&'()*+,;=%]+)(?::([0-9]{0,5}))?\Z")

_DEFAULT_PORTS = {b'http': b'80', b'https': b'443'}

# -- chunks ------------------------------------------------------------------
# chunk         = chunk-size [ chunk-ext ] CRLF chunk-data CRLF            (RFC 9112 section 7.1)
# chunk-size    = 1*HEXDIG
# chunk-ext     = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
# chunk-ext-name = token;  chunk-ext-val = token / quoted-string
# quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE
# qdtext        = HTAB / SP / %x21 / %x23-5B / %x5D-7E / obs-text;
#               quoted-pair = "\" ( HTAB / SP / VCHAR / obs-text )
_CHUNK_SIZE = Pattern(br'[0-9A-Fa-f]+')
_CHUNK_EXT = Pattern(br'[ \t]*;[ \t]*' + _TCHAR + br'+(?:[ \t]*=[ \t]*(?:' + _TCHAR + br'+|(")))?')
_QDTEXT = Pattern(br'[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]*')
# jython: its regular expressions recurse for each repetition of a group, and the stack is short; so
# such loops are written in Python here.

MAX_SIZE = (1 << 63) - 1            # the largest size of a file, and so of a body


def is_field_value(data):
    # type: (bytes) -> bool
    """True if *data* is a valid value of a field (RFC 9110 section 5.5); white space around it is
    accepted.
    """
    return not data.translate(None, TEXT_OCTETS)


def parse_field_line(line):
    # type: (bytes) -> Optional[Tuple[bytes, bytes]]
    """(name, value with the white space around it) of one line without its CRLF (RFC 9112 section
    5).
    """
    match = _FIELD_LINE.match(line)
    return (match.group(1), match.group(2)) if match else None


def parse_request_line(line):
    # type: (bytes) -> Optional[Tuple[bytes, bytes, bytes]]
    """(method, target, version) of a request-line without its CRLF (RFC 9112 section 3); the target
    is not parsed.

    The version is b'' for the two words of HTTP/0.9, ``GET SP path``.
    """
    words = line.split(b' ')
    if len(words) == 2 and words[0] == b'GET':
        words.append(b'')
    elif len(words) != 3 or not _VERSION.match(words[2]):
        return None
    method, target, version = words
    return (method, target, version) if is_token(method) and target else None


def parse_status_line(line, reason_required=True, most=MAX_STATUS):
    # type: (bytes, bool, int) -> Optional[Tuple[bytes, int, bytes]]
    """(version, status, reason) of a status-line without its CRLF (RFC 9112 section 4).

    Args:     reason_required: if false, the blank after the code may be missing together with the
                  reason.
              most: the highest valid status code.
    """
    match = _STATUS_LINE.match(line)
    if match is None or reason_required and match.group(3) is None:
        return None
    status = decimal(match.group(2), most)
    return None if status is None else (match.group(1), status, match.group(3) or b'')


def parse_chunk_line(line, padded=False):
    # type: (bytes, bool) -> Optional[Tuple[int, int]]
    """(size, octets of extensions) of a chunk-size line without its CRLF (RFC 9112 section 7.1).

    With *padded*, blanks may follow the size, as old servers send them.
    """
    if padded:
        line = line.rstrip(OWS)
    match = _CHUNK_SIZE.match(line)
    if match is None:
        return None
    size = hexadecimal(match.group(), MAX_SIZE)
    extensions = match.end()
    at = extensions
    while at < len(line):
        match = _CHUNK_EXT.match(line, at)
        if match is None:
            return None
        at = _past_quotes(line, match.end()) if match.group(1) else match.end()
    return None if size is None or at != len(line) else (size, at - extensions)


def _past_quotes(line, at):
    # type: (bytes, int) -> int
    """The end of the quoted-string whose first octet behind the DQUOTE is at *at*; past the end of
    *line* if it does not end.
    """
    while True:
        at = _QDTEXT.match(line, at).end()      # type: ignore  # it matches nothing, too
        octet = line[at:at + 1]
        if octet == b'"':
            return at + 1
        if (octet != b'\\' or line[at + 1:at + 2].translate(None, TEXT_OCTETS)
                or at + 1 >= len(line)):
            return len(line) + 1
        at += 2


def target_form(method, target):
    # type: (bytes, bytes) -> Optional[str]
    """The form of *target*, one of four (RFC 9112 section 3.2); None if it has none that fits
    *method*.
    """
    if method == b'CONNECT':
        host, colon, port = target.rpartition(b':')
        return AUTHORITY if colon and is_host(target) and decimal(port, 65535) else None
    if target.translate(None, TARGET_OCTETS):
        return None
    path, _, _ = target.partition(b'?')
    if _BAD_PERCENT.search(path):
        # peer: in the query browsers send a single "%" as it was typed, so it is accepted there
        return None
    if path[:1] == b'/':
        return ORIGIN
    if target == b'*':
        return ASTERISK if method == b'OPTIONS' else None
    return ABSOLUTE if authority_of(target) is not None else None


def authority_of(target):
    # type: (bytes) -> Optional[bytes]
    """The authority of a target in absolute-form; None unless it is an http or https URI with a
    valid host.
    """
    match = _ABSOLUTE.match(target)
    return match.group(2) if match and is_host(match.group(2)) else None


def split_target(target):
    # type: (bytes) -> Tuple[bytes, bytes]
    """(path, query) of a valid target, as sent; the query is b'' if it is missing.

    ``*`` is its own path, and so is the authority of a CONNECT.
    """
    if target[:1] != b'/':
        match = _ABSOLUTE.match(target)
        if match:
            target = match.group(3)
            if target[:1] != b'/':
                target = b'/' + target      # RFC 9110 section 4.2.3: an empty path is "/"
    path, _, query = target.partition(b'?')
    return path, query


def is_host(data):
    # type: (bytes) -> bool
    """True if *data* is ``uri-host [ ":" port ]`` as Host must be (RFC 9110 section 7.2); it may
    not be empty.
    """
    match = _HOST.match(data)
    if match is None or b'%' in data and _BAD_PERCENT.search(data):
        return False
    port = match.group(2)
    return not port or len(port) < 5 or decimal(port, 65535) is not None


def same_authority(target, host):
    # type: (bytes, bytes) -> bool
    """True if a URI in absolute-form names the *host* of a Host field: the same name, and the same
    port (by default the scheme's).
    """
    scheme, authority, _ = _ABSOLUTE.match(target).groups()     # type: ignore  # it was valid
    default = _DEFAULT_PORTS[scheme.lower()]
    return _with_port(authority, default) == _with_port(host, default)


def host_name(authority):
    # type: (bytes) -> bytes
    """The host of a valid authority in lower case, without its port and without the brackets of an
    IPv6 address.
    """
    return _HOST.match(authority).group(1).lower().strip(b'[]')     # type: ignore  # it was valid


def _with_port(authority, default):
    # type: (bytes, bytes) -> Tuple[bytes, bytes]
    name, port = _HOST.match(authority).groups()         # type: ignore
    return name.lower(), (port or default).lstrip(b'0')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Tuple
