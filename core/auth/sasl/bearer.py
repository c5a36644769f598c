# Copyright the carryall authors.  See LICENSE.
"""OAUTHBEARER: a token instead of a password (RFC 7628, 6750).

Wire:     C: n,a=NAME,^Ahost=HOST^Aport=PORT^Aauth=Bearer TOKEN^A^A           (^A is the octet 1)
          S: {"status": "invalid_token"}      C: ^A                           when the token is
                                              refused, then the failure
Tests:    tests/core/auth/sasl/test_bearer.py
"""
from __future__ import absolute_import, division, print_function

import re

from carryall.core.auth.credentials import BearerToken, LoginFailed
from carryall.core.auth.sasl.mechanism import ClientMechanism, ServerMechanism
from carryall.core.auth.sasl.wire import SASLError, escape_name, prepared_name, unescape_name
from carryall.core.future import failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional

__all__ = ['OAUTHBEARERClient', 'OAUTHBEARERServer']

# -- limits ------------------------------------------------------------------
MAX_PAIRS = 16              # key=value pairs of one message

SEPARATOR = b'\1'
REFUSED = b'{"status":"invalid_token"}'

_TOKEN = re.compile(b'[A-Za-z0-9._~+/-]+=*\\Z')      # RFC 6750 section 2.1
_KEY = re.compile(b'[A-Za-z]+\\Z')


class OAUTHBEARERServer(ServerMechanism):
    """The server's side."""

    name = 'OAUTHBEARER'
    plaintext = True

    def __init__(self, settings):
        ServerMechanism.__init__(self, settings)
        self._refusal = None            # type: Any

    @classmethod
    def missing(cls, settings):
        return None if settings.portal.accepts(BearerToken) else u'no account here goes by a token'

    def begin(self, response):
        header, separator, rest = response.partition(SEPARATOR)
        parts = header.split(b',')
        if not separator or len(parts) != 3 or parts[0] not in (b'n', b'y') or parts[2]:
            raise SASLError(u'OAUTHBEARER begins with another header')
        if parts[1] and parts[1][:2] != b'a=':
            raise SASLError(u'OAUTHBEARER begins with another header')
        name = prepared_name(unescape_name(parts[1][2:]))
        scheme, _, token = _pairs(rest).get(b'auth', b'').partition(b' ')
        if scheme.lower() != b'bearer' or not _TOKEN.match(token):
            raise SASLError(u'there is no bearer token')
        return self.log_in(BearerToken(token, name)).then(None, self._explain)

    def _explain(self, exc):
        # type: (Any) -> Any
        """RFC 7628 section 3.2.3: the client is told in JSON, must answer, and only then the
        exchange fails."""
        if not isinstance(exc, LoginFailed):
            return failed(exc)
        self._refusal = exc
        self.next_step = self._refuse
        return REFUSED

    def _refuse(self, response):
        # type: (bytes) -> Any
        return failed(self._refusal)


def _pairs(data):
    # type: (bytes) -> Dict[bytes, bytes]
    """The pairs behind the header: each ends in a separator, and one more ends them all."""
    parts = data.split(SEPARATOR)
    if len(parts) < 2 or parts[-1] or parts[-2] or len(parts) > MAX_PAIRS + 2:
        raise SASLError(u'a message of OAUTHBEARER does not end as it must')
    found = {}          # type: Dict[bytes, bytes]
    for part in parts[:-2]:
        key, equals, value = part.partition(b'=')
        if not equals or not _KEY.match(key) or key in found:
            raise SASLError(u'a pair of OAUTHBEARER is malformed or a duplicate')
        found[key] = value
    return found


class OAUTHBEARERClient(ClientMechanism):
    """The client's side.

    Attributes:
        refusal: the server's JSON when it refuses the token, else None.
    """

    name = 'OAUTHBEARER'
    plaintext = True
    needs = ('token',)

    refusal = None                      # type: Optional[bytes]

    def begin(self, challenge):
        settings = self.settings
        if not _TOKEN.match(settings.token):
            raise ValueError('the token holds what a bearer token cannot hold')
        name = settings.authzid or settings.username
        pairs = [b'n,%s,' % (b'a=' + escape_name(name) if name else b'')]
        if settings.host:
            pairs.append(b'host=' + settings.host.encode('idna'))
        if settings.port:
            pairs.append(b'port=%d' % settings.port)
        pairs.append(b'auth=Bearer ' + settings.token)
        self.next_step = self._give_up
        return SEPARATOR.join(pairs) + SEPARATOR + SEPARATOR

    def _give_up(self, challenge):
        # type: (Optional[bytes]) -> bytes
        self.refusal = challenge
        return SEPARATOR

    def finish(self, success_data=None):
        ClientMechanism.finish(self, success_data)
        if self.refusal is not None:
            raise SASLError(u'the server has refused the token, and accepts it now')
