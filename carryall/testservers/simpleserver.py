# Copyright the carryall authors.  See LICENSE.
"""SimpleServer: the small services, each on a port.

Tests:    tests/house/testservers/test_simpleserver.py
"""
from __future__ import absolute_import, division, print_function

from carryall.testservers.anyserver import TypeServer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict

__all__ = ['SimpleServer']


class SimpleServer(TypeServer):
    """The small services: echo, discard, daytime, time, chargen and qotd, each on a port."""

    type_name = 'simple'
    name = 'simple_server'
    options = {'words': None}
    served = ('echo', 'discard', 'daytime', 'time', 'chargen', 'qotd')

    def words(self):
        found = []                  # type: List[str]
        if not self.values.get('words'):
            for name in self.served:
                found += [u'--tcp', u'%s:0' % name]
        return found

    @property
    def ports(self):
        # type: () -> Dict[str, int]
        """The port of each service by its name."""
        return dict(zip(self.served, [place[2] for place in self.places]))
