# Copyright the carryall authors.  See LICENSE.
"""Accounts of the IRC service: registered by their users, with nicks and certificates.

    accounts = IRCAccounts(loop, book)
    account = yield accounts.register(server, b'ann', b'secret')
    accounts.owner_of(b'ann')               # the Account whose nick that is

The passwords are kept as keys of SCRAM-SHA-256, so that clients may log in by it.

Tests:    tests/services/irc/test_chatservices.py
"""
from __future__ import absolute_import, division, print_function

from binascii import hexlify

from carryall.core.auth.checkers import Checker, fingerprint
from carryall.core.auth.checkqueue import CheckQueue
from carryall.core.auth.credentials import (MAX_PASSWORD, Certificate, LoginFailed,
                                            UsernamePassword)
from carryall.core.auth.verifiers import (ScramKeys, decoy_keys, make_verifier, parse_verifier,
                                          scram_keys)
from carryall.core.crypto import STANDARD, crypto_of
from carryall.core.future import Return, completed, coroutine, failed
from carryall.core.patterns import Pattern
from carryall.core.ratelimit import KeyedRateLimit
from carryall.core.net.ip import source_of
from carryall.protocols.irc import AccountRefused, fold_ascii
from carryall.services.irc.ircstore import octets, spelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence
    from carryall.services.irc.ircstore import RecordBook

__all__ = ['Account', 'AccountChecker', 'IRCAccounts']

# -- limits ------------------------------------------------------------------
SCHEME = 'scram-sha-256'
CHECKS_AT_ONCE = 2          # passwords that are checked at the same time
CHECKS_WAITING = 64         # logins that wait for their turn
MAX_NICKS = 10              # of one account
MAX_CERTIFICATES = 10       # of one account
ACCOUNTS = 3                # that one source may register at once
ACCOUNT_SECONDS = 3600.0    # until it may register one more
LEAST_PASSWORD = 6          # octets

_NAME = Pattern(br'[A-Za-z\[\]\\`_^{|}][A-Za-z0-9\[\]\\`_^{|}-]{0,29}\Z')


class Account(object):
    """One account.

    Attributes:
        name: as it was registered (bytes).
        verifier: text.
        created: Unix time.
        settings: of its user, such as 'always-on' (text -> values of JSON).
        nicks: folded, the name itself too.
        certificates: SHA-256 in hexadecimal (text).
    """

    __slots__ = ('name', 'verifier', 'created', 'settings', 'nicks', 'certificates')

    def __init__(self, name, verifier, created):
        # type: (bytes, str, float) -> None
        self.name = name
        self.verifier = verifier
        self.created = created
        self.settings = {}              # type: Dict[str, Any]
        self.nicks = [fold_ascii(name)]
        self.certificates = []          # type: List[str]

    def data(self):
        # type: () -> Dict[str, Any]
        """The account as the store has it."""
        return {'name': spelled(self.name), 'verifier': self.verifier, 'created': self.created,
                'settings': self.settings, 'nicks': [spelled(each) for each in self.nicks],
                'certificates': self.certificates}


def _account_of(data):
    # type: (Dict[str, Any]) -> Account
    account = Account(octets(data['name']), data['verifier'], data['created'])
    account.settings = data['settings']
    account.nicks = [octets(each) for each in data['nicks']]
    account.certificates = list(data['certificates'])
    return account


class IRCAccounts(object):
    """All accounts.

    Args:     loop: the loop.
              book: a RecordBook.
              reserved: names that no account may have (bytes, folded).
              iterations: of PBKDF2; None: as many as verifiers.py has.
              checkers: other Checkers, whose accounts no one may register here.
    """

    def __init__(self, loop, book, reserved=(), iterations=None, checkers=()):
        # type: (Any, RecordBook, Any, Optional[int], Sequence[Any]) -> None
        self._loop = loop
        self._book = book
        self._reserved = frozenset(reserved)
        self._iterations = iterations
        self._checkers = list(checkers)
        self._accounts = {}             # type: Dict[bytes, Account]
        self._nicks = {}                # type: Dict[bytes, Account]
        self._certificates = {}         # type: Dict[str, Account]
        self._rate = KeyedRateLimit(loop, 1.0 / ACCOUNT_SECONDS, ACCOUNTS)
        self._work = CheckQueue(CHECKS_AT_ONCE, CHECKS_WAITING)

    @coroutine
    def load(self):
        # type: () -> Any
        """Reads what was kept; a Future."""
        found = yield self._book.load('accounts')
        for _, data in found:
            self._add(_account_of(data))

    def __iter__(self):
        return iter(list(self._accounts.values()))

    def _add(self, account):
        # type: (Account) -> None
        self._accounts[fold_ascii(account.name)] = account
        for nick in account.nicks:
            self._nicks[nick] = account
        for digest in account.certificates:
            self._certificates[digest] = account

    def get(self, name):
        # type: (Optional[bytes]) -> Optional[Account]
        """The account of that name; None if there is none."""
        return None if name is None else self._accounts.get(fold_ascii(name))

    def owner_of(self, nick):
        # type: (bytes) -> Optional[Account]
        """The account whose nick that is; None if it is free."""
        return self._nicks.get(fold_ascii(nick))

    def by_certificate(self, digest):
        # type: (str) -> Optional[Account]
        """The account of a certificate; None if there is none."""
        return self._certificates.get(digest)

    # -- changes -----------------------------------------------------------------------

    @coroutine
    def register(self, server, name, password):
        # type: (Any, bytes, bytes) -> Any
        """Registers an account; a Future of its name that may fail with AccountRefused."""
        folded = fold_ascii(name)
        if not _NAME.match(name) or folded in self._reserved:
            raise AccountRefused(b'BAD_ACCOUNT_NAME', b'This name cannot be registered')
        # The account of an operator is there before the option that names it, or a stranger could
        # make it.
        if folded in [fold_ascii(each) for each in server.network.operators]:
            raise AccountRefused(b'BAD_ACCOUNT_NAME', b'This name cannot be registered')
        self._check_password(password)
        if folded in self._nicks:
            raise AccountRefused(b'ACCOUNT_EXISTS', b'This name is registered already')
        other = server.network.user_of(name)
        if other is not None and other is not server.user:
            raise AccountRefused(b'ACCOUNT_NAME_MUST_BE_NICK', b'Another user has that nick now')
        if not self._rate.take(source_of(server.user_host())):
            raise AccountRefused(b'TEMPORARILY_UNAVAILABLE', b'Too many accounts; try later')
        yield self._check_others(name)
        verifier = yield self._verifier(password, server.user_host())
        if folded in self._nicks:           # taken meanwhile
            raise AccountRefused(b'ACCOUNT_EXISTS', b'This name is registered already')
        account = Account(name, verifier, self._loop.wall())
        self._add(account)
        yield self.save(account)
        raise Return(name)

    @coroutine
    def _check_others(self, name):
        # type: (bytes) -> Any
        """Refuses the name of an account that another checker has: its rights, as those of an
        operator, go by the name."""
        for checker in self._checkers:
            known = yield checker.has_account(name.decode('ascii'), self._loop)
            if known:
                raise AccountRefused(b'ACCOUNT_EXISTS', b'This name is registered already')

    @staticmethod
    def _check_password(password):
        # type: (bytes) -> None
        if len(password) < LEAST_PASSWORD:
            raise AccountRefused(b'WEAK_PASSWORD', b'The password is too short')
        if len(password) > MAX_PASSWORD:
            raise AccountRefused(b'UNACCEPTABLE_PASSWORD', b'The password is too long')

    @coroutine
    def _verifier(self, password, host):
        # type: (bytes, str) -> Any
        crypto = crypto_of(self._loop)
        if self._iterations is None:
            made = yield self._work.run(self._loop, host, make_verifier, password, crypto, SCHEME)
        else:
            made = yield self._work.run(self._loop, host, scram_keys, crypto, 'sha256', password,
                                        None, self._iterations)
        raise Return(made.text())

    @coroutine
    def change_password(self, account, password, host):
        # type: (Account, bytes, str) -> Any
        """Gives an account another password; a Future that may fail with AccountRefused."""
        self._check_password(password)
        account.verifier = yield self._verifier(password, host)
        yield self.save(account)

    def save(self, account):
        # type: (Account) -> Any
        """A Future of when the account is safe."""
        kept = self._book.put('accounts', fold_ascii(account.name), account.data())
        return completed(None) if kept is None else kept

    def group(self, account, nick):
        # type: (Account, bytes) -> Any
        """Gives an account one more nick; a Future, or AccountRefused is raised."""
        folded = fold_ascii(nick)
        if folded in self._nicks or folded in self._reserved:
            raise AccountRefused(b'ACCOUNT_EXISTS', b'This nick is registered already')
        if len(account.nicks) >= MAX_NICKS:
            raise AccountRefused(b'LIMIT_REACHED', b'You have too many nicks')
        account.nicks.append(folded)
        self._nicks[folded] = account
        return self.save(account)

    def ungroup(self, account, nick):
        # type: (Account, bytes) -> Any
        """Takes a nick from an account; a Future, or AccountRefused is raised."""
        folded = fold_ascii(nick)
        if folded not in account.nicks or folded == fold_ascii(account.name):
            raise AccountRefused(b'INVALID', b'This is no grouped nick of yours')
        account.nicks.remove(folded)
        del self._nicks[folded]
        return self.save(account)

    def add_certificate(self, account, digest):
        # type: (Account, str) -> Any
        """Lets a certificate log in; a Future, or AccountRefused is raised."""
        if digest in self._certificates or len(account.certificates) >= MAX_CERTIFICATES:
            raise AccountRefused(b'LIMIT_REACHED',
                                 b'The certificate is known, or there are too many')
        account.certificates.append(digest)
        self._certificates[digest] = account
        return self.save(account)

    def remove_certificate(self, account, digest):
        # type: (Account, str) -> Any
        """Lets a certificate no longer log in; a Future, or AccountRefused is raised."""
        if digest not in account.certificates:
            raise AccountRefused(b'INVALID', b'There is no such certificate')
        account.certificates.remove(digest)
        del self._certificates[digest]
        return self.save(account)

    def drop(self, account):
        # type: (Account) -> Any
        """Takes an account away with its nicks; a Future."""
        for nick in account.nicks:
            self._nicks.pop(nick, None)
        for digest in account.certificates:
            self._certificates.pop(digest, None)
        self._accounts.pop(fold_ascii(account.name), None)
        kept = self._book.take('accounts', fold_ascii(account.name))
        return completed(None) if kept is None else kept


class AccountChecker(Checker):
    """Checks credentials against IRCAccounts.

    Args:     accounts: IRCAccounts.
    """

    kinds = (UsernamePassword, Certificate)

    def __init__(self, accounts):
        # type: (IRCAccounts) -> None
        self._accounts = accounts
        self._secret = STANDARD.random(32)
        self._checks = CheckQueue(CHECKS_AT_ONCE, CHECKS_WAITING)

    def _account(self, name):
        # type: (str) -> Optional[Account]
        """The account of a name or of one of its nicks."""
        octets_of_name = name.encode('utf-8')
        return self._accounts.get(octets_of_name) or self._accounts.owner_of(octets_of_name)

    def check(self, credentials, loop):
        if isinstance(credentials, Certificate):
            digest = hexlify(fingerprint(credentials.der, crypto_of(loop))).decode('ascii')
            account = self._accounts.by_certificate(digest)
            if account is None:
                return failed(LoginFailed(u'the certificate belongs to no account'))
            return completed(account.name.decode('utf-8'))
        if len(credentials.password) > MAX_PASSWORD:
            return failed(LoginFailed(u'the password is too long'))
        account = self._account(credentials.username)
        crypto = crypto_of(loop)
        # An unknown name costs as much as a known one, or the time would tell.
        verifier = (self._decoy(crypto, credentials.username) if account is None
                    else parse_verifier(account.verifier))
        judged = self._checks.run(loop, credentials.host, verifier.verify, credentials.password,
                                  crypto)

        def named(right):
            # type: (bool) -> str
            if not right or account is None:
                raise LoginFailed(u'the name or the password is wrong')
            return account.name.decode('utf-8')

        return judged.then(named)

    def _decoy(self, crypto, name):
        # type: (Any, str) -> ScramKeys
        iterations = [parse_verifier(account.verifier).iterations
                      for account in list(self._accounts)[:1]]
        return decoy_keys(crypto, 'sha256', name, self._secret, (iterations + [4096])[0])

    def scram_keys(self, name, hash_name, loop):
        account = self._account(name)
        if account is None or hash_name != 'sha256':
            return completed(None)
        return completed(parse_verifier(account.verifier))

    def scram_decoy(self, name, hash_name, loop):
        return completed(self._decoy(crypto_of(loop), name))

    def scram_hashes(self, loop):
        return ('sha256',)
