# Copyright the carryall authors.  See LICENSE.
"""TelnetServer: a Python console over Telnet.

Tests:    tests/house/testservers/test_telnetserver.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import text_type
from carryall.testservers.anyserver import TypeServer

__all__ = ['TelnetServer']


class TelnetServer(TypeServer):
    """A Python console over Telnet, with one account."""

    type_name = 'telnet'
    name = 'telnet_server'
    scheme = 'telnet'
    options = {'user': 'text', 'password': 'text', 'words': None}

    user = property(lambda self: str(self.values.get('user', 'user')),
                    doc='The name of the account.')
    password = property(lambda self: str(self.values.get('password', 'secret')),
                        doc='Its password.')
    login = property(lambda self: (self.user, self.password), doc='(name, password).')

    def told(self, options):
        found = TypeServer.told(self, options)
        for name in ('user', 'password'):
            found.pop(name, None)
        return found

    def words(self):
        return TypeServer.words(self) + [u'--username', text_type(self.user), u'--password',
                                         text_type(self.password)]
