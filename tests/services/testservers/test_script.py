# Copyright the carryall authors.  See LICENSE.
"""The TCP server echoes, or answers as it is told."""
from __future__ import absolute_import, division, print_function

from tests.services.testservers.talks import Hall


def test_server_echoes_octets():
    assert Hall().begin('tcp').connect().ask(b'hello') == b'hello'


def test_server_is_silent_without_echo():
    assert Hall().begin('tcp', echo=False).connect().ask(b'hello') == b''


def test_server_greets_a_client():
    assert Hall().begin('tcp', greeting=u'220 hi\r\n').connect().take() == b'220 hi\r\n'


def test_server_gives_the_set_answer():
    server = Hall().begin('tcp')
    server.call('answer', wanted=b'PING\n', reply=b'PONG\n')
    talk = server.connect()
    assert talk.ask(b'PI') == b''
    assert talk.ask(b'NG\nPING\n') == b'PONG\nPONG\n'


def test_answers_come_in_the_order_of_the_questions():
    server = Hall().begin('tcp')
    server.call('answer', wanted=b'a', reply=b'1')
    server.call('answer', wanted=b'b', reply=b'2')
    assert server.connect().ask(b'xbya') == b'21'


def test_an_answer_can_be_the_last():
    server = Hall().begin('tcp')
    server.call('answer', wanted=b'QUIT', reply=b'bye', close=True)
    talk = server.connect()
    assert talk.ask(b'QUIT') == b'bye'
    assert talk.ended


def test_server_sends_to_all_connections():
    server = Hall().begin('tcp')
    talks = [server.connect(), server.connect()]
    assert server.call('send', data=b'news') == 2
    assert [talk.take() for talk in talks] == [b'news', b'news']


def test_server_counts_open_connections():
    server = Hall().begin('tcp')
    talk = server.connect()
    assert server.call('open') == 1
    talk.transport.close()
    talk.take()
    assert server.call('open') == 0


def test_server_keeps_the_pieces():
    server = Hall().begin('tcp')
    talk = server.connect()
    talk.ask(b'one')
    talk.ask(b'two')
    assert [row['data'] for row in server.call('came')] == [b'one', b'two']
