# Copyright the carryall authors.  See LICENSE.
"""PEM: DER in base64 between two lines of text (RFC 7468).

Tests:    tests/core/tls/test_pem.py
"""
from __future__ import absolute_import, division, print_function

import base64
import re

from carryall.core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Tuple

__all__ = ['CERTIFICATE', 'PRIVATE_KEYS', 'blocks', 'certificates', 'encode']

MAX_BLOCKS = 1000           # in one file; a store of all authorities has some 150
LINE = 64                   # characters, RFC 7468 section 2

CERTIFICATE = 'CERTIFICATE'
PRIVATE_KEYS = ('PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY')

# peer: old OpenSSL wrote the second label;
# RFC 7468 section 5.1 lets a parser take it for the first.
_CERTIFICATES = (CERTIFICATE, 'X509 CERTIFICATE')
# The first holds OpenSSL's trust settings as well; OpenSSL does not read the second.
_REFUSED = ('TRUSTED CERTIFICATE', 'X.509 CERTIFICATE')

_BLOCK = re.compile(br'-----BEGIN ((?:[ !-,.-~]|-(?!-)){1,64})-----\s*?\n(.*?)-----END \1-----',
                    re.DOTALL)
_BASE64 = re.compile(br'[A-Za-z0-9+/]*={0,2}\Z')


def blocks(data):
    # type: (bytes) -> List[Tuple[str, bytes, bytes]]
    """(label, DER, header lines) of each block of *data*.

    The header lines are those of a key that is encrypted in the manner before PKCS#8 (RFC 1421).

    Raises:   UsageError: not base64, or too many blocks.
    """
    found = []                  # type: List[Tuple[str, bytes, bytes]]
    for match in _BLOCK.finditer(data):
        if len(found) == MAX_BLOCKS:
            raise UsageError(u'a PEM file has more than %d blocks' % MAX_BLOCKS)
        label = match.group(1).decode('ascii')
        body = match.group(2)
        headers = b''
        if b':' in body:        # RFC 1421: header lines, and an empty one
            headers, _, body = body.replace(b'\r\n', b'\n').partition(b'\n\n')
        text = b''.join(body.split())
        if len(text) % 4 or not _BASE64.match(text):
            raise UsageError(u'a PEM block %s is not base64' % label)
        found.append((str(label), base64.b64decode(text), headers))
    return found


def certificates(data):
    # type: (bytes) -> List[bytes]
    """The DER of each certificate, in order; there may be none.

    Raises:   UsageError: as `blocks`, or a certificate of another form.
    """
    found = []
    for label, der, _ in blocks(data):
        if label in _REFUSED:
            raise UsageError(u'a PEM block is labelled %s; "openssl x509" writes it as %s'
                             % (label, CERTIFICATE))
        if label in _CERTIFICATES:
            found.append(der)
    return found


def encode(label, der):
    # type: (str, bytes) -> bytes
    """One block."""
    text = base64.b64encode(der)
    lines = [text[index:index + LINE] for index in range(0, len(text), LINE)]
    name = label.encode('ascii')
    return b'-----BEGIN %s-----\n%s\n-----END %s-----\n' % (name, b'\n'.join(lines), name)
