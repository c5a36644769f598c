# Copyright the carryall authors.  See LICENSE.
"""Cookies, as ``mod_python.Cookie`` has them: plain, signed, and with a marshalled value.

    Cookie.add_cookie(req, 'colour', 'blue', path='/')
    found = Cookie.get_cookies(req, Cookie.SignedCookie, secret='...')

Signature: HMAC-MD5 of name and value, 32 hexadecimal digits before the value, as mod_python 3.5 has
           it.  A value is unmarshalled only when its signature is right.
Source:   mod_python 3.3's manual, "Cookie - HTTP State Management"; the field: RFC 6265 section 4.
Tests:    tests/services/modpython/test_pagecookies.py
"""
from __future__ import absolute_import, division, print_function

import base64
import binascii
import hashlib
import hmac
import marshal

from carryall.core.compat import PY2, constant_time_equal, native
from carryall.protocols.http.fields import format_date, parse_date

__all__ = ['Cookie', 'CookieError', 'MarshalCookie', 'SignedCookie', 'add_cookie', 'get_cookie',
           'get_cookies']

MAX_COOKIES = 1000          # of one header field; further ones are dropped
SIGNATURE = 32              # hexadecimal digits
MARSHAL_VERSION = 2         # that every Python reads

# attribute -> its name in the field; None for one without a value
ATTRIBUTES = (
    ('version', 'version'), ('path', 'path'), ('domain', 'domain'), ('secure', None),
    ('comment', 'comment'), ('expires', 'expires'), ('max_age', 'Max-Age'),
    ('samesite', 'samesite'), ('commentURL', 'commentURL'), ('discard', None), ('port', 'port'),
    ('httponly', None),
)
_PROPER = dict((name.lower(), name) for name, _ in ATTRIBUTES)
_OWN = ('name', 'value', '_expires', '_secret')
_UNKNOWN = 'a cookie has no attribute %s'
_BREAKS = ('\r', '\n', '\0')


class CookieError(Exception):
    """A cookie that cannot be signed, or whose signature is wrong."""


class Cookie(object):
    """One cookie.

    Args:     attributes: version, path, domain, secure, comment, expires, max_age, samesite,
                          commentURL, discard, port, httponly.
    Raises:   AttributeError: another attribute.
    """

    DOWNGRADE = 0
    IGNORE = 1
    EXCEPTION = 3

    def __init__(self, name, value, **attributes):
        # type: (str, Any, **Any) -> None
        self._secret = None         # type: Any
        self.name = name
        self.value = value
        for attribute, given in attributes.items():
            proper = _PROPER.get(attribute.lower())
            if proper is None:
                raise AttributeError(_UNKNOWN % attribute)
            setattr(self, proper, given)

    def __setattr__(self, name, value):
        if name not in _OWN and name.lower() not in _PROPER:
            raise AttributeError(_UNKNOWN % name)
        if name == 'expires':
            value = _expiry(value)
        object.__setattr__(self, name, value)

    @classmethod
    def parse(cls, text, **options):
        # type: (str, **Any) -> Dict[str, Any]
        """name -> cookie, of the value of a field Cookie.

        Args:     names: those that are wanted; all unless given.
        """
        return _parsed(text, cls, **options)

    def wire_value(self):
        # type: () -> str
        """The value as it is sent."""
        return '%s' % (self.value,)

    def __str__(self):
        parts = ['%s=%s' % (self.name, self.wire_value())]
        for attribute, name in ATTRIBUTES:
            if attribute not in vars(self):
                continue
            given = vars(self)[attribute]
            if name is not None:
                parts.append('%s=%s' % (name, given))
            elif given:
                parts.append(attribute)
        text = '; '.join(parts)
        if any(sign in text for sign in _BREAKS):
            raise CookieError('a cookie with a line end')
        return text

    def __repr__(self):
        return '<%s: %s>' % (type(self).__name__, self)


class SignedCookie(Cookie):
    """A cookie that its reader cannot change without being noticed; it is not encrypted."""

    def __init__(self, name, value, secret=None, **attributes):
        # type: (str, Any, Any, **Any) -> None
        Cookie.__init__(self, name, value, **attributes)
        self._secret = secret

    @classmethod
    def parse(cls, text, secret=None, mismatch=Cookie.DOWNGRADE, **options):
        # type: (str, Any, int, **Any) -> Dict[str, Any]
        """name -> cookie, whose signature was right.

        Args:     mismatch: of a wrong signature: DOWNGRADE for a plain Cookie with the whole value,
                            IGNORE for no cookie, EXCEPTION.
        Raises:   CookieError: with EXCEPTION.
        """
        found = _parsed(text, cls, **options)
        for name, cookie in list(found.items()):
            whole = cookie.value
            try:
                cookie.verify(secret)
            except CookieError:
                if mismatch == Cookie.EXCEPTION:
                    raise
                del found[name]
                if mismatch != Cookie.IGNORE:
                    found[name] = Cookie(name, whole)
        return found

    def hexdigest(self, text):
        # type: (str) -> str
        """The signature of *text* under this cookie's name."""
        if not self._secret:
            raise CookieError('Cannot sign without a secret')
        return hmac.new(_octets(self._secret), _octets(self.name) + _octets(text),
                        hashlib.md5).hexdigest()

    def wire_value(self):
        plain = Cookie.wire_value(self)
        return self.hexdigest(plain) + plain

    def unsign(self, secret):
        # type: (Any) -> None
        """Takes the signature off the value.

        Raises:   CookieError: it is wrong.
        """
        signature = self.value[:SIGNATURE]
        value = self.value[SIGNATURE:]
        self._secret = secret
        wanted = self.hexdigest(value)
        if not constant_time_equal(wanted.encode('ascii'), _octets(signature)):
            self._secret = None
            raise CookieError('Incorrectly Signed Cookie: %s' % self.name)
        self.value = value

    verify = unsign


class MarshalCookie(SignedCookie):
    """A signed cookie whose value is any object that ``marshal`` takes."""

    def wire_value(self):
        data = native(base64.b64encode(marshal.dumps(self.value, MARSHAL_VERSION)))
        return self.hexdigest(data) + data

    def unmarshal(self, secret):
        # type: (Any) -> None
        """Makes the value of what was sent.

        Raises:   CookieError: the signature is wrong, or the value is.
        """
        self.unsign(secret)
        try:
            self.value = marshal.loads(base64.b64decode(_octets(self.value)))
        except (EOFError, ValueError, TypeError, binascii.Error):
            raise CookieError('Cannot Unmarshal Cookie: %s' % self.name)

    verify = unmarshal


def _expiry(value):
    # type: (Any) -> str
    """The date of an attribute ``expires``: seconds since 1970, or the date itself."""
    if isinstance(value, str):
        seconds = parse_date(value.replace('-', ' ').encode('latin-1', 'replace'))
        if seconds is None:
            raise ValueError('Invalid expires time: %s' % value)
        value = seconds
    words = native(format_date(value)).split(' ')       # Sun, 06 Nov 1994 08:49:37 GMT
    return '%s %s %s %s' % (words[0], '-'.join(words[1:4]), words[4], words[5])


def _octets(text):
    # type: (Any) -> bytes
    """The octets that *text* has on the wire."""
    if isinstance(text, bytes):
        return text
    try:
        return text.encode('latin-1')
    except UnicodeError:
        return text.encode('utf-8')


def _parsed(text, cls, names=None):
    # type: (str, Any, Optional[Sequence[str]]) -> Dict[str, Any]
    """name -> cookie; names that begin with a dollar are attributes of RFC 2965, and dropped."""
    found = {}                      # type: Dict[str, Any]
    if not PY2 and isinstance(text, bytes):
        text = text.decode('latin-1')
    at = 0
    while at < len(text) and len(found) < MAX_COOKIES:
        while at < len(text) and text[at] in ', ;=':
            at += 1
        start = at
        while at < len(text) and text[at] not in '; =':
            at += 1
        name = text[start:at]
        at = _behind(text, at, ' ')
        value = ''
        if text[at:at + 1] == '=':
            at = _behind(text, at + 1, ' ')
            value, at = _value(text, at)
        if name and not name.startswith('$') and (names is None or name in names):
            found[name] = cls(name, value)
    return found


def _behind(text, at, sign):
    # type: (str, int, str) -> int
    while text[at:at + 1] == sign:
        at += 1
    return at


def _value(text, at):
    # type: (str, int) -> Tuple[str, int]
    """A value, in quotes or up to the semicolon, and the place behind it."""
    if text[at:at + 1] == '"':
        end = at + 1
        while end < len(text) and text[end] != '"':
            end += 2 if text[end] == '\\' else 1
        if end < len(text):
            return text[at:end + 1], end + 1
    end = text.find(';', at)
    if end < 0:
        end = len(text)
    return text[at:end], end


def add_cookie(request, cookie, value='', **attributes):
    # type: (Any, Any, Any, **Any) -> None
    """Sends a cookie, given as one or as name and value, and tells caches not to keep it."""
    if not isinstance(cookie, Cookie):
        cookie = Cookie(cookie, value, **attributes)
    if 'Set-Cookie' not in request.headers_out:
        request.headers_out.add('Cache-Control', 'no-cache="set-cookie"')
    request.headers_out.add('Set-Cookie', str(cookie))


def get_cookies(request, Class=Cookie, **options):
    # type: (Any, Any, **Any) -> Dict[str, Any]
    """name -> cookie, of what the client has sent."""
    said = request.headers_in.get('Cookie', '')
    return Class.parse('; '.join(said) if isinstance(said, list) else said, **options)


def get_cookie(request, name, Class=Cookie, **options):
    # type: (Any, str, Any, **Any) -> Any
    """The cookie of that name; None if there is none."""
    return get_cookies(request, Class, names=[name], **options).get(name)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Sequence, Tuple
