# Copyright the carryall authors.  See LICENSE.
"""PortForwardServer: a relay for tests.

Tests:    tests/house/testservers/test_portforwardserver.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import text_type
from carryall.services.testservers.typeserver import word_of
from carryall.testservers.anyserver import TypeServer

__all__ = ['PortForwardServer']


class PortForwardServer(TypeServer):
    """A relay to ``target``, HOST:PORT.

    It starts when the target is known: with the option, or when ``forward`` is called.
    """

    type_name = 'portforward'
    name = 'portforward_server'
    options = {'target': 'text', 'words': None}

    def start(self):
        if self.values.get('target') is None and not self.values.get('words'):
            return self
        return TypeServer.start(self)

    def forward(self, target):
        # type: (str) -> PortForwardServer
        """Relays to HOST:PORT from now on; the server itself."""
        self.values['target'] = word_of(target)
        if not self.started:
            return self.start()
        return self.restart()

    def told(self, options):
        found = TypeServer.told(self, options)
        found.pop('target', None)
        return found

    def words(self):
        target = self.values.get('target')
        return TypeServer.words(self) + ([] if target is None else
                                         [u'--target', u'tcp:' + text_type(target)])
