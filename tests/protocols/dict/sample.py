# Copyright the carryall authors.  See LICENSE.
"""A service and a loop whose msg-id is known, for the tests of dict."""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.portal import Portal, Realm
from carryall.core.crypto import StandardCrypto
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.dict import (Database, Definition, DICTServer, DictionaryService,
                                     MemoryDictionary, Settings)

MSG_ID = b'<000000000000000000000000@dict.example>'
BANNER = b'220 dict.example carryall <mime> ' + MSG_ID + b'\r\n'
AUTH_BANNER = (b'220 dict.example carryall <auth.mime.xscram-sha-256.xscram-sha-1.xcram-md5> '
               + MSG_ID + b'\r\n')
SETTINGS = Settings(hostname=b'dict.example')
FRUIT = {u'apple': u'A round fruit.\n.dots are doubled\n', u'apple pie': u'A pie.',
         u'caf\xe9': u'Not a fruit.', u'a "b" \\c': u'Quoted.'}
TREES = {u'apple': u'A tree.'}


class FixedCrypto(StandardCrypto):
    """Crypto whose random octets are zeros."""

    def random(self, count):
        return b'\0' * count


class Library(DictionaryService):
    """Databases in memory, of which 'trees' is for accounts alone."""

    def __init__(self, trees=True, accounts=None):
        self._all = [MemoryDictionary(u'fruit', FRUIT, u'Fruit "of" all kinds'),
                     MemoryDictionary(u'trees', TREES, u'Trees')]
        self._shown = self._all[:2 if trees else 1]
        if accounts is not None:
            self.portal = Portal(Realm(), [MemoryChecker(accounts)])

    def for_user(self, user):
        return Library()

    def databases(self):
        return [each.databases()[0] for each in self._shown]

    def strategies(self):
        return self._all[0].strategies()

    def _one(self, name):
        return [each for each in self._all if each.databases()[0].name == name][0]

    def define(self, database, word, limit, host):
        return self._one(database).define(database, word, limit, host)

    def match(self, database, strategy, word, limit, host):
        return self._one(database).match(database, strategy, word, limit, host)

    def info(self, database):
        return u'About ' + database

    def about(self):
        return u'Ask ann@dict.example.'


class Long(DictionaryService):
    """One database with as many long definitions of each word as are asked for."""

    def __init__(self):
        self.read = 0

    def databases(self):
        return [Database(u'long', u'Long')]

    def define(self, database, word, limit, host):
        return [_Counted(self, word) for _ in range(limit)]


class _Counted(Definition):
    """A definition that counts how many were read."""

    __slots__ = ('_service',)

    def __init__(self, service, word):
        Definition.__init__(self, word, u'long', u'Long')
        self._service = service

    def read(self):
        self._service.read += 1
        return b'x' * 100 + b'\n' + b'y' * 60000


def fixed_loop():
    """A VirtualLoop whose random octets are zeros."""
    loop = VirtualLoop()
    loop.crypto = FixedCrypto()
    return loop


def library_server(loop):
    """A server with both databases."""
    loop.crypto = FixedCrypto()
    return DICTServer(Library(), loop, SETTINGS)


def greeted(service, settings=SETTINGS, banner=BANNER):
    """A connection that was greeted: (loop, transport, server)."""
    loop = fixed_loop()
    server = DICTServer(service, loop, settings)
    wire = FakeTransport(loop)
    wire.connect(server)
    assert wire.take() == banner
    return loop, wire, server
