# Copyright the carryall authors.  See LICENSE.
"""PLAIN and LOGIN, the password in clear; EXTERNAL, what TLS has shown; ANONYMOUS, no one.

Wire:     PLAIN       [authzid] NUL name NUL password                                 (RFC 4616)
          LOGIN       two challenges, Username: and Password:
                      (draft-murchison-sasl-login-00)
          EXTERNAL    [authzid]                                                       (RFC 4422
                      appendix A)
          ANONYMOUS   [trace]                                                         (RFC 4505)
Tests:    tests/core/auth/sasl/test_plain.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.credentials import (MAX_PASSWORD, Anonymous, Certificate, External,
                                            UsernamePassword)
from carryall.core.auth.sasl.mechanism import ClientMechanism, ServerMechanism
from carryall.core.auth.sasl.wire import SASLError, prepared_name, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['ANONYMOUSClient', 'ANONYMOUSServer', 'EXTERNALClient', 'EXTERNALServer', 'LOGINClient',
           'LOGINServer',
           'PLAINClient', 'PLAINServer']

# -- limits ------------------------------------------------------------------
MAX_NAME = 1024             # octets of a name (RFC 4616 section 2: at least 255)
MAX_TRACE = 1020            # octets; RFC 4505 section 2: 255 characters

USERNAME = b'Username:'     # what clients expect to the letter
PASSWORD = b'Password:'


# -- server ------------------------------------------------------------------

class _PasswordServer(ServerMechanism):
    """The server side that PLAIN and LOGIN share."""

    plaintext = True

    @classmethod
    def missing(cls, settings):
        if settings.portal.accepts(UsernamePassword):
            return None
        return u'no account here has a password'

    def _check(self, authzid, name, password):
        # type: (bytes, bytes, bytes) -> Any
        if not name or len(name) > MAX_NAME or len(authzid) > MAX_NAME:
            raise SASLError(u'a name is empty or too long')
        if not password or len(password) > MAX_PASSWORD:
            raise SASLError(u'the password is empty or too long')
        return self.log_in(UsernamePassword(prepared_name(name), password), prepared_name(authzid))


class PLAINServer(_PasswordServer):
    """PLAIN (RFC 4616)."""

    name = 'PLAIN'

    def begin(self, response):
        parts = response.split(b'\0')
        if len(parts) != 3:
            raise SASLError(u'PLAIN has three parts, not %d' % len(parts))
        return self._check(*parts)


class LOGINServer(_PasswordServer):
    """LOGIN, which old mail clients use; a name with the command is taken as the answer to the
    first question."""

    name = 'LOGIN'
    client_first = False

    def __init__(self, settings):
        _PasswordServer.__init__(self, settings)
        self._name = b''

    def begin(self, response):
        if response is None:
            self.next_step = self._take_name
            return USERNAME
        return self._take_name(response)

    def _take_name(self, response):
        # type: (Optional[bytes]) -> bytes
        self._name = response or b''
        self.next_step = self._take_password
        return PASSWORD

    def _take_password(self, response):
        # type: (Optional[bytes]) -> Any
        return self._check(b'', self._name, response or b'')


class EXTERNALServer(ServerMechanism):
    """EXTERNAL (RFC 4422 appendix A): the client's certificate, or an identity that the protocol
    has from elsewhere."""

    name = 'EXTERNAL'

    @classmethod
    def missing(cls, settings):
        if _evidence(settings) is None:
            return u'the connection shows no identity of the client'
        if not settings.portal.accepts(type(_evidence(settings))):
            return u'no account here goes by a certificate or another outer identity'
        return None

    def begin(self, response):
        if len(response) > MAX_NAME:
            raise SASLError(u'a name is too long')
        return self.log_in(_evidence(self.settings), prepared_name(response))


def _evidence(settings):
    # type: (Any) -> Any
    """The client's identity from the layer below; None if nothing is."""
    if settings.external is not None:
        return External(settings.external)
    der = getattr(settings.tls, 'peer_certificate', None)
    return Certificate(der) if der else None


class ANONYMOUSServer(ServerMechanism):
    """ANONYMOUS (RFC 4505)."""

    name = 'ANONYMOUS'

    @classmethod
    def missing(cls, settings):
        return None if settings.portal.accepts(
            Anonymous) else u'logins without an account are not allowed'

    def begin(self, response):
        if len(response) > MAX_TRACE:
            raise SASLError(u'the trace is too long')
        return self.log_in(Anonymous(text_of(response)))


# -- client ------------------------------------------------------------------

class PLAINClient(ClientMechanism):
    """PLAIN (RFC 4616)."""

    name = 'PLAIN'
    plaintext = True
    needs = ('username', 'password')

    def begin(self, challenge):
        settings = self.settings
        parts = [settings.authzid.encode('utf-8'), settings.username.encode('utf-8'),
                 settings.password]
        if any(b'\0' in part for part in parts):
            raise ValueError('neither a name nor a password for PLAIN can hold NUL')
        return b'\0'.join(parts)


class LOGINClient(ClientMechanism):
    """LOGIN: the name, then the password, whatever the questions are called."""

    name = 'LOGIN'
    plaintext = True
    client_first = False
    needs = ('username', 'password')

    def begin(self, challenge):
        self.next_step = self._send_password
        return self.settings.username.encode('utf-8')

    def _send_password(self, challenge):
        # type: (Optional[bytes]) -> bytes
        return self.settings.password or b''


class EXTERNALClient(ClientMechanism):
    """EXTERNAL (RFC 4422 appendix A)."""

    name = 'EXTERNAL'

    def begin(self, challenge):
        return self.settings.authzid.encode('utf-8')


class ANONYMOUSClient(ClientMechanism):
    """ANONYMOUS (RFC 4505): the name is sent as trace."""

    name = 'ANONYMOUS'

    def begin(self, challenge):
        return self.settings.username.encode('utf-8')[:MAX_TRACE]
