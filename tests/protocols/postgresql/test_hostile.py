# Copyright the carryall authors.  See LICENSE.
"""The client and the driver against a server that lies, floods, dies or answers late."""
from __future__ import absolute_import, division, print_function

import struct

import pytest

from carryall.core.database import (ConnectionGone, DataError, InterfaceError, Pool, PoolSettings,
                                    ProgrammingError)
from carryall.core.future import coroutine
from carryall.core.net.protocol import Protocol
from carryall.core.testing.fakeloop import VirtualLoop
from carryall.core.testing.fakewire import FakeTransport
from carryall.protocols.postgresql import PostgreSQLClient, PostgreSQLError, Settings
from carryall.protocols.postgresql.pgdriver import driver
from carryall.protocols.postgresql.wire import Framing, message
from tests.protocols.postgresql.servermessages import (LOGGED_IN, ONE, READY, columns, error, row,
                                                       tag)

# One answer, message by message
ANSWER = [message(b'1', b''), message(b'2', b''), columns((b'n', 23)), row(b'5'), tag(b'SELECT 1'),
          READY]
COPY_IN = message(b'G', b'\0\0\0')
COPY_OUT = message(b'H', b'\0\0\0')
AFTER_SYNC = b'S\0\0\0\x04'


class Bench(object):
    """A client whose server is the test."""

    def __init__(self, log_in=True, **settings):
        self.loop = VirtualLoop()
        self.wire = FakeTransport(self.loop)
        self.client = PostgreSQLClient(self.loop, u'anna', b'secret', u'app', Settings(**settings))
        self.wire.connect(self.client)
        self.loop.advance()
        self.started = self.client.start()
        if log_in:
            self.say(LOGGED_IN)
            self.wire.take()

    def say(self, *parts):
        """The server says *parts*."""
        self.wire.feed(b''.join(parts))
        self.loop.advance()


# -- lies ------------------------------------------------------------------------

@pytest.mark.parametrize('length', [b'\x80\0\0\0', b'\x7f\xff\xff\xff', b'\xff\xff\xff\xff',
                                    b'\0\0\0\0', b'\0\0\0\x03'])
def test_a_message_of_an_impossible_length_fails_the_query(length):
    bench = Bench()
    asked = bench.client.query(u'A')
    bench.say(b'D' + length)
    assert isinstance(asked.exception(), ConnectionGone)


def test_a_row_within_the_limit_is_read():
    bench = Bench(max_message=2000)
    asked = bench.client.query(u'A')
    bench.say(message(b'1', b''), message(b'2', b''), columns((b't', 25)), row(b'x' * 1000),
              tag(b'SELECT 1'), READY)
    assert asked.result() == [(u'x' * 1000,)]


def test_a_row_beyond_the_limit_fails_the_query():
    bench = Bench(max_message=2000)
    asked = bench.client.query(u'A')
    bench.say(columns((b't', 25)), row(b'x' * 2000)[:100])
    assert isinstance(asked.exception(), ConnectionGone)


def test_a_message_that_never_ends_holds_no_more_than_it_has():
    framing = Framing(1 << 28)
    framing.feed(b'D\x0f\xff\xff\xff' + b'x' * 1000)
    assert framing.held == 1005


@pytest.mark.parametrize('body', [
    b'\0\x01\xff\xff\xff\xfe', b'\0\x01\x80\0\0\0', b'\0\x01\x7f\xff\xff\xff5',
    b'\0\x01\0\0\0\x05\0', b'\0\x01\0\0\0\x015\0', b'\0\x01\0\0\0\x01x'])
def test_a_value_of_a_false_length_fails_the_query(body):
    bench = Bench()
    asked = bench.client.query(u'A')
    bench.say(columns((b'n', 23)), message(b'D', body))
    assert isinstance(asked.exception(), ConnectionGone)


@pytest.mark.parametrize('kind, octets', [
    (17, b'\\x0'), (17, b'\\xzz'), (17, b'7'), (1700, b'x'), (701, b'x'), (25, b'\xff'),
    (1082, b'2024-02-31'), (1114, b'0000-01-01 00:00:00'), (1083, b'25:00:00')])
def test_a_value_of_a_false_form_ends_the_connection_alone(kind, octets):
    bench = Bench()
    asked = bench.client.query(u'A')
    bench.say(columns((b'n', kind)), row(octets))
    assert isinstance(asked.exception().cause, PostgreSQLError)


@pytest.mark.parametrize('body', [b'\xff\xff', b'\x7f\xff', b'\0\x01n', b'\0\0x',
                                  struct.pack('!h', 1) + b'n\0' + b'\0' * 17])
def test_a_false_description_fails_the_query(body):
    bench = Bench()
    asked = bench.client.query(u'A')
    bench.say(message(b'T', body))
    assert isinstance(asked.exception(), ConnectionGone)


def test_a_server_that_is_ready_before_the_login_is_refused():
    bench = Bench(False)
    bench.say(message(b'R', b'\0\0\0\x0aSCRAM-SHA-256\0\0'), READY)
    assert isinstance(bench.started.exception(), PostgreSQLError)


def test_a_second_login_gets_no_password():
    bench = Bench()
    bench.say(message(b'R', b'\0\0\0\x05salt'))
    assert (bench.client.gone, bench.wire.take()) == (True, b'')


def test_a_server_that_speaks_first_is_refused():
    loop = VirtualLoop()
    wire = FakeTransport(loop)
    client = PostgreSQLClient(loop, u'anna')
    wire.connect(client)
    loop.advance()
    wire.feed(READY)
    loop.advance()
    assert client.gone


# -- floods ----------------------------------------------------------------------

def test_a_flood_of_notices_leaves_nothing_behind():
    bench = Bench()
    asked = bench.client.query(u'A')
    for _ in range(200):
        bench.say(error(b'01000', b'mind', b'N') * 20)
    bench.say(ONE)
    assert asked.result() == [(5,)]


def test_a_flood_of_parameters_ends_the_connection():
    bench = Bench()
    bench.say(*[message(b'S', b'p%d\0x\0' % number) for number in range(1001)])
    assert bench.client.gone


def test_a_notice_whose_reader_fails_is_no_fault_of_the_connection(expect_log):
    expect_log('a callback fails')
    bench = Bench()
    bench.client.notice = lambda fields: fields[b'nothing']
    asked = bench.client.query(u'A')
    bench.say(error(b'01000', b'mind', b'N'), ONE)
    assert asked.result() == [(5,)]


def test_a_listener_that_fails_is_no_fault_of_the_connection(expect_log):
    expect_log('a callback fails')
    bench = Bench()
    bench.client.listen(u'news', lambda *values: values[7])
    bench.say(message(b'A', b'\0\0\0\x09news\0hi\0'))
    assert not bench.client.gone


# -- death -----------------------------------------------------------------------

@pytest.mark.parametrize('count', range(len(ANSWER)))
def test_a_server_that_dies_within_an_answer_leaves_the_error_of_that(count):
    bench = Bench()
    asked = [bench.client.query(u'A'), bench.client.query(u'B')]
    bench.say(*ANSWER[:count])
    bench.wire.lose()
    bench.loop.advance()
    assert [type(each.exception()) for each in asked] == [ConnectionGone] * 2


def test_a_server_that_dies_behind_an_answer_leaves_the_answer():
    bench = Bench()
    asked = [bench.client.query(u'A'), bench.client.query(u'B')]
    bench.say(*ANSWER)
    bench.wire.lose()
    bench.loop.advance()
    assert (asked[0].result(), type(asked[1].exception())) == ([(5,)], ConnectionGone)


@pytest.mark.parametrize('said', [
    b'', message(b'R', b'\0\0\0\0'), message(b'R', b'\0\0\0\0') + message(b'S', b'a\0b\0'),
    message(b'R', b'\0\0\0\x0aSCRAM-SHA-256\0\0')])
def test_a_server_that_dies_within_the_login_is_told(said):
    bench = Bench(False)
    bench.say(said)
    bench.wire.lose()
    bench.loop.advance()
    assert isinstance(bench.started.exception(), ConnectionGone)


def test_a_fatal_error_of_any_state_ends_the_connection():
    bench = Bench()
    asked = bench.client.query(u'A')
    bench.say(message(b'E', b'SFATAL\0VFATAL\0CXX000\0Mover\0\0'))
    assert (bench.client.gone, type(asked.exception())) == (True, ConnectionGone)


# -- texts that cannot be said ---------------------------------------------------

def test_a_statement_with_a_nul_is_the_fault_of_the_program():
    bench = Bench()
    with pytest.raises(ProgrammingError):
        bench.client.query(u'SELECT \0')


def test_a_parameter_with_a_nul_says_nothing_to_the_server():
    bench = Bench()
    with pytest.raises(DataError):
        bench.client.query(u'SELECT $1', (u'a\0b',))
    assert (bench.wire.take(), bench.client.pending()) == (b'', 0)


def test_too_many_parameters_are_refused():
    bench = Bench()
    with pytest.raises(ProgrammingError):
        bench.client.query(u'A', (None,) * 65536)


def test_a_statement_before_the_end_of_the_login_is_refused():
    bench = Bench(False)
    assert isinstance(bench.client.query(u'A').exception(), InterfaceError)


# -- copies ----------------------------------------------------------------------

def test_a_statement_behind_a_copy_waits_for_its_end():
    bench = Bench()
    bench.client.copy_in(u'COPY t FROM STDIN', [b'a\n'])
    bench.wire.take()
    bench.client.query(u'A')
    assert bench.wire.take() == b''
    bench.say(COPY_IN, tag(b'COPY 1'), READY)
    assert bench.wire.take()[-5:] == AFTER_SYNC


def test_two_copies_one_behind_the_other_have_their_own_answers():
    bench = Bench()
    asked = [bench.client.copy_in(u'COPY t FROM STDIN', [b'a\n']) for _ in range(2)]
    bench.say(COPY_IN, tag(b'COPY 1'), READY)
    bench.say(COPY_IN, tag(b'COPY 2'), READY)
    assert [each.result().count for each in asked] == [1, 2]


def test_a_copy_that_is_refused_lets_the_next_statement_go():
    bench = Bench()
    bench.client.copy_in(u'COPY t FROM STDIN', [b'a\n'])
    asked = bench.client.query(u'A')
    bench.say(error(b'42P01'), READY)
    bench.say(ONE)
    assert asked.result() == [(5,)]


def test_a_copy_without_data_in_a_script_is_given_up_without_a_sync():
    bench = Bench()
    asked = bench.client.script(u'COPY t FROM STDIN')
    bench.wire.take()
    bench.say(COPY_IN)
    assert not bench.wire.take().endswith(AFTER_SYNC)
    bench.say(error(b'57014'), READY)
    assert isinstance(asked.exception(), InterfaceError)


def test_a_copy_without_data_takes_no_statement_behind_it_for_answered():
    bench = Bench()
    bench.client.query(u'COPY t FROM STDIN')
    behind = bench.client.query(u'A')
    bench.say(COPY_IN, error(b'08P01'), READY, READY)
    assert isinstance(behind.exception(), ConnectionGone)


def test_data_that_cannot_be_read_is_told_to_the_server():
    def pieces():
        """One piece, and a fault."""
        yield b'a\n'
        raise KeyError('no more')

    bench = Bench()
    asked = bench.client.copy_in(u'COPY t FROM STDIN', pieces())
    bench.wire.take()
    bench.say(COPY_IN)
    assert bench.wire.take()[:1] == b'f'
    bench.say(error(b'57014'), READY)
    assert (type(asked.exception()), bench.client.gone) == (KeyError, False)


def test_a_reader_of_a_copy_that_fails_is_told_at_the_end():
    bench = Bench()
    asked = bench.client.copy_out(u'COPY t TO STDOUT', [].index)
    behind = bench.client.query(u'A')
    bench.say(COPY_OUT, message(b'd', b'a\n') * 2, message(b'c', b''), tag(b'COPY 2'), READY, ONE)
    assert (type(asked.exception()), behind.result()) == (ValueError, [(5,)])


def test_rows_of_many_statements_are_dropped():
    bench = Bench()
    asked = bench.client.query_many(u'INSERT INTO t VALUES ($1) RETURNING n', [(1,), (2,)])
    bench.say((row(b'1') + tag(b'INSERT 0 1')) * 2, READY)
    assert (asked.result(), asked.result().count) == ([], 2)


# -- the driver and the pool -----------------------------------------------------

class Server(Protocol):
    """Answers when it is told to, with the state that the statements make."""

    def __init__(self, bench):
        self.bench = bench
        self.state = b'I'
        self.held = []
        self._logged_in = False
        self._framing = Framing(100000)

    def data_received(self, data):
        if not self._logged_in:
            self._logged_in = True
            if data[4:8] == b'\x04\xd2\x16\x2e':
                self.bench.cancellers.append(self)
                return
            self.bench.servers.append(self)
            self.transport.write(LOGGED_IN)
            return
        for kind, body in self._framing.feed(data):
            if kind == b'P':
                self.held.append(body[1:].partition(b'\0')[0])
        if not self.bench.slow:
            self.answer()

    def answer(self):
        """Answers all that was asked."""
        while self.held:
            text = self.held.pop(0)
            self.bench.said.append(text)
            failed = text == b'BAD' or self.state == b'E' and text != b'ROLLBACK'
            if text == b'BEGIN':
                self.state = b'T'
            elif text in (b'COMMIT', b'ROLLBACK'):
                self.state = b'I'
            elif failed and self.state == b'T':
                self.state = b'E'
            end = message(b'Z', self.state)
            self.transport.write(error(b'42601') + end if failed else ONE[:-6] + end)


class Pooled(object):
    """A pool of one connection to such a server."""

    def __init__(self):
        self.loop = VirtualLoop()
        self.slow = False
        self.said = []
        self.servers = []
        self.cancellers = []
        port = self.loop.listen_tcp(lambda: Server(self)).address.port
        made = driver(u'postgresql://anna:secret@127.0.0.1:%d/app' % port)
        self.pool = Pool(self.loop, made, PoolSettings(max_connections=1))
        self.pool.start()
        self.loop.advance(0.1)

    def asked(self, text):
        """The Future of a query, after some time."""
        asked = self.pool.run_query(text)
        self.loop.advance(0.1)
        return asked

    def cut_off(self):
        """Cancels a query before its answer."""
        self.slow = True
        self.asked(u'SLOW').cancel()
        self.loop.advance(0.1)
        self.slow = False


def test_the_answer_of_a_cancelled_query_is_not_given_to_the_next():
    bench = Pooled()
    bench.cut_off()
    after = bench.asked(u'NEXT')
    assert not after.done()
    bench.cancellers[0].transport.close()
    bench.servers[0].answer()
    bench.loop.advance(0.1)
    assert (after.result(), bench.said[0], bench.said[-1]) == ([(5,)], b'SLOW', b'NEXT')


def test_no_statement_of_another_is_sent_before_the_request_to_cancel_is_taken():
    bench = Pooled()
    bench.cut_off()
    bench.asked(u'NEXT')
    bench.servers[0].answer()
    bench.loop.advance(0.5)
    assert bench.said == [b'SLOW']


def test_a_server_that_never_takes_a_request_to_cancel_loses_the_connection():
    bench = Pooled()
    bench.cut_off()
    after = bench.asked(u'NEXT')
    bench.loop.advance(6.0)
    bench.loop.advance(1.0)
    assert (after.result(), len(bench.servers)) == ([(5,)], 2)


def test_a_statement_that_waits_behind_another_is_not_cancelled_at_the_server():
    bench = Pooled()
    connection = bench.pool.lender.acquire().result()
    bench.slow = True
    connection.execute(u'FIRST')
    connection.execute(u'SECOND').cancel()
    bench.loop.advance(0.1)
    assert (bench.cancellers, connection.dirty) == ([], True)


def test_a_transaction_that_is_cancelled_at_its_begin_is_rolled_back():
    bench = Pooled()
    bench.slow = True
    transaction = bench.pool.transaction(lambda _: None)
    bench.loop.advance(0.1)
    transaction.cancel()
    bench.slow = False
    after = bench.asked(u'NEXT')
    bench.servers[0].answer()
    bench.cancellers[0].transport.close()
    bench.loop.advance(0.1)
    assert (after.result(), bench.said[-2:]) == ([(5,)], [b'ROLLBACK', b'NEXT'])


def test_a_failed_transaction_gives_its_connection_back_rolled_back():
    @coroutine
    def steps(transaction):
        """A statement that is refused."""
        yield transaction.execute(u'BAD')

    bench = Pooled()
    transaction = bench.pool.transaction(steps)
    bench.loop.advance(0.1)
    assert isinstance(transaction.exception(), ProgrammingError)
    after = bench.asked(u'NEXT')
    assert (after.result(), bench.said[-2:], len(bench.servers)) == (
        [(5,)], [b'ROLLBACK', b'NEXT'], 1)


def test_a_transaction_that_a_query_left_open_is_rolled_back():
    bench = Pooled()
    bench.asked(u'BEGIN')
    bench.asked(u'NEXT')
    assert bench.said[-2:] == [b'ROLLBACK', b'NEXT']


def test_a_connection_with_a_copy_under_way_is_lent_when_that_is_over():
    bench = Pooled()
    connection = bench.pool.lender.acquire().result()
    bench.slow = True
    connection.client.copy_in(u'COPY t FROM STDIN', [b'a\n'])
    bench.pool.lender.release(connection)
    bench.slow = False
    after = bench.asked(u'NEXT')
    assert not after.done()
    bench.servers[0].transport.write(COPY_IN + tag(b'COPY 1') + READY)
    bench.cancellers[0].transport.close()
    bench.loop.advance(0.1)
    assert (after.result(), bench.said[-1]) == ([(5,)], b'NEXT')


def test_a_connection_in_a_copy_without_end_is_replaced():
    bench = Pooled()
    connection = bench.pool.lender.acquire().result()
    connection.client.copy_out(u'COPY t TO STDOUT', len)
    bench.servers[0].transport.write(COPY_OUT + message(b'd', b'a\n'))
    bench.pool.lender.release(connection)
    after = bench.asked(u'NEXT')
    bench.loop.advance(6.0)
    bench.loop.advance(1.0)
    assert (after.result(), len(bench.servers)) == ([(5,)], 2)


def test_a_session_that_cannot_be_asked_is_closed():
    class Refusing(Server):
        """Takes no statement."""

        def data_received(self, data):
            if not self.said:
                self.said.append(data)
                self.transport.write(LOGGED_IN)
            else:
                self.transport.write(error(b'42501') + READY)

        said = None
        lost = False

        def connection_lost(self, exc):
            self.lost = True

    servers = []

    def make():
        """A server that is kept."""
        servers.append(Refusing(None))
        servers[-1].said = []
        return servers[-1]

    loop = VirtualLoop()
    port = loop.listen_tcp(make).address.port
    asked = driver(u'postgresql://127.0.0.1:%d/app?target_session_attrs=read-only'
                   % port).connect(loop)
    loop.advance(0.2)
    assert (type(asked.exception()), servers[0].lost) == (ProgrammingError, True)
