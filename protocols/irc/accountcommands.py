# Copyright the carryall authors.  See LICENSE.
"""REGISTER, VERIFY and ISUPPORT (IRCv3 drafts account-registration, extended-isupport).

    REGISTER ann * secret           * for the nick as the name; an address of mail is not needed
    ISUPPORT

Tests:    tests/protocols/irc/test_accountcommands.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.future import Return, coroutine
from carryall.core.ratelimit import KeyedRateLimit
from carryall.protocols.irc.errors import AccountRefused
from carryall.protocols.irc.numerics import shown
from carryall.protocols.irc.taggedlines import EXTENDED_ISUPPORT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from carryall.protocols.irc.server import IRCServer

__all__ = ['AccountCommands', 'registration_rate']

ACCOUNTS = 3                # that one source may register at once
ACCOUNT_SECONDS = 3600.0    # until it may register one more


def registration_rate(clock):
    # type: (Any) -> KeyedRateLimit
    """The rate of new accounts by source."""
    return KeyedRateLimit(clock, 1.0 / ACCOUNT_SECONDS, ACCOUNTS)


class AccountCommands(object):
    """The commands of one client about its account."""

    __slots__ = ('_server', '_network')

    def __init__(self, server):
        # type: (IRCServer) -> None
        self._server = server
        self._network = server.network

    @coroutine
    def cmd_register(self, *params):
        # type: (*bytes) -> Any
        """REGISTER account mail password."""
        server = self._server
        name = server.user.nick if params[0] == b'*' else params[0]
        if self._network.accounts is None:
            self._fail(b'TEMPORARILY_UNAVAILABLE', name, b'Accounts are not registered here')
        elif server.user.account is not None:
            self._fail(b'ALREADY_AUTHENTICATED', name, b'You are logged in already')
        elif not server.may_show_passwords():
            self._fail(b'COMPLETE_CONNECTION_REQUIRED', name, b'Use TLS to send a password')
        elif not name:
            self._fail(b'NEED_NICK', b'*', b'Give a nick or a name first')
        else:
            try:
                account = yield self._network.accounts.register(server, name, params[2])
            except AccountRefused as exc:
                self._fail(exc.code, name, exc.text)
                raise Return(None)
            server.send_own(b':%s REGISTER SUCCESS %s :Account successfully registered'
                            % (self._network.name, account))
            server.capabilities.enter(account)

    def cmd_verify(self, *params):
        # type: (*bytes) -> None
        """VERIFY: no account waits for that, for no mail is sent."""
        self._server.fail(b'VERIFY', b'INVALID_CODE', [params[0]], b'No account waits for a code')

    def _fail(self, code, name, text):
        # type: (bytes, bytes, bytes) -> None
        self._server.fail(b'REGISTER', code, [shown(name)], text)

    def cmd_isupport(self, *_):
        # type: (*bytes) -> None
        """ISUPPORT, also before the registration."""
        server = self._server
        if not server.user.capabilities & EXTENDED_ISUPPORT:
            server.fail(b'ISUPPORT', b'CAPABILITY_REQUIRED', (), b'Ask for the capability first')
            return
        server.send_batch(b'draft/isupport', [], server.registration.token_lines())
