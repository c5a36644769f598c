# Copyright the carryall authors.  See LICENSE.
"""SCRAM: both sides prove that they know the password, and neither sends it (RFC 5802, 7677;
channel binding RFC 5929).

Wire:     C: n,,n=NAME,r=NONCE                              gs2-header, name and nonce
          S: r=NONCE+MORE,s=SALT,i=ROUNDS
          C: c=BINDING,r=NONCE+MORE,p=PROOF
          S: v=SIGNATURE                                    with the success, or as a challenge with
          an empty response
Names:    SCRAM-SHA-1 and SCRAM-SHA-256, and of each the -PLUS form, which binds the exchange to the
          TLS connection, so that no man in the middle can relay it.  A -PLUS form is offered if we
          have the binding that every peer must have for the version of TLS.  That is
          ``tls-exporter`` for TLS 1.3 (RFC 9266), which only the provider of Java 25 has, and
          ``tls-unique`` for TLS 1.2.  A client may then bind by ``tls-server-end-point`` too.
Tests:    tests/core/auth/sasl/test_scram.py
"""
from __future__ import absolute_import, division, print_function

import base64
import re

from carryall.core.auth.credentials import Proven, usable_name
from carryall.core.auth.prep import prepared_password
from carryall.core.auth.sasl.mechanism import ClientMechanism, ServerMechanism
from carryall.core.auth.sasl.wire import (SASLError, decode, escape_name, prepared_name,
                                          unescape_name)
from carryall.core.auth.verifiers import MAX_ITERATIONS, xor
from carryall.core.crypto import crypto_of
from carryall.core.codec.numbers import decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple
    from carryall.core.crypto import Crypto

__all__ = ['SCRAMClient', 'SCRAMServer', 'SCRAMSHA1Client', 'SCRAMSHA1PlusClient',
           'SCRAMSHA1PlusServer',
           'SCRAMSHA1Server', 'SCRAMSHA256Client', 'SCRAMSHA256PlusClient', 'SCRAMSHA256PlusServer',
           'SCRAMSHA256Server',
           'bindings_of']

# -- limits ------------------------------------------------------------------
# that a client accepts: fewer are an attempt to get at the password; RFC 7677 section 4
MIN_ITERATIONS = 4096
MAX_NONCE = 512             # octets of a nonce
MAX_SALT = 1024             # octets
NONCE_BYTES = 24            # random octets of our own nonces

NO_BINDING = (u'there is no TLS connection to bind to, or none that has the binding which its '
              u'version asks for')

# printable ASCII but the comma; RFC 5802 section 7
_NONCE = re.compile(b'[!-+\\--~]+\\Z')
_EXTENSION = re.compile(b'[A-Za-z]=[^\\x00,]+\\Z')


def bindings_of(tls):
    # type: (Any) -> List[Tuple[str, bytes]]
    """(name, data) of the channel bindings that this connection can be bound by, the best first; []
    without TLS."""
    return tls.channel_bindings() if tls is not None else []


def _fields(message, letters):
    # type: (bytes, bytes) -> List[bytes]
    """The values of a message's attributes, which begin with these letters in this order;
    extensions may follow."""
    parts = message.split(b',')
    values = []         # type: List[bytes]
    for index in range(len(letters)):
        if index >= len(parts) or parts[index][:2] != letters[index:index + 1] + b'=':
            raise SASLError(u'a message of SCRAM lacks what must stand there')
        values.append(parts[index][2:])
    for extra in parts[len(letters):]:
        if not _EXTENSION.match(extra):
            raise SASLError(u'a message of SCRAM ends in what is no extension')
    return values


def _nonce(crypto):
    # type: (Crypto) -> bytes
    return base64.b64encode(crypto.random(NONCE_BYTES))


# -- server ------------------------------------------------------------------

class SCRAMServer(ServerMechanism):
    """The server's side; a subclass names the hash, and whether the channel is bound.

    Args:     nonce: for tests; a new one each time unless given.
    """

    hash_name = ''
    plus = False

    def __init__(self, settings, nonce=None):
        # type: (Any, Optional[bytes]) -> None
        ServerMechanism.__init__(self, settings)
        self._crypto = crypto_of(settings.loop)
        self._nonce = nonce or _nonce(self._crypto)
        self._header = b''              # the gs2-header, which the client must repeat
        self._binding = b''             # the data of the channel binding that the client has chosen
        self._name = u''
        self._authzid = u''
        self._messages = b''            # what was said so far, for the signatures
        self._keys = None               # type: Any

    @classmethod
    def missing(cls, settings):
        if cls.plus and not (settings.bind and bindings_of(settings.tls)):
            return NO_BINDING
        if cls.hash_name not in settings.portal.scram_hashes(settings.loop):
            return u'the accounts here have no keys for it'
        return None

    def begin(self, response):
        flag, comma, rest = response.partition(b',')
        authzid, second, bare = rest.partition(b',')
        if not comma or not second:
            raise SASLError(u'a message of SCRAM has no header')
        self._check_flag(flag)
        if authzid:
            if authzid[:2] != b'a=':
                raise SASLError(u'a header of SCRAM has an empty authorization identity')
            self._authzid = prepared_name(unescape_name(authzid[2:]))
        self._header = flag + b',' + authzid + b','
        name, nonce = _fields(bare, b'nr')
        if not _NONCE.match(nonce) or len(nonce) > MAX_NONCE:
            raise SASLError(u'the nonce of SCRAM is not what a nonce is')
        self._name = prepared_name(unescape_name(name))
        if not usable_name(self._name):
            raise SASLError(u'a name is empty, too long, or cannot be used')
        self._nonce = nonce + self._nonce
        self._messages = bare
        found = self.settings.portal.scram_keys(self.settings.loop, self._name, self.hash_name)
        return found.then(self._ask)

    def _check_flag(self, flag):
        # type: (bytes) -> None
        """Refuses what the client says of channel binding, if it does not fit (RFC 5802 section
        6)."""
        if self.plus:
            known = dict((b'p=' + name.encode('ascii'), data)
                         for name, data in bindings_of(self.settings.tls))
            if flag not in known:
                raise SASLError(u'the client binds to what is not offered for this version of TLS')
            self._binding = known[flag]
        elif flag == b'y':
            if self.settings.bind and bindings_of(self.settings.tls):
                raise SASLError(u'the client did not see that -PLUS is offered: somebody has '
                                u'changed the list')
        elif flag != b'n':
            raise SASLError(u'a header of SCRAM says nothing of channel binding')

    def _ask(self, keys):
        # type: (Any) -> bytes
        self._keys = keys
        challenge = b'r=%s,s=%s,i=%d' % (self._nonce, base64.b64encode(keys.salt), keys.iterations)
        self._messages += b',' + challenge
        self.next_step = self._take_proof
        return challenge

    def _take_proof(self, response):
        # type: (bytes) -> Any
        without, found, proof = response.rpartition(b',p=')
        if not found:
            raise SASLError(u'the client sends no proof')
        binding, nonce = _fields(without, b'cr')
        expected = self._header + self._binding
        credentials = Proven(self._name, self.name)
        crypto = self._crypto
        keys = self._keys
        if nonce != self._nonce:
            raise SASLError(u'the nonce has changed')
        if not crypto.equal(decode(binding), expected):
            return self.settings.portal.refuse(credentials, u'the channel binding is another')
        self._messages += b',' + without
        signature = crypto.hmac(self.hash_name, keys.stored, self._messages)
        given = decode(proof)
        if len(given) != len(signature):
            raise SASLError(u'the proof has another size than the hash')
        if not crypto.equal(crypto.hash(self.hash_name, xor(given, signature)), keys.stored):
            return self.settings.portal.refuse(credentials,
                                               u'the password is wrong, or there is no such '
                                               u'account')
        answer = b'v=' + base64.b64encode(crypto.hmac(self.hash_name, keys.server, self._messages))
        if self.settings.carries_success:
            self.success_data = answer
            return self._admit(b'')
        self.next_step = self._admit
        return answer

    def _admit(self, response):
        # type: (bytes) -> Any
        if response:
            raise SASLError(u'the client has more to say than there is')
        credentials = Proven(self._name, self.name)
        admitted = self.settings.portal.admit(self.settings.loop, self._name, credentials,
                                              self.settings.mind)
        return admitted.then(lambda session: self.keep(session, credentials, self._authzid))


class SCRAMSHA1Server(SCRAMServer):
    """SCRAM-SHA-1 (RFC 5802)."""

    name = 'SCRAM-SHA-1'
    hash_name = 'sha1'


class SCRAMSHA1PlusServer(SCRAMSHA1Server):
    """SCRAM-SHA-1, bound to the TLS connection."""

    name = 'SCRAM-SHA-1-PLUS'
    plus = True


class SCRAMSHA256Server(SCRAMServer):
    """SCRAM-SHA-256 (RFC 7677)."""

    name = 'SCRAM-SHA-256'
    hash_name = 'sha256'


class SCRAMSHA256PlusServer(SCRAMSHA256Server):
    """SCRAM-SHA-256, bound to the TLS connection."""

    name = 'SCRAM-SHA-256-PLUS'
    plus = True


# -- client ------------------------------------------------------------------

class SCRAMClient(ClientMechanism):
    """The client's side; a subclass names the hash, and whether the channel is bound.

    Args:     nonce: for tests; a new one each time unless given.
    """

    hash_name = ''
    plus = False
    needs = ('username', 'password')

    def __init__(self, settings, nonce=None):
        # type: (Any, Optional[bytes]) -> None
        ClientMechanism.__init__(self, settings)
        self._crypto = crypto_of(settings.loop)
        self._nonce = nonce or _nonce(self._crypto)
        self._messages = b''
        self._expected = b''            # the server's signature
        self._trusted = False
        bindings = bindings_of(settings.tls)
        data = b''
        if self.plus:
            flag = b'p=' + bindings[0][0].encode('ascii')
            data = bindings[0][1]
        # 'y': we could, and think that the server cannot; a server that can knows then that we were
        # deceived
        else:
            flag = b'y' if bindings and not settings.plus_offered else b'n'
        authzid = b'a=' + escape_name(settings.authzid) if settings.authzid else b''
        self._header = flag + b',' + authzid + b','
        self._binding = self._header + data

    def begin(self, challenge):
        name = prepared_name(self.settings.username.encode('utf-8'))
        self._messages = b'n=%s,r=%s' % (escape_name(name), self._nonce)
        self.next_step = self._prove
        return self._header + self._messages

    def _prove(self, challenge):
        # type: (Optional[bytes]) -> Any
        message = challenge or b''
        self._check_error(message)
        nonce, salt64, rounds = _fields(message, b'rsi')
        if not nonce.startswith(self._nonce) or nonce == self._nonce or len(nonce) > 2 * MAX_NONCE:
            raise SASLError(u'the server does not go on from our nonce')
        salt = decode(salt64)
        iterations = decimal(rounds, MAX_ITERATIONS)
        if not salt or len(salt) > MAX_SALT:
            raise SASLError(u'the server\'s salt is empty or too long')
        if iterations is None or iterations < MIN_ITERATIONS:
            raise SASLError(u'the server asks for fewer than %d rounds, or more than %d'
                            % (MIN_ITERATIONS, MAX_ITERATIONS))
        without = b'c=%s,r=%s' % (base64.b64encode(self._binding), nonce)
        self._messages += b',' + message + b',' + without
        work = self.settings.loop.run_in_thread(self._crypto.pbkdf2, self.hash_name,
                                                prepared_password(self.settings.password or b''),
                                                salt, iterations,
                                                len(self._crypto.hash(self.hash_name, b'')))
        return work.then(lambda salted: self._sign(salted, without))

    def _sign(self, salted, without):
        # type: (bytes, bytes) -> bytes
        crypto = self._crypto
        name = self.hash_name
        key = crypto.hmac(name, salted, b'Client Key')
        signature = crypto.hmac(name, crypto.hash(name, key), self._messages)
        self._expected = crypto.hmac(name, crypto.hmac(name, salted, b'Server Key'), self._messages)
        self.next_step = self._verify
        return without + b',p=' + base64.b64encode(xor(key, signature))

    def _verify(self, challenge):
        # type: (Optional[bytes]) -> bytes
        message = challenge or b''
        self._check_error(message)
        signature, = _fields(message, b'v')
        if not self._crypto.equal(decode(signature), self._expected):
            raise SASLError(u'the server does not know the password: it is not who it says it is')
        self._trusted = True
        return b''

    @staticmethod
    def _check_error(message):
        # type: (bytes) -> None
        if message[:2] == b'e=':
            raise SASLError(u'the server refuses: %s' % message[2:80].decode('ascii', 'replace'))

    def finish(self, success_data=None):
        expects, self.next_step = self.next_step, None
        if success_data is not None and expects == self._verify:
            self._verify(success_data)
        if not self._trusted:
            raise SASLError(u'the server did not prove that it knows the password')


class SCRAMSHA1Client(SCRAMClient):
    """SCRAM-SHA-1 (RFC 5802)."""

    name = 'SCRAM-SHA-1'
    hash_name = 'sha1'


class SCRAMSHA1PlusClient(SCRAMSHA1Client):
    """SCRAM-SHA-1, bound to the TLS connection."""

    name = 'SCRAM-SHA-1-PLUS'
    plus = True


class SCRAMSHA256Client(SCRAMClient):
    """SCRAM-SHA-256 (RFC 7677)."""

    name = 'SCRAM-SHA-256'
    hash_name = 'sha256'


class SCRAMSHA256PlusClient(SCRAMSHA256Client):
    """SCRAM-SHA-256, bound to the TLS connection."""

    name = 'SCRAM-SHA-256-PLUS'
    plus = True
