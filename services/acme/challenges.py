# Copyright the carryall authors.  See LICENSE.
"""Challenges: the proof that this server answers for a name (RFC 8555 section 8.3, RFC 8737).

    http-01         GET /.well-known/acme-challenge/TOKEN on port 80
    tls-alpn-01     a certificate with a hash, for clients that offer acme-tls/1, on port 443

Tests:    tests/services/acme/test_challenges.py
"""
from __future__ import absolute_import, division, print_function

import hashlib

from carryall.core.compat import native, to_bytes
from carryall.core.tls import TLSContext
from carryall.core.tls.authority import challenge_pair
from carryall.protocols.http import Response, plain_response

__all__ = ['ALPN_01', 'HTTP_01', 'AlpnChallenges', 'HttpChallenges', 'KINDS']

HTTP_01 = u'http-01'
ALPN_01 = u'tls-alpn-01'
KINDS = (HTTP_01, ALPN_01)

PREFIX = b'/.well-known/acme-challenge/'
PROTOCOL = b'acme-tls/1'    # RFC 8737 section 6.2


class HttpChallenges(object):
    """The answers that are shown by http.

    Attributes:
        detours: none; see AlpnChallenges.
    """

    kind = HTTP_01

    def __init__(self):
        # type: () -> None
        self.detours = {}           # type: Dict[bytes, TLSContext]
        self._answers = {}          # type: Dict[bytes, bytes]

    def show(self, name, token, authorization):
        # type: (str, str, bytes) -> None
        """Shows the answer to a challenge."""
        self._answers[to_bytes(token)] = authorization

    def hide(self, name, token):
        # type: (str, str) -> None
        """Ends that."""
        self._answers.pop(to_bytes(token), None)

    def before(self, app):
        # type: (Callable[[Any], Any]) -> Callable[[Any], Any]
        """*app*, behind the answers: no login and no redirect keeps the authority out."""
        def answer(request):
            # type: (Any) -> Any
            path = request.path
            if not path.startswith(PREFIX):
                return app(request)
            found = self._answers.get(path[len(PREFIX):])
            if found is None:
                return app(request)
            if request.method not in (b'GET', b'HEAD'):
                return plain_response(405, [(b'Allow', b'GET, HEAD')])
            return Response(200, [(b'Content-Type', b'application/octet-stream')], found)
        return answer


class AlpnChallenges(object):
    """The certificates that are shown by TLS.

    Args:     wall: gives seconds since 1970.

    Attributes:
        detours: for the TLSContext of each listener; see there.
    """

    kind = ALPN_01

    def __init__(self, wall):
        # type: (Callable[[], float]) -> None
        self.detours = {}           # type: Dict[bytes, TLSContext]
        self._wall = wall
        self._shown = {}            # type: Dict[str, Any]

    def show(self, name, token, authorization):
        # type: (str, str, bytes) -> None
        """Shows the certificate of a challenge."""
        digest = hashlib.sha256(authorization).digest()
        self._shown[name] = challenge_pair(name, digest, self._wall()).identity()
        self._changed()

    def hide(self, name, token):
        # type: (str, str) -> None
        """Ends that."""
        self._shown.pop(name, None)
        self._changed()

    def before(self, app):
        # type: (Callable[[Any], Any]) -> Callable[[Any], Any]
        """*app*: requests have nothing to do with this kind."""
        return app

    def _changed(self):
        # type: () -> None
        if not self._shown:
            self.detours.clear()
            return
        some = next(iter(self._shown.values()))
        self.detours[PROTOCOL] = TLSContext(some, alpn=[native(PROTOCOL)], sni=self._shown)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict
