# Copyright the carryall authors.  See LICENSE.
"""Cookies: the fields Cookie and Set-Cookie, read and written (RFC 6265bis, draft 22; CHIPS for
Partitioned).

Wire:     ``Cookie: a=1; b=2`` from the client, ``Set-Cookie: a=1; Path=/; Secure; HttpOnly;
          SameSite=Lax`` from the server.
Rules:    reading follows browsers and servers and accepts junk.  Writing follows the strict grammar
          of section 4, and a cookie that breaks the rule of its prefix, ``__Secure-`` or
          ``__Host-``, is refused.
Not here: a jar, the list of public suffixes.
Tests:    tests/protocols/http/fields/test_cookies.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import LocalProtocolError
from carryall.core.records import namedtuple
from carryall.core.codec.numbers import decimal
from carryall.protocols.http.fields.dates import format_date, parse_cookie_date
from carryall.protocols.http.fields.fieldsyntax import ALPHANUMERIC, CONTROLS, is_token

__all__ = ['SetCookie', 'default_path', 'domain_matches', 'format_cookies', 'format_set_cookie',
           'parse_cookies',
           'parse_set_cookie', 'path_matches']

# -- limits ------------------------------------------------------------------
MAX_COOKIES = 300           # pairs read from one Cookie; section 6.1 asks for 50 a domain
MAX_COOKIE = 4096           # octets of a name and its value together; section 5.6
MAX_ATTRIBUTE = 1024        # octets of the value of an attribute; section 5.6
MAX_ATTRIBUTES = 32         # of one Set-Cookie; the RFC is silent
MAX_AGE = 400 * 86400       # seconds that a cookie may live; section 5.5

# -- grammar -----------------------------------------------------------------
# cookie-octet = %x21 / %x23-2B / %x2D-3A / %x3C-5B / %x5D-7E     no control, space, DQUOTE, comma,
# semicolon, backslash
COOKIE_OCTETS = bytes(bytearray([octet for octet in range(0x21, 0x7f) if octet not
                                 in (0x22, 0x2c, 0x3b, 0x5c)]))
# path-value = any octet but controls and ";"
PATH_OCTETS = bytes(bytearray([octet for octet in range(0x20, 0x7f) if octet != 0x3b]))
DOMAIN_OCTETS = ALPHANUMERIC + b'-.'
SAME_SITE = (b'Strict', b'Lax', b'None')

SetCookie = namedtuple('SetCookie',
                       'name value expires max_age domain path secure http_only same_site '
                       'partitioned')


def parse_cookies(value, maximum=MAX_COOKIES):
    # type: (bytes, int) -> List[Tuple[bytes, bytes]]
    """The (name, value) pairs of a Cookie field, in order, quotes left as they are; those beyond
    *maximum* are dropped.

    Pairs without a name or without ``=`` are left out.  Of equal names the first is the most
    specific (section 5.8.3).
    """
    pairs = []
    for member in value.split(b';', maximum)[:maximum]:
        name, mark, text = member.partition(b'=')
        name = name.strip(b' \t')
        if mark and name:
            pairs.append((name, text.strip(b' \t')))
    return pairs


def format_cookies(pairs):
    # type: (Iterable[Tuple[bytes, bytes]]) -> bytes
    """The Cookie field of a client (section 5.8.3).

    Raises:   LocalProtocolError: a control character or semicolon.
    """
    out = []
    for name, value in pairs:
        member = name + b'=' + value if name else value
        if b';' in member or len(member.translate(None, CONTROLS)) != len(member):
            raise LocalProtocolError('a cookie cannot have a control character or semicolon')
        out.append(member)
    return b'; '.join(out)


def format_set_cookie(name,                 # type: bytes
                      value,                # type: bytes
                      max_age=None,         # type: Optional[int]
                      expires=None,         # type: Optional[float]
                      domain=None,          # type: Optional[bytes]
                      path=b'/',            # type: Optional[bytes]
                      secure=False,         # type: bool
                      http_only=True,       # type: bool
                      same_site=b'Lax',     # type: Optional[bytes]
                      partitioned=False     # type: bool
                      ):
    # type: (...) -> bytes
    """The value of a Set-Cookie field (section 4.1.1).

    Without *max_age* (seconds; 0 deletes the cookie) and *expires* (seconds since 1970) it lasts
    for the session.

    Raises:   LocalProtocolError: a value outside of the grammar, or one that browsers drop: it is
              too long, breaks the rule of the name's prefix, or has ``SameSite=None`` or
              Partitioned without Secure.
    """
    _check_pair(name, value)
    _check_promises(name, secure, path, domain)
    out = [name + b'=' + value]
    if expires is not None:
        out.append(b'Expires=' + format_date(expires))
    if max_age is not None:
        out.append(b'Max-Age=%d' % max_age)
    if domain is not None:
        if not domain or len(domain) > MAX_ATTRIBUTE or domain.translate(None, DOMAIN_OCTETS):
            raise LocalProtocolError('%r cannot be the domain of a cookie' % (domain,))
        out.append(b'Domain=' + domain)
    if path is not None:
        if path[:1] != b'/' or len(path) > MAX_ATTRIBUTE or path.translate(None, PATH_OCTETS):
            raise LocalProtocolError('%r cannot be the path of a cookie' % (path,))
        out.append(b'Path=' + path)
    if same_site is not None and same_site not in SAME_SITE:
        raise LocalProtocolError('SameSite is Strict, Lax or None, not %r' % (same_site,))
    if (partitioned or same_site == b'None') and not secure:
        raise LocalProtocolError('a cookie with SameSite=None or Partitioned must be Secure')
    out.extend(word for word, on in ((b'Secure', secure), (b'HttpOnly', http_only)) if on)
    if same_site is not None:
        out.append(b'SameSite=' + same_site)
    if partitioned:
        out.append(b'Partitioned')
    return b'; '.join(out)


def parse_set_cookie(value):
    # type: (bytes) -> Optional[SetCookie]
    """Parses a Set-Cookie field by the algorithm of browsers (section 5.6, 5.7).

    An attribute that is missing or invalid is None; *same_site* is ``strict``, ``lax`` or ``none``
    as bytes.

    Returns:  None: the cookie must be dropped: it has a control character, is too long, or breaks
              the rule of its prefix.
    """
    if len(value.translate(None, CONTROLS)) != len(value):
        return None
    pair, _, rest = value.partition(b';')
    name, mark, text = pair.partition(b'=')
    if not mark:
        name = b''
        text = pair
    name = name.strip(b' \t')
    text = text.strip(b' \t')
    if not name and not text or len(name) + len(text) > MAX_COOKIE:
        return None
    found = {}                  # type: Dict[bytes, Any]
    for member in rest.split(b';', MAX_ATTRIBUTES)[:MAX_ATTRIBUTES]:
        key, _, detail = member.partition(b'=')
        detail = detail.strip(b' \t')
        if len(detail) <= MAX_ATTRIBUTE:
            _take_attribute(key.strip(b' \t').lower(), detail, found)
    cookie = SetCookie(name, text, found.get(b'expires'), found.get(b'max-age'),
                       found.get(b'domain'),
                       found.get(b'path'), b'secure' in found, b'httponly' in found,
                       found.get(b'samesite'),
                       b'partitioned' in found)
    return cookie if _is_kept(cookie) else None


def domain_matches(host, domain):
    # type: (bytes, bytes) -> bool
    """True if a cookie for *domain* goes to *host*, both in lower case (section 5.1.3)."""
    if host == domain:
        return True
    is_address = not host.translate(None, b'0123456789.') or b':' in host
    return host.endswith(b'.' + domain) and not is_address and bool(domain)


def path_matches(path, cookie_path):
    # type: (bytes, bytes) -> bool
    """True if a cookie for *cookie_path* goes with a request for *path* (section 5.1.4)."""
    if not path.startswith(cookie_path):
        return False
    return (len(path) == len(cookie_path) or cookie_path[-1:] == b'/' or path[len(cookie_path):][:1]
            == b'/')


def default_path(path):
    # type: (bytes) -> bytes
    """The path of a cookie that came from *path* and named none (section 5.1.4)."""
    end = path.rfind(b'/')
    return path[:end] if path[:1] == b'/' and end > 0 else b'/'


# -- private -----------------------------------------------------------------
def _check_pair(name, value):
    # type: (bytes, bytes) -> None
    if not is_token(name):
        raise LocalProtocolError('the name of a cookie must be a token, not %r' % (name,))
    inner = value[1:-1] if len(value) > 1 and value[:1] == value[-1:] == b'"' else value
    if inner.translate(None, COOKIE_OCTETS):
        # May be secret
        raise LocalProtocolError('the value of cookie %r has an octet that must be encoded'
                                 % (name,))
    if len(name) + len(value) > MAX_COOKIE:
        raise LocalProtocolError('cookie %r is longer than %d octets' % (name, MAX_COOKIE))


def _check_promises(name, secure, path, domain):
    # type: (bytes, bool, Optional[bytes], Optional[bytes]) -> None
    if not _keeps_promises(name, secure, path, domain):
        raise LocalProtocolError('the prefix of cookie %r requires Secure%s' % (
            name, ', for the path / and for no domain' if name[:7].lower() == b'__host-' else ''))


def _keeps_promises(name, secure, path, domain):
    # type: (bytes, bool, Optional[bytes], Optional[bytes]) -> bool
    """True if a cookie keeps the rule of its prefix (section 4.1.3)."""
    start = name.lower()
    if start.startswith(b'__secure-'):
        return secure
    if start.startswith(b'__host-'):
        return secure and path == b'/' and not domain
    return True


def _is_kept(cookie):
    # type: (SetCookie) -> bool
    if cookie.name:
        kept = _keeps_promises(cookie.name, cookie.secure, cookie.path, cookie.domain)
    else:
        # Without a name the value is sent back alone, and could look like a cookie with a prefix.
        kept = _keeps_promises(cookie.value, False, None, None)
    if not kept:
        return False
    return cookie.secure or not cookie.partitioned and cookie.same_site != b'none'


def _take_attribute(key, detail, found):
    # type: (bytes, bytes, Dict[bytes, Any]) -> None
    """Takes one attribute; of equal ones the last counts (section 5.6)."""
    if key == b'expires':
        date = parse_cookie_date(detail)
        if date is not None:
            found[key] = date
    elif key == b'max-age':
        digits = detail[1:] if detail[:1] == b'-' else detail
        if digits.isdigit():
            age = 0 if detail[:1] == b'-' else decimal(digits, MAX_AGE)
            found[key] = MAX_AGE if age is None else age
    elif key == b'domain':
        found[key] = (detail[1:] if detail[:1] == b'.' else detail).lower() or None
    elif key == b'path':
        found[key] = detail if detail[:1] == b'/' else None
    elif key == b'samesite':
        word = detail.lower()
        found[key] = word if word in (b'strict', b'lax', b'none') else None
    elif key in (b'secure', b'httponly', b'partitioned'):
        found[key] = True


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Optional, Tuple
