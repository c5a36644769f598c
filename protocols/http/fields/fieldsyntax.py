# Copyright the carryall authors.  See LICENSE.
"""The common parts of header field values: tokens, quoted strings, lists, parameters, weights.

Wire:     RFC 9110 section 5.6 (tokens, lists, quoted strings, parameters), 12.4.2 (weights); RFC
          8187 (``name*=``).
Rules:    readers accept the forms of real peers, in linear time, and return None for a malformed
          value.  Writers write the grammar alone and refuse the rest, so that no header can be
          split (RFC 9110 section 5.5).
Not here: the meaning of fields.
Tests:    tests/protocols/http/fields/test_fieldsyntax.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import LocalProtocolError
from carryall.core.codec.numbers import decimal, hexadecimal

__all__ = ['extended_value', 'format_extended', 'is_token', 'parse_extended', 'parse_parameters',
           'parse_weight', 'quote',
           'quote_if_needed', 'split_list', 'unquote']

# -- limits ------------------------------------------------------------------
MAX_PARAMETERS = 64         # of one value; the RFC is silent
MAX_LIST = 256              # members of one list field; the RFC is silent

# -- grammar -----------------------------------------------------------------
# token = 1*tchar; tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" /
# "`" / "|" / "~" /
#         DIGIT / ALPHA
ALPHANUMERIC = b'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
TOKEN = b"!#$%&'*+-.^_`|~" + ALPHANUMERIC
ATTR_CHAR = b'!#$&+-.^_`|~' + ALPHANUMERIC          # RFC 8187 section 3.2.1
CONTROLS = bytes(bytearray([octet for octet in range(32) if octet != 9] + [127]))


def is_token(data):
    # type: (bytes) -> bool
    """True if *data* is one token (RFC 9110 section 5.6.2)."""
    return bool(data) and not data.translate(None, TOKEN)


def quote(data):
    # type: (bytes) -> bytes
    """*data* as a quoted-string (RFC 9110 section 5.6.4).

    Raises:   LocalProtocolError: it has a control character, which no field may have.
    """
    if len(data.translate(None, CONTROLS)) != len(data):
        raise LocalProtocolError('a header field cannot have a control character')
    return b'"' + data.replace(b'\\', b'\\\\').replace(b'"', b'\\"') + b'"'


def quote_if_needed(data):
    # type: (bytes) -> bytes
    """*data* as a token if it is one, else as a quoted-string."""
    return data if is_token(data) else quote(data)


def unquote(data):
    # type: (bytes) -> Optional[bytes]
    """The value of a token or a whole quoted-string; None for a malformed quoted-string."""
    if data[:1] != b'"':
        return data
    if len(data) < 2 or data[-1:] != b'"':
        return None
    inner = data[1:-1]
    if b'\\' not in inner:
        return None if b'"' in inner else inner
    parts = []
    for piece in inner.split(b'\\\\'):
        # Doubled backslashes are gone, so each one that is left escapes the octet behind it.
        if piece[-1:] == b'\\' or b'"' in piece.replace(b'\\"', b''):
            return None
        parts.append(piece.replace(b'\\', b''))
    return b'\\'.join(parts)


def split_list(data, separator=b',', maximum=MAX_LIST):
    # type: (bytes, bytes, int) -> Optional[List[bytes]]
    """The members of a list, stripped, as sent, empty ones dropped (RFC 9110 section 5.6.1.2).

    A separator inside a quoted string does not separate.

    Returns:  None: more than *maximum* members, or a quoted string without an end.
    """
    if b'"' not in data:
        if data.count(separator) >= maximum * 2:
            return None
        members = [member.strip(b' \t') for member in data.split(separator)]
    else:
        found = _split_quoted(data, separator, maximum * 2)
        if found is None:
            return None
        members = found
    members = [member for member in members if member]
    return members if len(members) <= maximum else None


def _split_quoted(data, separator, maximum):
    # type: (bytes, bytes, int) -> Optional[List[bytes]]
    members = []                # type: List[bytes]
    begin = 0
    at = 0
    size = len(data)
    while len(members) <= maximum:
        comma = data.find(separator, at)
        mark = data.find(b'"', at, comma if comma >= 0 else size)
        if mark >= 0:
            end = _end_of_quotes(data, mark + 1)
            if end < 0:
                return None
            at = end + 1
            continue
        if comma < 0:
            members.append(data[begin:].strip(b' \t'))
            return members
        members.append(data[begin:comma].strip(b' \t'))
        begin = comma + 1
        at = begin
    return None


def _end_of_quotes(data, at):
    # type: (bytes, int) -> int
    """The end of the quoted string whose content begins at *at*; -1 if it does not end."""
    while True:
        end = data.find(b'"', at)
        escape = data.find(b'\\', at, end if end >= 0 else len(data))
        if escape < 0:
            return end
        at = escape + 2


def parse_parameters(data, maximum=MAX_PARAMETERS):
    # type: (bytes, int) -> Optional[Tuple[bytes, List[Tuple[bytes, bytes]]]]
    """``value; name=value; name="value"`` as (value, pairs), the names in lower case (RFC 9110
    section 5.6.6).

    Spaces around ``=`` are tolerated, a parameter without ``=`` has the value b''.

    Returns:  None: more than *maximum* parameters, a malformed quoted string, or a name that is not
              a token.
    """
    members = split_list(data, b';', maximum + 1)
    if members is None:
        return None
    if data.lstrip(b' \t')[:1] == b';':
        members.insert(0, b'')
    pairs = []
    for member in members[1:]:
        name, _, value = member.partition(b'=')
        name = name.rstrip(b' \t').lower()
        plain = unquote(value.strip(b' \t'))
        if plain is None or not is_token(name):
            return None
        pairs.append((name, plain))
    return (members[0] if members else b''), pairs


def parse_weight(data):
    # type: (bytes) -> Optional[int]
    """A qvalue in thousandths, 0 to 1000; None if it is malformed (RFC 9110 section 12.4.2)."""
    whole, _, fraction = data.partition(b'.')
    if len(whole) != 1 or len(fraction) > 3:
        return None
    return decimal(whole + (fraction + b'000')[:3], 1000)


def parse_extended(data):
    # type: (bytes) -> Optional[Text]
    """The text of an extended value, ``UTF-8'en'%e2%82%ac``; None if it is malformed (RFC 8187
    section 3.2.1).
    """
    charset, mark, rest = data.partition(b"'")
    _, second, value = rest.partition(b"'")
    if not mark or not second or value.translate(None, ATTR_CHAR + b'%'):
        return None
    pieces = value.split(b'%')
    octets = bytearray(pieces[0])
    for piece in pieces[1:]:
        octet = hexadecimal(piece[:2], 255)
        if octet is None or len(piece) < 2:
            return None
        octets.append(octet)
        octets += piece[2:]
    name = charset.lower()
    if name not in (b'utf-8', b'iso-8859-1'):
        return None
    try:
        return bytes(octets).decode('utf-8' if name == b'utf-8' else 'iso-8859-1')
    except UnicodeError:
        return None


def extended_value(text):
    # type: (Text) -> bytes
    """*text* as an extended value in UTF-8 (RFC 8187 section 3.2.1)."""
    out = []
    for octet in bytearray(text.encode('utf-8', 'replace')):
        one = bytes(bytearray((octet,)))
        out.append(one if one in ATTR_CHAR else b'%%%02X' % octet)
    return b"UTF-8''" + b''.join(out)


def format_extended(name, text):
    # type: (bytes, Text) -> bytes
    """The parameter *name* with *text*: once in ASCII and, if the text is not ASCII, again as
    ``name*``.
    """
    plain = u''.join(character if u' ' <= character < u'\x7f' else u'_' for character in text)
    shown = b'%s=%s' % (name, quote(plain.encode('ascii')))
    return shown if plain == text else b'%s; %s*=%s' % (shown, name, extended_value(text))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional, Text, Tuple
