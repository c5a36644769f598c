# Copyright the carryall authors.  See LICENSE.
"""The options of the small servers.

Tests:    tests/services/test_simple.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.endpoints import Endpoint, parse_endpoint
from carryall.app.listeningoptions import LOOPBACK, ListeningOptions
from carryall.app.options import Option, Schema
from carryall.app.optiontypes import Choice, Kind, Path
from carryall.core.compat import native, text_type
from carryall.core.errors import UsageError
from carryall.protocols.simple import daytime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Tuple
    from carryall.app.optionvalues import OptionValues

__all__ = ['LIMITS', 'NAMES', 'SCHEMA', 'Served']

NAMES = ('chargen', 'daytime', 'discard', 'echo', 'qotd', 'systat', 'time')


class Served(Kind):
    """NAME:ENDPOINT, where the endpoint may be a port alone; its value is the canonical text.

    The default interface is 127.0.0.1, and not all interfaces as in other services.
    """

    metavar = 'NAME:PORT'

    def __init__(self, kind):
        # type: (str) -> None
        self.kinds = ('tcp', 'unix') if kind == 'tcp' else ('udp',)

    def parse(self, text):
        name, endpoint = self.split(text)
        return u'%s:%s' % (text_type(name), endpoint.text())

    def check(self, value):
        if not isinstance(value, text_type) or self.parse(value) != value:
            raise UsageError(u'not the canonical form of NAME:ENDPOINT')

    def split(self, text):
        # type: (str) -> Tuple[str, Endpoint]
        """The name and the endpoint."""
        name, _, place = text.partition(u':')
        if name not in NAMES or not place:
            raise UsageError((u'"%s" has no port' % name if name in NAMES else u'"%s" is none of %s'
                              % (name, u', '.join(NAMES)))
                             + u'; an example is echo:7007')
        if place.partition(u':')[0].isdigit():
            place = u'%s:%s' % (self.kinds[0], place)
        endpoint = parse_endpoint(place, self.kinds)
        if endpoint.interface == '':
            endpoint.interface = LOOPBACK
        return native(name), endpoint


def _check(options):
    # type: (OptionValues) -> None
    if not options.tcp and not options.udp:
        raise UsageError(u'name a server, such as --tcp echo:7007 (one of %s)' % u', '.join(
            NAMES))


LIMITS = ListeningOptions(None, connections=1000, connections_help='TCP connections at a time',
                          per_address=100)
SCHEMA = Schema([
    Option('tcp', Served('tcp'), short='t', repeat=True,
           help='serve this over TCP, on 127.0.0.1 unless the port is followed by'
                ' :interface=ADDRESS'),
    Option('udp', Served('udp'), short='u', repeat=True, help='serve this over UDP, likewise'),
    Option('daytime', Choice(daytime.FORMS), default='rfc', help='form of the date and time'),
    Option('quotes', Path('file'), help='file of quotes, separated by lines with % alone'),
    Option('users', Path('file'), help='file of the users that systat lists, one a line'),
    LIMITS], check=_check, examples=[
        ('carryall simple --tcp echo:7007 --udp daytime:1313', 'echo over TCP, daytime over UDP'),
        ('carryall simple --tcp qotd:1717:interface=0.0.0.0', 'quotes for the whole network')])
