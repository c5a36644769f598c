# Copyright the carryall authors.  See LICENSE.
"""Endpoints: the places where servers listen, each written as one line of text.

    8080                                    TCP,
                                            every IPv4 interface (interface=[::] for IPv6 as well)
    tcp:8080:interface=127.0.0.1            one interface;
                                            an IPv6 address stands in brackets: interface=[::1]
    127.0.0.1:8080   [::1]:8080             short for the line above
    tcp:8080:backlog=128                    length of the queue of connections not yet accepted
    udp:7:interface=127.0.0.1               datagrams
    unix:/run/web.sock:mode=660             Unix socket and its mode, in octal (default 600)
    unix:C:\\run\\web.sock                    a drive letter needs no escape
    tls:8443:certificate=/etc/site.pem:key=/etc/site.key    TCP, and TLS at once; without key= the
    key is in the file of the certificate
    tls:8443:certificate=...:clients=required:trust=/etc/ca.pem    and clients show a certificate
    (or clients=optional)
    tcp:8080:proxy=10.0.0.0/8,127.0.0.1     connections come from these networks alone, and begin
                                            with a PROXY header, which names the client

Parts are separated by colons.  Within a part `\\:` stands for a colon, `\\[` for a bracket and
`\\\\` for a backslash; a backslash before any other character is itself.  Reading is strict, and
writing is canonical: one text for each endpoint, `parse_endpoint(e.text()) == e`.  A tap holds this
text.

Not here: sockets; the loop has them.
Tests:    tests/app/test_endpoints.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import native, text_type
from carryall.core.errors import UsageError
from carryall.core.net.ip import canonical
from carryall.core.patterns import Pattern
from carryall.core.codec.numbers import decimal, decimal_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple
    from carryall.core.tls import TLSContext

__all__ = ['Endpoint', 'KINDS', 'STREAMS', 'parse_endpoint']

# -- limits ------------------------------------------------------------------
MAX_PORT = 65535
MAX_BACKLOG = 65535         # connections; Linux cuts it to net.core.somaxconn
MAX_TEXT = 1024             # characters of one endpoint
MAX_UNIX_PATH = 104         # bytes; sun_path of the BSDs, the smallest in use (Linux has 108)

KINDS = ('tcp', 'tls', 'udp', 'unix')
STREAMS = ('tcp', 'tls', 'unix')
UNIX_MODE = 0o600
FILES = ('certificate', 'key', 'trust')     # of TLS
CLIENTS = ('no', 'optional', 'required')

_MODE = Pattern(r'0?[0-7]{3}\Z')
_ADDRESS = Pattern(r'[0-9A-Fa-f:.]+(%[A-Za-z0-9_.-]{1,32})?\Z')
_DRIVE = Pattern(r'[A-Za-z]\Z')


class Endpoint(object):
    """One place to listen; equal endpoints have equal texts.

    kind:       'tcp', 'tls', 'udp' or 'unix'
    port:       0 to 65535 (0: the system chooses), None for unix
    interface:  canonical IP address, '' for every IPv4 interface, None for unix
    path, mode: of a Unix socket (text and int), else None
    backlog:    connections that may wait, None for the loop's default
    certificate, key, trust:  of TLS: paths of PEM files, or None
    clients:    of TLS: certificates of clients: 'no', 'optional' or 'required'
    proxy:      networks whose connections begin with a PROXY header (core/wrap/proxyprotocol.py),
                as text; None for none
    """

    __slots__ = ('kind', 'port', 'interface', 'path', 'mode', 'backlog', 'certificate', 'key',
                 'trust', 'clients', 'proxy')

    def __init__(self,
                 kind,                  # type: str
                 port=None,             # type: Optional[int]
                 interface='',          # type: str
                 path=None,             # type: Optional[str]
                 mode=UNIX_MODE,        # type: int
                 backlog=None,          # type: Optional[int]
                 certificate=None,      # type: Any
                 key=None,              # type: Any
                 trust=None,            # type: Any
                 clients='no',          # type: str
                 proxy=None             # type: Any
                 ):
        # type: (...) -> None
        unix = kind == 'unix'
        self.kind = kind
        self.port = None if unix else port              # type: Any
        self.interface = None if unix else interface    # type: Any
        self.path = path if unix else None              # type: Any
        self.mode = mode if unix else None              # type: Any
        self.backlog = backlog
        self.certificate = certificate
        self.key = key
        self.trust = trust
        self.clients = clients
        self.proxy = proxy

    def __eq__(self, other):
        return isinstance(other, Endpoint) and self.text() == other.text()

    def __ne__(self, other):        # py2: not derived from __eq__
        return not self == other

    def __hash__(self):
        return hash(self.text())

    def text(self):
        # type: () -> str
        """The canonical text, which `parse_endpoint` reads back."""
        if self.kind == 'unix':
            parts = [u'unix', _escape(self.path)]
            if self.mode != UNIX_MODE:
                parts.append(u'mode=%03o' % self.mode)
        else:
            parts = [text_type(self.kind), u'%d' % self.port]
            if self.interface:
                parts.append((u'interface=[%s]' if ':' in self.interface else u'interface=%s')
                             % self.interface)
        if self.backlog is not None:
            parts.append(u'backlog=%d' % self.backlog)
        for name in FILES:
            if getattr(self, name) is not None:
                parts.append(u'%s=%s' % (name, _escape(getattr(self, name))))
        if self.clients != 'no':
            parts.append(u'clients=%s' % self.clients)
        if self.proxy is not None:
            parts.append(u'proxy=%s' % _escape(self.proxy))
        return u':'.join(parts)

    def __str__(self):
        text = self.text()
        return text if isinstance(text, str) else text.encode('utf-8')     # py2: str is bytes

    def __repr__(self):
        return 'Endpoint(%s)' % (self,)

    def tls_context(self, alpn=()):
        # type: (Sequence[str]) -> TLSContext
        """The settings of this tls endpoint."""
        # Imported here: it is a package of its own.
        from carryall.core.tls import Identity, TLSContext
        return TLSContext(Identity(self.certificate, self.key), self.trust, self.clients, alpn)

    def listen(self, loop, factory, context=None):
        # type: (Any, Callable[[], Any], Any) -> Any
        """Listens with this loop for streams (tcp, tls, unix); its Listener.

        Args:     context: of tls: the TLSContext, its own if left out.
        Raises:   ListenFailed, with the reason; UsageError: a file of TLS cannot be used;
                  Unsupported: no TLS.
        """
        extra = {} if self.backlog is None else {'backlog': self.backlog}     # type: Dict[str, Any]
        if self.kind == 'tls':
            from carryall.core.tls import listening
            factory = listening(loop, context or self.tls_context(), factory)
        if self.proxy is not None:          # the header comes first, in clear
            from carryall.core.wrap.proxyprotocol import ProxyProtocol, parse_trusted
            factory = ProxyProtocol(loop, parse_trusted(self.proxy)).wrap(factory)
        if self.kind in ('tcp', 'tls'):
            return loop.listen_tcp(factory, self.interface, self.port, **extra)
        if self.kind == 'unix':
            return loop.listen_unix(factory, self.path, mode=self.mode, **extra)
        raise UsageError(u'a stream server cannot listen on %s' % self.text())

    def open(self, loop, factory):
        # type: (Any, Callable[[], Any]) -> Any
        """Opens this datagram endpoint (udp) with this loop; its DatagramTransport."""
        if self.kind != 'udp':
            raise UsageError(u'a datagram server cannot listen on %s' % self.text())
        return loop.open_udp(factory, self.interface, self.port)


def parse_endpoint(text, kinds=KINDS):
    # type: (Any, Sequence[str]) -> Endpoint
    """Reads an endpoint's text.

    Args:     kinds: those that the caller can serve.
    Raises:   UsageError: a sentence with the fault.
    """
    if isinstance(text, bytes):
        text = text.decode('utf-8', 'replace')
    if len(text) > MAX_TEXT:
        raise UsageError(u'an endpoint has at most %d characters' % MAX_TEXT)
    try:
        return _parse(text, kinds)
    except _Wrong as exc:
        raise UsageError(u'"%s" is not an endpoint: %s' % (text, exc.args[0]))


# -- grammar -----------------------------------------------------------------

class _Wrong(Exception):
    """A fault of an endpoint, as the second half of a sentence."""


def _parse(text, kinds):
    # type: (str, Sequence[str]) -> Endpoint
    parts = _split(text)
    kind = parts[0]
    if len(parts) == 1 and decimal_text(kind, MAX_PORT) is not None:
        parts = [u'tcp', kind]
    elif len(parts) == 2 and (kind.startswith(u'[') or canonical(kind)):
        parts = [u'tcp', parts[1], u'interface=' + kind]
    elif len(parts) == 1 and kind.isdigit():
        raise _Wrong(u'a port is a number from 0 to %d' % MAX_PORT)
    elif kind not in KINDS:
        raise _Wrong(u'it begins with a port, or with one of %s' % u', '.join(kinds))
    if parts[0] not in kinds:
        raise _Wrong(u'only %s can be used here' % u', '.join(kinds))
    if parts[0] == u'unix':
        return _parse_unix(parts[1:])
    return _parse_port(native(parts[0]), parts[1:])


def _parse_port(kind, parts):
    # type: (str, List[str]) -> Endpoint
    port = decimal_text(parts[0], MAX_PORT) if parts else None
    if port is None:
        raise _Wrong(u'after %s: comes the port, a number from 0 to %d' % (kind, MAX_PORT))
    allowed = ('interface',)        # type: Tuple[str, ...]
    if kind != 'udp':
        allowed += ('backlog', 'proxy')
    if kind == 'tls':
        allowed += FILES + ('clients',)
    named = _named(_joined(parts[1:]), allowed)
    interface = named.get('interface', u'')
    if 'interface' in named:
        bare = interface[1:-1] if interface[:1] == u'[' and interface[-1:] == u']' else interface
        found = None                # type: Optional[str]
        if bare == u'localhost':
            found = '127.0.0.1'
        elif _ADDRESS.match(bare):
            found = canonical(bare)
        if found is None:
            raise _Wrong(u'"%s" is not an IP address such as 127.0.0.1 or [::1]' % interface)
        interface = found
    made = Endpoint(kind, port, native(interface), backlog=_backlog(named), proxy=_proxy(named))
    if kind == 'tls':
        _parse_tls(made, named)
    return made


def _parse_tls(made, named):
    # type: (Endpoint, Dict[str, str]) -> None
    for name in FILES:
        if name in named:
            if not named[name]:
                raise _Wrong(u'after %s= comes the path of a PEM file' % name)
            setattr(made, name, named[name])
    if made.certificate is None:
        raise _Wrong(u'tls needs certificate=FILE, a PEM file; "carryall cert make" makes one to '
                     u'begin with')
    made.clients = native(named.get('clients', u'no'))
    if made.clients not in CLIENTS:
        raise _Wrong(u'clients is one of %s' % u', '.join(CLIENTS))


def _parse_unix(parts):
    # type: (List[str]) -> Endpoint
    if len(parts) > 1 and _DRIVE.match(parts[0]) and parts[1][:1] in (u'\\', u'/'):
        parts = [parts[0] + u':' + parts[1]] + parts[2:]
    path = parts[0] if parts else u''
    if not path or u'\0' in path:
        raise _Wrong(u'after unix: comes the path of the socket')
    if len(path.encode('utf-8')) > MAX_UNIX_PATH - 1:
        raise _Wrong(u'the path of a Unix socket has at most %d bytes' % (MAX_UNIX_PATH - 1))
    named = _named(parts[1:], ('mode', 'backlog', 'proxy'))
    mode = named.get('mode', u'600')
    if not _MODE.match(mode):
        raise _Wrong(u'mode is three octal digits, such as 660')
    return Endpoint('unix', path=path, mode=int(mode, 8), backlog=_backlog(named),
                    proxy=_proxy(named))


def _proxy(named):
    # type: (Dict[str, str]) -> Optional[str]
    if 'proxy' not in named:
        return None
    # Imported here: few endpoints need it, and every command reads endpoints.
    from carryall.core.wrap.proxyprotocol import parse_trusted
    try:
        parse_trusted(named['proxy'])
    except UsageError as exc:
        raise _Wrong(exc.message)
    return named['proxy']


def _backlog(named):
    # type: (Dict[str, str]) -> Optional[int]
    if 'backlog' not in named:
        return None
    number = decimal_text(named['backlog'], MAX_BACKLOG)
    if not number:
        raise _Wrong(u'backlog is a number from 1 to %d' % MAX_BACKLOG)
    return number


def _joined(parts):
    # type: (List[str]) -> List[str]
    """The parts with an IPv6 address without brackets, interface=::1, as one of them."""
    found = []      # type: List[str]
    for part in parts:
        if found and found[-1].startswith(u'interface=') and u'=' not in part \
                and u']' not in found[-1]:
            found[-1] += u':' + part
        else:
            found.append(part)
    return found


def _named(parts, names):
    # type: (Sequence[str], Sequence[str]) -> Dict[str, str]
    """The name=value parts; each name at most once."""
    found = {}      # type: Dict[str, str]
    for part in parts:
        name, equals, value = part.partition(u'=')
        if not equals or name not in names:
            hint = u' (an IPv6 address stands in brackets)' if 'interface' in names and not equals \
                else u''
            raise _Wrong(u'"%s" is none of %s%s'
                         % (part, u', '.join(u'%s=...' % name for name in names), hint))
        if name in found:
            raise _Wrong(u'%s is given twice' % name)
        found[native(name)] = value
    return found


def _split(text):
    # type: (str) -> List[str]
    """Splits at the colons that are neither escaped nor in brackets, and removes the escapes."""
    parts = [[]]        # type: List[List[str]]
    bracket = False
    index = 0
    while index < len(text):
        char = text[index]
        if char == u'\\' and text[index + 1:index + 2] in (u':', u'\\', u'['):
            index += 1
            parts[-1].append(text[index])
        elif char == u':' and not bracket:
            parts.append([])
        else:
            if char == u'[' and (not parts[-1] or parts[-1][-1] == u'='):
                bracket = True
            elif char == u']':
                bracket = False
            parts[-1].append(char)
        index += 1
    if bracket:
        raise _Wrong(u'a bracket is not closed')
    return [u''.join(part) for part in parts]


def _escape(text):
    # type: (str) -> str
    return text.replace(u'\\', u'\\\\').replace(u':', u'\\:').replace(u'[', u'\\[')
