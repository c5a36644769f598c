# Copyright the carryall authors.  See LICENSE.
"""TLS by the JDK: ``javax.net.ssl.SSLEngine``, which owns no socket either (JSSE,
Java 11 and newer).

Keys and certificates come from plain PEM files; nothing is needed but the JDK.  One pair of buffers
serves all sessions of a loop, because they are empty between two calls.  A session keeps only the
record that is arriving.

Ciphers:  forward secrecy and AEAD alone (RFC 9325 section 4.2); renegotiation is refused.

Tests:    tests/contract/test_l18_tls.py, tests/runtimes/tls/test_providers.py
"""
from __future__ import absolute_import, division, print_function

import jarray
from java.lang import String, System, Throwable
from java.nio import Buffer, ByteBuffer
from java.security import KeyStore
from java.security.cert import Certificate
from java.util.function import BiFunction
from javax.net.ssl import (ExtendedSSLSession, KeyManagerFactory, SNIHostName, SSLContext,
                           SSLEngineResult, TrustManager, TrustManagerFactory,
                           X509ExtendedKeyManager, X509ExtendedTrustManager)

from carryall.core.errors import ConnectionLost, HandshakeFailed, UsageError
from carryall.core.net.ip import canonical
from carryall.core.tls.certificates import end_point_binding
from carryall.core.tls.context import NO, REQUIRED, TLSInfo, match_name
from carryall.core.tls.hello import FirstOctets, offered_protocols
from carryall.runtimes.jvm.octets import from_java, to_java
from carryall.runtimes.tls.keys import certificate_chain, private_key

__all__ = ['JSSE']

# octets: the largest record of RFC 5246 section 6.2.3, and some more
RECORD = 16384 + 2048 + 5 + 64

# RFC 9266 section 2
EXPORTER_LABEL = 'EXPORTER-Channel-Binding'
EXPORTER_BYTES = 32

RECORD_TYPES = (b'\x14', b'\x15', b'\x16', b'\x17')     # RFC 8446 section 5.1

CIPHERS = ('TLS_AES_256_GCM_SHA384', 'TLS_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256',
           'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
           'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
           'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
           'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256')

_Handshake = SSLEngineResult.HandshakeStatus
NEED_TASK = _Handshake.NEED_TASK
NEED_WRAP = _Handshake.NEED_WRAP
NEED_UNWRAP = _Handshake.NEED_UNWRAP
NOT_HANDSHAKING = _Handshake.NOT_HANDSHAKING
FINISHED = _Handshake.FINISHED
_Status = SSLEngineResult.Status
OK = _Status.OK
CLOSED = _Status.CLOSED
UNDERFLOW = _Status.BUFFER_UNDERFLOW
OVERFLOW = _Status.BUFFER_OVERFLOW

_EMPTY = ByteBuffer.allocate(0)
# ByteBuffer's own has the same name with another result, and is looked for longer.
_clear = Buffer.clear


class JSSE(object):
    """The provider."""

    name = 'jsse'
    version = 'JSSE of Java %s' % System.getProperty('java.version')

    def __init__(self):
        # type: () -> None
        # Read by the JDK once, before its first handshake.
        System.setProperty('jdk.tls.rejectClientInitiatedRenegotiation', 'true')
        self._buffers = _Buffers()

    @staticmethod
    def compile(context, server_side):
        # type: (Any, bool) -> _Compiled
        """Reads what *context* names; UsageError if a file cannot be used."""
        if server_side and context.identity is None:
            raise UsageError(u'a TLS server needs a certificate and its key')
        return _Compiled(context, server_side)

    def session(self, compiled, server_side, hostname=None):
        # type: (_Compiled, bool, Optional[str]) -> _Session
        """A new session; of a client, *hostname* is what the certificate must be for."""
        return _Session(compiled, server_side, hostname, self._buffers)


class _Buffers(object):
    """The queue on which all sessions of a provider work, one after the other.

    The engine is given arrays of one buffer each, by the methods of four arguments: there is but
    one ``wrap`` and one ``unwrap`` of these.  Which of those of two is meant Jython finds out by an
    exception, and that costs several times as much.
    """

    def __init__(self):
        # type: () -> None
        self.plain_array = jarray.zeros(2 * RECORD, 'b')
        self.plain = ByteBuffer.wrap(self.plain_array)
        self.plains = jarray.array([self.plain], ByteBuffer)
        self.sealed_array = jarray.zeros(2 * RECORD, 'b')
        self.sealed = ByteBuffer.wrap(self.sealed_array)
        self.sources = jarray.zeros(1, ByteBuffer)


class _Compiled(object):
    """The javax SSLContext of one TLSContext."""

    def __init__(self, context, server_side):
        # type: (Any, bool) -> None
        self.versions = [name for name in ('TLSv1.3', 'TLSv1.2') if context.minimum <= name
                         <= context.maximum]
        self.alpn = list(context.alpn)
        self.detours = context.detours
        self.check_names = not server_side and context.verify
        self.client_certificates = context.client_certificates
        self.names = {}             # type: Dict[str, str]  # of SNI: the alias of each name's key
        self.end_points = {}        # type: Dict[str, Any]
        keys = KeyStore.getInstance('PKCS12')
        keys.load(None, None)
        if context.identity is not None:
            self._add(keys, 'main', context.identity)
        for number, name in enumerate(sorted(context.sni)):
            self.names[name] = 'sni%d' % number
            self._add(keys, self.names[name], context.sni[name])
        factory = KeyManagerFactory.getInstance('SunX509')
        factory.init(keys, _NO_PASSWORD)
        chosen = [_KeysByName(each, self) for each in factory.getKeyManagers()] if server_side \
            else factory.getKeyManagers()
        self.javax = SSLContext.getInstance('TLS')
        self.javax.init(chosen, _trust(context, server_side), None)
        supported = set(self.javax.getSupportedSSLParameters().getCipherSuites())
        self.ciphers = [name for name in CIPHERS if name in supported]

    def _add(self, keys, alias, identity):
        # type: (KeyStore, str, Any) -> None
        chain = certificate_chain(identity.certificate)
        key = private_key(identity.key, identity.passphrase())
        self.end_points[alias] = _octets_binding(chain[0])
        kinds = {'RSASSA-PSS': 'RSA', 'Ed25519': 'EdDSA', 'Ed448': 'EdDSA'}
        of_key = key.getAlgorithm()
        of_certificate = chain[0].getPublicKey().getAlgorithm()
        if kinds.get(of_key, of_key) != kinds.get(of_certificate, of_certificate) or not _belong(
                key, chain[0].getPublicKey()):
            raise UsageError(u'the certificate %s cannot be used with its key: the key does not '
                             u'belong to the certificate'
                             % identity)
        keys.setKeyEntry(alias, key, _NO_PASSWORD, jarray.array(chain, Certificate))


_NO_PASSWORD = String('').toCharArray()


def _belong(key, public):
    # type: (Any, Any) -> bool
    """True if what *key* signs is what *public* verifies; the store would take any two."""
    from java.security import Signature
    name = {'RSA': 'SHA256withRSA', 'EC': 'SHA256withECDSA', 'EdDSA': 'EdDSA', 'Ed25519': 'EdDSA',
            'Ed448': 'EdDSA'}.get(
        key.getAlgorithm())
    if name is None:  # RSASSA-PSS has parameters of its own, and the handshake will tell
        return True
    signing = Signature.getInstance(name)
    signing.initSign(key)
    signing.update(to_java(b'carryall'))
    checking = Signature.getInstance(name)
    checking.initVerify(public)
    checking.update(to_java(b'carryall'))
    return checking.verify(signing.sign())


def _octets_binding(certificate):
    # type: (Any) -> Optional[bytes]
    encoded = certificate.getEncoded()
    return end_point_binding(from_java(encoded, len(encoded)))


def _trust(context, server_side):
    # type: (Any, bool) -> Any
    """The trust managers, as a Java array; None for those of the JVM."""
    if not server_side and not context.verify:
        return jarray.array([_TrustsAll()], TrustManager)
    if context.trust is None:
        return None
    store = KeyStore.getInstance('PKCS12')
    store.load(None, None)
    for number, certificate in enumerate(
            certificate_chain(context.trust, u'the trusted certificate')):
        store.setCertificateEntry('ca%d' % number, certificate)
    factory = TrustManagerFactory.getInstance('PKIX')
    factory.init(store)
    return factory.getTrustManagers()


class _TrustsAll(X509ExtendedTrustManager):
    """For a client that was told to verify nothing; the extended kind, or the JDK would check the
    name all the same."""

    def checkClientTrusted(self, *_):
        pass

    checkServerTrusted = checkClientTrusted

    def getAcceptedIssuers(self):
        return ()


class _KeysByName(X509ExtendedKeyManager):
    """Gives a server the key for the name that the client asks for (RFC 6066 section 3)."""

    def __init__(self, inner, compiled):
        X509ExtendedKeyManager.__init__(self)
        self._inner = inner
        self._compiled = compiled

    def chooseEngineServerAlias(self, kind, issuers, engine):
        alias = match_name(self._compiled.names, _asked(engine.getHandshakeSession())) or 'main'
        key = self._inner.getPrivateKey(alias)
        # Asked once for each kind of key that the client can do; the JDK calls Ed25519 so,
        # and its keys EdDSA.
        if key is None or key.getAlgorithm() != kind and (key.getAlgorithm(), kind) not in (
                ('EdDSA', 'Ed25519'), ('EdDSA', 'Ed448')):
            return None
        return alias

    def chooseServerAlias(self, kind, issuers, socket):
        return None

    def chooseClientAlias(self, kinds, issuers, socket):
        return None

    def getClientAliases(self, kind, issuers):
        return None

    def getServerAliases(self, kind, issuers):
        return self._inner.getServerAliases(kind, issuers)

    def getCertificateChain(self, alias):
        return self._inner.getCertificateChain(alias)

    def getPrivateKey(self, alias):
        return self._inner.getPrivateKey(alias)


class _ALPN(BiFunction):
    """Chooses a server's best protocol among the client's; the JDK refuses a client that has none
    in common with us."""

    def __init__(self, ours):
        BiFunction.__init__(self)
        self._ours = ours

    def apply(self, _engine, theirs):
        return next((name for name in self._ours if name in theirs), None)


def _exported(session):
    # type: (Any) -> Optional[bytes]
    """The channel binding tls-exporter (RFC 9266 section 2): from Java 25 on,
    which exports keying material."""
    if not hasattr(session, 'exportKeyingMaterialData'):
        return None
    return from_java(session.exportKeyingMaterialData(EXPORTER_LABEL, None, EXPORTER_BYTES),
                     EXPORTER_BYTES)


def _asked(session):
    # type: (Any) -> Optional[str]
    """The host name that a client asks for in its hello."""
    if isinstance(session, ExtendedSSLSession):
        for name in session.getRequestedServerNames():
            if name.getType() == 0:
                return str(SNIHostName(name.getEncoded()).getAsciiName())
    return None


class _Session(object):
    """One end of one connection (see ``carryall.runtimes.tls``)."""

    def __init__(self, compiled, server_side, hostname, buffers):
        # type: (_Compiled, bool, Optional[str], _Buffers) -> None
        self.ready = False
        self.ended = False
        self._compiled = compiled
        self._server_side = server_side
        self._hostname = hostname
        self._out = []              # type: List[bytes]  # what must be sent
        self._buffers = buffers
        # The beginning of a record whose end has not come, or what came behind the last.
        self._rest = b''
        self._begun = System.currentTimeMillis()
        # The hello of a client that may want another context; None once that is known
        self._hello = None          # type: Optional[FirstOctets]
        if server_side and compiled.detours:
            self._hello = FirstOctets()
        self._engine = self._configured()

    def _configured(self):
        # type: () -> Any
        compiled = self._compiled
        hostname = self._hostname
        # The port is part of the key under which a client remembers sessions; we never know it,
        # and need not.
        engine = compiled.javax.createSSLEngine(hostname, 0) if hostname \
            else compiled.javax.createSSLEngine()
        engine.setUseClientMode(not self._server_side)
        settings = engine.getSSLParameters()
        settings.setProtocols(compiled.versions)
        settings.setCipherSuites(compiled.ciphers)
        settings.setUseCipherSuitesOrder(True)
        if compiled.alpn and not self._server_side:
            settings.setApplicationProtocols(compiled.alpn)
        if self._server_side:
            if compiled.alpn:
                engine.setHandshakeApplicationProtocolSelector(_ALPN(compiled.alpn))
            if compiled.client_certificates == REQUIRED:
                settings.setNeedClientAuth(True)
            elif compiled.client_certificates != NO:
                settings.setWantClientAuth(True)
        elif hostname:
            if canonical(hostname) is None:
                settings.setServerNames([SNIHostName(hostname)])
            if compiled.check_names:
                # Else no name is checked at all.
                settings.setEndpointIdentificationAlgorithm('HTTPS')
        engine.setSSLParameters(settings)
        return engine

    # -- the contract ------------------------------------------------------------------------------

    def start(self):
        # type: () -> None
        """Begins: a client says hello."""
        try:
            self._engine.beginHandshake()
            if not self._server_side:
                self._handshake()
        except Throwable as exc:
            raise HandshakeFailed(u'TLS: %s' % _reason(exc), exc)

    @property
    def pending(self):
        # type: () -> bool
        """True if ``take()`` has something."""
        return bool(self._out)

    def take(self):
        # type: () -> bytes
        """The bytes that must be sent."""
        out = self._out
        if not out:
            return b''
        data = out[0] if len(out) == 1 else b''.join(out)
        del out[:]
        return data

    def tickets(self):
        # type: () -> bytes
        """Of a server: what it says behind the handshake of TLS 1.3."""
        return self.take() if self._server_side and str(self._engine.getSession().getProtocol()) \
            == 'TLSv1.3' else b''

    def receive(self, data):
        # type: (bytes) -> bytes
        """The plaintext in *data* of the peer."""
        if self._hello is not None:
            if not self._hello.add(data):
                return b''
            data = self._choose(self._hello.octets)
        if self._rest:
            data = self._rest + data
            self._rest = b''
        source = ByteBuffer.wrap(to_java(data))
        pieces = []                 # type: List[bytes]
        try:
            self._unwrap_all(source, pieces)
        except Throwable as exc:
            self._say_alert()
            if self.ready:
                raise ConnectionLost(u'TLS: %s' % _reason(exc), exc)
            raise HandshakeFailed(u'TLS: %s' % _reason(exc), exc)
        left = source.remaining()
        if left:
            self._rest = data[len(data) - left:]
            if left > RECORD and not self.ended:
                raise ConnectionLost(u'TLS: a record is too long')
            # The JDK would wait for as much as the length says that it takes some of the clear text
            # for.
            if self.ready and not self.ended and self._rest[:1] not in RECORD_TYPES:
                raise ConnectionLost(u'TLS: what came is no record')
        return pieces[0] if len(pieces) == 1 else b''.join(pieces)

    def _choose(self, data):
        # type: (bytes) -> bytes
        """Takes another context if the client offers its protocol alone; the octets so far."""
        self._hello = None
        offered = offered_protocols(data)
        other = self._compiled.detours.get(offered[0]) if offered and len(offered) == 1 else None
        if other is not None:
            self._compiled = other.prepare(JSSE, True)
            self._engine = self._configured()
            self._engine.beginHandshake()
        return data

    def _unwrap_all(self, source, pieces):
        # type: (ByteBuffer, List[bytes]) -> None
        engine = self._engine
        buffers = self._buffers
        plain = buffers.plain
        while source.hasRemaining() and not self.ended:
            _clear(plain)
            result = engine.unwrap(source, buffers.plains, 0, 1)
            status = result.getStatus()
            if plain.position():
                pieces.append(from_java(buffers.plain_array, plain.position()))
            if result.getHandshakeStatus() != NOT_HANDSHAKING:
                if result.getHandshakeStatus() == FINISHED:
                    self.ready = True
                self._handshake()
            if status == CLOSED:
                self.ended = True
            elif status == UNDERFLOW:
                return
            elif status == OVERFLOW:
                raise HandshakeFailed(u'TLS: a record is larger than the buffer for it')

    def _handshake(self):
        # type: () -> None
        """Does what the engine wants next, until it waits for the peer."""
        engine = self._engine
        while True:
            wanted = engine.getHandshakeStatus()
            if wanted == NEED_TASK:
                task = engine.getDelegatedTask()
                while task is not None:
                    task.run()
                    task = engine.getDelegatedTask()
            elif wanted == NEED_WRAP:
                result = self._wrap(_EMPTY)
                if result.getHandshakeStatus() == FINISHED:
                    self.ready = True
                if result.getStatus() == CLOSED:
                    return
            else:
                return

    def _wrap(self, source):
        # type: (ByteBuffer) -> SSLEngineResult
        buffers = self._buffers
        sealed = buffers.sealed
        _clear(sealed)
        buffers.sources[0] = source
        try:
            return self._engine.wrap(buffers.sources, 0, 1, sealed)
        finally:
            if sealed.position():
                self._out.append(from_java(buffers.sealed_array, sealed.position()))

    def _say_alert(self):
        # type: () -> None
        """The call that failed threw; the alert comes out of one of the next wraps."""
        for _ in range(4):
            if self._engine.isOutboundDone():
                return
            try:
                self._wrap(_EMPTY)
            except Throwable:
                pass

    def seal(self, data):
        # type: (bytes) -> bytes
        """*data* as records, behind whatever waits to be sent."""
        source = ByteBuffer.wrap(to_java(data))
        try:
            while source.hasRemaining():
                result = self._wrap(source)
                if result.getStatus() == CLOSED:
                    # The peer has ended TLS 1.2: nothing more can be said (RFC 5246 section 7.2.1)
                    break
                if result.getHandshakeStatus() == NEED_TASK:
                    self._handshake()
        except Throwable as exc:
            raise ConnectionLost(u'TLS: %s' % _reason(exc), exc)
        return self.take()

    def finish(self):
        # type: () -> None
        """Says close_notify."""
        try:
            self._engine.closeOutbound()
            self._handshake()
        except Throwable:           # the engine is broken already; there is no one to be told
            pass

    def rest(self):
        # type: () -> bytes
        """The bytes behind the peer's close_notify."""
        rest, self._rest = self._rest, b''
        return rest

    def over(self):
        # type: () -> None
        """The connection is gone."""
        self._engine = None

    def remember(self):
        # type: () -> None
        """The JDK remembers a client's sessions by itself, as soon as they can be gone on with."""

    def info(self):
        # type: () -> TLSInfo
        """The parameters that were agreed."""
        session = self._engine.getSession()
        try:
            encoded = session.getPeerCertificates()[0].getEncoded()
            certificate = from_java(encoded, len(encoded))      # type: Optional[bytes]
        except Throwable:           # SSLPeerUnverifiedException: it gave none
            certificate = None
        alpn = self._engine.getApplicationProtocol()
        asked = _asked(session) if self._server_side else self._hostname
        if self._server_side:
            alias = match_name(self._compiled.names, asked) or 'main'
            end_point = self._compiled.end_points.get(alias)
        else:
            end_point = end_point_binding(certificate) if certificate else None
        # An earlier session that goes on was made before this handshake began.
        resumed = session.getCreationTime() < self._begun
        version = str(session.getProtocol())
        # Java has never had tls-unique.
        return TLSInfo(version, str(session.getCipherSuite()), str(alpn) if alpn else None, asked,
                       certificate, resumed,
                       end_point, None, _exported(session) if version == 'TLSv1.3' else None)


_WORDS = (
    ('Unsupported or unrecognized SSL message', u'the peer does not speak TLS'),
    ('Unrecognized SSL message', u'the peer does not speak TLS'),
    ('no_application_protocol', u'the peer speaks none of our application protocols'),
    ('No matching application', u'there is no application protocol that both sides speak'),
    ('Empty client certificate chain', u'the client gave no certificate'),
    ('unable to find valid certification path',
     u'the certificate was refused: no authority that we trust has signed it'),
    ('validity check failed', u'the certificate was refused: it has run out, or is not valid yet'),
    ('No name matching', u'the certificate was refused: it is for another host'),
    ('No subject alternative', u'the certificate was refused: it is for another host'),
    ('no cipher suites in common', u'there is no cipher suite that both sides accept'),
    ('certificate_unknown', u'the peer does not trust our certificate'),
    ('bad_certificate', u'the peer wants another certificate of ours'),
    ('certificate_required', u'the peer wants a certificate of ours'),
    ('unknown_ca', u'the peer does not trust our certificate'),
)


def _reason(exc):
    # type: (Any) -> str
    """The JDK's error as a sentence for the log and the author of the settings."""
    text = None
    while exc is not None:
        text = (exc.getMessage() if hasattr(exc, 'getMessage') else u'%s' % exc) or text
        for mark, words in _WORDS:
            if text and mark in text:
                return words
        exc = exc.getCause() if hasattr(exc, 'getCause') else None
    return text or u'the handshake failed'


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional
