# Copyright the carryall authors.  See LICENSE.
"""URLs of requests, split into parts; a part that could break out of its place is refused (RFC 9110
section 4.2).

Rules:    the parts go unchanged into the request line and into Host.  So a blank, a control
          character or a backslash anywhere is an error and never repaired (CVE-2019-12387 and the
          like).  Octets beyond ASCII are percent-encoded in path and query (RFC 3987 section 3.1)
          and refused in the host.
Not here: names to addresses (connectionpool.py), redirects (redirects.py).
Tests:    tests/protocols/http/client/test_clienturl.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import native, text_type
from carryall.core.errors import LocalProtocolError
from carryall.protocols.http.fields.grammar import ORIGIN, is_host, target_form
from carryall.protocols.http.fields.fieldsyntax import is_token
from carryall.core.codec.uri import parse_authority, percent_decode, percent_encode, split_uri

__all__ = ['Location', 'check_method', 'parse_url']

# -- limits ------------------------------------------------------------------
# Octets; servers take at least so many (RFC 9110 section 4.1 asks for 8000)
MAX_URL = 8192
MAX_METHOD = 64             # octets; the RFC is silent
MAX_HOST = 255              # octets of a host; RFC 1035 section 2.3.4

PORTS = {b'http': 80, b'https': 443}
ASCII = bytes(bytearray(range(128)))


class Location(object):
    """One http or https URL, in order; immutable.

    Attributes:
        scheme: 'http' or 'https'.
        host: a name in lower case or a numeric address, without brackets.
        port: 1 to 65535.
        target: of the request line: path and query (bytes).
        login: (user, password) as bytes out of the URL, or None.
    """

    __slots__ = ('scheme', 'host', 'port', 'target', 'login', '_host')

    def __init__(self, scheme, host, port, target, login=None):
        # type: (bytes, bytes, int, bytes, Optional[Tuple[bytes, bytes]]) -> None
        self.scheme = native(scheme)
        self.host = native(host.strip(b'[]'))
        self.port = port
        self.target = target
        self.login = login
        self._host = host

    @property
    def origin(self):
        # type: () -> Tuple[str, str, int]
        """The key of URLs that share credentials and connections: (scheme, host, port) (RFC 9110
        section 4.3.1).
        """
        return self.scheme, self.host, self.port

    @property
    def secure(self):
        # type: () -> bool
        """True if it goes over TLS."""
        return self.scheme == 'https'

    @property
    def authority(self):
        # type: () -> bytes
        """The value of Host, without the port if it is the scheme's default (RFC 9110 section
        7.2).
        """
        if self.port == PORTS[self.scheme.encode('ascii')]:
            return self._host
        return b'%s:%d' % (self._host, self.port)

    @property
    def path(self):
        # type: () -> bytes
        """The path alone, as it is sent."""
        return self.target.partition(b'?')[0]

    @property
    def url(self):
        # type: () -> bytes
        """The URL again, without login and fragment."""
        return b'%s://%s%s' % (self.scheme.encode('ascii'), self.authority, self.target)

    def __repr__(self):
        return 'Location(%r)' % (self.url,)


def parse_url(url):
    # type: (Union[bytes, Text]) -> Location
    """The Location of *url*; a fragment is dropped.

    Raises:   LocalProtocolError: it is not http or https, has no host, or an octet that is
              forbidden in a request.
    """
    octets = url.encode('utf-8') if isinstance(url, text_type) else url
    if len(octets) > MAX_URL:
        raise LocalProtocolError(u'a URL of more than %d octets' % MAX_URL)
    uri = split_uri(octets)
    if uri.scheme not in PORTS or uri.authority is None:
        raise LocalProtocolError(u'a URL begins with http:// or https://')
    found = parse_authority(uri.authority)
    if found is None or not found.host or len(found.host) > MAX_HOST or not is_host(
        found.host) or b'%' in found.host:
        raise LocalProtocolError(
            u'the URL has no valid host (write one beyond ASCII as xn--...)')
    if found.port == 0:
        raise LocalProtocolError(u'the port 0 cannot be connected to')
    target = uri.path or b'/'
    if uri.query is not None:
        target += b'?' + uri.query
    target = percent_encode(target, ASCII)
    if target[:1] != b'/' or target_form(b'GET', target) != ORIGIN:
        raise LocalProtocolError(u'the URL has a character that must be percent-encoded')
    return Location(uri.scheme, found.host, found.port or PORTS[uri.scheme], target,
                    _login(found.userinfo))


def _login(userinfo):
    # type: (Optional[bytes]) -> Optional[Tuple[bytes, bytes]]
    """User and password of ``user:password``, decoded."""
    if userinfo is None:
        return None
    user, _, password = userinfo.partition(b':')
    plain = percent_decode(user), percent_decode(password)
    if None in plain:
        raise LocalProtocolError(u'the login in the URL has a broken percent-encoding')
    return plain                    # type: ignore


def check_method(method):
    # type: (Union[bytes, Text]) -> bytes
    """The method as bytes.

    Raises:   LocalProtocolError: not a token (RFC 9110 section 9.1), or CONNECT, which is for
              proxies.
    """
    try:
        octets = method.encode('ascii') if isinstance(method, text_type) else method
    except UnicodeError:
        octets = b''
    if not is_token(octets) or len(octets) > MAX_METHOD:
        raise LocalProtocolError(u'a method is a token such as GET, without blanks')
    if octets == b'CONNECT':
        raise LocalProtocolError(u'CONNECT is for proxies, not for a URL')
    return octets


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Text, Tuple, Union
