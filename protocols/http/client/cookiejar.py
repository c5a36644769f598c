# Copyright the carryall authors.  See LICENSE.
"""Jar: the cookies of a client, stored and sent by the rules of browsers (RFC 6265bis sections 5.7,
5.8).

Rules:    a cookie goes to its host alone unless it names a Domain that the host is in, and never to
          a public suffix.  Secure cookies are stored from and sent over TLS alone, and no cookie
          from a clear connection replaces them.  SameSite, Partitioned and HttpOnly concern pages
          and scripts, which this client has not.
Suffixes: a single label (``com``, ``localhost``) is a public suffix.  So are two labels of which
          the last is a country's (two letters) and the first is one of SECOND_LEVEL (``co.uk``,
          ``com.au``).  Others are listed in HOSTING.  That is not the list of publicsuffix.org,
          which changes weekly; a program that has the list passes in a ``suffix`` function.
Tests:    tests/protocols/http/client/test_cookiejar.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.net.ip import packed
from carryall.protocols.http.fields.cookies import (MAX_AGE, default_path, domain_matches,
                                                    format_cookies, parse_set_cookie,
                                             path_matches)

__all__ = ['Jar', 'is_public_suffix']

# -- limits ------------------------------------------------------------------
MAX_COOKIES = 3000          # in one jar; section 6.1
MAX_HOST_COOKIES = 50       # of one domain; section 6.1
MAX_SET = 50                # Set-Cookie fields parsed of one response; the RFC is silent
MAX_FIELD = 8190            # octets of one Cookie field; servers accept so many

SECOND_LEVEL = frozenset(
    b'ac co com edu go gob gouv gov gv ltd mil ne net nom or org plc sch web'.split())
HOSTING = frozenset((b'appspot.com', b'azurewebsites.net', b'blogspot.com', b'cloudfront.net',
                     b'github.io', b'gitlab.io',
                     b'herokuapp.com', b'netlify.app', b'pages.dev', b'vercel.app', b'workers.dev'))


def is_public_suffix(domain):
    # type: (bytes) -> bool
    """True if *domain* is a public suffix, by the rule in the module's text."""
    labels = domain.strip(b'.').split(b'.')
    if len(labels) < 2:
        return True
    return (b'.'.join(labels) in HOSTING or len(labels) == 2 and len(labels[1]) == 2 and labels[0]
            in SECOND_LEVEL)


class _Cookie(object):
    """One cookie and its scope."""

    __slots__ = ('name', 'value', 'domain', 'path', 'host_only', 'secure', 'expires', 'number')

    def __init__(self, said, domain, host_only, path, expires):
        # type: (SetCookie, bytes, bool, bytes, Optional[float]) -> None
        self.name = said.name
        self.value = said.value
        self.secure = said.secure
        self.domain = domain
        self.host_only = host_only
        self.path = path
        self.expires = expires      # seconds since 1970; None: with the jar
        self.number = 0             # by age


class Jar(object):
    """Cookies in memory.

    Args:     wall: a function that gives the time of day in seconds since 1970.
              suffix: a function, true for a domain (bytes, lower case) that is a public suffix.
    """

    __slots__ = ('_cookies', '_wall', '_suffix', '_made')

    def __init__(self, wall, suffix=is_public_suffix):
        # type: (Callable[[], float], Callable[[bytes], bool]) -> None
        self._cookies = []          # type: List[_Cookie]   # the oldest first
        self._wall = wall
        self._suffix = suffix
        self._made = 0              # numbers them by age

    def __len__(self):
        self._expire()
        return len(self._cookies)

    def clear(self):
        # type: () -> None
        """Forgets all."""
        del self._cookies[:]

    def store(self, location, values):
        # type: (Location, Sequence[bytes]) -> None
        """Stores the cookies of a response from *location*; those that are not allowed are dropped
        (section 5.7).
        """
        for value in values[:MAX_SET]:
            said = parse_set_cookie(value)
            cookie = None if said is None else self._cookie(location, said)
            if cookie is not None:
                self._put(cookie, location.secure)
        self._expire()
        self._shrink()

    def field(self, location):
        # type: (Location) -> Optional[bytes]
        """The value of Cookie for a request to *location*; None without cookies for it (section
        5.8.3).
        """
        self._expire()
        host = location.host.encode('ascii')
        fit = [one for one in self._cookies
               if (host == one.domain if one.host_only else domain_matches(host, one.domain))
               and path_matches(location.path, one.path) and (location.secure or not one.secure)]
        fit.sort(key=lambda one: (-len(one.path), one.number))
        room = MAX_FIELD
        pairs = []
        for one in fit:
            room -= len(one.name) + len(one.value) + 3
            if room < 0:
                break
            pairs.append((one.name, one.value))
        return format_cookies(pairs) if pairs else None

    # -- inside ------------------------------------------------------------------------------------

    def _cookie(self, location, said):
        # type: (Location, SetCookie) -> Optional[_Cookie]
        """The cookie of a parsed Set-Cookie; None if its host may not set it."""
        host = location.host.encode('ascii')
        domain = host
        host_only = True
        if said.domain and said.domain != host:
            if not domain_matches(host, said.domain) or self._suffix(said.domain):
                return None
            domain = said.domain
            host_only = False
        elif said.domain and not self._suffix(host) and packed(location.host) is None:
            # The Domain is the host itself, with its subdomains
            host_only = False
        if said.secure and not location.secure:
            return None
        path = said.path if said.path is not None else default_path(location.path)
        return _Cookie(said, domain, host_only, path, self._expiry(said))

    def _expiry(self, said):
        # type: (SetCookie) -> Optional[float]
        """The end of the cookie, in seconds since 1970; None: with the jar."""
        now = self._wall()
        if said.max_age is not None:
            return now + said.max_age if said.max_age > 0 else 0.0
        return None if said.expires is None else min(said.expires, now + MAX_AGE)

    def _put(self, cookie, secure):
        # type: (_Cookie, bool) -> None
        for old in self._cookies:
            if old.name != cookie.name:
                continue
            if old.secure and not secure and path_matches(cookie.path, old.path) \
                    and (domain_matches(old.domain, cookie.domain)
                         or domain_matches(cookie.domain, old.domain)):
                return              # section 5.7, step 9: "leave secure cookies alone"
        self._made += 1
        cookie.number = self._made
        for old in self._cookies:
            if (old.name, old.domain, old.path, old.host_only) == (cookie.name, cookie.domain,
                                                                   cookie.path,
                                                                   cookie.host_only):
                cookie.number = old.number
                self._cookies.remove(old)
                break
        self._cookies.append(cookie)

    def _expire(self):
        # type: () -> None
        now = self._wall()
        self._cookies = [one for one in self._cookies if one.expires is None or one.expires > now]

    def _shrink(self):
        # type: () -> None
        """Drops the oldest of a domain that has too many, and the oldest of all."""
        counts = {}                 # type: Dict[bytes, int]
        kept = []                   # type: List[_Cookie]
        for one in reversed(self._cookies):
            counts[one.domain] = counts.get(one.domain, 0) + 1
            if counts[one.domain] <= MAX_HOST_COOKIES and len(kept) < MAX_COOKIES:
                kept.append(one)
        kept.reverse()
        self._cookies = kept


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Dict, List, Optional, Sequence
    from carryall.protocols.http.client.clienturl import Location
    from carryall.protocols.http.fields.cookies import SetCookie
