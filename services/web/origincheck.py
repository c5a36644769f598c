# Copyright the carryall authors.  See LICENSE.
"""Forged requests: those that a page of another site makes a browser send (feature WEB-13).

    site = Site(refuse_foreign(app), loop)

A browser adds the cookies of a site to the forms that other sites send there (CSRF).  Two fields
tell whose page has sent a request: ``Sec-Fetch-Site`` (W3C Fetch Metadata) and ``Origin`` (RFC 6454
section 7).  An unsafe request of another site is refused with 403.  A client that sends neither is
no browser, and brings no cookies that are not its own.

The applications need no token in their forms.  ``Session.token`` (sessions.py) is for those that
want one too.

Tests:    tests/services/web/test_origincheck.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.http.fields import SAFE_METHODS
from carryall.services.web.errorpage import error_response

__all__ = ['is_foreign', 'refuse_foreign']

OWN = (b'same-origin', b'none')     # none: the user typed the address, or opened a bookmark
SCHEMES = (b'http', b'https')
DEFAULT_PORTS = {b'http': b':80', b'https': b':443'}


def refuse_foreign(app, trusted=()):
    # type: (Callable[[Any], Any], Iterable[bytes]) -> Callable[[Any], Any]
    """*app*, without unsafe requests that pages of other sites have sent.

    Args:     trusted: origins whose pages may send them, b'https://shop.example'.
    """
    origins = frozenset(trusted)

    def checked(request):
        # type: (Any) -> Any
        if request.method not in SAFE_METHODS and is_foreign(request, origins):
            return error_response(request, 403)
        return app(request)
    return checked


def is_foreign(request, trusted=frozenset()):
    # type: (Any, FrozenSet[bytes]) -> bool
    """True if a browser tells that a page of another site has sent *request*."""
    headers = request.headers
    origins = headers.get_all(b'origin')
    if len(origins) > 1:
        return True
    if origins and origins[0] in trusted:
        return False
    sites = headers.get_all(b'sec-fetch-site')
    if sites:
        return len(sites) > 1 or sites[0].lower() not in OWN
    if not origins:
        return False
    return not _is_of_host(origins[0].lower(), headers.get(b'host', b'').lower())


def _is_of_host(origin, host):
    # type: (bytes, bytes) -> bool
    """True if *origin* is that of *host*, by either scheme: a proxy may have ended TLS."""
    scheme, mark, authority = origin.partition(b'://')
    if not mark or scheme not in SCHEMES or not authority:
        return False
    port = DEFAULT_PORTS[scheme]
    return authority == host or authority + port == host


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, FrozenSet, Iterable
