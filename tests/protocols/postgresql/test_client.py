# Copyright the carryall authors.  See LICENSE.
"""The client against messages of a server in memory."""
from __future__ import absolute_import, division, print_function

import hashlib

import pytest

from carryall.core.database import (ConnectionGone, InterfaceError, OperationalError,
                                    ProgrammingError)
from carryall.core.testing.dialogue import chunkings
from carryall.core.testing.fakeloop import VirtualLoop
from carryall.core.testing.fakewire import FakeTransport
from carryall.protocols.postgresql import PostgreSQLClient, PostgreSQLError, Settings
from carryall.protocols.postgresql.wire import SSL_REQUEST, message
from tests.protocols.postgresql import servermessages
from tests.protocols.postgresql.servermessages import LOGGED_IN, ONE, READY


class Bench(object):
    """A client whose server is the test."""

    def __init__(self, log_in=True, password=b'secret', **settings):
        self.loop = VirtualLoop()
        self.wire = FakeTransport(self.loop)
        self.client = PostgreSQLClient(self.loop, u'anna', password, u'app', Settings(**settings))
        self.wire.connect(self.client)
        self.loop.advance()
        self.started = self.client.start()
        if log_in:
            self.say(LOGGED_IN)
            self.wire.take()

    def say(self, data):
        """The server says *data*."""
        self.wire.feed(data)
        self.loop.advance()


def test_the_startup_names_user_and_database():
    said = Bench(False).wire.take()
    assert b'user\0anna\0database\0app\0client_encoding\0UTF8\0' in said


def test_a_login_ends_with_the_state_ready():
    assert Bench().started.done()


def test_the_parameters_of_the_server_are_kept():
    assert Bench().client.parameters == {u'server_version': u'15.1'}


def test_a_password_is_hashed_by_md5():
    bench = Bench(False)
    bench.wire.take()
    bench.say(message(b'R', b'\0\0\0\x05salt'))
    inner = hashlib.md5(b'secretanna').hexdigest().encode('ascii')
    outer = hashlib.md5(inner + b'salt').hexdigest().encode('ascii')
    assert bench.wire.take() == message(b'p', b'md5' + outer + b'\0')


def test_a_password_is_not_sent_in_clear():
    bench = Bench(False)
    bench.wire.take()
    bench.say(message(b'R', b'\0\0\0\x03'))
    assert isinstance(bench.started.exception(), OperationalError)
    assert b'secret' not in bench.wire.take()


def test_a_password_is_sent_in_clear_if_that_is_allowed():
    bench = Bench(False, clear_password=True)
    bench.wire.take()
    bench.say(message(b'R', b'\0\0\0\x03'))
    assert bench.wire.take() == message(b'p', b'secret\0')


def test_scram_is_begun():
    bench = Bench(False)
    bench.wire.take()
    bench.say(message(b'R', b'\0\0\0\x0aSCRAM-SHA-256\0\0'))
    assert bench.wire.take()[5:].startswith(b'SCRAM-SHA-256\0')


def test_a_server_that_skips_its_proof_is_refused():
    bench = Bench(False)
    bench.say(message(b'R', b'\0\0\0\x0aSCRAM-SHA-256\0\0'))
    bench.say(LOGGED_IN)
    assert bench.started.exception() is not None


def test_a_missing_password_is_told():
    bench = Bench(False, None)
    bench.say(message(b'R', b'\0\0\0\x05salt'))
    assert isinstance(bench.started.exception(), OperationalError)


def test_a_refused_login_is_told():
    bench = Bench(False)
    bench.say(servermessages.error(b'28P01'))
    assert bench.started.exception().sqlstate == '28P01'


def test_octets_behind_the_answer_about_tls_are_refused():
    bench = Bench(False)
    client = PostgreSQLClient(bench.loop, u'anna', b'secret')
    wire = FakeTransport(bench.loop)
    wire.connect(client)
    bench.loop.advance()
    started = client.start(starttls=object())
    said = wire.take()
    wire.feed(b'SX')
    bench.loop.advance()
    assert (said, type(started.exception())) == (SSL_REQUEST, PostgreSQLError)


def test_a_server_without_tls_is_refused():
    bench = Bench(False)
    client = PostgreSQLClient(bench.loop, u'anna', b'secret')
    wire = FakeTransport(bench.loop)
    wire.connect(client)
    bench.loop.advance()
    started = client.start(starttls=object())
    wire.feed(b'N')
    bench.loop.advance()
    assert isinstance(started.exception(), OperationalError)


def test_a_query_gives_rows_at_every_chunking():
    for name, pieces in chunkings(ONE, cuts=2):
        bench = Bench()
        asked = bench.client.query(u'SELECT 5 AS n')
        for piece in pieces:
            bench.say(piece)
        assert asked.result() == [(5,)], name


def test_a_query_is_one_write():
    bench = Bench()
    bench.client.query(u'SELECT $1', (5,))
    said = bench.wire.take()
    assert [said[:1], said[-5:]] == [b'P', b'S\0\0\0\x04']


def test_queries_do_not_wait_for_each_other():
    bench = Bench()
    first = bench.client.query(u'A')
    second = bench.client.query(u'B')
    bench.say(ONE + ONE)
    assert (first.result(), second.result()) == ([(5,)], [(5,)])


def test_a_query_behind_a_failed_one_is_answered():
    bench = Bench()
    first = bench.client.query(u'A')
    second = bench.client.query(u'B')
    bench.say(servermessages.error(b'42601') + READY + ONE)
    assert isinstance(first.exception(), ProgrammingError)
    assert second.result() == [(5,)]


def test_a_change_is_counted():
    bench = Bench()
    asked = bench.client.query(u'A')
    bench.say(servermessages.tag(b'INSERT 0 3') + READY)
    assert asked.result().count == 3


def test_the_state_of_a_transaction_is_kept():
    bench = Bench()
    bench.client.query(u'BEGIN')
    bench.say(servermessages.tag(b'BEGIN') + message(b'Z', b'T'))
    assert bench.client.status == b'T'


def test_data_is_copied_to_the_server():
    bench = Bench()
    copied = bench.client.copy_in(u'COPY t FROM STDIN', [b'a\n', b'b\n'])
    bench.wire.take()
    bench.say(message(b'G', b'\0\0\0'))
    assert bench.wire.take() == message(b'd', b'a\nb\n') + message(b'c', b'')
    bench.say(servermessages.tag(b'COPY 2') + READY)
    assert copied.result().count == 2


def test_data_is_copied_from_the_server():
    bench = Bench()
    pieces = []
    bench.client.copy_out(u'COPY t TO STDOUT', pieces.append)
    bench.say(message(b'H', b'\0\0\0') + message(b'd', b'a\n') + message(b'c', b'')
              + servermessages.tag(b'COPY 1') + READY)
    assert pieces == [b'a\n']


def test_a_copy_without_data_is_given_up():
    bench = Bench()
    bench.client.query(u'COPY t FROM STDIN')
    bench.wire.take()
    bench.say(message(b'G', b'\0\0\0'))
    assert bench.wire.take()[:1] == b'f'


def test_a_notification_reaches_its_listener():
    bench = Bench()
    heard = []
    bench.client.listen(u'news', lambda *values: heard.append(values))
    bench.say(message(b'A', b'\0\0\0\x09news\0hi\0'))
    assert heard == [(u'news', u'hi', 9)]


def test_the_name_of_a_channel_is_quoted():
    bench = Bench()
    bench.client.listen(u'a"b', None)
    assert b'LISTEN "a""b"\0' in bench.wire.take()


def test_notices_are_told():
    bench = Bench()
    notices = []
    bench.client.notice = notices.append
    bench.say(servermessages.error(b'01000', b'mind', b'N'))
    assert notices[0][b'M'] == u'mind'


def test_a_connection_that_is_lost_fails_all_queries():
    bench = Bench()
    asked = [bench.client.query(u'A') for _ in range(3)]
    bench.wire.lose()
    bench.loop.advance()
    assert [type(each.exception()) for each in asked] == [ConnectionGone] * 3


def test_a_query_on_a_lost_connection_fails():
    bench = Bench()
    bench.wire.lose()
    bench.loop.advance()
    assert isinstance(bench.client.query(u'A').exception(), ConnectionGone)


def test_a_server_that_shuts_down_ends_the_connection():
    bench = Bench()
    bench.say(servermessages.error(b'57P01'))
    assert bench.client.gone


@pytest.mark.parametrize('data', [
    message(b'?', b''), READY, servermessages.row(b'1'), b'D\xff\xff\xff\xff', message(b'Z', b'X'),
    message(b'T', b'\0\x05'), message(b'A', b''), servermessages.error(b'42601'),
    message(b'R', b'\0\0\0\x63')])
def test_nonsense_of_the_server_ends_the_connection(data):
    bench = Bench()
    bench.say(data)
    assert bench.client.gone


def test_a_long_message_before_the_login_is_refused():
    bench = Bench(False)
    bench.say(b'R\0\x10\0\0')
    assert isinstance(bench.started.exception(), PostgreSQLError)


def test_too_many_queries_are_refused():
    bench = Bench(max_pending=1)
    bench.client.query(u'A')
    assert isinstance(bench.client.query(u'B').exception(), InterfaceError)


def test_close_says_goodbye():
    bench = Bench()
    closed = bench.client.close()
    bench.loop.advance()
    assert (bench.wire.take(), closed.done()) == (b'X\0\0\0\x04', True)


def test_the_key_makes_a_request_to_cancel():
    assert Bench().client.cancel_octets()[8:] == b'\0\0\0\x07secr'
