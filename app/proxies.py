# Copyright the carryall authors.  See LICENSE.
"""Connecting through a proxy, for every client: the proxy's text,
and a loop whose connections go through it.

    proxy = parse_proxy(u'socks5h://ann@127.0.0.1:1080', password=u'...')
    connect_through(loop, proxy, factory, 'host.example', 80)       a Future of (transport,
    protocol), as connect_tcp
    client = HTTPClient(Through(loop, proxy))                       a client without code for
    proxies

    socks4://    SOCKS4, names are resolved here          socks4a://   SOCKS4a,
                 names are resolved by the proxy
    socks5://    SOCKS5, names are resolved here          socks5h://   SOCKS5,
                 names are resolved by the proxy
    http://      HTTP CONNECT, names are resolved by the proxy

Datagrams, which a proxy cannot carry, are refused and never sent around it.

Not here: the schemes and the modules that connect (app/proxyschemes.py, made of the manifests).
Tests:    tests/app/test_proxies.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.compat import native, text_type
from carryall.core.codec.numbers import decimal_text
from carryall.core.errors import Unsupported, UsageError
from carryall.core.future import completed
from carryall.core.wrap.relay import innermost
from carryall.core.net.ip import canonical
from carryall.app.optiontypes import Kind
from carryall.app.proxyschemes import SCHEMES
from carryall.core.net.loop import CONNECT_SECONDS
from carryall.core.net.transport import Address

__all__ = ['PASSWORD_VARIABLE', 'Proxy', 'ProxyKind', 'SCHEMES', 'Through', 'connect_through',
           'environment_password', 'parse_proxy']

# -- limits ------------------------------------------------------------------
MAX_TEXT = 512              # characters of a proxy's text
MAX_NAME = 255  # octets of a host name, or of a user's; RFC 1928 section 5, RFC 1929 section 2

# Of a proxy's password; every user of the machine can read an option.
PASSWORD_VARIABLE = 'CARRYALL_PROXY_PASSWORD'


class Proxy(object):
    """A proxy: its protocol, address and user.

    scheme:    one of SCHEMES
    host:      a name or numeric address
    username:  text, or None; password is text, and not in ``text()`` nor in ``repr()``
    """

    __slots__ = ('scheme', 'host', 'port', 'username', 'password')

    def __init__(self, scheme, host, port=None, username=None, password=None):
        # type: (str, str, Optional[int], Optional[str], Optional[str]) -> None
        self.scheme = scheme
        self.host = host
        self.port = SCHEMES[scheme][0] if port is None else port
        self.username = username
        self.password = password

    @property
    def resolves(self):
        # type: () -> bool
        """True if the proxy resolves names."""
        return SCHEMES[self.scheme][1]

    def text(self):
        # type: () -> str
        """The text that ``parse_proxy`` reads, without the password."""
        host = u'[%s]' % self.host if u':' in self.host else self.host
        user = u'%s@' % self.username if self.username is not None else u''
        return u'%s://%s%s:%d' % (self.scheme, user, host, self.port)

    def __repr__(self):
        return 'Proxy(%s)' % native(self.text().encode('ascii', 'replace'))


def environment_password():
    # type: () -> Optional[str]
    """The password of a proxy, from the environment."""
    given = os.environ.get(PASSWORD_VARIABLE)
    return given.decode('utf-8', 'replace') if isinstance(given, bytes) else given


def parse_proxy(text, password=None):
    # type: (Any, Optional[str]) -> Proxy
    """Reads ``scheme://[user@]host[:port]``.

    Raises:   UsageError: it is malformed, or has a password, which every user who sees the command
              line could read.
    """
    if isinstance(text, bytes):
        text = text.decode('utf-8', 'replace')
    scheme, mark, rest = text.partition(u'://')
    if len(text) > MAX_TEXT or not mark or scheme not in SCHEMES:
        raise UsageError(u'"%s" is no proxy such as %s' % (
            text[:MAX_TEXT],
            u', '.join(sorted(u'%s://host:%d' % (name, row[0]) for name, row in SCHEMES.items()))))
    user, at, place = rest.rstrip(u'/').rpartition(u'@')
    if u':' in user:
        raise UsageError(u'a proxy is named without the password')
    if u']' in place:
        host, _, port = place[1:].partition(u']')
        plain = canonical(native(_ascii(host))) if place[:1] == u'[' and u':' in host else None
        wrong = plain is None or port[:1] not in (u'', u':')
        host = plain or u''
        port = port[1:]
    else:
        host, colon, port = place.partition(u':')
        wrong = bool(colon) and not port
    number = decimal_text(port, 65535) if port else SCHEMES[scheme][0]
    if wrong or not host or not number or len(host) > MAX_NAME or u'/' in host or u':' in port:
        raise UsageError(u'"%s" is not a proxy: after %s:// comes host:port' % (text, scheme))
    if len(user.encode('utf-8')) > MAX_NAME or at and not user:
        raise UsageError(u'the user of a proxy is a name of at most %d octets' % MAX_NAME)
    return Proxy(native(_ascii(scheme)), native(_ascii(host)), number, user if at else None,
                 password)


def _ascii(text):
    # type: (str) -> bytes
    try:
        return text.encode('ascii')
    except UnicodeError:
        raise UsageError(u'"%s" is not ASCII' % text)


class ProxyKind(Kind):
    """A ``--proxy`` option; its value is the canonical text."""

    metavar = 'PROXY'

    def parse(self, text):
        return parse_proxy(text).text()

    def check(self, value):
        if not isinstance(value, text_type) or parse_proxy(value).text() != value:
            raise UsageError(u'the canonical text of a proxy is wanted')


def connect_through(loop, proxy, factory, host, port, timeout=CONNECT_SECONDS):
    # type: (Any, Optional[Proxy], Callable[[], Any], str, int, float) -> Future
    """Connects to *host* through *proxy* (None: directly), as ``loop.connect_tcp``.

    It fails as that does; a refusal of the proxy is ConnectFailed, or Refused if the proxy tells
    that the host refused.
    """
    if proxy is None:
        return loop.connect_tcp(factory, host, port, timeout)
    module = __import__(SCHEMES[proxy.scheme][2], None, None, ['connect'])
    return module.connect(loop, proxy, factory, host, port, timeout)


class Through(object):
    """A loop whose ``connect_tcp`` goes through a proxy; all else is the loop's own.

    For a proxy that resolves names, ``resolve`` returns the name as an Address.  ``open_udp``
    raises Unsupported: packets would go around the proxy.
    """

    def __init__(self, loop, proxy):
        # type: (Any, Proxy) -> None
        self._loop = loop
        self._proxy = proxy

    def __getattr__(self, name):
        return getattr(self._loop, name)

    def connect_tcp(self, factory, host, port, timeout=CONNECT_SECONDS, local=None):
        # type: (Callable[[], Any], str, int, float, Any) -> Future
        """Connects as a loop does; *local* is ignored."""
        return connect_through(self._loop, self._proxy, factory, host, port, timeout)

    def resolve(self, host, port=0):
        # type: (str, int) -> Future
        """The Addresses of *host*, or the name itself for the proxy to resolve."""
        if self._proxy.resolves and canonical(host) is None:
            return completed([Address(host, port)])
        return self._loop.resolve(host, port)

    def start_tls(self, transport, context, server_side=False, hostname=None):
        # type: (Any, Any, bool, Optional[str]) -> Future
        """Begins TLS as a loop does, with the host behind the proxy."""
        return self._loop.start_tls(innermost(transport), context, server_side, hostname)

    def open_udp(self, factory, host='127.0.0.1', port=0, remote=None, reuse_port=False):
        # type: (Callable[[], Any], str, int, Any, bool) -> Any
        """Raises Unsupported."""
        raise Unsupported(u'datagrams: they do not go through a proxy, and around it they shall '
                          u'not go')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
    from carryall.core.future import Future
