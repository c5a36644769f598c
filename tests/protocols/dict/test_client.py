# Copyright the carryall authors.  See LICENSE.
"""The DICT client: against our server, and against servers that break the protocol."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectionLost, LocalProtocolError, TimedOut
from carryall.core.net.protocol import Protocol
from carryall.core.testing import FakeTransport, VirtualLoop, chunkings, lockstep
from carryall.protocols.dict import ClientSettings, DICTClient, DICTError, DICTServer, connect
from tests.protocols.dict.sample import SETTINGS, Library, fixed_loop

QUIET = ClientSettings(client=u'')


@pytest.fixture
def world():
    """(loop, client) of a server with two databases."""
    loop = fixed_loop()
    loop.listen_tcp(lambda: DICTServer(Library(), loop, SETTINGS), '127.0.0.1', 2628)
    return loop, loop.run_until(connect(loop, '127.0.0.1'))


def test_the_banner_is_read(world):
    assert world[1].banner.capabilities == (u'mime',)


def test_a_word_has_its_definitions(world):
    loop, client = world
    found = loop.run_until(client.define(u'apple'))
    assert [(each.word, each.database, each.description, each.text) for each in found] == [
        (u'apple', u'fruit', u'Fruit "of" all kinds', u'A round fruit.\n.dots are doubled\n'),
        (u'apple', u'trees', u'Trees', u'A tree.\n')]


@pytest.mark.parametrize('word', [u'caf\xe9', u'a "b" \\c', u'apple pie'])
def test_a_word_of_any_kind_is_found(world, word):
    loop, client = world
    assert [each.word for each in loop.run_until(client.define(word))] == [word]


def test_a_word_without_a_definition_has_none(world):
    loop, client = world
    assert loop.run_until(client.define(u'nothing')) == []


def test_words_are_matched(world):
    loop, client = world
    assert loop.run_until(client.match(u'apple', u'*', u'prefix')) == [
        (u'fruit', u'apple'), (u'fruit', u'apple pie'), (u'trees', u'apple')]


def test_no_match_is_an_empty_list(world):
    loop, client = world
    assert loop.run_until(client.match(u'nothing')) == []


def test_an_unknown_database_is_an_error_with_a_code(world):
    loop, client = world
    with pytest.raises(DICTError) as caught:
        loop.run_until(client.define(u'apple', u'nowhere'))
    assert caught.value.code == 550


def test_databases_have_descriptions(world):
    loop, client = world
    assert [(each.name, each.description) for each in loop.run_until(client.databases())] == [
        (u'fruit', u'Fruit "of" all kinds'), (u'trees', u'Trees')]


def test_strategies_have_names(world):
    loop, client = world
    assert [each.name for each in loop.run_until(client.strategies())] == [u'exact', u'prefix']


def test_the_other_texts_are_asked_for(world):
    loop, client = world
    asked = [client.info(u'fruit'), client.about(), client.status(), client.help()]
    texts = [loop.run_until(each) for each in asked]
    assert texts[:3] == [u'About fruit\n', u'Ask ann@dict.example.\n',
                         u'status: 0 definitions, 0 matches']
    assert texts[3].startswith(u'DEFINE database word\n')


def test_commands_are_pipelined_behind_option_mime(world):
    loop, client = world
    asked = [client.info(u'fruit'), client.option_mime(), client.info(u'fruit')]
    assert [loop.run_until(each) for each in asked] == [u'About fruit\n', None, u'About fruit\n']


def test_after_quit_the_connection_ends(world):
    loop, client = world
    assert loop.run_until(client.quit()) is None
    loop.advance(1.0)
    with pytest.raises(ConnectionLost):
        loop.run_until(client.define(u'apple'))


@pytest.mark.parametrize('database', [u'', u'a b', u'a"', u'a\r\nQUIT'])
def test_a_database_that_is_no_atom_is_not_sent(world, database):
    loop, client = world
    with pytest.raises(LocalProtocolError):
        loop.run_until(client.define(u'apple', database))


def test_a_word_that_is_too_long_is_not_sent(world):
    loop, client = world
    with pytest.raises(LocalProtocolError):
        loop.run_until(client.define(u'x' * 1023))


def test_a_line_break_in_a_word_ends_no_command(world):
    loop, client = world
    assert loop.run_until(client.define(u'apple\r\nQUIT')) == []


def test_a_client_and_a_server_talk_octet_by_octet():
    loop = fixed_loop()
    client = DICTClient(loop, QUIET)
    server = DICTServer(Library(), loop, SETTINGS)
    asked = []
    client.ready.then(lambda _: asked.append(client.define(u'apple')))
    lockstep(client, server)
    assert len(asked[0].result()) == 2


# -- servers that break the protocol ---------------------------------------------------------------

def answer(octets, ask=lambda client: client.define(u'x'), eof=False, settings=QUIET):
    """The answer to a question, at every way of cutting what the server says."""
    seen = []
    for _, pieces in chunkings(b'220 hello <1@a>\r\n' + octets):
        loop = VirtualLoop()
        client = DICTClient(loop, settings)
        wire = FakeTransport(loop)
        wire.connect(client)
        future = ask(client)
        for piece in pieces:
            wire.feed(piece)
        if eof:
            wire.feed_eof()
        loop.advance()
        exc = future.exception()
        seen.append((type(exc), str(exc)) if exc is not None else future.result())
        assert not loop.failures
    assert all(each == seen[0] for each in seen) or not isinstance(seen[0], tuple)
    return seen[0]


def test_a_server_may_send_no_header_behind_option_mime():
    asked = answer(b'250 ok\r\n112 info\r\n\r\nplain\r\n.\r\n250 ok\r\n',
                   lambda client: (client.option_mime(), client.info(u'x'))[1])
    assert asked == u'plain\n'


def test_a_header_of_a_definition_is_kept():
    asked = answer(b'250 ok\r\n150 1\r\n151 x y z\r\nContent-type: text/html\r\n\r\n<p>\r\n.\r\n'
                   b'250 ok\r\n', lambda client: (client.option_mime(), client.define(u'x'))[1])
    assert (asked[0].header, asked[0].text) == (b'Content-type: text/html\r\n', u'<p>\n')


def test_a_server_without_option_mime_sends_no_header():
    asked = answer(b'500 what\r\n112 info\r\nplain\r\n\r\n.\r\n250 ok\r\n',
                   lambda client: (client.option_mime(), client.info(u'x'))[1])
    assert asked == u'plain\n\n'


def test_a_dot_that_a_server_has_not_doubled_is_kept():
    asked = answer(b'112 info\r\n.profile\r\n..\r\n..bashrc\r\n.\r\n250 ok\r\n',
                   lambda client: client.info(u'x'))
    assert asked == u'.profile\n.\n.bashrc\n'


def test_an_apostrophe_outside_of_quotes_is_taken():
    asked = answer(b'152 1\r\nfruit don\'t\r\n.\r\n250 ok\r\n', lambda client: client.match(u'x'))
    assert asked == [(u'fruit', u"don't")]


@pytest.mark.parametrize('octets', [
    b'nonsense\r\n', b'150 1\r\n151 x\r\n.\r\n250 ok\r\n', b'\r\n', b'999 x\r\n',
    b'150 1\r\n' + b'x' * 70000 + b'\r\n'])
def test_a_bad_answer_is_an_error(octets):
    assert answer(octets)[0] is DICTError


def test_a_row_of_one_word_is_an_error():
    asked = answer(b'152 1\r\nfruit\r\n.\r\n250 ok\r\n', lambda client: client.match(u'x'))
    assert asked[0] is DICTError


def test_an_answer_that_is_too_large_is_an_error():
    small = QUIET.replace(max_answer=1000)
    octets = b'150 1\r\n151 x y z\r\n' + b'text\r\n' * 400
    assert answer(octets, settings=small)[0] is DICTError


def test_an_answer_of_many_short_lines_is_too_large():
    """Each line takes memory of its own, beside its octets."""
    small = QUIET.replace(max_answer=10000)
    octets = b'150 1\r\n151 x y z\r\n' + b'\r\n' * 400
    assert answer(octets, settings=small)[0] is DICTError


def test_an_answer_of_too_many_definitions_is_an_error():
    few = QUIET.replace(max_definitions=2)
    octets = b'150 3\r\n' + b'151 x y z\r\n.\r\n' * 3
    assert answer(octets, settings=few)[0] is DICTError


def test_an_answer_may_have_as_many_definitions_as_the_settings_say():
    few = QUIET.replace(max_definitions=3)
    octets = b'150 3\r\n' + b'151 x y z\r\n.\r\n' * 3 + b'250 ok\r\n'
    assert len(answer(octets, settings=few)) == 3


def test_an_end_in_the_middle_of_an_answer_is_an_error():
    assert answer(b'150 1\r\n151 x y z\r\ntext\r\n', eof=True)[0] is ConnectionLost


def test_an_answer_that_no_command_asked_for_ends_the_connection():
    loop = VirtualLoop()
    client = DICTClient(loop, QUIET)
    wire = FakeTransport(loop)
    wire.connect(client)
    wire.feed(b'220 hello\r\n250 ok\r\n')
    loop.advance()
    assert wire.lost


def test_a_server_that_stops_in_an_answer_is_given_up():
    loop = VirtualLoop()
    client = DICTClient(loop, QUIET.replace(answer_seconds=5.0))
    wire = FakeTransport(loop)
    wire.connect(client)
    wire.feed(b'220 hello\r\n')
    asked = client.define(u'x')
    wire.feed(b'150 1\r\n151 x y z\r\n')
    loop.advance(6.0)
    assert isinstance(asked.exception(), TimedOut)


class Silent(Protocol):
    """A server that says nothing."""


class Refusing(Protocol):
    """A server that lets no one in."""

    def connection_made(self, transport):
        transport.write(b'530 Access denied\r\n')
        transport.close()


def test_a_server_that_does_not_greet_is_given_up():
    loop = VirtualLoop()
    loop.listen_tcp(Silent, '127.0.0.1', 2628)
    with pytest.raises(TimedOut):
        loop.run_until(connect(loop, '127.0.0.1', timeout=2.0))


def test_a_server_that_refuses_is_an_error_with_a_code():
    loop = VirtualLoop()
    loop.listen_tcp(Refusing, '127.0.0.1', 2628)
    with pytest.raises(DICTError) as caught:
        loop.run_until(connect(loop, '127.0.0.1'))
    assert caught.value.code == 530
