# Copyright the carryall authors.  See LICENSE.
"""Portals: the rows of a statement, some at a time."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.database import InterfaceError
from carryall.core.testing.fakeloop import VirtualLoop
from carryall.core.testing.fakewire import FakeTransport
from carryall.protocols.postgresql import PostgreSQLClient
from carryall.protocols.postgresql.pgdriver import PostgreSQLConnection
from carryall.protocols.postgresql.wire import Framing, message
from tests.protocols.postgresql.servermessages import LOGGED_IN, columns, error, row, tag

IN_TRANSACTION = message(b'Z', b'T')
OPENED = message(b'1', b'') + message(b'2', b'') + columns((b'n', 23)) + IN_TRANSACTION
SUSPENDED = message(b's', b'')


class Bench(object):
    """A client in a transaction whose server is the test."""

    def __init__(self, begin=True):
        self.loop = VirtualLoop()
        self.wire = FakeTransport(self.loop)
        self.client = PostgreSQLClient(self.loop, u'anna', b'secret', u'app')
        self.wire.connect(self.client)
        self.loop.advance()
        self.client.start()
        self.say(LOGGED_IN)
        if begin:
            self.client.query(u'BEGIN')
            self.say(message(b'1', b'') + message(b'2', b'') + message(b'n', b'') + tag(b'BEGIN')
                     + IN_TRANSACTION)
        self.wire.take()

    def say(self, *parts):
        """The server says *parts*."""
        self.wire.feed(b''.join(parts))
        self.loop.advance()

    def said(self):
        """The messages that the client has sent."""
        self.loop.advance()
        return Framing(1 << 20).feed(self.wire.take())

    def portal(self):
        """An open portal."""
        asked = self.client.open_portal(u'SELECT n FROM t')
        self.wire.take()
        self.say(OPENED)
        return asked.result()


def test_a_portal_needs_a_transaction():
    assert isinstance(Bench(False).client.open_portal(u'A').exception(), InterfaceError)


def test_a_portal_is_opened_without_rows():
    bench = Bench()
    asked = bench.client.open_portal(u'SELECT n FROM t')
    said = bench.said()
    bench.say(OPENED)
    assert (b''.join(kind for kind, _ in said), asked.result().columns) == (b'PBDS', (u'n',))


def test_rows_come_as_many_as_are_wanted():
    bench = Bench()
    portal = bench.portal()
    asked = portal.fetch(2)
    said = bench.said()
    bench.say(row(b'1'), row(b'2'), SUSPENDED, IN_TRANSACTION)
    assert (said[0], asked.result(), portal.suspended) == (
        (b'E', portal.name + b'\0\0\0\0\x02'), [(1,), (2,)], True)


def test_nothing_is_asked_behind_the_end():
    bench = Bench()
    portal = bench.portal()
    portal.fetch(2)
    bench.said()
    bench.say(row(b'1'), tag(b'SELECT 1'), IN_TRANSACTION)
    assert (portal.fetch(2).result(), bench.said()) == ([], [])


def test_a_portal_is_closed():
    bench = Bench()
    portal = bench.portal()
    portal.close()
    assert bench.said()[0] == (b'C', b'P' + portal.name + b'\0')


def test_a_statement_that_is_refused_opens_no_portal():
    bench = Bench()
    asked = bench.client.open_portal(u'SELECT n FROM t')
    bench.say(error(b'42P01'), message(b'Z', b'E'))
    assert asked.exception().sqlstate == '42P01'


def test_a_stream_of_the_driver_is_a_portal():
    bench = Bench()
    connection = PostgreSQLConnection(bench.loop, bench.client, None)
    asked = connection.stream(u'SELECT n FROM t WHERE n > ?', (5,), 7)
    bench.say(OPENED)
    bench.said()
    asked.result().fetch()
    assert bench.said()[0][1][-4:] == b'\0\0\0\x07'


@pytest.mark.parametrize('said', [SUSPENDED, row(b'1') + SUSPENDED])
def test_a_statement_without_a_limit_is_not_suspended(said):
    bench = Bench()
    bench.client.query(u'A')
    bench.say(message(b'1', b'') + message(b'2', b'') + columns((b'n', 23)), said)
    assert bench.client.gone
