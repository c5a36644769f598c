# Copyright the carryall authors.  See LICENSE.
"""CRAM-MD5: the answer to a challenge is keyed with the password, which the server must keep in
clear (RFC 2195).

Wire:     S: <unique@host>        C: name SP the HMAC-MD5 of the challenge, in 32 small hexadecimal
          digits
Old, and weak if somebody records it: offered only where a checker keeps clear passwords, and better
under TLS.
Tests:    tests/core/auth/sasl/test_cram.py
"""
from __future__ import absolute_import, division, print_function

import binascii
import re

from carryall.core.auth.credentials import Challenged
from carryall.core.auth.sasl.mechanism import ClientMechanism, ServerMechanism
from carryall.core.auth.sasl.wire import SASLError, prepared_name
from carryall.core.crypto import crypto_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['CRAMClient', 'CRAMServer']

# -- limits ------------------------------------------------------------------
MAX_NAME = 1024             # octets

_DIGEST = re.compile(b'[0-9a-f]{32}\\Z')


class CRAMServer(ServerMechanism):
    """The server's side.

    Args:     challenge: for tests; a new one each time unless given.
    """

    name = 'CRAM-MD5'
    client_first = False

    def __init__(self, settings, challenge=None):
        # type: (Any, Optional[bytes]) -> None
        ServerMechanism.__init__(self, settings)
        if challenge is None:
            unique = binascii.hexlify(crypto_of(settings.loop).random(16))
            challenge = b'<' + unique + b'@' + settings.host.encode('ascii', 'replace') + b'>'
        self._challenge = challenge

    @classmethod
    def missing(cls, settings):
        if settings.portal.accepts(Challenged):
            return None
        return u'passwords are kept hashed here, and CRAM-MD5 needs them clear'

    def begin(self, response):
        if response is not None:
            raise SASLError(u'CRAM-MD5 has no initial response')
        self.next_step = self._take
        return self._challenge

    def _take(self, response):
        # type: (Optional[bytes]) -> Any
        name, space, digest = (response or b'').rpartition(b' ')
        if not space or not name or len(name) > MAX_NAME or not _DIGEST.match(digest):
            raise SASLError(u'it is not a name and a digest')
        crypto = crypto_of(self.settings.loop)
        challenge = self._challenge

        def check(password):
            # type: (bytes) -> bool
            return crypto.equal(binascii.hexlify(crypto.hmac('md5', password, challenge)), digest)

        return self.log_in(Challenged(prepared_name(name), check))


class CRAMClient(ClientMechanism):
    """The client's side."""

    name = 'CRAM-MD5'
    client_first = False
    needs = ('username', 'password')

    def begin(self, challenge):
        settings = self.settings
        digest = crypto_of(settings.loop).hmac('md5', settings.password, challenge or b'')
        return settings.username.encode('utf-8') + b' ' + binascii.hexlify(digest)
