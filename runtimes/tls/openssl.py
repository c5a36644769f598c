# Copyright the carryall authors.  See LICENSE.
"""TLS by OpenSSL, through the memory BIOs of the standard library's ``ssl`` (CPython 3 and PyPy 3).

Ciphers:  forward secrecy and AEAD alone (RFC 9325 section 4.2); renegotiation is refused;
          no compression.

Tests:    tests/contract/test_l18_tls.py, tests/runtimes/tls/test_providers.py
"""
from __future__ import absolute_import, division, print_function

import os
import shutil
import ssl
import tempfile
from collections import OrderedDict
from ssl import MemoryBIO, SSLObject, TLSVersion  # py2: has none of them, and so not this module

from carryall.core.errors import ConnectionLost, HandshakeFailed, UsageError
from carryall.core.tls import pem
from carryall.core.tls.certificates import end_point_binding
from carryall.core.tls.context import (NO, OPTIONAL, TLSInfo, is_pem, match_name, read_certificates,
                                       read_pem)
from carryall.core.tls.hello import MAX_HELLO, offered_protocols

__all__ = ['OpenSSL']

CIPHERS = 'ECDHE+AESGCM:ECDHE+CHACHA20'     # of TLS 1.2; those of 1.3 are all good
READ_BYTES = 1 << 18        # asked of OpenSSL at once; it gives one record, 16 KiB at the most
WRITE_BYTES = 1 << 20       # given to OpenSSL at once, so that its buffer stays small
MAX_SESSIONS = 256          # that a client remembers, one for each host
# pypy: its ssl has no name for it, but its OpenSSL knows the bit
NO_RENEGOTIATION = getattr(ssl, 'OP_NO_RENEGOTIATION', 1 << 30)

NO_APPLICATION_PROTOCOL = 120       # RFC 7301 section 3.2; the library has no name for it

_VERSIONS = {'TLSv1.2': TLSVersion.TLSv1_2, 'TLSv1.3': TLSVersion.TLSv1_3}


class OpenSSL(object):
    """The provider."""

    name = 'openssl'
    version = ssl.OPENSSL_VERSION

    @staticmethod
    def compile(context, server_side):
        # type: (Any, bool) -> _Compiled
        """Reads what *context* names; UsageError if a file cannot be used."""
        if server_side and context.identity is None:
            raise UsageError(u'a TLS server needs a certificate and its key')
        return _Compiled(context, server_side)

    @staticmethod
    def session(compiled, server_side, hostname=None):
        # type: (_Compiled, bool, Optional[str]) -> _Session
        """A new session; of a client, *hostname* is what the certificate must be for."""
        return _Session(compiled, server_side, hostname)


class _Compiled(object):
    """The SSLContexts of one TLSContext."""

    def __init__(self, context, server_side):
        # type: (Any, bool) -> None
        self.verify = context.verify
        self.detours = context.detours
        self.names = {}             # type: Dict[str, Tuple[Any, Any]]
        self.main = _new_context(context, server_side, context.identity)
        self.end_point = _own_end_point(context.identity) if server_side else None
        self.sessions = OrderedDict()       # type: OrderedDict  # of a client: host -> SSLSession
        self.protocols = frozenset(name.encode('ascii') for name in context.alpn) if server_side \
            else frozenset()
        if context.sni:
            for name, identity in context.sni.items():
                self.names[name] = _new_context(context, server_side, identity), _own_end_point(
                    identity)
            self.main.sni_callback = self._choose
        elif self.protocols:
            self.main.sni_callback = self._note_and_check
        elif server_side:
            self.main.sni_callback = _note_name

    def _choose(self, connection, name, _context):
        # type: (Any, Optional[str], Any) -> Optional[int]
        connection.asked = name
        found = match_name(self.names, name)
        if found is not None:
            connection.context, connection.end_point = found
        return self._alert(connection)

    def _note_and_check(self, connection, name, _context):
        # type: (Any, Optional[str], Any) -> Optional[int]
        connection.asked = name
        return self._alert(connection)

    def _alert(self, connection):
        # type: (Any) -> Optional[int]
        """The alert for a client all of whose application protocols are foreign to us (RFC 7301
        section 3.2), or None.

        The library's own choice goes on without a protocol then, and has no word for it;
        this callback has.
        """
        offered = offered_protocols(connection.hello) if self.protocols else None
        connection.hello = b''
        if not offered or self.protocols.intersection(offered):
            return None
        other = self.detours.get(offered[0]) if len(offered) == 1 else None
        if other is None:
            return NO_APPLICATION_PROTOCOL
        compiled = other.prepare(OpenSSL, True)
        found = match_name(compiled.names, connection.asked)
        connection.context, connection.end_point = found or (compiled.main, compiled.end_point)
        return None

    def remember(self, host, session):
        # type: (str, Any) -> None
        """Keeps what lets the next handshake with *host* be short."""
        self.sessions.pop(host, None)
        self.sessions[host] = session
        if len(self.sessions) > MAX_SESSIONS:
            self.sessions.popitem(last=False)


def _note_name(connection, name, _context):
    # type: (Any, Optional[str], Any) -> None
    connection.asked = name


class _Object(SSLObject):
    """One connection of OpenSSL; what the SNI callback learned is kept with it."""

    asked = None                # type: Any
    end_point = None            # type: Any
    hello = b''  # the first octets of the client, as long as somebody may ask for them


def _new_context(context, server_side, identity):
    # type: (Any, bool, Any) -> ssl.SSLContext
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server_side else ssl.PROTOCOL_TLS_CLIENT)
    made.sslobject_class = _Object
    made.minimum_version = _VERSIONS[context.minimum]
    made.maximum_version = _VERSIONS[context.maximum]
    made.options |= ssl.OP_NO_COMPRESSION | ssl.OP_SINGLE_ECDH_USE | NO_RENEGOTIATION
    made.set_ciphers(CIPHERS)
    if context.alpn:
        made.set_alpn_protocols(list(context.alpn))
    if server_side:
        made.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
        if context.client_certificates == NO:
            made.verify_mode = ssl.CERT_NONE
        else:
            made.verify_mode = ssl.CERT_OPTIONAL if context.client_certificates == OPTIONAL \
                else ssl.CERT_REQUIRED
            _load_trust(made, context.trust)
    elif context.verify:
        _load_trust(made, context.trust)
    else:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    if identity is not None:
        _load_identity(made, identity)
    return made


def _load_trust(made, trust):
    # type: (ssl.SSLContext, Any) -> None
    if trust is None:
        made.load_default_certs()
        return
    try:
        found = read_certificates(trust, u'the trusted certificate')
        # pypy: DER raises the error that an earlier handshake left in OpenSSL's queue; PEM works.
        data = b''.join([pem.encode(pem.CERTIFICATE, one) for one in found])
        made.load_verify_locations(cadata=data.decode('ascii'))
    except (ssl.SSLError, ValueError) as exc:
        raise UsageError(u'the trusted certificates cannot be used: %s' % _reason(exc))


def _load_identity(made, identity):
    # type: (ssl.SSLContext, Any) -> None
    """Gives OpenSSL the chain and the key, by way of files:
    the standard library takes nothing else."""
    certificate = identity.certificate
    key = identity.key
    read_certificates(certificate, u'the certificate')
    read_pem(key, u'the key')
    folder = None
    try:
        if is_pem(certificate) or is_pem(key):
            folder = tempfile.mkdtemp(prefix='carryall-tls-')       # for our user alone
            certificate = _as_file(certificate, os.path.join(folder, 'certificate'))
            key = _as_file(key, os.path.join(folder, 'key'))
        made.load_cert_chain(certificate, key, lambda: identity.passphrase() or b'')
    except ssl.SSLError as exc:
        name = u'in memory' if is_pem(identity.certificate) else identity.certificate
        raise UsageError(u'the certificate %s cannot be used with its key: %s'
                         % (name, _reason(exc)))
    finally:
        if folder is not None:
            shutil.rmtree(folder)


def _as_file(source, path):
    # type: (Any, str) -> str
    if not is_pem(source):
        return source
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'wb') as opened:
        opened.write(source)
    return path


def _own_end_point(identity):
    # type: (Any) -> Optional[bytes]
    """tls-server-end-point of a server's own certificate, the first of its chain."""
    return end_point_binding(read_certificates(identity.certificate, u'the certificate')[0])


_WORDS = {
    'HTTP_REQUEST': u'the peer speaks HTTP in clear',
    'WRONG_VERSION_NUMBER': u'the peer does not speak TLS',
    'UNSUPPORTED_PROTOCOL': u'the peer speaks only versions of TLS that are too old',
    'TLSV1_ALERT_PROTOCOL_VERSION': u'the peer refused our versions of TLS',
    'NO_SHARED_CIPHER': u'there is no cipher suite that both sides accept',
    'PEER_DID_NOT_RETURN_A_CERTIFICATE': u'the client gave no certificate',
    'KEY_VALUES_MISMATCH': u'the key does not belong to the certificate',
    'TLSV1_ALERT_UNKNOWN_CA': u'the peer does not trust our certificate',
    'CALLBACK_FAILED': u'there is no application protocol that both sides speak',
    'TLSV1_ALERT_NO_APPLICATION_PROTOCOL': u'the peer speaks none of our application protocols',
    'TLSV13_ALERT_CERTIFICATE_REQUIRED': u'the peer wants a certificate of ours',
}


def _reason(exc):
    # type: (BaseException) -> str
    """OpenSSL's error as a sentence for the log and the author of the settings."""
    refused = getattr(exc, 'verify_message', None)
    if refused:
        return u'the certificate was refused: %s' % refused
    reason = getattr(exc, 'reason', None) or str(exc) or type(exc).__name__
    return _WORDS.get(reason) or reason.lower().replace('_', ' ')


class _Session(object):
    """One end of one connection (see ``carryall.runtimes.tls``)."""

    __slots__ = ('ready', 'ended', '_compiled', '_hostname', '_server_side', '_incoming',
                 '_outgoing', '_object', '_read', '_write', '_feed', 'take')

    def __init__(self, compiled, server_side, hostname):
        # type: (_Compiled, bool, Optional[str]) -> None
        self.ready = False
        self.ended = False
        self._compiled = compiled
        self._hostname = hostname
        self._server_side = server_side
        self._incoming = MemoryBIO()        # type: Any
        self._outgoing = MemoryBIO()        # type: Any
        known = None if server_side else compiled.sessions.get(hostname)
        self._object = compiled.main.wrap_bio(self._incoming, self._outgoing, server_side, hostname,
                                              known)    # type: Any
        self._read = self._object.read          # type: Any
        self._write = self._object.write        # type: Any
        self._feed = self._incoming.write       # type: Any
        self.take = self._outgoing.read         # type: Any

    def start(self):
        # type: () -> None
        """Begins: a client says hello."""
        if not self._server_side:
            self._shake()

    @property
    def pending(self):
        # type: () -> bool
        """True if ``take()`` has something."""
        return self._outgoing.pending > 0

    def tickets(self):
        # type: () -> bytes
        """Of a server: what it says behind the handshake of TLS 1.3."""
        return self.take() if self._server_side and self._object.version() == 'TLSv1.3' else b''

    def _shake(self):
        # type: () -> None
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return
        except (ssl.SSLError, ValueError) as exc:      # a ValueError: a name that cannot be one
            raise HandshakeFailed(u'TLS: %s' % _reason(exc), exc)
        self.ready = True
        self._object.hello = b''

    def receive(self, data):
        # type: (bytes) -> bytes
        """The plaintext in *data* of the peer."""
        self._feed(data)
        if not self.ready:
            made = self._object
            if self._compiled.protocols and len(made.hello) < MAX_HELLO:
                made.hello += data
            self._shake()
            if not self.ready:
                return b''
        pieces = []
        try:
            while True:
                plain = self._read(READ_BYTES)
                if not plain:               # close_notify; what comes behind it means nothing
                    self.ended = True
                    break
                pieces.append(plain)
                if not self._incoming.pending and not self._object.pending():
                    break  # without an exception of OpenSSL to say so: the usual case
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:      # close_notify, when we have said ours before
            self.ended = True
        except ssl.SSLError as exc:
            raise ConnectionLost(u'TLS: %s' % _reason(exc), exc)
        return pieces[0] if len(pieces) == 1 else b''.join(pieces)

    def seal(self, data):
        # type: (bytes) -> bytes
        """*data* as records, behind whatever waits to be sent."""
        try:
            if len(data) <= WRITE_BYTES:
                self._write(data)
                return self.take()
            view = memoryview(data)
            pieces = []
            for start in range(0, len(data), WRITE_BYTES):
                self._write(view[start:start + WRITE_BYTES])
                pieces.append(self.take())
            return b''.join(pieces)
        except ssl.SSLError as exc:
            raise ConnectionLost(u'TLS: %s' % _reason(exc), exc)

    def finish(self):
        # type: () -> None
        """Says close_notify."""
        if self.ready:
            try:
                self._object.unwrap()
            except ssl.SSLError:        # it is said; that the peer has not answered is no fault
                pass

    def rest(self):
        # type: () -> bytes
        """The bytes behind the peer's close_notify: OpenSSL takes record by record,
        so there it still is."""
        return self._incoming.read()

    def over(self):
        # type: () -> None
        """The connection is gone: keep what shortens the next one to the same host."""
        self.remember()
        self._object = None
        self._read = None
        self._write = None
        self._feed = None
        self._incoming = None
        self._outgoing = None
        self.take = _nothing

    def remember(self):
        # type: () -> None
        """Of a client: keep what shortens the next connection to the same host, as it is by now."""
        if self.ready and not self._server_side and self._hostname is not None:
            session = getattr(self._object, 'session', None)        # pypy: its ssl has no sessions
            if session is not None:
                self._compiled.remember(self._hostname, session)

    def info(self):
        # type: () -> TLSInfo
        """The parameters that were agreed."""
        made = self._object
        certificate = made.getpeercert(True)
        if self._server_side:
            end_point = made.end_point or self._compiled.end_point
        else:
            end_point = end_point_binding(certificate) if certificate else None
        cipher = made.cipher()
        version = made.version()
        # pypy: it cannot tell whether a session goes on; that of a client never does,
        # for it remembers none.
        resumed = getattr(made, 'session_reused', None)
        whole = not self._server_side if resumed is None else not resumed
        # The library exports no keying material, and so there is no tls-exporter.
        unique = made.get_channel_binding('tls-unique') if version == 'TLSv1.2' and whole else None
        return TLSInfo(version, cipher[0] if cipher else None, made.selected_alpn_protocol(),
                       made.asked if self._server_side else self._hostname, certificate,
                       bool(resumed), end_point, unique)


def _nothing():
    # type: () -> bytes
    return b''


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple
