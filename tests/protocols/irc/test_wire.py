# Copyright the carryall authors.  See LICENSE.
"""Messages of IRC: tags, source, command, parameters (RFC 2812 section 2.3.1; message-tags)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols.irc import (IRCError, MAX_LINE, MAX_TAGS, Message, format_message,
                                    format_tags, parse_message, parse_tags)

# A line, and the source, command and parameters in it.
LINES = [
    (b'QUIT', None, b'QUIT', []),
    (b'quit', None, b'QUIT', []),
    (b'NICK ann', None, b'NICK', [b'ann']),
    (b'JOIN #a,#b key', None, b'JOIN', [b'#a,#b', b'key']),
    (b'QUIT :', None, b'QUIT', [b'']),
    (b'QUIT :bye', None, b'QUIT', [b'bye']),
    (b'PRIVMSG #tea :one two', None, b'PRIVMSG', [b'#tea', b'one two']),
    (b'PRIVMSG #tea ::)', None, b'PRIVMSG', [b'#tea', b':)']),
    (b'PRIVMSG #tea : two  blanks ', None, b'PRIVMSG', [b'#tea', b' two  blanks ']),
    (b'PRIVMSG #tea a:b', None, b'PRIVMSG', [b'#tea', b'a:b']),
    (b'PRIVMSG #tea :a :b', None, b'PRIVMSG', [b'#tea', b'a :b']),
    (b'MODE   #tea  +o   ann  ', None, b'MODE', [b'#tea', b'+o', b'ann']),
    (b':ann NICK ben', b'ann', b'NICK', [b'ben']),
    (b':ann!a@host.example  PART  :#tea', b'ann!a@host.example', b'PART', [b'#tea']),
    (b':irc.example 001 ann :hello', b'irc.example', b'001', [b'ann', b'hello']),
    (b':irc.example 353 ann = #tea :', b'irc.example', b'353', [b'ann', b'=', b'#tea', b'']),
    (b':gr\xe9 PRIVMSG b\xff :\xe9', b'gr\xe9', b'PRIVMSG', [b'b\xff', b'\xe9']),
    (b'PRIVMSG a\tb :c', None, b'PRIVMSG', [b'a\tb', b'c']),
    (b':a!b@\x02h PRIVMSG c :\x01ACTION d\x01', b'a!b@\x02h', b'PRIVMSG',
     [b'c', b'\x01ACTION d\x01']),
]


@pytest.mark.parametrize('line, source, command, params', LINES)
def test_a_line_has_a_source_a_command_and_parameters(line, source, command, params):
    assert parse_message(line) == Message(command, params, source)


@pytest.mark.parametrize('line, source, command, params', LINES)
def test_a_message_that_is_written_is_read_again(line, source, command, params):
    line = format_message(command, params, source)
    assert parse_message(line[:-2]) == Message(command, params, source)


@pytest.mark.parametrize('line', [b'', b' ', b':', b':ann', b':ann ', b'@a', b'@a ', b'@a=b :ann',
                                  b' :x', b'12 x', b'1234 x', b'P1 x', b'\xe9 x', b'PING\t x',
                                  b'PING a\x00', b'PING a\rb', b'PING a\nb'])
def test_a_line_without_a_command_is_an_error(line):
    with pytest.raises(IRCError):
        parse_message(line)


def test_the_parameters_of_a_peer_may_be_many():
    assert len(parse_message(b'X' + b' a' * 200).params) == 200


# -- tags ------------------------------------------------------------------------

@pytest.mark.parametrize('text, tags', [
    (b'a', {b'a': b''}), (b'a=', {b'a': b''}), (b'a=b', {b'a': b'b'}),
    (b'a=b;c', {b'a': b'b', b'c': b''}), (b'a=1;a=2', {b'a': b'2'}), (b'a=1;a', {b'a': b''}),
    (b'a=b=c', {b'a': b'b=c'}), (b'+draft/x=1', {b'+draft/x': b'1'}),
    (b'irc.example/x-y=1', {b'irc.example/x-y': b'1'}),
    (b'a=\\:\\s\\\\\\r\\n', {b'a': b'; \\\r\n'}), (b'a=\\b\\z', {b'a': b'bz'}),
    (b'a=x\\', {b'a': b'x'}), (b'a=\\\\s', {b'a': b'\\s'}), (b'a=\xc3\xa9', {b'a': b'\xc3\xa9'}),
    (b'', {}), (b';;', {}), (b'=x;a=1', {b'a': b'1'}), (b'a b', {}), (b'\xe9=1;+', {})])
def test_tags_have_keys_and_unescaped_values(text, tags):
    assert parse_tags(text) == tags


def test_tags_stand_before_the_source():
    message = parse_message(b'@time=12;+x :ann PING b')
    assert message == Message(b'PING', [b'b'], b'ann', {b'time': b'12', b'+x': b''})


def test_several_blanks_may_follow_the_tags():
    assert parse_message(b'@a   PING') == Message(b'PING', [], None, {b'a': b''})


@pytest.mark.parametrize('value', [b'', b'x', b'; \\\r\n', b'\\s', b'a;b c', b'\xc3\xa9', b'\\'])
def test_a_tag_that_is_written_is_read_again(value):
    assert parse_tags(format_tags({b'k': value})[1:-1]) == {b'k': value}


def test_tags_are_written_in_the_order_of_their_keys():
    assert format_tags({b'b': b'2', b'a': b'1'}) == b'@a=1;b=2 '


@pytest.mark.parametrize('tags', [{b'': b''}, {b'a b': b''}, {b'a=': b''}, {b'a': b'\x00'}])
def test_a_tag_that_breaks_the_grammar_is_not_sent(tags):
    with pytest.raises(LocalProtocolError):
        format_tags(tags)


def test_tags_may_be_as_long_as_the_rule_says():
    assert len(format_tags({b'a': b'x' * (MAX_TAGS - 4)})) == MAX_TAGS


def test_longer_tags_are_not_sent():
    with pytest.raises(LocalProtocolError):
        format_tags({b'a': b'x' * (MAX_TAGS - 3)})


def test_a_message_without_tags_has_no_at():
    assert format_message(b'PING', [b'a'], None, {}) == b'PING a\r\n'


# -- writing -----------------------------------------------------------------------

@pytest.mark.parametrize('params, line', [
    ([], b'X\r\n'), ([b'a'], b'X a\r\n'), ([b'a', b''], b'X a :\r\n'),
    ([b'a b'], b'X :a b\r\n'), ([b':a'], b'X ::a\r\n'), ([b'a:'], b'X a:\r\n')])
def test_the_last_parameter_has_a_colon_if_it_needs_one(params, line):
    assert format_message(b'X', params) == line


@pytest.mark.parametrize('command, params, source', [
    (b'', [], None), (b'A B', [], None), (b'01', [], None), (b'X', [b'', b'a'], None),
    (b'X', [b'a b', b'c'], None), (b'X', [b':a', b'c'], None), (b'X', [b'a\r'], None),
    (b'X', [b'a\n'], None), (b'X', [b'a\x00'], None), (b'X', [b'a\n', b'b'], None),
    (b'X', [], b''), (b'X', [], b'a b'), (b'X', [], b'a\r\nQUIT'), (b'X', [b'a'] * 16, None)])
def test_a_part_that_breaks_the_grammar_is_not_sent(command, params, source):
    with pytest.raises(LocalProtocolError):
        format_message(command, params, source)


def test_a_line_may_have_512_octets():
    assert len(format_message(b'X', [b'a' * 508])) == MAX_LINE


def test_a_longer_line_is_not_sent():
    with pytest.raises(LocalProtocolError):
        format_message(b'X', [b'a' * 509])


def test_a_message_writes_itself():
    assert Message(b'PING', [b'a b'], b'x', {b't': b''}).to_bytes() == b'@t :x PING :a b\r\n'


@pytest.mark.parametrize('other', [
    Message(b'PONG', [b'a'], b's', {b't': b''}), Message(b'PING', [b'b'], b's', {b't': b''}),
    Message(b'PING', [b'a'], None, {b't': b''}), Message(b'PING', [b'a'], b's'), None])
def test_messages_of_other_parts_differ(other):
    assert Message(b'PING', [b'a'], b's', {b't': b''}) != other


def test_a_message_shows_its_parts():
    assert repr(Message(b'PING', [b'a'])) == 'Message(%r, %r, None, {})' % (b'PING', [b'a'])
