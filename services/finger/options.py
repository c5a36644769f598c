# Copyright the carryall authors.  See LICENSE.
"""The options of the finger service.

Tests:    tests/services/test_finger.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.clientoptions import ClientOptions
from carryall.app.endpoints import STREAMS
from carryall.app.listeningoptions import ListeningOptions
from carryall.app.options import Flag, Option, Schema
from carryall.app.optiontypes import Endpoint, Integer, Path, Text
from carryall.core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from carryall.app.optionvalues import OptionValues

__all__ = ['CLIENTS', 'LISTENING', 'SCHEMA']


def _check(options):
    # type: (OptionValues) -> None
    if options.folder is not None and options.passwd is not None:
        raise UsageError(u'--folder and --passwd exclude each other')
    if (options.whois is None) != (options.records is None):
        raise UsageError(u'--whois and --records need each other')


LISTENING = ListeningOptions('port', 'tcp:79', interface='i', connections=100)
CLIENTS = ClientOptions('network of the clients that are answered; all clients unless given')
SCHEMA = Schema([
    LISTENING,
    Option('folder', Path('folder'),
           help='users: a subfolder for each, named as the login'),
    Option('passwd', Path('file'),
           help='users: the accounts in this file; /etc/passwd unless given'),
    Flag('list', help='answer a query without a name with all names'),
    Flag('match', default=True, help='find users by a part of their full name too'),
    Flag('home', help='show home folder, shell and office'),
    Flag('mail', help='show where mail is forwarded'),
    Option('forward', Text(1, 255, 'HOST'), repeat=True,
           help='a host that queries such as ann@HOST may be forwarded to'),
    CLIENTS,
    Option('rate', Integer(1, 100000, 'queries'), default='60',
           help='queries a minute that one client may ask'),
    Option('whois', Endpoint(STREAMS), help='answer whois here'),
    Option('records', Path('folder'),
           help='folder of whois records; a file name is the query in lower case'),
], check=_check, examples=[
    ('carryall finger -p 7979', 'the accounts of this machine, for this machine'),
    ('carryall finger --folder people --list -i 0.0.0.0',
     'users who want to be found, for all clients')])
