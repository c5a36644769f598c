# Copyright the carryall authors.  See LICENSE.
"""The options of the LDAP service.

Tests:    tests/services/ldap/test_ldapservice.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.app.accountoptions import AccountOptions
from carryall.app.clientoptions import ClientOptions
from carryall.app.listeningoptions import ListeningOptions
from carryall.app.loginoptions import LoginOptions
from carryall.app.options import Flag, Option, Schema
from carryall.app.optiontypes import Integer, PasswordPath, Path, Seconds, Text
from carryall.app.storeoptions import StoreOptions
from carryall.app.tlsoptions import TLSOptions
from carryall.core.auth.verifiers import ITERATIONS
from carryall.core.errors import UsageError
from carryall.protocols.ldap import PORT, LDAPError, parse_dn
from carryall.services.ldap.directorystore import STORE
from carryall.services.ldap.passwordschemes import MAX_ROUNDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from carryall.app.optionvalues import OptionValues

__all__ = ['ACCOUNTS', 'ADMINS', 'CLIENTS', 'DEFAULT_SUFFIX', 'LISTENING',
           'LOGINS', 'SCHEMA', 'STORES', 'TLS']

DEFAULT_SUFFIX = 'dc=example,dc=org'


class DN(Text):
    """A distinguished name, such as dc=example,dc=org."""

    metavar = 'DN'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 1024)

    def check(self, value):
        Text.check(self, value)
        try:
            rdns = parse_dn(value)
        except LDAPError as exc:
            raise UsageError(u'"%s" is no DN: %s' % (value, exc))
        if not rdns:
            raise UsageError(u'the DN is empty')


class FilePath(Path):
    """A file that is there."""

    def problems(self, value):
        return [] if os.path.isfile(value) else [u'there is no file %s' % value]


def _check(options):
    # type: (OptionValues) -> None
    names = [name for name, _ in options.user]
    for name, _ in options.admin:
        if name in names:
            raise UsageError(u'%s is both --user and --admin' % name)


LISTENING = ListeningOptions('port', 'tcp:%d' % PORT, repeat=True, interface='', connections=1000,
                             per_address=100)
CLIENTS = ClientOptions('network of the clients that are served; everybody unless given')
LOGINS = LoginOptions('accounts')
ACCOUNTS = AccountOptions(group='accounts')
ADMINS = AccountOptions('admin', group='accounts')
STORES = StoreOptions(STORE)
TLS = TLSOptions(help='certificate and key (PEM) for StartTLS')

SCHEMA = Schema([
    Option('suffix', DN(), short='s', repeat=True,
           help='top of the directory; %s unless given' % DEFAULT_SUFFIX),
    Option('ldif', FilePath('file'), short='l', repeat=True,
           help='file of entries to begin with; passed over if the store has entries'),
    Option('schema', FilePath('file'), repeat=True,
           help='attribute types and object classes in the form of slapd, beside those built in'),
    LISTENING,
    TLS,
    CLIENTS,
    STORES,
    Option('size-limit', Integer(1, 10000000), default='10000',
           help='entries that one search gives; a client asks for more in pages'),
    Option('time-limit', Seconds(0.1, 86400.0), default='60s', help='how long a search may take'),
    ADMINS,
    ACCOUNTS,
    Option('password-file', PasswordPath(), group='accounts',
           help='file of the accounts that may log in as uid=NAME,ou=accounts,SUFFIX'),
    Flag('require-login', group='accounts', help='show entries only to those who have logged in'),
    Flag('clear-logins', group='accounts', help='take passwords without TLS from elsewhere too'),
    Option('password-rounds', Integer(1000, MAX_ROUNDS), default='%d' % ITERATIONS,
           group='accounts', help='rounds of PBKDF2 for passwords that are kept'),
    LOGINS,
], check=_check, examples=[
    ('carryall serve ldap -p 3890 --ldif people.ldif --admin admin',
     'the entries of a file; cn=admin,dc=example,dc=org may change them, with a password that is '
     'shown'),
    ('carryall serve ldap -p 3890 --store sqlite:directory.db --admin admin',
     'a directory that is kept'),
    ('carryall serve ldap -p 3890 -p unix:/run/ldapi', 'on a Unix socket too')])
