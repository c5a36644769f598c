# Copyright the carryall authors.  See LICENSE.
"""PBServer: objects by Perspective Broker.

Tests:    tests/house/testservers/test_pbserver.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import text_type
from carryall.testservers.anyserver import TypeServer

__all__ = ['PBServer']


class PBServer(TypeServer):
    """Objects by Perspective Broker: an echo, or what ``root`` names as module:name.

    Options:  root: where the server's runtime can import it.
    """

    type_name = 'pb'
    name = 'pb_server'
    scheme = 'pb'
    options = {'root': 'text', 'words': None}

    def told(self, options):
        found = TypeServer.told(self, options)
        found.pop('root', None)
        return found

    def words(self):
        root = self.values.get('root')
        return TypeServer.words(self) + ([] if root is None else [u'--root', text_type(root)])
