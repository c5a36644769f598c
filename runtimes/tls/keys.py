# Copyright the carryall authors.  See LICENSE.
"""Private keys and certificates for the JVM, from PEM.

The forms are PKCS#8 (RFC 5208), encrypted PKCS#8 (PBES2 of RFC 8018), PKCS#1 (RFC 8017 appendix
A.1.2) and SEC1 (RFC 5915).  Java itself reads only plain PKCS#8.

Tests:    tests/runtimes/tls/test_providers.py
"""
from __future__ import absolute_import, division, print_function

from java.io import ByteArrayInputStream
from java.lang import String, Throwable
from java.security import KeyFactory
from java.security.cert import CertificateFactory
from java.security.spec import PKCS8EncodedKeySpec
from javax.crypto import Cipher, EncryptedPrivateKeyInfo, SecretKeyFactory
from javax.crypto.spec import PBEKeySpec

from carryall.core.errors import RemoteProtocolError, UsageError
from carryall.core.tls import pem
from carryall.core.codec import der
from carryall.core.tls.context import is_pem, read_certificates, read_pem
from carryall.runtimes.jvm.octets import to_java

__all__ = ['certificate_chain', 'private_key']

_ALGORITHMS = {'1.2.840.113549.1.1.1': 'RSA', '1.2.840.113549.1.1.10': 'RSASSA-PSS',
               '1.2.840.10045.2.1': 'EC', '1.3.101.112': 'EdDSA', '1.3.101.113': 'EdDSA'}
_RSA = der.sequence(der.oid('1.2.840.113549.1.1.1'), der.encode(der.NULL))


def certificate_chain(source, what=u'the certificate'):
    # type: (Any, str) -> List[Any]
    """The X509Certificates of a PEM (or the path of one), in order; UsageError if it has none."""
    factory = CertificateFactory.getInstance('X.509')
    found = read_certificates(source, what)
    try:
        return [factory.generateCertificate(ByteArrayInputStream(to_java(one))) for one in found]
    except Throwable as exc:
        name = what if is_pem(source) else u'%s %s' % (what, source)
        raise UsageError(u'%s cannot be read: %s' % (name, exc.getMessage()))


def private_key(source, passphrase):
    # type: (Any, Optional[bytes]) -> Any
    """The PrivateKey of a PEM (or the path of one); UsageError in one sentence if there is none
    that can be used."""
    for label, data, headers in pem.blocks(read_pem(source, u'the key')):
        if label not in pem.PRIVATE_KEYS:
            continue
        if headers:
            raise UsageError(u'the key is encrypted in the old way of OpenSSL; "openssl pkcs8 '
                             u'-topk8" turns it into PKCS#8')
        try:
            if label == 'RSA PRIVATE KEY':
                data = der.sequence(der.integer(0), _RSA, der.octet_string(data))
            elif label == 'EC PRIVATE KEY':
                data = _sec1(data)
            elif label == 'ENCRYPTED PRIVATE KEY':
                return _generate(_decrypted(data, passphrase))
            return _generate(PKCS8EncodedKeySpec(to_java(data)), data)
        except RemoteProtocolError as exc:
            raise UsageError(u'the key is malformed: %s' % exc)
        except Throwable as exc:
            raise UsageError(u'the key cannot be used: %s' % exc.getMessage())
    raise UsageError(u'there is no private key in the PEM')


def _generate(spec, data=None):
    # type: (Any, Optional[bytes]) -> Any
    from carryall.runtimes.jvm.octets import from_java
    if data is None:
        encoded = spec.getEncoded()
        data = from_java(encoded, len(encoded))
    inner = der.Reader(data).enter(der.SEQUENCE)
    inner.integer()
    kind = inner.enter(der.SEQUENCE).oid()
    if kind not in _ALGORITHMS:
        raise UsageError(u'the key has an algorithm that is not known here: %s' % kind)
    return KeyFactory.getInstance(_ALGORITHMS[kind]).generatePrivate(spec)


def _sec1(data):
    # type: (bytes) -> bytes
    """PKCS#8 around a key of SEC1, whose curve stands in its own [0]."""
    inner = der.Reader(data).enter(der.SEQUENCE)
    inner.integer()
    inner.take(der.OCTET_STRING)
    curve = inner.maybe(0xA0)
    if curve is None:
        raise UsageError(u'the EC key does not say its curve')
    return der.sequence(der.integer(0), der.sequence(der.oid('1.2.840.10045.2.1'), curve),
                        der.octet_string(data))


def _decrypted(data, passphrase):
    # type: (bytes, Optional[bytes]) -> Any
    if not passphrase:
        raise UsageError(u'the key is encrypted, and no passphrase was given')
    info = EncryptedPrivateKeyInfo(to_java(data))
    parameters = info.getAlgParameters()
    name = info.getAlgName() if parameters is None or info.getAlgName() != 'PBES2' \
        else parameters.toString()
    chars = String(to_java(passphrase), 'UTF-8').toCharArray()
    try:
        secret = SecretKeyFactory.getInstance(name).generateSecret(PBEKeySpec(chars))
        cipher = Cipher.getInstance(name)
        cipher.init(Cipher.DECRYPT_MODE, secret, parameters)
        return info.getKeySpec(cipher)
    except Throwable:               # it never says more, and the reason is nearly always this one
        raise UsageError(u'the key cannot be decrypted: the passphrase is wrong, or the cipher is '
                         u'not known here')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
