# Copyright the carryall authors.  See LICENSE.
"""NickServ: accounts and nicks of users; HostServ: the hosts that are shown of them.

Tests:    tests/services/irc/test_chatservices.py
"""
from __future__ import absolute_import, division, print_function

from binascii import hexlify

from carryall.core.auth.checkers import fingerprint
from carryall.core.auth.credentials import LoginFailed, LoginUnavailable
from carryall.core.crypto import crypto_of
from carryall.core.future import Return, coroutine
from carryall.core.net.transport import tls
from carryall.core.patterns import Pattern
from carryall.protocols.irc import fold_ascii
from carryall.services.irc.ircstore import octets, spelled
from carryall.services.irc.servicebase import ServiceBase, ServiceCommand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List
    from carryall.protocols.irc import User
    from carryall.services.irc.ircaccounts import Account

__all__ = ['HostServ', 'NickServ']

_FINGERPRINT = Pattern(br'[0-9a-f]{64}\Z')
_VHOST = Pattern(br'[A-Za-z0-9](?:[A-Za-z0-9.-]{0,61}[A-Za-z0-9])?\Z')
_SWITCHES = {b'ON': True, b'OFF': False}
_SETTINGS = {b'ALWAYS-ON': 'always-on', b'ENFORCE': 'enforce', b'PRIVATE': 'private'}


class NickServ(ServiceBase):
    """Accounts: REGISTER, IDENTIFY, SET, GROUP, CERT and others."""

    name = b'NickServ'
    commands = (
        ServiceCommand(b'REGISTER', 'register', 1, b'REGISTER password', ''),
        ServiceCommand(b'IDENTIFY', 'identify', 1, b'IDENTIFY [account] password', ''),
        ServiceCommand(b'LOGOUT', 'logout', 0, b'LOGOUT', 'account'),
        ServiceCommand(b'GHOST', 'ghost', 1, b'GHOST nick', 'account'),
        ServiceCommand(b'REGAIN', 'ghost', 1, b'REGAIN nick', 'account'),
        ServiceCommand(b'GROUP', 'group', 0, b'GROUP, for your present nick', 'account'),
        ServiceCommand(b'UNGROUP', 'ungroup', 1, b'UNGROUP nick', 'account'),
        ServiceCommand(b'SET', 'change', 2,
                       b'SET PASSWORD new | SET ALWAYS-ON|ENFORCE|PRIVATE ON|OFF', 'account'),
        ServiceCommand(b'CERT', 'certificate', 1, b'CERT LIST | CERT ADD|DEL [fingerprint]',
                       'account'),
        ServiceCommand(b'INFO', 'info', 1, b'INFO nick', ''),
        ServiceCommand(b'DROP', 'drop', 1, b'DROP account, which must be yours', 'account'),
    )

    @coroutine
    def register(self, user, account, words):
        # type: (User, Any, List[bytes]) -> Any
        """Registers the present nick as an account."""
        connection = user.connection
        if account is not None:
            raise Return(b'You are logged in already')
        if not connection.may_show_passwords():
            raise Return(b'Passwords are taken over TLS alone')
        name = yield self.network.accounts.register(connection, user.nick, words[0])
        self.network.log_in(user, name)
        raise Return(b'Account ' + name + b' is registered, and you are logged in')

    @coroutine
    def identify(self, user, account, words):
        # type: (User, Any, List[bytes]) -> Any
        """Logs the user in."""
        connection = user.connection
        if account is not None:
            raise Return(b'You are logged in already')
        if not connection.may_show_passwords():
            raise Return(b'Passwords are taken over TLS alone')
        name = words[0] if len(words) > 1 else user.nick
        try:
            session = yield connection.registration.checked(name, words[-1])
        except (LoginFailed, LoginUnavailable):
            raise Return(b'The name or the password is wrong')
        connection.session = session
        self.network.log_in(user, session.name.encode('utf-8'))
        raise Return(b'You are logged in as ' + session.name.encode('utf-8'))

    def logout(self, user, account, words):
        # type: (User, Account, List[bytes]) -> bytes
        """Logs the user out."""
        self.network.log_out(user)
        return b'You are logged out'

    def ghost(self, user, account, words):
        # type: (User, Account, List[bytes]) -> bytes
        """Ends another user that has a nick of the account."""
        other = self.network.user_of(words[0])
        if fold_ascii(words[0]) not in account.nicks:
            return b'This is no nick of yours'
        if other is None or other is user:
            return b'No other user has that nick'
        if other.connection is not None:
            other.connection.end(b'Ghosted by ' + user.nick)
        if self.network.user_of(words[0]) is not None:
            self.network.remove(other, b'Ghosted by ' + user.nick)
        return b'The nick is free'

    @coroutine
    def group(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Any
        """Gives the account the present nick."""
        yield self.network.accounts.group(account, user.nick)
        raise Return(b'The nick ' + user.nick + b' is yours')

    @coroutine
    def ungroup(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Any
        """Takes a nick from the account."""
        yield self.network.accounts.ungroup(account, words[0])
        raise Return(b'The nick is free')

    @coroutine
    def change(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Any
        """SET PASSWORD, and the switches."""
        what = words[0].upper()
        if what == b'PASSWORD':
            if not user.connection.may_show_passwords():
                raise Return(b'Passwords are taken over TLS alone')
            yield self.network.accounts.change_password(account, words[1],
                                                        user.connection.user_host())
            raise Return(b'The password is changed')
        name = _SETTINGS.get(what)
        value = _SWITCHES.get(words[1].upper())
        if name is None or value is None:
            raise Return(b'Syntax: SET PASSWORD new | SET ALWAYS-ON|ENFORCE|PRIVATE ON|OFF')
        account.settings[name] = value
        if name == 'always-on':
            self.network.note_presence(user, account)
        yield self.network.accounts.save(account)
        raise Return(b'It is set')

    @coroutine
    def certificate(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Any
        """CERT: fingerprints that may log in by SASL EXTERNAL."""
        verb = words[0].upper()
        accounts = self.network.accounts
        if verb == b'LIST':
            raise Return([each.encode('ascii') for each in account.certificates] or b'None')
        digest = words[1].lower().replace(b':', b'') if len(words) > 1 else self._present(user)
        if not _FINGERPRINT.match(digest):
            raise Return(b'A fingerprint is the SHA-256 in hexadecimal')
        if verb == b'ADD':
            yield accounts.add_certificate(account, digest.decode('ascii'))
        elif verb == b'DEL':
            yield accounts.remove_certificate(account, digest.decode('ascii'))
        else:
            raise Return(b'Syntax: CERT LIST | CERT ADD|DEL [fingerprint]')
        raise Return(b'It is done')

    def _present(self, user):
        # type: (User) -> bytes
        """The fingerprint of the certificate that the client has shown; b'' without one."""
        info = tls(user.connection.transport)
        der = None if info is None else info.peer_certificate
        return b'' if der is None else hexlify(fingerprint(der, crypto_of(self.network.clock)))

    def info(self, user, account, words):
        # type: (User, Any, List[bytes]) -> Any
        """Tells of an account."""
        found = self.network.accounts.owner_of(words[0])
        if found is None:
            return b'This nick is not registered'
        lines = [b'Account ' + found.name]
        if found is account or user.may(b'see') or not found.settings.get('private'):
            lines.append(b'Registered ' + user.connection.queries.spelled_time(found.created))
        if found is account or user.may(b'see'):
            lines.append(b'Nicks: ' + b' '.join(found.nicks))
        return lines

    @coroutine
    def drop(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Any
        """Drops an account: the user's own, or for operators another."""
        found = self.network.accounts.get(words[0])
        if found is None or found is not account and not user.may(b'force'):
            raise Return(b'This is no account of yours')
        yield self.network.account_dropped(found)
        raise Return(b'The account is dropped')


class HostServ(ServiceBase):
    """Hosts: ON, OFF, SET, DEL."""

    name = b'HostServ'
    commands = (
        ServiceCommand(b'ON', 'show', 0, b'ON, to show the host that you were given', 'account'),
        ServiceCommand(b'OFF', 'hide', 0, b'OFF', 'account'),
        ServiceCommand(b'SET', 'give', 2, b'SET account host', 'force'),
        ServiceCommand(b'DEL', 'take', 1, b'DEL account', 'force'),
    )

    def show(self, user, account, words):
        # type: (User, Account, List[bytes]) -> bytes
        """Shows the host of the account."""
        if not account.settings.get('vhost'):
            return b'You were given no host'
        user.vhost = octets(account.settings['vhost'])
        self.network.show_host(user)
        return b'Your host is ' + user.host

    def hide(self, user, account, words):
        # type: (User, Account, List[bytes]) -> bytes
        """Shows the usual host."""
        user.vhost = None
        self.network.show_host(user)
        return b'Your host is ' + user.host

    @coroutine
    def give(self, user, account, words):
        # type: (User, Any, List[bytes]) -> Any
        """Gives an account a host."""
        found = self.network.accounts.get(words[0])
        if found is None or not _VHOST.match(words[1]):
            raise Return(b'There is no such account, or that is no host')
        found.settings['vhost'] = spelled(words[1])
        yield self.network.accounts.save(found)
        for other in list(self.network.users.values()):
            if other.account == found.name:
                other.vhost = words[1]
                self.network.show_host(other)
        raise Return(b'It is set')

    @coroutine
    def take(self, user, account, words):
        # type: (User, Any, List[bytes]) -> Any
        """Takes the host from an account."""
        found = self.network.accounts.get(words[0])
        if found is None or found.settings.pop('vhost', None) is None:
            raise Return(b'There is no such account, or it has no host')
        yield self.network.accounts.save(found)
        for other in list(self.network.users.values()):
            if other.account == found.name:
                self.hide(other, found, [])
        raise Return(b'It is taken away')
