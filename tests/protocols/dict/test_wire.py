# Copyright the carryall authors.  See LICENSE.
"""The grammar of dict: words, status lines, banners and texts (RFC 2229 section 2)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.dict import (DICTError, format_text, is_atom, parse_banner, parse_reply,
                                     quoted, split_words)


@pytest.mark.parametrize('text, words', [
    (u'', []), (u'a', [u'a']), (u'a  b\tc', [u'a', u'b', u'c']), (u' a ', [u'a']),
    (u'"a b"', [u'a b']), (u"'a b'", [u'a b']), (u'a\\ b', [u'a b']), (u'"a\\"b"', [u'a"b']),
    (u"'a\\'b'", [u"a'b"]), (u'"a\'b"', [u"a'b"]), (u"'a\"b'", [u'a"b']), (u'""', [u'']),
    (u'a"b c"\'d e\'\\ f', [u'ab cd e f']), (u'"\\\\"', [u'\\']), (u'caf\xe9 \u65e5', [
        u'caf\xe9', u'\u65e5'])])
def test_words_are_atoms_and_strings(text, words):
    assert split_words(text) == words


@pytest.mark.parametrize('text', [u'"', u"'", u'"a', u"a 'b", u'\\', u'"\\"', u'a\x01', u'"\t"',
                                  u'\x7f', u'"a\r"', u'"\x00"'])
def test_a_quote_that_is_open_or_a_control_character_is_an_error(text):
    assert split_words(text) is None


def test_many_quotes_are_read_in_linear_time():
    assert split_words(u'\\"' * 3000) == [u'"' * 3000]
    assert split_words(u'"' + u'\\"' * 3000) is None


@pytest.mark.parametrize('text', [u'', u'a b', u'"x" \\y', u"don't", u'caf\xe9', u'\\'])
def test_a_quoted_text_is_one_word_again(text):
    assert split_words(quoted(text)) == [text]


def test_a_control_character_is_quoted_as_a_blank():
    assert quoted(u'a\r\nb') == u'"a  b"'


@pytest.mark.parametrize('text, expected', [
    (u'fruit', True), (u'*', True), (u'!', True), (u'caf\xe9', True), (u'', False), (u'a b', False),
    (u'a"', False), (u"a'", False), (u'a\\', False), (u'a\n', False), (u'a\x7f', False)])
def test_an_atom_has_no_blank_quote_or_control_character(text, expected):
    assert is_atom(text) is expected


def test_a_reply_has_a_code():
    assert parse_reply(b'552 No match').code == 552


def test_a_reply_has_a_text():
    assert parse_reply(b'552 No match').text == u'No match'


def test_a_reply_may_have_no_text():
    assert parse_reply(b'250').text == u''


def test_a_reply_has_parameters():
    assert parse_reply(b'151 "a b" db "A b"').parameters(3) == [u'a b', u'db', u'A b']


def test_a_reply_that_lacks_a_parameter_is_an_error():
    with pytest.raises(DICTError):
        parse_reply(b'151 "a b" db').parameters(3)


@pytest.mark.parametrize('line', [b'', b'25', b'250ok', b'09 x', b'-50 x', b'+250 x', b'700 x',
                                  b' 250 x', b'\xff\xff\xff'])
def test_a_bad_status_line_is_an_error(line):
    with pytest.raises(DICTError):
        parse_reply(line)


@pytest.mark.parametrize('data, text, capabilities, msg_id', [
    (b'dict.example dictd <auth.mime> <1.2@dict.example>', u'dict.example dictd',
     (u'auth', u'mime'), b'<1.2@dict.example>'),
    (b'hello <1@a>', u'hello', (), b'<1@a>'), (b'hello <AUTH> <1@a> ', u'hello', (u'auth',),
                                               b'<1@a>'),
    (b'hello', u'hello', (), b''), (b'', u'', (), b''), (b'<1@a>', u'', (), b'<1@a>'),
    (b'hello <auth>', u'hello <auth>', (), b'')])
def test_a_banner_has_a_text_capabilities_and_a_msg_id(data, text, capabilities, msg_id):
    banner = parse_banner(data)
    assert (banner.text, banner.capabilities, banner.msg_id) == (text, capabilities, msg_id)


@pytest.mark.parametrize('text, octets', [
    (b'', b'.'), (b'a', b'a\r\n.'), (b'a\nb\n', b'a\r\nb\r\n.'), (b'a\r\nb\r\n', b'a\r\nb\r\n.'),
    (b'a\rb', b'a\r\nb\r\n.'), (b'.', b'..\r\n.'), (b'.a\n..b', b'..a\r\n...b\r\n.'),
    (b'\n', b'\r\n.'), (b'a\n\n', b'a\r\n\r\n.'), (u'caf\xe9', b'caf\xc3\xa9\r\n.'),
    (b'\xff', b'\xef\xbf\xbd\r\n.')])
def test_a_text_ends_with_a_dot_alone(text, octets):
    assert format_text(text) == octets


def test_a_line_of_1022_characters_is_not_cut():
    assert format_text(u'\xe9' * 1022) == u'\xe9'.encode('utf-8') * 1022 + b'\r\n.'


def test_a_longer_line_is_cut():
    assert format_text(b'x' * 1023) == b'x' * 1022 + b'\r\nx\r\n.'


def test_the_dot_in_front_counts_as_a_character():
    assert format_text(b'.' + b'x' * 1021) == b'..' + b'x' * 1020 + b'\r\nx\r\n.'


def test_a_dot_behind_a_cut_is_doubled():
    assert format_text(b'x' * 1022 + b'.') == b'x' * 1022 + b'\r\n..\r\n.'


def test_a_character_of_two_halves_is_not_cut():
    text = (b'\xf0\x9f\x8d\x8e' * 1030).decode('utf-8')
    assert format_text(text).replace(b'\r\n', b'') == text.encode('utf-8') + b'.'
