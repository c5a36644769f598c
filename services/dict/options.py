# Copyright the carryall authors.  See LICENSE.
"""The options of the dict service.

Tests:    tests/services/dict/test_dictservice.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.app.accountoptions import AccountOptions
from carryall.app.clientoptions import ClientOptions
from carryall.app.listeningoptions import ListeningOptions
from carryall.app.loginoptions import LoginOptions
from carryall.app.options import Option, Schema
from carryall.app.optiontypes import Integer, Pair, Path, Seconds, Text
from carryall.core.errors import UsageError
from carryall.core.patterns import Pattern
from carryall.protocols.dict import PORT
from carryall.services.dict.dictdatabase import find_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from carryall.app.optionvalues import OptionValues

__all__ = ['ACCOUNTS', 'CLIENTS', 'LISTENING', 'LOGINS', 'SCHEMA']

_NAME = Pattern(u'[A-Za-z0-9_.-]{1,64}\\Z')


class DatabaseName(Text):
    """The name of a database: letters, digits, dots, hyphens and underscores."""

    metavar = 'NAME'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 64)

    def check(self, value):
        Text.check(self, value)
        if _NAME.match(value) is None:
            raise UsageError(u'"%s" is no name of letters, digits, dots, hyphens and underscores'
                             % value)


class DatabasePath(Path):
    """The files of a database: of dictd, by the index or its name without the ending; or a list."""

    def problems(self, value):
        files = find_files(value) or (value,)
        return [u'there is no file %s' % each for each in files if not os.path.isfile(each)]


def _check(options):
    # type: (OptionValues) -> None
    names = [name for name, _ in options.database]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(u'there are two databases named %s' % name)
    for name in options.restricted + [name for name, _ in options.description]:
        if name not in names:
            raise UsageError(u'there is no database named %s' % name)
    if options.restricted and options.secrets is None and not options.user:
        raise UsageError(u'--restricted needs --secrets or --user, for those who may log in')


LISTENING = ListeningOptions('port', 'tcp:%d' % PORT, interface='', connections=1000,
                             per_address=100)
CLIENTS = ClientOptions('network of the clients that are served; everybody unless given')
LOGINS = LoginOptions('accounts')
ACCOUNTS = AccountOptions(group='accounts')

SCHEMA = Schema([
    Option('database', Pair(DatabaseName(), DatabasePath()), short='d', repeat=True, required=True,
           help='a database and its files: those of dictd (PATH.index with PATH.dict or '
                'PATH.dict.dz), or a list of words, a tab and the definition on each line; '
                'searched in this order'),
    Option('description', Pair(DatabaseName(), Text(1, 200)), repeat=True,
           help='what is shown as the name of a database, in place of its own'),
    LISTENING,
    CLIENTS,
    Option('hostname', Text(1, 64, 'HOST'), default='localhost',
           help='name of the server, in its banner'),
    Option('info', Path('file'), help='file that SHOW SERVER shows'),
    Option('max-definitions', Integer(1, 10000), default='200',
           help='definitions that one command retrieves'),
    Option('max-matches', Integer(1, 100000), default='2000', help='words that one command finds'),
    Option('search-time', Seconds(0.1, 600.0), default='10s', help='how long one search may take'),
    Option('secrets', Path('file'), group='accounts',
           help='file of those who may log in: a name and a secret on each line'),
    ACCOUNTS,
    Option('restricted', DatabaseName(), repeat=True, group='accounts',
           help='database that is shown only to those who have logged in'),
    LOGINS,
], check=_check, examples=[
    ('carryall serve dict --database wn=/usr/share/dictd/wn', 'a database of dictd'),
    ('carryall serve dict -d own=words.txt -p 2628 --interface 0.0.0.0',
     'a list of words, for everybody')])
