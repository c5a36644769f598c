# Copyright the carryall authors.  See LICENSE.
"""Statements that are asked again: what a client says to the server, and what it forgets."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.database import InternalError, NotSupportedError
from carryall.core.testing.fakeloop import VirtualLoop
from carryall.core.testing.fakewire import FakeTransport
from carryall.protocols.postgresql import PostgreSQLClient, Settings
from carryall.protocols.postgresql.prepared import Statements
from carryall.protocols.postgresql.wire import NULL, Framing, message, value
from tests.protocols.postgresql.servermessages import (LOGGED_IN, ONE, READY, columns,
                                                       error, row, tag)

BOUND = message(b'2', b'') + row(b'5') + tag(b'SELECT 1') + READY
FAILED = message(b'Z', b'E')
NO_COLUMNS = message(b'1', b'') + message(b'2', b'') + message(b'n', b'') + tag(b'SET') + READY


class Bench(object):
    """A client whose server is the test."""

    def __init__(self, **settings):
        self.loop = VirtualLoop()
        self.wire = FakeTransport(self.loop)
        self.client = PostgreSQLClient(self.loop, u'anna', b'secret', u'app', Settings(**settings))
        self.wire.connect(self.client)
        self.loop.advance()
        self.client.start()
        self.say(LOGGED_IN)
        self.wire.take()

    def say(self, *parts):
        """The server says *parts*."""
        self.wire.feed(b''.join(parts))
        self.loop.advance()

    def said(self):
        """The letters of the messages that the client has sent."""
        self.loop.advance()
        framing = Framing(1 << 20)
        return b''.join(kind for kind, _ in framing.feed(self.wire.take()))

    def ask(self, answer, text=u'SELECT n FROM t', parameters=()):
        """A query with its answer; the letters that were said, and its Future."""
        asked = self.client.query(text, parameters)
        said = self.said()
        self.say(answer)
        return said, asked


def prepared():
    """A client that has prepared a statement."""
    bench = Bench()
    bench.ask(ONE)
    bench.ask(ONE)
    return bench


def test_a_statement_is_prepared_at_its_second_use():
    bench = Bench()
    asked = [bench.ask(ONE), bench.ask(ONE), bench.ask(BOUND), bench.ask(BOUND)]
    assert [said for said, _ in asked] == [b'PBDES', b'PBDES', b'BES', b'BES']
    assert [future.result() for _, future in asked] == [[(5,)]] * 4


def test_a_prepared_statement_tells_its_columns():
    assert prepared().ask(BOUND)[1].result().columns == (u'n',)


def test_a_prepared_statement_without_columns_is_executed():
    bench = Bench()
    said = [bench.ask(NO_COLUMNS)[0], bench.ask(NO_COLUMNS)[0],
            bench.ask(message(b'2', b'') + tag(b'SET') + READY)[0]]
    assert said == [b'PBDES', b'PBDES', b'BES']


def test_statements_that_do_not_wait_for_each_other_are_not_prepared():
    bench = Bench()
    asked = [bench.client.query(u'A') for _ in range(3)]
    assert bench.said() == b'PBDES' * 3
    bench.say(ONE * 3)
    assert [each.result() for each in asked] == [[(5,)]] * 3


def test_statements_that_do_not_wait_leave_in_two_writes():
    bench = Bench()
    first = bench.client.query(u'A')
    early = len(bench.wire.take())
    for _ in range(9):
        bench.client.query(u'A')
    assert (bench.wire.take(), early > 0, first.done()) == (b'', True, False)
    assert bench.said() == b'PBDES' * 9


def test_no_statement_is_remembered_with_a_limit_of_none():
    bench = Bench(statements=0)
    assert [bench.ask(ONE)[0] for _ in range(4)] == [b'PBDES'] * 4


def test_other_types_of_parameters_are_another_statement():
    bench = Bench()
    for _ in range(3):
        bench.ask(ONE, u'A', (1,))
    assert bench.ask(ONE, u'A', (u'x',))[0] == b'PBDES'


def test_a_null_is_taken_by_the_prepared_statement():
    bench = Bench()
    bench.ask(ONE, u'A', (1,))
    bench.ask(ONE, u'A', (1,))
    said, asked = bench.ask(BOUND, u'A', (None,))
    assert (said, asked.result()) == (b'BES', [(5,)])


def test_a_statement_that_cannot_be_prepared_is_asked_in_full_again():
    bench = Bench()
    bench.ask(ONE)
    bench.ask(error(b'25P02') + FAILED)
    assert bench.ask(ONE)[0] == b'PBDES'


def test_a_statement_that_fails_when_it_is_prepared_is_known():
    bench = Bench()
    bench.ask(ONE)
    bench.ask(message(b'1', b'') + message(b'2', b'') + columns((b'n', 23)) + error(b'22012')
              + READY)
    assert bench.ask(BOUND)[0] == b'BES'


def test_a_statement_that_is_parsed_and_not_described_is_closed():
    bench = Bench()
    bench.ask(ONE)
    bench.ask(message(b'1', b'') + error(b'22P02') + READY)
    assert bench.ask(message(b'3', b'') + ONE)[0] == b'CPBDES'


def test_a_statement_that_the_server_has_forgotten_is_sent_again():
    bench = prepared()
    said, asked = bench.ask(error(b'26000') + READY)
    assert (said, asked.done(), bench.said()) == (b'BES', False, b'PBDES')
    bench.say(ONE)
    assert asked.result() == [(5,)]


def test_a_server_that_forgets_again_and_again_is_asked_in_full():
    bench = Bench()
    for _ in range(3):
        bench.ask(ONE)
        bench.ask(ONE)
        bench.ask(error(b'26000') + READY)
        bench.say(ONE)
        bench.said()
    assert [bench.ask(ONE)[0] for _ in range(4)] == [b'PBDES'] * 4


def test_a_statement_is_sent_again_once():
    bench = prepared()
    asked = bench.ask(error(b'26000') + READY)[1]
    bench.say(error(b'26000') + READY)
    assert asked.exception().sqlstate == '26000'


def test_a_forgotten_statement_with_others_behind_it_fails():
    bench = prepared()
    asked = bench.client.query(u'SELECT n FROM t')
    behind = bench.client.query(u'B')
    bench.say(error(b'26000') + READY + ONE)
    assert (asked.exception().sqlstate, behind.result()) == ('26000', [(5,)])


def test_a_forgotten_statement_in_a_transaction_fails():
    bench = prepared()
    asked = bench.ask(error(b'26000') + FAILED)[1]
    assert asked.exception().sqlstate == '26000'


def test_columns_that_change_are_asked_for_again():
    bench = prepared()
    changed = message(b'E', b'SERROR\0C0A000\0Mno\0RRevalidateCachedQuery\0\0') + READY
    asked = bench.ask(changed)[1]
    bench.say(message(b'3', b'') + ONE)
    assert asked.result() == [(5,)]


def test_a_statement_that_is_not_supported_is_not_sent_again():
    asked = prepared().ask(error(b'0A000') + READY)[1]
    assert isinstance(asked.exception(), NotSupportedError)


@pytest.mark.parametrize('words', [b'DEALLOCATE ALL', b'DISCARD ALL'])
def test_statements_that_the_server_discards_are_forgotten(words):
    bench = prepared()
    bench.ask(message(b'1', b'') + message(b'2', b'') + message(b'n', b'') + tag(words) + READY,
              u'DISCARD ALL')
    assert bench.ask(ONE)[0] == b'PBDES'


def test_the_least_recently_used_statement_makes_room():
    bench = Bench(statements=4)
    for number in range(6):
        for _ in range(2):
            bench.ask(ONE, u'SELECT %d' % number)
    assert bench.ask(BOUND, u'SELECT 5')[0] == b'BES'
    assert bench.ask(message(b'3', b'') * 2 + ONE, u'SELECT 0')[0] == b'CCPBDES'


def test_a_statement_that_makes_room_is_closed_at_the_server():
    bench = Bench(statements=2)
    said = [bench.ask(message(b'3', b'') + ONE, text)[0] for text in (u'A', u'A', u'B', u'C', u'D')]
    assert said == [b'PBDES', b'PBDES', b'PBDES', b'CPBDES', b'PBDES']


def test_a_long_statement_is_not_remembered():
    assert Statements(10).find(u'x' * 70000, (), []) is None


def test_a_type_is_known_for_a_null_only_by_a_prepared_statement():
    known = Statements(10)
    known.find(u'A', (23,), [value(b'1')])
    assert known.find(u'A', (0,), [NULL]).kinds == (0,)


def test_a_batch_is_one_transaction():
    bench = Bench()
    asked = bench.client.query_all([(u'A', ()), (u'B', (1,))])
    assert bench.said() == b'PBDEPBDES'
    bench.say(ONE[:-6], NO_COLUMNS)
    assert ([list(each) for each in asked.result()], asked.result()[0].columns) == (
        [[(5,)], []], (u'n',))


def test_the_error_of_a_batch_tells_the_place():
    bench = Bench()
    asked = bench.client.query_all([(u'A', ()), (u'B', ())])
    bench.say(ONE[:-6], error(b'XX000') + READY)
    assert (type(asked.exception()), asked.exception().statement) == (InternalError, 1)


def test_a_batch_of_none_says_nothing():
    bench = Bench()
    assert (bench.client.query_all([]).result(), bench.said()) == ([], b'')
