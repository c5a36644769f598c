# Copyright the carryall authors.  See LICENSE.
"""A network with services whose records live in a dictionary, on virtual time."""
from __future__ import absolute_import, division, print_function

import json

from carryall.core.future import Future, completed
from carryall.core.testing import VirtualLoop
from carryall.protocols.irc import OPERATOR_CLASSES, Operator, Settings
from carryall.services.irc.keptnetwork import KeptNetwork
from tests.protocols.irc.scene import Client

__all__ = ['FakeBook', 'KeptScene']


class FakeBook(object):
    """A RecordBook in memory; what it keeps goes through JSON as that of a store does."""

    def __init__(self):
        self.store = self
        self.records = {}
        self.rows = []
        self.writes = []
        self._safe = completed(None)

    def wait(self):
        """A Future: what is kept from now on is safe when it is done."""
        self._safe = Future()
        return self._safe

    def put(self, kind, name, data):
        self.writes.append((kind, name))
        self.records[kind, name] = json.dumps(data)
        return self._safe.then(_nothing)

    def take(self, kind, name):
        self.writes.append((kind, name))
        self.records.pop((kind, name), None)
        return self._safe.then(_nothing)

    def load(self, kind):
        return completed([(name, json.loads(self.records[each, name]))
                          for each, name in sorted(self.records) if each == kind])

    def add_message(self, row):
        self.rows.append(tuple(row))
        return completed(None)

    def drop_messages(self, rows):
        gone = set(rows)
        self.rows = [row for row in self.rows if row[:2] not in gone]
        return completed(None)

    def messages(self, take):
        take(list(self.rows))
        return completed(None)


class KeptScene(object):
    """A network with as many clients as a test wants, which can be started again."""

    def __init__(self):
        self.loop = VirtualLoop()
        self.settings = Settings(burst=1000, clear_auth=True, mechanisms=(u'PLAIN',))
        self.book = FakeBook()
        self.checkers = []
        self.start()

    def start(self):
        """Begins with what the book has."""
        self.network = KeptNetwork(self.loop, b'irc.example', b'Example', book=self.book,
                                   history=50, checkers=self.checkers, iterations=4096)
        self.network.operators = {b'root': Operator(b'root', OPERATOR_CLASSES[b'admin'])}
        self.loop.run_until(self.network.load())

    def connect(self):
        """A client that has said nothing yet."""
        return Client(self)

    def enter(self, nick, *capabilities):
        """A client that has registered; what it was sent is dropped."""
        client = self.connect()
        if capabilities:
            client.send(b'CAP REQ :' + b' '.join(capabilities), b'CAP END')
        client.send(b'NICK ' + nick, b'USER ' + nick + b' 0 * :' + nick.upper())
        return client

    def owner(self, nick, *capabilities):
        """A client with an account of that name."""
        if self.network.accounts.get(nick) is None:
            client = self.enter(nick, *capabilities)
            # The account of an operator is there before it is named as one.
            operators = self.network.operators
            self.network.operators = {}
            self.ask(client, b'NickServ', b'REGISTER secret')
            self.network.operators = operators
            return client
        client = self.connect()
        client.send(b'CAP REQ :' + b' '.join(capabilities), b'PASS ' + nick + b':secret',
                    b'NICK ' + nick, b'USER ' + nick + b' 0 * :' + nick.upper())
        self.settle(client, b'CAP END')
        return client

    def settle(self, client, *lines):
        """Sends lines, and waits for the threads that judge passwords."""
        found = client.send(*lines)
        for _ in range(200):
            self.loop.advance(0.1)
            if client.server.pending is None:
                break
        return found + client.take()

    def ask(self, client, service, text):
        """The texts with which a service answers."""
        lines = self.settle(client, b'PRIVMSG ' + service + b' :' + text)
        before = b':' + service + b'!'
        return [line.partition(b' :')[2] for line in lines if line.startswith(before)]


def _nothing(_):
    return None
