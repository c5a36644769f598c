# Copyright the carryall authors.  See LICENSE.
"""The options of the SOCKS service.

Tests:    tests/services/test_socks.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.accountoptions import AccountOptions
from carryall.app.limitoptions import LimitOptions
from carryall.app.listeningoptions import MAX_CONNECTIONS, ListeningOptions
from carryall.app.loginoptions import LoginOptions
from carryall.app.options import Flag, Option, Schema
from carryall.app.optiontypes import Integer, LogPath, PasswordPath, Path, Size, Text
from carryall.app.proxies import PASSWORD_VARIABLE, ProxyKind
from carryall.core.errors import UsageError
from carryall.protocols.socks import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from carryall.app.optionvalues import OptionValues

__all__ = ['ACCOUNTS', 'BOUNDS', 'LISTENING', 'LOGINS', 'RuleText', 'SCHEMA']


class RuleText(Text):
    """One rule, in the syntax of protocols/socks/rules.py."""

    metavar = 'RULE'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 1024)

    def check(self, value):
        Text.check(self, value)
        Rule(value)


def _check(options):
    # type: (OptionValues) -> None
    if not (options.socks4 or options.socks5 or options.http):
        raise UsageError(u'--no-socks4, --no-socks5 and --no-http exclude each other: none is left')


LISTENING = ListeningOptions('port', 'tcp:1080', interface='i', connections=1000, per_address=0)
BOUNDS = LimitOptions('1h', octets=True)
LOGINS = LoginOptions()
ACCOUNTS = AccountOptions()
SCHEMA = Schema([
    LISTENING,
    Option('log', LogPath(), short='l', help='write all relayed octets to this file, in '
                                             'hexadecimal; - for stdout'),
    Option('password-file', PasswordPath(), help='the users who may log in; SOCKS4 has no '
                                                 'passwords, and is then refused'),
    ACCOUNTS,
    Option('rule', RuleText(), repeat=True, help='such as "deny to 10.0.0.0/8 port 1-1023"; the '
                                                 'first match decides'),
    Option('rules', Path('file'),
           help='file of rules, one a line, applied after those of --rule'),
    Flag('default-deny', help='deny connections that no rule allows'),
    Flag('private', help='let clients on other machines reach addresses that are not public'),
    Flag('socks4', default=True, help='serve SOCKS 4 and 4a'),
    Flag('socks5', default=True, help='serve SOCKS 5'),
    Flag('http', default=True, help='serve HTTP CONNECT'),
    Flag('ident', help='verify the name of a SOCKS4 user by the client\'s ident server'),
    Option('upstream', ProxyKind(), help='make all connections through this proxy; its password '
                                         'is in ' + PASSWORD_VARIABLE),
    BOUNDS,
    Option('max-per-user', Integer(1, MAX_CONNECTIONS),
           help='connections of one user at the same time'),
    Option('user-rate', Size(1), help='octets a second of one user, both directions together'),
    LOGINS,
], check=_check, examples=[
    ('carryall socks', 'a proxy for the programs of this machine'),
    ('carryall socks -i 0.0.0.0 --password-file users',
     'for users with a password, and to public addresses alone'),
    ('carryall socks --default-deny --rule "allow to *.example.org port 443"', 'for one purpose')],
    first=('port', 'interface', 'log', 'password-file', 'user', 'rule', 'rules', 'default-deny',
           'upstream', 'max-connections'))
