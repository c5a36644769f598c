# Copyright the carryall authors.  See LICENSE.
"""Credentials: what a client offers to prove who it is.  They never show a secret when printed.

    UsernamePassword(u'anna', b'secret')    a password in clear, as PLAIN, LOGIN,
                                            USER/PASS and Basic bring it
    Challenged(u'anna', check)              an answer to a challenge,
                                            which takes a store that keeps clear passwords
    Anonymous(u'anna@example.org')          no proof at all, and what the client says of itself
    Certificate(der)                        a certificate whose key the client has shown to hold,
                                            in the TLS handshake
    External(u'anna')                       an identity that a lower layer has established (the
                                            owner of a Unix socket)
    BearerToken(token, u'anna')             a token of OAuth,
                                            and the user that the client names for it
    Proven(u'anna', 'SCRAM-SHA-256')        an argument of ``portal.admit``:
                                            the proof was verified already

A checker lists these classes as its ``kinds``.  Each has ``host``, the numeric address of the
client, or '': a checker that can check few at a time shares its time among these addresses.

Tests:    tests/core/auth/test_credentials.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import CarryallError

__all__ = ['Anonymous', 'BearerToken', 'Certificate', 'Challenged', 'Credentials', 'External',
           'LoginFailed', 'LoginUnavailable', 'MAX_NAME', 'MAX_PASSWORD', 'Proven',
           'UsernamePassword', 'usable_name']

# -- limits ------------------------------------------------------------------
MAX_NAME = 255              # characters of an account's name
# octets: a stranger must not make us hash megabytes
MAX_PASSWORD = 1024

FAILED_TEXT = u'the login failed'
UNAVAILABLE_TEXT = u'logins cannot be checked at the moment'


class LoginFailed(CarryallError):
    """The login failed.

    The text is the same for every cause; ``reason`` is for our log alone, never for the peer.
    """

    def __init__(self, reason=u'', cause=None):
        # type: (str, Optional[BaseException]) -> None
        CarryallError.__init__(self, FAILED_TEXT, cause)
        self.reason = reason


class LoginUnavailable(CarryallError):
    """The credentials could not be checked now: too many wait, or the store of accounts is broken.

    It is not a failed login: the peer may try the same credentials again, and no guard counts it.
    The text is the same for every cause; ``reason`` is for our log alone.
    """

    def __init__(self, reason=u'', cause=None):
        # type: (str, Optional[BaseException]) -> None
        CarryallError.__init__(self, UNAVAILABLE_TEXT, cause)
        self.reason = reason


class Credentials(object):
    """The base of all.

    Attributes:
        host: the numeric address of the peer, set by the server's protocol; '' if there is none.
    """

    __slots__ = ('host',)

    def __init__(self):
        # type: () -> None
        self.host = ''


class UsernamePassword(Credentials):
    """A name (text) and a password in clear (bytes)."""

    __slots__ = ('username', 'password')

    def __init__(self, username, password):
        # type: (str, bytes) -> None
        Credentials.__init__(self)
        self.username = username
        self.password = password

    def __repr__(self):
        return 'UsernamePassword(%r, ***)' % (self.username,)


class Challenged(Credentials):
    """A name, and an answer that only the clear password can verify (APOP, CRAM-MD5, PB's md5).

    Args:     check: called with a clear password (bytes); whether the client's answer was made with
                     it.  It compares in constant time.
    """

    __slots__ = ('username', 'check')

    def __init__(self, username, check):
        # type: (str, Callable[[bytes], bool]) -> None
        Credentials.__init__(self)
        self.username = username
        self.check = check

    def __repr__(self):
        return 'Challenged(%r)' % (self.username,)


class Anonymous(Credentials):
    """No one in particular; *trace* is what the client says of itself, for the log."""

    __slots__ = ('trace',)

    username = u''

    def __init__(self, trace=u''):
        # type: (str) -> None
        Credentials.__init__(self)
        self.trace = trace

    def __repr__(self):
        return 'Anonymous(%r)' % (self.trace,)


class Certificate(Credentials):
    """The client's certificate (DER) of a TLS connection;
    the handshake has proved that the client has its key."""

    __slots__ = ('der',)

    username = u''

    def __init__(self, der):
        # type: (bytes) -> None
        Credentials.__init__(self)
        self.der = der

    def __repr__(self):
        return 'Certificate(%d octets)' % len(self.der)


class External(Credentials):
    """An identity that was established below the protocol,
    such as the user at the other end of a Unix socket."""

    __slots__ = ('identity',)

    def __init__(self, identity):
        # type: (str) -> None
        Credentials.__init__(self)
        self.identity = identity

    @property
    def username(self):
        # type: () -> str
        """The identity; all credentials have a name for the log."""
        return self.identity

    def __repr__(self):
        return 'External(%r)' % (self.identity,)


class BearerToken(Credentials):
    """A token (RFC 6750); *username* is the user that the client names for it, and may be empty."""

    __slots__ = ('token', 'username')

    def __init__(self, token, username=u''):
        # type: (bytes, str) -> None
        Credentials.__init__(self)
        self.token = token
        self.username = username

    def __repr__(self):
        return 'BearerToken(***, %r)' % (self.username,)


class Proven(Credentials):
    """An account whose proof the caller of ``portal.admit`` has verified; no checker takes it."""

    __slots__ = ('username', 'mechanism')

    def __init__(self, username, mechanism):
        # type: (str, str) -> None
        Credentials.__init__(self)
        self.username = username
        self.mechanism = mechanism

    def __repr__(self):
        return 'Proven(%r, %s)' % (self.username, self.mechanism)


def usable_name(name):
    # type: (str) -> bool
    """True if *name* can be that of an account anywhere: 1 to 255 characters, no control
    characters, no colon.

    A colon ends the name in password files, and a control character has no business in a log,
    a path or a header.
    """
    if not 1 <= len(name) <= MAX_NAME or u':' in name or name != name.strip():
        return False
    return not any(u'\x00' <= char <= u'\x1f' or u'\x7f' <= char <= u'\x9f'
                   or char in u'\u2028\u2029' for char in name)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Optional
