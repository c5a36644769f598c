# Copyright the carryall authors.  See LICENSE.
"""Settings of TLS (versions, keys, trust), the same for every provider of TLS.

Not here: reading keys and certificates (the provider does), sockets, sessions.
Tests:    tests/core/tls/test_context.py, tests/contract/test_l18_tls.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.compat import native, text_type
from carryall.core.errors import UsageError
from carryall.core.records import namedtuple
from carryall.core.tls import pem

__all__ = ['HANDSHAKE_SECONDS', 'Identity', 'NO', 'OPTIONAL', 'REQUIRED', 'TLSContext', 'TLSInfo',
           'VERSIONS', 'match_name']

HANDSHAKE_SECONDS = 20.0    # ours: for the whole of a handshake, however busily the peer trickles
MAX_PEM = 1 << 20           # octets of one PEM file
VERSIONS = ('TLSv1.2', 'TLSv1.3')       # RFC 8996: nothing older is spoken
NO = 'no'
OPTIONAL = 'optional'
REQUIRED = 'required'


class Identity(object):
    """A certificate chain (the end entity first) and its private key.

    Args:     certificate: the PEM, or the path of a file that has it; it may hold the key as well.
              key: likewise; None: it is in *certificate*, or beside that file, with the ending
                   .key, where "carryall cert" puts it.  PKCS#8 (encrypted too), PKCS#1 or SEC1.
              passphrase: text or bytes for an encrypted key.
    """

    __slots__ = ('certificate', '_key', '_passphrase')

    def __init__(self, certificate, key=None, passphrase=None):
        # type: (Any, Any, Any) -> None
        self.certificate = certificate
        self._key = key
        self._passphrase = passphrase.encode('utf-8') if isinstance(passphrase, text_type) \
            else passphrase

    @property
    def key(self):
        # type: () -> Any
        """The PEM of the private key, or the path of a file that has it;
        UsageError if there is none."""
        if self._key is not None:
            return self._key
        if is_pem(self.certificate) or b'PRIVATE KEY-----' in read_pem(
                self.certificate, u'the certificate'):
            return self.certificate
        beside = os.path.splitext(self.certificate)[0] + '.key'
        if not os.path.isfile(beside):
            raise UsageError(u'%s holds no private key, and there is no %s'
                             % (self.certificate, beside))
        return beside

    def passphrase(self):
        # type: () -> Optional[bytes]
        """The passphrase of the key."""
        return self._passphrase

    def __repr__(self):             # never the passphrase, nor a key that was given as such
        return 'Identity(%s)' % ('a PEM in memory' if is_pem(self.certificate)
                                 else self.certificate)


def is_pem(source):
    # type: (Any) -> bool
    """True if *source* is a PEM itself, and not the path of one."""
    return isinstance(source, bytes) and b'-----BEGIN ' in source


def read_pem(source, what):
    # type: (Any, str) -> bytes
    """The PEM that *source* is, or is the path of; UsageError in one sentence if it cannot be read.

    Args:     what: names it in the sentence, as 'the certificate'.
    """
    if is_pem(source):
        return source
    try:
        with open(source, 'rb') as opened:
            data = opened.read(MAX_PEM + 1)
    except (IOError, OSError) as exc:
        raise UsageError(u'%s %s cannot be read: %s' % (what, source, exc.strerror))
    if len(data) > MAX_PEM:
        raise UsageError(u'%s %s has more than %d bytes' % (what, source, MAX_PEM))
    if b'-----BEGIN ' not in data:
        raise UsageError(u'%s %s is not a PEM file' % (what, source))
    return data


def read_certificates(source, what):
    # type: (Any, str) -> List[bytes]
    """The DER of each certificate in a PEM, or in the file at a path.

    Args:     what: names it in errors, such as 'the certificate'.
    Raises:   UsageError: it cannot be read, or has no certificate.
    """
    data = read_pem(source, what)
    name = what if is_pem(source) else u'%s %s' % (what, source)
    try:
        found = pem.certificates(data)
    except UsageError as exc:
        raise UsageError(u'%s cannot be read: %s' % (name, exc.message))
    if not found:
        raise UsageError(u'%s holds no certificate' % name)
    return found


class TLSInfo(namedtuple('TLSInfo', 'version cipher alpn server_name peer_certificate resumed '
                                    'server_end_point'
                                    ' unique exporter')):
    """The parameters that the two ends agreed on.

    version:            'TLSv1.2' or 'TLSv1.3'.
    cipher:             the suite, as the provider spells it.
    alpn:               the application protocol (RFC 7301), native text, or None.
    server_name:        the name that the client asked for (RFC 6066 section 3), or None.
    peer_certificate:   DER of the peer's own certificate, or None.
    resumed:            whether an earlier session went on, without certificates.
    server_end_point:   channel binding tls-server-end-point (RFC 5929 section 4), or None.
    unique:             channel binding tls-unique (RFC 5929 section 3) of a whole handshake of TLS
                        1.2, or None.  Of a session that goes on it is None: two such sessions may
                        have the same (RFC 7627 section 1).
    exporter:           channel binding tls-exporter (RFC 9266) of TLS 1.3,
                        or None where the provider has none.
    """

    __slots__ = ()

    def __new__(cls, version, cipher, alpn, server_name, peer_certificate, resumed,
                server_end_point, unique=None, exporter=None):
        # type: (Any, Any, Any, Any, Any, Any, Any, Any, Any) -> TLSInfo
        return super(TLSInfo, cls).__new__(cls, version, cipher, alpn, server_name,
                                           peer_certificate, resumed, server_end_point, unique,
                                           exporter)

    def channel_bindings(self):
        # type: () -> List[Tuple[str, bytes]]
        """(name, data) of the channel bindings that both ends have, the best first.

        The first is the one that all peers must have for the version (RFC 9266 section 4, RFC 5802
        section 6.1).  That is tls-exporter for TLS 1.3, tls-unique for TLS 1.2.  The list is empty
        if we lack it, because a peer that binds at all would choose it.
        """
        name, data = ('tls-exporter', self.exporter) if self.version == 'TLSv1.3' \
            else ('tls-unique', self.unique)
        if data is None:
            return []
        end_point = self.server_end_point
        return [(name, data)] + ([('tls-server-end-point', end_point)] if end_point is not None
                                 else [])


class TLSContext(object):
    """The settings of a server or of a client; one may be shared by all connections.

    Args:     identity: an Identity; a server needs one, a client may have one.
              trust: PEM (or its path) of the authorities to trust; None: those of the machine.
              client_certificates: of a server: NO, OPTIONAL or REQUIRED;
                                   they are checked against *trust*.
              alpn: application protocols, the best first.
              sni: of a server: {host name, or '*.domain': Identity}; other names get *identity*
                   (RFC 6066 section 3).
              minimum, maximum: of VERSIONS.
              verify: False: a client takes any certificate.  For tests,
                      and for mail that would else go in clear.
              handshake_seconds: after so long a handshake is over, one way or the other.

    Attributes:
        detours: of a server with *alpn*: {protocol: TLSContext} for a client that offers that
            protocol alone (RFC 8737 section 3).  It may change at any time.
    Raises:   ValueError: settings that contradict each other.
    """

    def __init__(self, identity=None, trust=None, client_certificates=NO, alpn=(), sni=None,
                 minimum=VERSIONS[0],
                 maximum=VERSIONS[-1], verify=True, handshake_seconds=HANDSHAKE_SECONDS):
        # type: (Optional[Identity], Any, str, Sequence[str], Any, str, str, bool, float) -> None
        if client_certificates not in (NO, OPTIONAL, REQUIRED):
            raise ValueError('client_certificates is no, optional or required, not %r'
                             % (client_certificates,))
        if minimum not in VERSIONS or maximum not in VERSIONS or VERSIONS.index(
                minimum) > VERSIONS.index(maximum):
            raise ValueError('TLS versions are %s, not %r to %r'
                             % (' and '.join(VERSIONS), minimum, maximum))
        self.identity = identity
        self.trust = trust
        self.client_certificates = client_certificates
        self.alpn = tuple(native(name) for name in alpn)
        self.sni = dict((canonical_name(name), each) for name, each in (sni or {}).items())
        self.minimum = minimum
        self.maximum = maximum
        self.verify = verify
        self.handshake_seconds = handshake_seconds
        self.detours = {}           # type: Dict[bytes, TLSContext]
        self._compiled = {}         # type: Dict[Tuple[str, bool], Any]

    def prepare(self, provider, server_side):
        # type: (Any, bool) -> Any
        """The object that *provider* has made of these settings; files are read the first time,
        and by ``reload()``.

        Raises:   UsageError: a file is missing, is no PEM,
                  or the key does not belong to the certificate.
        """
        key = provider.name, server_side
        if key not in self._compiled:
            self._compiled[key] = provider.compile(self, server_side)
        return self._compiled[key]

    def reload(self, provider):
        # type: (Any) -> None
        """Reads all files again, for the connections to come; if one is bad, UsageError,
        and all stays as it was."""
        fresh = dict((key, provider.compile(self, key[1])) for key in self._compiled)
        self._compiled = fresh

    def session(self, provider, server_side, hostname=None):
        # type: (Any, bool, Optional[str]) -> Any
        """A new session of *provider* with these settings; see ``carryall.runtimes.tls``."""
        return provider.session(self.prepare(provider, server_side), server_side, hostname)


def canonical_name(name):
    # type: (Any) -> str
    """A host name in lower case and without the root's dot,
    international ones as A-labels (RFC 5890)."""
    if isinstance(name, text_type):
        name = name.encode('idna')
    return native(name.lower().rstrip(b'.')) if isinstance(name, bytes) else native(name)


def match_name(names, asked):
    # type: (Dict[str, Any], Optional[str]) -> Any
    """The value in *names* of the host *asked*: its own, else that of the wildcard one label up;
    None if there is none."""
    if asked is None:
        return None
    asked = asked.lower().rstrip('.')
    found = names.get(asked)
    if found is None:
        _, dot, parent = asked.partition('.')
        found = names.get('*.' + parent) if dot else None
    return found


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Tuple
