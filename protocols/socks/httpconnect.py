# Copyright the carryall authors.  See LICENSE.
"""HTTP CONNECT for a proxy that supports no other method (RFC 9110 section 9.3.6, RFC 9112).

Wire:     CONNECT host:port HTTP/1.1 CRLF, header lines, CRLF          HTTP/1.1 200 OK CRLF CRLF,
          and octets both ways
Tests:    tests/protocols/socks/test_httpconnect.py
"""
from __future__ import absolute_import, division, print_function

import binascii

from carryall.core.compat import native
from carryall.core.errors import RemoteProtocolError
from carryall.core.net.ip import canonical
from carryall.core.codec.numbers import decimal
from carryall.core.codec.uri import parse_authority
from carryall.protocols.socks.wire import CONNECT, Request

__all__ = ['format_connect', 'format_response', 'maybe_head', 'maybe_response']

# -- limits ------------------------------------------------------------------
MAX_HEAD = 16384            # octets of a request's or a response's head
MAX_LOGIN = 1024            # octets of the base64 of a login

REASONS = {200: b'Connection established', 400: b'Bad Request', 403: b'Forbidden',
           405: b'Method Not Allowed', 407: b'Proxy Authentication Required', 502: b'Bad Gateway',
           503: b'Service Unavailable', 504: b'Gateway Timeout'}
EXTRA = {405: b'Allow: CONNECT\r\n', 407: b'Proxy-Authenticate: Basic realm="proxy", '
                                          b'charset="UTF-8"\r\n',
         503: b'Retry-After: 5\r\n'}


def _maybe_lines(buffered):
    # type: (ReceiveBuffer) -> Optional[List[bytes]]
    """The lines of a head; None while it is incomplete.

    Raises:   RemoteProtocolError: it is too long.
    """
    end = buffered.find(b'\r\n\r\n')
    # Three octets of the mark may have come already.
    if end > MAX_HEAD or end < 0 and len(buffered) > MAX_HEAD + 3:
        raise RemoteProtocolError(u'a head of more than %d octets' % MAX_HEAD)
    if end < 0:
        return None
    return (buffered.maybe_line(b'\r\n\r\n') or b'').split(b'\r\n')


# -- server ------------------------------------------------------------------

def maybe_head(buffered):
    # type: (ReceiveBuffer) -> Optional[Tuple[int, Any, Optional[Tuple[bytes, bytes]]]]
    """(status, request, login) of a request's head; None while it is incomplete.

    The status is 200 for a good request, otherwise the one to answer with; login is (user,
    password) or None.
    """
    lines = _maybe_lines(buffered)
    if lines is None:
        return None
    words = lines[0].split(b' ')
    if len(words) != 3 or words[2] not in (b'HTTP/1.0', b'HTTP/1.1'):
        return 400, None, None
    if words[0] != b'CONNECT':
        return 405, None, None
    place = parse_authority(words[1])
    if place is None or place.userinfo is not None or not place.port or not place.host \
            or len(place.host) > 255:
        return 400, None, None
    host = native(place.host.strip(b'[]'))
    return 200, Request(1, CONNECT, canonical(host) or host, place.port), _login(lines[1:])


def _login(lines):
    # type: (List[bytes]) -> Optional[Tuple[bytes, bytes]]
    for line in lines:
        name, _, value = line.partition(b':')
        if name.lower() == b'proxy-authorization':
            scheme, _, token = value.strip().partition(b' ')
            if scheme.lower() != b'basic' or len(token) > MAX_LOGIN:
                return None
            try:
                user, colon, password = binascii.a2b_base64(token.strip()).partition(b':')
            except (binascii.Error, ValueError):
                return None
            return (user, password) if colon else None
    return None


def format_response(status):
    # type: (int) -> bytes
    """A whole response; the octets of the tunnel follow one of 200."""
    head = b'HTTP/1.1 %d %s\r\n' % (status, REASONS[status]) + EXTRA.get(status, b'')
    return head + (b'\r\n' if status == 200 else b'Content-Length: 0\r\nConnection: close\r\n\r\n')


# -- client ------------------------------------------------------------------

def format_connect(host, port, user=None, password=b''):
    # type: (str, int, Optional[bytes], bytes) -> bytes
    """The request for a tunnel."""
    place = (b'[%s]:%d' if ':' in host else b'%s:%d') % (host.encode('ascii'), port)
    head = b'CONNECT %s HTTP/1.1\r\nHost: %s\r\n' % (place, place)
    if user is not None:
        head += b'Proxy-Authorization: Basic %s\r\n' % binascii.b2a_base64(
            user + b':' + password).replace(b'\n', b'')
    return head + b'\r\n'


def maybe_response(buffered):
    # type: (ReceiveBuffer) -> Optional[int]
    """The status of the response; None while it is incomplete.

    Raises:   RemoteProtocolError: the data is not a response.
    """
    start = buffered.peek(7)
    if not b'HTTP/1.'.startswith(start):
        raise RemoteProtocolError(u'the data is not a response of HTTP')
    lines = _maybe_lines(buffered)
    if lines is None:
        return None
    words = lines[0].split(b' ', 2)
    status = decimal(words[1], 999) if len(words) > 1 and len(words[1]) == 3 else None
    if status is None:
        raise RemoteProtocolError(u'the data is not a response of HTTP')
    return status


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple
    from carryall.core.codec.buffer import ReceiveBuffer
