# Copyright the carryall authors.  See LICENSE.
"""Client-to-client messages and the offers of DCC (modern.ircdocs.horse/ctcp and /dcc)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols.irc import (IRCError, Offer, format_ctcp, format_offer, parse_ctcp,
                                    parse_offer, safe_name)


@pytest.mark.parametrize('text, verb, rest', [
    (b'\x01VERSION\x01', b'VERSION', b''), (b'\x01version\x01', b'VERSION', b''),
    (b'\x01PING 12 34\x01', b'PING', b'12 34'), (b'\x01ACTION waves', b'ACTION', b'waves'),
    (b'\x01A  b \x01', b'A', b' b '), (b'\x01A\x01 later', b'A', b'')])
def test_a_ctcp_message_has_a_verb_and_a_text(text, verb, rest):
    assert tuple(parse_ctcp(text)) == (verb, rest)


@pytest.mark.parametrize('text', [b'', b'hello', b'a\x01B\x01', b'\x01', b'\x01\x01', b'\x01 a\x01',
                                  b'\x01\xe9\x01'])
def test_another_text_is_no_ctcp_message(text):
    assert parse_ctcp(text) is None


@pytest.mark.parametrize('verb, rest', [(b'VERSION', b''), (b'ACTION', b'waves  twice')])
def test_a_ctcp_message_that_is_written_is_read_again(verb, rest):
    assert tuple(parse_ctcp(format_ctcp(verb, rest))) == (verb, rest)


@pytest.mark.parametrize('verb, rest', [(b'', b''), (b'A B', b''), (b'A', b'\x01'), (b'A', b'\r'),
                                        (b'A', b'\x00'), (b'A\n', b'')])
def test_a_ctcp_message_that_breaks_the_grammar_is_not_sent(verb, rest):
    with pytest.raises(LocalProtocolError):
        format_ctcp(verb, rest)


# -- DCC ---------------------------------------------------------------------------

OFFERS = [
    (b'SEND a.txt 2130706433 5000 1024', (b'SEND', b'a.txt', u'127.0.0.1', 5000, 1024, None)),
    (b'SEND "a b.txt" 1 5000 0', (b'SEND', b'a b.txt', u'0.0.0.1', 5000, 0, None)),
    (b'SEND a.txt 2001:db8::1 5000 9', (b'SEND', b'a.txt', u'2001:db8::1', 5000, 9, None)),
    (b'SEND a.txt 2130706433 0 9 77', (b'SEND', b'a.txt', u'127.0.0.1', 0, 9, 77)),
    (b'SEND a.txt 4294967295 65535', (b'SEND', b'a.txt', u'255.255.255.255', 65535, None, None)),
    (b'CHAT chat 2130706433 5000', (b'CHAT', b'chat', u'127.0.0.1', 5000, None, None)),
    (b'SCHAT chat 2130706433 0 5', (b'SCHAT', b'chat', u'127.0.0.1', 0, None, 5)),
    (b'RESUME a.txt 5000 512', (b'RESUME', b'a.txt', u'', 5000, 512, None)),
    (b'ACCEPT "a b" 0 512 77', (b'ACCEPT', b'a b', u'', 0, 512, 77)),
]


@pytest.mark.parametrize('text, parts', OFFERS)
def test_an_offer_has_a_name_an_address_and_a_size(text, parts):
    assert tuple(parse_offer(text)) == parts


@pytest.mark.parametrize('text, parts', OFFERS)
def test_an_offer_is_written_as_it_was(text, parts):
    assert format_offer(Offer(*parts)) == text


def test_a_verb_in_small_letters_and_an_address_with_dots_are_taken():
    offer = parse_offer(b'send  a.txt 127.0.0.1  5000 1')
    assert (offer.verb, offer.host) == (b'SEND', u'127.0.0.1')


def test_a_letter_behind_a_token_is_left_out():
    assert parse_offer(b'SEND a 1 0 9 77T').token == 77


@pytest.mark.parametrize('text', [
    b'', b'SEND', b'SEND a', b'SEND a 1', b'SEND a 1 5000 1 2 3', b'SEND a 1 65536 1',
    b'SEND a 1 -1 1', b'SEND a 4294967296 1 1', b'SEND a host.example 1 1', b'SEND a 1 1 x',
    b'SEND a 1 1 9223372036854775808', b'SEND a 1 0 1 x', b'SEND "a 1 5000 1', b'CHAT chat 1',
    b'RESUME a 1', b'GET a 1 1 1', b'SEND a \xff 1 1'])
def test_an_offer_that_is_not_understood_is_an_error(text):
    with pytest.raises(IRCError):
        parse_offer(text)


@pytest.mark.parametrize('name, host', [(b'a"b', u'127.0.0.1'), (b'a\r', u'127.0.0.1'),
                                        (b'a', u'host.example')])
def test_an_offer_that_breaks_the_grammar_is_not_sent(name, host):
    with pytest.raises(LocalProtocolError):
        format_offer(Offer(b'SEND', name, host, 1, 1, None))


@pytest.mark.parametrize('name, safe', [
    (b'a.txt', b'a.txt'), (b'a b.txt', b'a b.txt'), (b'../../x', b'x'), (b'/etc/passwd', b'passwd'),
    (b'..\\..\\x', b'x'), (b'C:\\x', b'x'), (b'C:x', b'C_x'), (b'.bashrc', b'bashrc'),
    (b'..', b'unnamed'),
    (b'', b'unnamed'), (b'/', b'unnamed'), (b'a\x00b', b'a_b'), (b'a\nb', b'a_b'),
    (b'a|b*?', b'a_b__'), (b'x. .', b'x'), (b'con.txt', b'_con.txt'), (b'-rf', b'-rf'),
    (b'x' * 300, b'x' * 200), (b'\xc3\xa9', b'\xc3\xa9')])
def test_a_safe_name_stays_in_its_folder(name, safe):
    assert safe_name(name) == safe
