# Copyright the carryall authors.  See LICENSE.
"""Virtual hosts: the site of a request, chosen by its host name (feature WEB-11; RFC
9110 sections 4.3.1, 7.4).

    blog.example            this name, on any port
    blog.example:8443       this name, if the URL has this port (or none,
                            and it is the scheme's own port)
    *.example               each name one level below, as in certificates (RFC 9525 section 6.3)
    *                       every other name, and requests without one

The most exact entry counts, and one with the port before one without.  An unknown name is answered
with 404, over TLS with 421, and is never repeated in the answer.  Over TLS the name of the
handshake (SNI) and the name of the request must be the same.  Otherwise a client that one host
admitted by its certificate could see another host (RFC 9110 section 7.4).

Tests:    tests/services/web/test_hosts.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import native, text_type
from carryall.core.errors import UsageError
from carryall.core.net.ip import canonical
from carryall.app.optiontypes import Kind
from carryall.core.patterns import Pattern
from carryall.core.tls.context import canonical_name, match_name
from carryall.core.codec.numbers import decimal
from carryall.services.web.errorpage import error_response

__all__ = ['HostLogs', 'HostName', 'HostTable', 'VirtualHosts', 'host_and_port']

# -- limits ------------------------------------------------------------------
MAX_HOST = 253              # characters of a name (RFC 1035 section 2.3.4: 255 octets on the wire)
MAX_REMEMBERED = 1024       # spellings of Host whose entry is cached
MAX_PORT = 65535

# label = let-dig [ [ ldh-str ] let-dig ] (RFC 1123 section 2.1);
# the underscore is used in practice.
_NAME = Pattern(
    r'(\*\.)?[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\Z')

PORTS = {b'http': 80, b'https': 443}    # RFC 9110 section 4.2


def host_and_port(authority):
    # type: (bytes) -> Tuple[str, Optional[int]]
    """(name, port or None) of a valid Host: lower case, without the root's dot, addresses in their
    canonical text.
    """
    host, bracket, rest = authority.partition(b']')
    if bracket:
        host = host[1:]
        port = rest[1:]
    else:
        host, _, port = authority.partition(b':')
    name = native(host.lower().rstrip(b'.'))
    return canonical(name) or name, decimal(port, MAX_PORT)


class HostName(Kind):
    """The host name of a site; see above."""

    metavar = 'HOST'

    def parse(self, text):
        name, port = _split(text)
        if name != u'*':
            name = _checked(name)
        if text.startswith(u'[') and u':' not in name:
            raise UsageError(u'only an IPv6 address may be in brackets, not "%s"' % name)
        if port is None:
            return name
        number = decimal(port.encode('ascii', 'replace'), MAX_PORT)
        if not number or port[:1] == u'0':
            raise UsageError(u'"%s" is not a port' % port)
        return u'%s:%d' % (u'[%s]' % name if u':' in name else name, number)

    def check(self, value):
        if not isinstance(value, text_type) or self.parse(value) != value:
            raise UsageError(u'not a host name')


def _split(text):
    # type: (str) -> Tuple[str, Optional[str]]
    """(name, text of the port or None)."""
    if text.startswith(u'[') and u']' in text:
        name, _, rest = text[1:].partition(u']')
        return name, rest[1:] if rest[:1] == u':' else rest or None
    if _is_ascii(text) and canonical(text):
        return text, None           # an IPv6 address without brackets
    name, colon, port = text.rpartition(u':')
    return (name, port) if colon else (text, None)


def _checked(text):
    # type: (str) -> str
    address = canonical(text) if _is_ascii(text) else None
    if address is not None:
        return text_type(address)
    try:
        name = (u'*.' + text_type(canonical_name(text[2:])) if text.startswith(u'*.')
                else text_type(canonical_name(text)))
    except UnicodeError:
        name = u''
    if len(name) > MAX_HOST or not _NAME.match(name):
        raise UsageError(u'"%s" is not a host name such as blog.example, *.example or *' % text)
    return name


def _is_ascii(text):
    # type: (str) -> bool
    return all(char < u'\x80' for char in text)


class HostTable(object):
    """A map of host names to values of any type.

    Args:     pairs: (name as HostName gives it, value).
    Raises:   UsageError: a duplicate name.
    """

    def __init__(self, pairs):
        # type: (Iterable[Tuple[str, Any]]) -> None
        # port or None -> name -> value
        self._names = {}            # type: Dict[Optional[int], Dict[str, Any]]
        # The same for ``*``.
        self._others = {}           # type: Dict[Optional[int], Any]
        self._found = {}            # type: Dict[Tuple[bytes, int], Any]
        for entry, value in pairs:
            name, port = _split(entry)
            number = None if port is None else decimal(port.encode('ascii'), MAX_PORT)
            table, key = ((self._others, number) if name == u'*'
                          else (self._names.setdefault(number, {}), native(name)))
            if key in table:
                raise UsageError(u'duplicate host %s' % entry)
            table[key] = value      # type: ignore

    def find(self, authority, scheme):
        # type: (Optional[bytes], bytes) -> Any
        """The value for the Host of a request by ``http`` or ``https``; None if there is
        none.
        """
        if authority is None:
            return self._others.get(PORTS[scheme], self._others.get(None))
        key = authority, PORTS[scheme]
        if key in self._found:
            return self._found[key]
        name, port = host_and_port(authority)
        value = self._look_up(name, PORTS[scheme] if port is None else port)
        if len(self._found) >= MAX_REMEMBERED:
            self._found.clear()     # a client may send any number of names
        self._found[key] = value
        return value

    def _look_up(self, name, port):
        # type: (str, int) -> Any
        for number in (port, None):
            value = match_name(self._names.get(number, {}), name)
            if value is not None:
                return value
        return self._others.get(port, self._others.get(None))


class VirtualHosts(object):
    """An application that passes each request to the application of its host.

    Args:     table: a HostTable of applications.
    """

    def __init__(self, table):
        # type: (HostTable) -> None
        self._find = table.find

    def __call__(self, request):
        # type: (Request) -> Any
        tls = request.tls
        if tls is None:
            app = self._find(request.host, b'http')
            return error_response(request, 404) if app is None else app(request)
        app = self._find(request.host, b'https')
        if app is None or not _is_for(request.host, getattr(tls, 'server_name', None)):
            return error_response(request, 421)
        return app(request)


def _is_for(authority, server_name):
    # type: (Optional[bytes], Optional[str]) -> bool
    """True if the request is for the host of the handshake; a client that named none there may
    ask for any.
    """
    return (server_name is None or authority is None or host_and_port(authority)[0]
            == server_name.lower().rstrip('.'))


class HostLogs(object):
    """An access log that writes to the log of the request's host.

    Args:     table: a HostTable of AccessLogs.
              other: the AccessLog for other hosts, or None.
    """

    def __init__(self, table, other):
        # type: (HostTable, Any) -> None
        self._find = table.find
        self._other = other

    def served(self, client, request, status, octets, seconds):
        # type: (Any, Any, int, int, float) -> None
        """Records one response, as AccessLog does."""
        found = None
        # A misdirected request does not belong into the log of its host
        if request is not None and status != 421:
            found = self._find(request.host, request.scheme)
        log = found or self._other
        if log is not None:
            log.served(client, request, status, octets, seconds)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Optional, Tuple
    from carryall.protocols.http import Request
