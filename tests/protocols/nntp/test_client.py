# Copyright the carryall authors.  See LICENSE.
"""The client, with the server and with answers that are wrong."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth import sasl
from carryall.core.errors import ConnectionLost, LocalProtocolError, TimedOut
from carryall.core.net.protocol import Protocol
from carryall.core.testing import NullTLS, VirtualLoop
from carryall.core.tls import Identity, TLSContext
from carryall.protocols.nntp import (ClientSettings, NNTPError, NNTPServer, Settings, connect)
from tests.protocols.nntp.newsstand import make_room, wire_article

TLS = TLSContext(Identity('server.pem'))      # NullTLS reads no file


@pytest.fixture
def world():
    """A loop with a server of three articles."""
    loop = VirtualLoop(tls=NullTLS())
    room = make_room(loop, 3, {u'ann': b'secret'})
    settings = Settings(hostname=b'news.example', tls=TLS)
    loop.listen_tcp(lambda: NNTPServer(room, loop, settings), '127.0.0.1', 119)
    return loop


def reached(loop):
    """A client of the server."""
    return loop.run_until(connect(loop, '127.0.0.1'))


def test_groups_articles_and_overview_are_read(world):
    client = reached(world)
    assert client.may_post
    assert world.run_until(client.group(u'misc.test')) == (3, 1, 3, u'misc.test')
    article = world.run_until(client.article(2))
    assert (article.number, article.message_id) == (2, b'<2@example.org>')
    assert article.octets.endswith(b'\r\n\r\ntext\r\n')
    assert world.run_until(client.head(b'<1@example.org>')).number == 0
    assert world.run_until(client.body()).lines == [b'text']
    assert world.run_until(client.stat(3)).lines == []
    rows = world.run_until(client.over(1, 3))
    assert [(number, fields[b'subject']) for number, fields in rows] == [
        (1, b'about 1'), (2, b'about 2'), (3, b'about 3')]
    assert rows[0][1][b'xref'] == b'news.example misc.test:1'
    assert world.run_until(client.over(7, 9)) == []
    assert world.run_until(client.list(b'ACTIVE', b'misc.t*')) == [b'misc.test 3 1 y']
    world.run_until(client.quit())


def test_many_commands_are_under_way_at_the_same_time(world):
    client = reached(world)
    world.run_until(client.group(u'misc.test'))
    asked = [client.article(number) for number in (3, 1, 9, 2)]
    assert world.run_until(asked[3]).number == 2
    assert [each.exception() is None for each in asked] == [True, True, False, True]
    assert asked[2].exception().code == 423


def test_an_article_with_dots_is_posted_and_read_back(world):
    client = reached(world)
    octets = b'From: a@b\r\nNewsgroups: misc.test\r\nSubject: s\r\n\r\n.\r\n..x\r\n'
    text = world.run_until(client.post(octets))
    message_id = text.split()[-1]
    assert world.run_until(client.body(message_id)).octets == b'.\r\n..x\r\n'
    with pytest.raises(NNTPError) as caught:
        world.run_until(client.post(b'From: a@b\r\n\r\n'))
    assert caught.value.code == 441


def test_articles_are_offered_and_streamed(world):
    client = reached(world)
    octets = wire_article(world, b'x')
    assert world.run_until(client.ihave(b'<x@example.org>', octets)) is True
    assert world.run_until(client.ihave(b'<x@example.org>', octets)) is False
    wanted = client.check(b'<y@example.org>')
    taken = client.takethis(b'<y@example.org>', wire_article(world, b'y'))
    again = client.takethis(b'<y@example.org>', wire_article(world, b'y'))
    assert world.run_until(again) is False
    assert (wanted.result(), taken.result()) == (True, True)


def test_a_compressed_connection_is_used_as_before(world):
    client = reached(world)
    world.run_until(client.compress())
    world.run_until(client.group(u'misc.test'))
    asked = [client.article(number) for number in (1, 2, 3)]
    assert world.run_until(asked[2]).message_id == b'<3@example.org>'
    assert b'COMPRESS' not in world.run_until(client.capabilities())


def test_a_login_needs_tls_unless_told_otherwise(world):
    client = reached(world)
    with pytest.raises(sasl.NoMechanism):
        world.run_until(client.login(u'ann', b'secret', mechanism='USER'))
    world.run_until(client.start_tls(TLS))
    world.run_until(client.login(u'ann', b'secret', mechanism='USER'))
    with pytest.raises(NNTPError) as caught:
        world.run_until(client.login(u'ann', b'secret', mechanism='USER'))
    assert caught.value.code == 502


def test_a_login_by_sasl(world):
    client = reached(world)
    world.run_until(client.start_tls(TLS))
    world.run_until(client.login(u'ann', b'secret'))
    other = reached(world)
    world.run_until(other.start_tls(TLS))
    with pytest.raises(NNTPError) as caught:
        world.run_until(other.login(u'ann', b'wrong'))
    assert caught.value.code == 481


@pytest.mark.parametrize('line', [b'GROUP a\r\nQUIT', b'x\0'])
def test_a_command_of_two_lines_is_not_sent(world, line):
    client = reached(world)
    with pytest.raises(LocalProtocolError):
        world.run_until(client.command(line))


def test_an_article_with_a_lone_line_feed_is_not_sent(world):
    client = reached(world)
    with pytest.raises(LocalProtocolError):
        world.run_until(client.takethis(b'<a@b>', b'Subject: x\n\r\n\r\n'))


def test_more_commands_than_may_be_under_way_are_refused(world):
    client = world.run_until(connect(world, '127.0.0.1', settings=ClientSettings(max_asked=2)))
    client.command(b'DATE')
    client.command(b'DATE')
    with pytest.raises(LocalProtocolError):
        world.run_until(client.command(b'DATE'))


class Saying(Protocol):
    """A server that says what it was told to."""

    def __init__(self, greeting, answer):
        self._greeting = greeting
        self._answer = answer

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self._greeting)

    def data_received(self, data):
        self.transport.write(self._answer)


def against(greeting, answer, **settings):
    """(loop, a Future of a client of such a server)."""
    loop = VirtualLoop()
    loop.listen_tcp(lambda: Saying(greeting, answer), '127.0.0.1', 119)
    return loop, connect(loop, '127.0.0.1', timeout=5.0, settings=ClientSettings(**settings))


@pytest.mark.parametrize('greeting, code', [
    (b'400 busy\r\n', 400), (b'502 no\r\n', 502), (b'nonsense\r\n', 0)])
def test_a_server_that_refuses_us_is_an_error(greeting, code):
    loop, connecting = against(greeting, b'')
    with pytest.raises(NNTPError) as caught:
        loop.run_until(connecting)
    assert caught.value.code == code


@pytest.mark.parametrize('answer, settings', [
    (b'xx\r\n', {}), (b'215 list\r\n' + b'x' * 300 + b'\r\n', {'max_line': 200}),
    (b'215 list\r\n' + b'x\r\n' * 100, {'max_answer': 2000})])
def test_an_answer_that_is_wrong_or_too_long_is_an_error(answer, settings):
    loop, connecting = against(b'200 hello\r\n', answer, **settings)
    client = loop.run_until(connecting)
    with pytest.raises(NNTPError):
        loop.run_until(client.list())


@pytest.mark.parametrize('answer', [b'211\r\n', b'211 a b c d\r\n', b'211 1 2 3\r\n'])
def test_a_group_without_marks_is_an_error(answer):
    loop, connecting = against(b'200 hello\r\n', answer)
    client = loop.run_until(connecting)
    with pytest.raises(NNTPError):
        loop.run_until(client.group(u'misc.test'))


def test_a_server_without_an_answer_is_given_up():
    loop, connecting = against(b'200 hello\r\n', b'', answer_seconds=3.0)
    client = loop.run_until(connecting)
    with pytest.raises(TimedOut):
        loop.run_until(client.list())


def test_a_server_that_closes_by_itself_is_an_error():
    loop, connecting = against(b'200 hello\r\n400 going down\r\n', b'')
    client = loop.run_until(connecting)
    loop.advance(1.0)
    with pytest.raises(NNTPError) as caught:
        loop.run_until(client.list())
    assert 'going down' in str(caught.value)


def test_a_client_whose_connection_is_gone_fails(world):
    client = reached(world)
    world.run_until(client.quit())
    world.advance(1.0)
    with pytest.raises(ConnectionLost):
        world.run_until(client.list())


def test_overview_of_an_old_server_is_asked_by_xover():
    class Old(Saying):
        def data_received(self, data):
            self.transport.write(b'224 ok\r\n1\ta\tb\tc\t<1@e>\t\t10\t1\r\n.\r\n'
                                 if data.startswith(b'XOVER') else b'500 what\r\n')

    loop = VirtualLoop()
    loop.listen_tcp(lambda: Old(b'200 hello\r\n', b''), '127.0.0.1', 119)
    client = loop.run_until(connect(loop, '127.0.0.1'))
    rows = loop.run_until(client.over(1, 2))
    assert rows[0][1][b'message-id'] == b'<1@e>'
    assert loop.run_until(client.capabilities()) == {}
