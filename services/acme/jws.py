# Copyright the carryall authors.  See LICENSE.
"""Signed requests: JSON Web Signatures by ES256 (RFC 7515, RFC 7518 section 3.4, RFC 8555 section
6.2).

    key = AccountKey(pem)
    key.sign(u'https://ca.example/new', nonce, {u'contact': []})        the body of a POST
    key.authorization(token)                                            for a challenge

Tests:    tests/services/acme/test_jws.py
"""
from __future__ import absolute_import, division, print_function

import hashlib
import json
from base64 import urlsafe_b64encode

from carryall.core.codec import der
from carryall.core.compat import native
from carryall.core.tls import p256
from carryall.core.tls.authority import private_number

__all__ = ['AccountKey', 'base64url']


def base64url(octets):
    # type: (bytes) -> str
    """RFC 7515 section 2: without padding."""
    return native(urlsafe_b64encode(octets).rstrip(b'='))


class AccountKey(object):
    """The key of an account.

    Args:     pem: of its private key, EC P-256.
    Raises:   UsageError: it is no such key.
    """

    def __init__(self, pem):
        # type: (bytes) -> None
        self._private = private_number(pem)
        x, y = p256.public_point(self._private)
        self._public = {'crv': 'P-256', 'kty': 'EC', 'x': base64url(p256.octets32(x)),
                        'y': base64url(p256.octets32(y))}

    def thumbprint(self):
        # type: () -> str
        """RFC 7638: a name for the key."""
        text = json.dumps(self._public, sort_keys=True, separators=(',', ':'))
        return base64url(hashlib.sha256(text.encode('ascii')).digest())

    def authorization(self, token):
        # type: (str) -> bytes
        """The key authorization of a challenge (RFC 8555 section 8.1)."""
        return ('%s.%s' % (token, self.thumbprint())).encode('ascii')

    def sign(self, url, nonce, payload, account=None):
        # type: (str, str, Any, Optional[str]) -> bytes
        """The body of a request.

        Args:     payload: for JSON; None for a POST that only gets (section 6.3).
                  account: its URL; None to send the public key, for a new account.
        """
        head = {'alg': 'ES256', 'nonce': nonce, 'url': url}     # type: Dict[str, Any]
        if account is None:
            head['jwk'] = self._public
        else:
            head['kid'] = account
        protected = base64url(json.dumps(head, sort_keys=True).encode('ascii'))
        text = '' if payload is None else base64url(json.dumps(payload).encode('ascii'))
        signature = self._signature(('%s.%s' % (protected, text)).encode('ascii'))
        return json.dumps({'protected': protected, 'payload': text,
                           'signature': base64url(signature)}).encode('ascii')

    def _signature(self, message):
        # type: (bytes) -> bytes
        """R and S, 32 octets each (RFC 7518 section 3.4)."""
        reader = der.Reader(p256.sign(self._private, message)).enter(der.SEQUENCE)
        return p256.octets32(reader.integer()) + p256.octets32(reader.integer())


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional
