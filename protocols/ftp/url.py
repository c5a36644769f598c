# Copyright the carryall authors.  See LICENSE.
"""URLs of FTP (RFC 1738 section 3.2, with the path sent whole).

Wire:     ftp://name@host:port/path         the path is relative to the folder after the login
          ftp://host//etc/motd              or /%2Fetc/motd: from the root
          ftps://host/path                  TLS from the first octet
Tests:    tests/protocols/ftp/test_url.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import native, text_type
from carryall.core.errors import UsageError
from carryall.core.codec.numbers import decimal, hexadecimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['Location', 'is_ftp', 'parse_url']

MAX_URL = 8192              # octets; default


class Location(object):
    """The parts of a URL.

    Attributes:
        host: text.
        port: or None.
        name: of the user, text, or None.
        path: bytes.
        implicit: True for ftps.
    """

    __slots__ = ('host', 'port', 'name', 'path', 'implicit')

    def __init__(self, host, port, name, path, implicit):
        # type: (str, Optional[int], Optional[str], bytes, bool) -> None
        self.host = host
        self.port = port
        self.name = name
        self.path = path
        self.implicit = implicit


def is_ftp(url):
    # type: (str) -> bool
    """True if a URL (text) is one of FTP."""
    return url[:6].lower() == u'ftp://' or url[:7].lower() == u'ftps://'


def parse_url(url):
    # type: (Any) -> Location
    """Reads a URL (text or UTF-8).

    Raises:   UsageError: a sentence with the fault.
    """
    data = url.encode('utf-8') if isinstance(url, text_type) else url
    scheme, mark, rest = data.partition(b'://')
    if scheme.lower() not in (b'ftp', b'ftps') or not mark or len(data) > MAX_URL:
        raise UsageError(u'not a URL of FTP, such as ftp://127.0.0.1:2121/pub/')
    place, _, path = rest.partition(b'/')
    login, at, place = place.rpartition(b'@')
    if b':' in login:
        raise UsageError(u'the URL holds a password, which every user of the machine can read')
    host = place
    port = None
    if place[:1] == b'[':
        host, bracket, behind = place[1:].partition(b']')
        if not bracket or behind and behind[:1] != b':':
            raise UsageError(u'the bracket around the address is not closed')
        place = b'x' + behind
    if b':' in place:
        port = decimal(place.rpartition(b':')[2], 65535)
        if not port:
            raise UsageError(u'the port of the URL is malformed')
        host = host if place[:1] == b'x' and b':' in host else place.rpartition(b':')[0]
    path, _, _kind = path.partition(b';type=')
    decoded = unescaped(path)
    name = unescaped(login) if at else b''
    if not host or decoded is None or name is None:
        raise UsageError(u'the URL has no host, or a malformed escape')
    if b'\r' in decoded or b'\n' in decoded or b'\0' in decoded:
        raise UsageError(u'the path of the URL has a forbidden octet')
    try:
        user = name.decode('utf-8') or None
        is_ftps = scheme.lower() == b'ftps'
        return Location(native(host.decode('ascii')), port, user, decoded, is_ftps)
    except UnicodeError:
        raise UsageError(u'the URL has a malformed host or name')


def unescaped(data):
    # type: (bytes) -> Optional[bytes]
    """*data* with ``%XX`` as octets; None if a ``%`` is followed by anything else."""
    parts = data.split(b'%')
    out = [parts[0]]
    for part in parts[1:]:
        number = hexadecimal(part[:2], 255) if len(part) >= 2 else None
        if number is None:
            return None
        out.append(bytes(bytearray((number,))) + part[2:])
    return b''.join(out)
