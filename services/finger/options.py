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
        raise UsageError(u'people come from --folder or from --passwd')
    if (options.whois is None) != (options.records is None):
        raise UsageError(u'--whois and --records belong together')


LISTENING = ListeningOptions('port', 'tcp:79', interface='i', connections=100)
CLIENTS = ClientOptions('network of the clients that are answered; everybody unless given')
SCHEMA = Schema([
    LISTENING,
    Option('folder', Path('folder'), help='people: a folder for each, named as the login'),
    Option('passwd', Path('file'),
           help='people: accounts in this file; /etc/passwd if nothing is said'),
    Flag('list', help='tell all names to who asks for nobody'),
    Flag('match', default=True, help='find people by a part of their full name too'),
    Flag('home', help='tell home folder, shell and office'),
    Flag('mail', help='tell where mail is forwarded'),
    Option('forward', Text(1, 255, 'HOST'), repeat=True,
           help='a host that queries such as ann@HOST may be passed on to'),
    CLIENTS,
    Option('rate', Integer(1, 100000, 'queries'), default='60',
           help='queries a minute that one client may ask'),
    Option('whois', Endpoint(STREAMS), help='answer whois here'),
    Option('records', Path('folder'),
           help='folder of whois records: the file named as the query, in lower case'),
], check=_check, examples=[
    ('carryall finger -p 7979', 'the accounts of this machine, for this machine'),
    ('carryall finger --folder people --list -i 0.0.0.0',
     'people who want to be found, for everybody')])
