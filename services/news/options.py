# Copyright the carryall authors.  See LICENSE.
"""The options of the service type ``news``: those of Twisted 0.19 and 1.2, and ours.

    0.19    -p/--port, -d/--database, -f/--filename, -g/--groups "a b"
    1.2     -p/--port, -i/--interface, -d/--datadir, -m/--mailhost, --group, --moderator,
            --subscription

``-d`` is that of 1.2.  ``--database`` accepts the ``pickle`` of 0.19, and no other: articles are in
``--datadir``, or what ``--filename`` calls the same.

Tests:    tests/services/news/test_newsservice.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.accountoptions import AccountName, AccountOptions
from carryall.app.clientoptions import ClientOptions, NetworkText
from carryall.app.listeningoptions import ListeningOptions, RelayOptions
from carryall.app.loginoptions import LoginOptions
from carryall.app.options import Flag, Option, Schema
from carryall.app.optiontypes import (Choice, Integer, PasswordPath, Path, Seconds, Size, Text)
from carryall.app.storeoptions import StoreOptions
from carryall.app.tlsoptions import TLSOptions
from carryall.core.errors import UsageError
from carryall.core.patterns import Pattern
from carryall.protocols.nntp import PORT, BadWildmat, Wildmat, group_name
from carryall.services.news.articledatabase import STORE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional, Text as TextType, Tuple
    from carryall.app.optionvalues import OptionValues

__all__ = ['ACCOUNTS', 'CLIENTS', 'LISTENING', 'LOGINS', 'SCHEMA', 'STORES', 'TLS',
           'groups_of', 'moderators_of']

_HOST = Pattern(u'[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\\Z')


class GroupKind(Text):
    """NAME, or NAME=DESCRIPTION."""

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 900, 'NAME[=DESCRIPTION]')

    def check(self, value):
        Text.check(self, value)
        _checked_group(value.partition(u'=')[0])


class GroupsKind(Text):
    """Names with blanks between them, as 0.19 had it."""

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 100000, '"NAME NAME"')

    def check(self, value):
        Text.check(self, value)
        for name in value.split():
            _checked_group(name)


class ModeratorKind(Text):
    """GROUP=ADDRESS."""

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 3, 900, 'GROUP=ADDRESS')

    def check(self, value):
        Text.check(self, value)
        name, equals, address = value.partition(u'=')
        _checked_group(name)
        if not equals or u'@' not in address or any(each in address for each in u'<> \r\n'):
            raise UsageError(u'"%s" is not GROUP=ADDRESS, such as misc.tea=mod@example.org' % value)


class WildmatKind(Text):
    """A list of patterns for names of groups."""

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 400, 'WILDMAT')

    def check(self, value):
        Text.check(self, value)
        try:
            Wildmat(value.encode('utf-8'))
        except BadWildmat as exc:
            raise UsageError(u'"%s": %s' % (value, exc))


class HostName(Text):
    """The name of the server."""

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 253, 'NAME')

    def check(self, value):
        Text.check(self, value)
        if _HOST.match(value) is None:
            raise UsageError(u'"%s" is no name of letters, digits, dots and hyphens' % value)


def _checked_group(name):
    # type: (TextType) -> None
    if not group_name(name.encode('utf-8')):
        raise UsageError(u'"%s" is no name of a newsgroup' % name)


def groups_of(options):
    # type: (OptionValues) -> List[Tuple[bytes, bytes]]
    """(name, description) of each group that the options name, once."""
    found = []                      # type: List[Tuple[bytes, bytes]]
    seen = set()
    texts = list(options.group)
    for text in options.groups:
        texts += text.split()
    for text in texts:
        name, _, description = text.encode('utf-8').partition(b'=')
        if name not in seen:
            seen.add(name)
            found.append((name, description))
    return found


def moderators_of(options):
    # type: (OptionValues) -> List[Tuple[bytes, bytes]]
    """(group, address) of each moderated group."""
    pairs = []                      # type: List[Tuple[bytes, bytes]]
    for text in options.moderator:
        name, _, address = text.encode('utf-8').partition(b'=')
        pairs.append((name, address))
    return pairs


def _check(options):
    # type: (OptionValues) -> None
    TLS.check(options)
    names = [name for name, _ in moderators_of(options)]
    if len(set(names)) != len(names):
        raise UsageError(u'a group has one moderator')
    needs = [name for name, is_used in (
        ('--need-account', options.need_account), ('--clear-logins', options.clear_logins),
        ('--posting accounts', options.posting == u'accounts'), ('--admin', options.admin))
        if is_used]
    if needs and not options.user and options.password_file is None:
        raise UsageError(u'%s needs accounts: --user or --password-file' % needs[0])


RELAYS = RelayOptions()
LISTENING = ListeningOptions('port', 'tcp:%d' % PORT, interface='i', connections=2000,
                             per_address=100, repeat=True, relays=RELAYS,
                             help='port or endpoint to listen on, such as 1119 or'
                                  ' tls:563:certificate=news.pem; 119 on 127.0.0.1 unless given')
CLIENTS = ClientOptions('network of the clients that are served; everybody unless given')
LOGINS = LoginOptions('accounts')
STORES = StoreOptions(STORE, help='index and overview: sqlite:FILE, postgresql://USER@HOST/NAME,'
                                  ' or memory: for articles that end with the server; a file in'
                                  ' --datadir unless given')
ACCOUNTS = AccountOptions(group='accounts')
TLS = TLSOptions(group='TLS', help='certificate, in PEM: STARTTLS is offered')

SCHEMA = Schema([
    LISTENING,
    RELAYS,
    CLIENTS,
    Option('datadir', Path('new'), short='d', default='news', help='folder of the articles'),
    Option('filename', Path('new'), short='f', help='the same, by its name of Twisted 0.19'),
    Option('database', Choice(['pickle']), help='accepted as in Twisted 0.19, without effect'),
    STORES,
    Option('group', GroupKind(), repeat=True,
           help='a newsgroup that is made if it is not there; local.test without any'),
    Option('groups', GroupsKind(), short='g', repeat=True,
           help='several of them, with blanks between, as in Twisted 0.19'),
    Option('moderator', ModeratorKind(), repeat=True,
           help='a moderated newsgroup, and the address to which posts are mailed'),
    Option('subscription', WildmatKind(), repeat=True,
           help='groups that new readers are offered (LIST SUBSCRIPTIONS)'),
    Option('mailhost', Text(1, 253, 'HOST[:PORT]'), short='m', default='localhost',
           help='SMTP server for mail to moderators'),
    Option('name', HostName(), default='news.localhost',
           help='name of the server in Path, Xref and message-ids'),
    Option('motd', Path('file'), help='file with the message of the day (LIST MOTD)'),
    Option('posting', Choice(['all', 'accounts', 'none']), default='all', group='policy',
           help='who may post'),
    Option('feed', NetworkText(), repeat=True, group='policy',
           help='network of servers that may offer articles (IHAVE, streaming); none unless given'),
    Option('cancels', Choice(['locked', 'all', 'none']), default='locked', group='policy',
           help='cancels that are obeyed: with the key of the article (Cancel-Lock), all, or none'),
    Option('admin', AccountName(), repeat=True, group='policy',
           help='account whose newgroup and rmgroup are obeyed'),
    Option('max-article', Size(1000, 1 << 30), default='1M', group='policy',
           help='size of an article'),
    Option('oldest', Seconds(60.0, 3660 * 86400.0), default='10d', group='policy',
           help='age of an article of another server; older ones are refused'),
    Flag('no-newnews', group='policy', help='refuse NEWNEWS'),
    Option('expire', Seconds(1.0, 36600 * 86400.0), group='expiry',
           help='age at which articles are removed, such as 30d; never unless given'),
    Option('max-size', Size(1), group='expiry',
           help='size of all articles; the oldest are removed if there are more'),
    Option('remember', Seconds(1.0, 3660 * 86400.0), default='30d', group='expiry',
           help='how long a removed article is refused if it is offered again'),
    Option('expire-every', Seconds(1.0, 366 * 86400.0), default='1h', group='expiry',
           help='time between two removals'),
    Option('password-file', PasswordPath(), group='accounts', help='the accounts that may log in'),
    ACCOUNTS,
    Flag('clear-logins', group='accounts', help='take passwords without TLS too'),
    Flag('need-account', group='accounts', help='let accounts alone read'),
    LOGINS,
    TLS,
], check=_check, examples=[
    ('carryall serve news -p 1119 --group local.tea="About tea"',
     'a news server for this machine; articles are in the folder news'),
    ('carryall serve news --interface 0.0.0.0 --certificate news.pem --password-file users'
     ' --need-account', 'one for accounts, by STARTTLS'),
    ('carryall serve news -p tls:563:certificate=news.pem --feed 192.0.2.0/24 --expire 30d',
     'with TLS, articles of other servers, and expiry'),
], first=('port', 'group', 'datadir'))
