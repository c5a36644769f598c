# Copyright the carryall authors.  See LICENSE.
"""The driver of PostgreSQL: locations, hosts, transactions."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.database import (ConnectionGone, InterfaceError, InternalError,
                                    OperationalError, StatementCancelled)
from carryall.core.errors import UsageError
from carryall.core.net.protocol import Protocol
from carryall.core.testing.fakeloop import VirtualLoop
from carryall.protocols.postgresql.pgdriver import driver, parse_location
from carryall.protocols.postgresql.wire import Framing, message
from tests.protocols.postgresql.servermessages import LOGGED_IN, ONE, error, tag

LOCATION = u'postgresql://anna:secret@127.0.0.1:%d/app'


class Server(Protocol):
    """Answers each Sync with a row; the state is that of the transaction."""

    said = None

    def __init__(self, said, silent=()):
        self.said = said
        self._silent = silent
        self._logged_in = False
        self._framing = Framing(100000)
        self._state = b'I'

    def data_received(self, data):
        if not self._logged_in:
            self.said.append(data[4:8])
            self._logged_in = True
            self.transport.write(LOGGED_IN)
            return
        for kind, body in self._framing.feed(data):
            if kind == b'P':
                self._parsed(body[1:].partition(b'\0')[0])

    def _parsed(self, text):
        self.said.append(text)
        if text == b'FAILS':
            self._state = b'E'
            self.transport.write(error(b'22012') + message(b'Z', b'E'))
            return
        if text == b'COMMIT' and self._state == b'E':
            self._state = b'I'
            self.transport.write(message(b'1', b'') + message(b'2', b'') + message(b'n', b'')
                                 + tag(b'ROLLBACK') + message(b'Z', b'I'))
            return
        if text.startswith(b'BEGIN'):
            self._state = b'T'
        elif text in (b'COMMIT', b'ROLLBACK'):
            self._state = b'I'
        if text not in self._silent:
            self.transport.write(ONE[:-6] + message(b'Z', self._state))


class Several(object):
    """Servers that tell of themselves; the driver chooses one."""

    def __init__(self, *told):
        self.loop = VirtualLoop()
        self.chosen = []
        self.ports = [self._listen(number, each) for number, each in enumerate(told)]

    def _listen(self, number, told):
        parameters = b''.join(message(b'S', name + b'\0' + value + b'\0') for name, value in told)

        class Telling(Protocol):
            """Logs in, and tells."""

            chosen = self.chosen

            def data_received(self, data):
                if data[4:8] == START:
                    self.chosen.append(number)
                    self.transport.write(LOGGED_IN[:-6] + parameters + LOGGED_IN[-6:])

        return self.loop.listen_tcp(Telling).address.port

    def connect(self, query=u''):
        """A Future of a connection to one of them."""
        hosts = u','.join(u'127.0.0.1:%d' % port for port in self.ports)
        asked = driver(u'postgresql://anna:s@%s/app?%s' % (hosts, query)).connect(self.loop)
        self.loop.advance(1.0)
        return asked


SSL = b'\x04\xd2\x16\x2f'
START = b'\0\x03\0\0'
PRIMARY = [(b'in_hot_standby', b'off'), (b'default_transaction_read_only', b'off')]
STANDBY = [(b'in_hot_standby', b'on'), (b'default_transaction_read_only', b'off')]
READ_ONLY = [(b'in_hot_standby', b'off'), (b'default_transaction_read_only', b'on')]


@pytest.mark.parametrize('attribute, told, chosen', [
    (u'any', [STANDBY, PRIMARY], [0]), (u'primary', [STANDBY, PRIMARY], [0, 1]),
    (u'standby', [PRIMARY, READ_ONLY, STANDBY], [0, 1, 2]),
    (u'read-write', [STANDBY, READ_ONLY, PRIMARY], [0, 1, 2]),
    (u'read-only', [PRIMARY, READ_ONLY], [0, 1]), (u'read-only', [PRIMARY, STANDBY], [0, 1]),
    (u'prefer-standby', [PRIMARY, STANDBY], [0, 1]),
    (u'prefer-standby', [PRIMARY, PRIMARY], [0, 1, 0])])
def test_a_session_has_the_attributes_that_are_wanted(attribute, told, chosen):
    bench = Several(*told)
    asked = bench.connect(u'target_session_attrs=' + attribute)
    assert (bench.chosen, asked.result().gone) == (chosen, False)


@pytest.mark.parametrize('attribute', [u'standby', u'read-only'])
def test_no_session_has_the_attributes_that_are_wanted(attribute):
    asked = Several(PRIMARY, PRIMARY).connect(u'target_session_attrs=' + attribute)
    assert isinstance(asked.exception(), OperationalError)


def test_hosts_are_tried_in_any_order():
    firsts = set()
    for _ in range(100):
        bench = Several(PRIMARY, PRIMARY)
        bench.connect(u'load_balance_hosts=random')
        firsts.add(bench.chosen[0])
    assert firsts == set([0, 1])


class Refusing(Protocol):
    """Has no TLS, and refuses each log-in."""

    def __init__(self, said, answer):
        self._said = said
        self._answer = answer

    def data_received(self, data):
        self._said.append(data[4:8])
        self.transport.write(b'N' if data[4:8] == SSL else self._answer)


@pytest.mark.parametrize('mode, said', [
    (u'disable', [START]), (u'allow', [START, SSL]), (u'prefer', [SSL, START, START]),
    (u'require', [SSL]), (u'verify-full', [SSL])])
def test_tls_is_asked_for_as_the_mode_says(mode, said):
    loop = VirtualLoop()
    found = []
    port = loop.listen_tcp(lambda: Refusing(found, error(b'28000'))).address.port
    asked = driver(u'host=127.0.0.1 port=%d sslmode=%s' % (port, mode)).connect(loop)
    loop.advance(1.0)
    assert (found, isinstance(asked.exception(), OperationalError)) == (said, True)


@pytest.mark.parametrize('state, count', [(b'28P01', 1), (b'57P03', 2), (b'3D000', 2)])
def test_no_other_host_is_tried_after_a_log_in_that_is_refused(state, count):
    loop = VirtualLoop()
    said = []
    ports = [loop.listen_tcp(lambda: Refusing(said, error(state))).address.port for _ in range(2)]
    asked = driver(u'host=127.0.0.1,127.0.0.1 port=%d,%d' % tuple(ports)).connect(loop)
    loop.advance(1.0)
    assert (len(said), asked.exception() is None) == (count, False)


def test_the_time_to_connect_is_bounded():
    loop = VirtualLoop()
    port = loop.listen_tcp(Protocol).address.port
    asked = driver(u'host=127.0.0.1 port=%d connect_timeout=3' % port).connect(loop)
    loop.advance(2.9)
    early = asked.done()
    loop.advance(0.2)
    assert (early, isinstance(asked.exception(), ConnectionGone)) == (False, True)


@pytest.mark.parametrize('location', [
    u'ssl_max_protocol_version=TLSv1.1 sslmode=require host=a',
    u'require_auth=md5,!password'])
def test_a_driver_that_cannot_be_is_refused(location):
    with pytest.raises(UsageError):
        driver(location)


class Bench(object):
    """A connection to a server in memory."""

    def __init__(self, location=LOCATION, silent=()):
        self.loop = VirtualLoop()
        self.said = []
        self.listener = self.loop.listen_tcp(lambda: Server(self.said, silent))
        port = self.listener.address.port
        self.connection = self.done(driver(location % port).connect(self.loop))
        del self.said[:]

    def done(self, future):
        """The result of *future*."""
        self.loop.advance(0.1)
        return future.result()


@pytest.mark.parametrize('location, hosts', [
    (u'postgresql://h/d', [(u'h', 5432)]), (u'postgres://h:1,i/d', [(u'h', 1), (u'i', 5432)]),
    (u'postgresql:///d?host=/run', [(u'/run', 5432)]), (u'postgresql://', [(u'localhost', 5432)]),
    (u'postgresql://[::1]:7/d', [(u'::1', 7)]), (u'postgresql:///d?host=a,b&port=9',
                                                 [(u'a', 9), (u'b', 9)])])
def test_a_location_has_hosts(location, hosts):
    assert parse_location(location)[0] == hosts


def test_a_location_has_a_login():
    assert parse_location(u'postgresql://an%40na:s%2Fx@h/d')[1] == {
        u'user': u'an@na', u'password': u's/x', u'dbname': u'd'}


@pytest.mark.parametrize('location', [
    u'mysql://h/d', u'postgresql:h', u'postgresql://h:x/d', u'postgresql://h/d?sslmode=maybe',
    u'postgresql://h/d?nosuch=1', u'postgresql://h:0/d', u'postgresql://%zz@h/d',
    u'postgresql://h/d?target_session_attrs=best'])
def test_a_location_that_is_none_is_refused(location):
    with pytest.raises(UsageError):
        parse_location(location)


def test_the_name_of_a_driver_has_no_password():
    assert u'secret' not in driver(LOCATION % 7).name


def test_a_query_is_answered():
    bench = Bench()
    assert bench.done(bench.connection.execute(u'SELECT ?', (1,))) == [(5,)]


def test_parameters_become_numbers():
    bench = Bench()
    bench.done(bench.connection.execute(u'A ? b :: ?', (1, 2)))
    assert bench.said == [b'A $1 b :: $2']


def test_a_second_host_is_tried():
    location = u'postgresql://anna:secret@127.0.0.1:1,127.0.0.1:%d/app'
    assert Bench(location).connection.gone is False


def test_a_host_that_refuses_is_told():
    loop = VirtualLoop()
    future = driver(LOCATION % 1).connect(loop)
    loop.advance(1.0)
    assert isinstance(future.exception(), ConnectionGone)


def test_a_transaction_begins_with_its_level():
    bench = Bench()
    bench.done(bench.connection.begin(u'serializable', True))
    assert bench.said == [b'BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY']


def test_a_connection_in_a_transaction_is_dirty():
    bench = Bench()
    bench.done(bench.connection.begin())
    assert bench.connection.dirty


def test_a_second_begin_is_refused():
    bench = Bench()
    bench.done(bench.connection.begin())
    with pytest.raises(InternalError):
        bench.done(bench.connection.begin())


def test_a_commit_without_begin_is_refused():
    bench = Bench()
    with pytest.raises(InternalError):
        bench.done(bench.connection.commit())


def test_a_commit_that_rolls_back_is_an_error():
    bench = Bench()
    bench.done(bench.connection.begin())
    failing = bench.connection.execute(u'FAILS')    # which is not waited for
    done = bench.connection.commit()
    bench.loop.advance(0.1)
    assert (failing.exception().sqlstate, type(done.exception())) == ('22012', InternalError)


def test_a_commit_of_a_failed_transaction_is_an_error():
    bench = Bench()
    bench.done(bench.connection.begin())
    bench.connection.execute(u'FAILS')
    bench.loop.advance(0.1)
    with pytest.raises(InternalError):
        bench.done(bench.connection.commit())


def test_a_rollback_without_begin_says_nothing():
    bench = Bench()
    bench.done(bench.connection.rollback())
    assert bench.said == []


def test_reset_rolls_back():
    bench = Bench()
    bench.done(bench.connection.begin())
    bench.done(bench.connection.reset())
    assert (bench.said[-1], bench.connection.dirty) == (b'ROLLBACK', False)


def test_a_statement_that_takes_too_long_is_cancelled():
    bench = Bench(silent=[b'SLOW'])
    asked = bench.connection.execute(u'SLOW', timeout=1.0)
    bench.loop.advance(1.1)
    assert isinstance(asked.exception(), StatementCancelled)
    assert b'\x04\xd2\x16\x2e' in bench.said


def test_a_cancelled_future_cancels_its_statement():
    bench = Bench(silent=[b'SLOW'])
    bench.connection.execute(u'SLOW').cancel()
    bench.loop.advance(0.1)
    assert (b'\x04\xd2\x16\x2e' in bench.said, bench.connection.dirty) == (True, True)


def test_a_stream_needs_a_transaction():
    bench = Bench()
    with pytest.raises(InterfaceError):
        bench.done(bench.connection.stream(u'A'))


def test_many_of_none_change_nothing():
    bench = Bench()
    assert bench.done(bench.connection.execute_many(u'A', [])) == 0
