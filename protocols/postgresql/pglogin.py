# Copyright the carryall authors.  See LICENSE.
"""The log-in of a client: what the server asks for, and what is answered.

Source:   PostgreSQL 18, section 55.2.1, section 55.3, "SASL Authentication".
Tests:    tests/protocols/postgresql/test_login.py
"""
from __future__ import absolute_import, division, print_function

import hashlib

from carryall.core.auth import sasl
from carryall.core.compat import to_bytes
from carryall.core.database import NotSupportedError, OperationalError
from carryall.protocols.postgresql import wire
from carryall.protocols.postgresql.errors import PostgreSQLError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional
    from carryall.core.future import Future

__all__ = ['Login']

# What AuthenticationRequest asks for
AUTH_OK = 0
AUTH_CLEAR = 3
AUTH_MD5 = 5
AUTH_SASL = 10
AUTH_SASL_CONTINUE = 11
AUTH_SASL_FINAL = 12

MECHANISMS = ('SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256')
MAX_MECHANISMS = 100        # that a server offers


class _EndPoint(object):
    """A connection under TLS, with the one channel binding that PostgreSQL has."""

    def __init__(self, info):
        # type: (Any) -> None
        self._data = info.server_end_point

    def channel_bindings(self):
        # type: () -> Any
        """The name and data of the binding (RFC 5929 section 4)."""
        return [('tls-server-end-point', self._data)] if self._data else []


class Login(object):
    """The exchange of one connection.

    Args:     password: bytes, or None.
              tls: the TLSInfo of the connection; None in clear.
              write: sends octets.
              fail: ends the connection with an error.

    Attributes:
        accepted: the server has said that the log-in is right.
    """

    def __init__(self, clock, user, password, settings, tls, write, fail):
        # type: (Any, str, Optional[bytes], Any, Any, Callable[..., Any], Any) -> None
        self.accepted = False
        self._clock = clock
        self._user = user
        self._password = password
        self._settings = settings
        self._tls = tls
        self._write = write
        self._fail = fail
        self._mechanism = None      # type: Any
        self._way = 'none'          # as libpq names what was asked for

    def take(self, body):
        # type: (bytes) -> None
        """Answers an AuthenticationRequest."""
        cursor = wire.MessageCursor(body)
        kind = cursor.word()
        if kind == AUTH_OK:
            self._check_accepted()
        elif kind == AUTH_CLEAR:
            self._begin('password')
            if self._tls is None and not self._settings.clear_password:
                raise OperationalError(u'the server wants the password in clear, without TLS',
                                       None, '28000')
            self._send_password(to_bytes(self._needed_password()))
        elif kind == AUTH_MD5:
            self._begin('md5')
            inner = hashlib.md5(self._needed_password() + to_bytes(self._user)).hexdigest()
            outer = hashlib.md5(inner.encode('ascii') + cursor.octets(4)).hexdigest()
            self._send_password(b'md5' + outer.encode('ascii'))
        elif kind == AUTH_SASL:
            self._begin('scram-sha-256')
            self._begin_sasl(cursor)
        elif kind == AUTH_SASL_CONTINUE and self._mechanism is not None:
            self._go_on(self._mechanism.step(cursor.rest()), False)
        elif kind == AUTH_SASL_FINAL and self._mechanism is not None:
            self._mechanism.step(cursor.rest()).add_done_callback(self._check_step)
        else:
            raise NotSupportedError(u'the server asks for the way %d to log in' % kind)

    def _begin(self, way):
        # type: (str) -> None
        if self._way != 'none':
            raise PostgreSQLError(u'the server asks for a second way to log in')
        self._way = way
        self._check_way()

    def _check_way(self):
        # type: () -> None
        taken = self._settings.require_auth
        if taken and self._way not in taken:
            raise OperationalError(u'the server asks for the way %s to log in, not for %s'
                                   % (self._way, u', '.join(taken)), None, '28000')
        if self._settings.channel_binding == 'require' and (
                self._way != 'scram-sha-256'
                or self._mechanism is not None and not self._mechanism.name.endswith('-PLUS')):
            raise OperationalError(u'the server offers no channel binding', None, '28000')

    def _check_accepted(self):
        # type: () -> None
        if self._mechanism is not None:
            self._mechanism.finish()        # the server has proved itself
        self._check_way()
        self.accepted = True

    def _needed_password(self):
        # type: () -> bytes
        if self._password is None:
            raise OperationalError(u'the server asks for a password', None, '28000')
        return self._password

    def _send_password(self, octets):
        # type: (bytes) -> None
        self._write(wire.message(b'p', octets + b'\0'))

    def _begin_sasl(self, cursor):
        # type: (Any) -> None
        names = []                  # type: List[str]
        name = cursor.text()
        while name:
            if len(names) >= MAX_MECHANISMS:
                raise PostgreSQLError(u'the server offers too many mechanisms')
            # Any other may show the password.
            if name in MECHANISMS:
                names.append(name)
            name = cursor.text()
        binding = self._settings.channel_binding
        endpoint = None             # type: Any
        if self._tls is not None and binding != 'disable':
            endpoint = _EndPoint(self._tls)
        else:
            names = [each for each in names if not each.endswith('-PLUS')]
        self._mechanism = sasl.choose(names, self._clock, username=self._user,
                                      password=self._needed_password(), tls=endpoint)
        self._check_way()
        self._go_on(self._mechanism.step(), True)

    def _go_on(self, step, first):
        # type: (Future, bool) -> None
        def answered(future):
            # type: (Future) -> None
            if future.exception() is not None:
                self._fail(future.exception())
                return
            response = future.result()
            if first:
                name = to_bytes(self._mechanism.name) + b'\0'
                response = name + wire.word(len(response)) + response
            self._write(wire.message(b'p', response))
        step.add_done_callback(answered)

    def _check_step(self, future):
        # type: (Future) -> None
        if future.exception() is not None:
            self._fail(future.exception())
