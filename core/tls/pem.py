# Copyright the carryall authors.  See LICENSE.
"""PEM: DER in base64 between two lines of text (RFC 7468).

Tests:    tests/core/tls/test_pem.py
"""
from __future__ import absolute_import, division, print_function

import base64
import re

from carryall.core.errors import UsageError

__all__ = ['CERTIFICATE', 'PRIVATE_KEYS', 'blocks', 'certificates', 'encode']

MAX_BLOCKS = 1000           # in one file; a store of all authorities has some 150
LINE = 64                   # characters, RFC 7468 section 2

CERTIFICATE = 'CERTIFICATE'
PRIVATE_KEYS = ('PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY')

_BLOCK = re.compile(br'-----BEGIN ([A-Z0-9 ]{1,64})-----\s*?\n(.*?)-----END \1-----', re.DOTALL)
_BASE64 = re.compile(br'[A-Za-z0-9+/]*={0,2}\Z')


def blocks(data):
    # type: (bytes) -> List[Tuple[str, bytes, bytes]]
    """Each block of *data*: its label, its DER, and the header lines before it (of the old way to encrypt a key).

    Raises:   UsageError: not base64, or too many.
    """
    found = []                  # type: List[Tuple[str, bytes, bytes]]
    for match in _BLOCK.finditer(data):
        if len(found) == MAX_BLOCKS:
            raise UsageError(u'a PEM file has more than %d blocks' % MAX_BLOCKS)
        label, body = match.group(1).decode('ascii'), match.group(2)
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
    """The DER of each certificate, in order; there may be none."""
    return [der for label, der, _ in blocks(data) if label == CERTIFICATE]


def encode(label, der):
    # type: (str, bytes) -> bytes
    """One block."""
    text = base64.b64encode(der)
    lines = [text[index:index + LINE] for index in range(0, len(text), LINE)]
    name = label.encode('ascii')
    return b'-----BEGIN %s-----\n%s\n-----END %s-----\n' % (name, b'\n'.join(lines), name)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Tuple
