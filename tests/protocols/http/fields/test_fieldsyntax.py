# Copyright the carryall authors.  See LICENSE.
"""Tokens, quoted strings, lists, parameters, weights, extended values (RFC 9110 section 5.6, RFC
8187).
"""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols.http.fields import fieldsyntax as p


@pytest.mark.parametrize('data, expected', [
    (b'abc', True), (b"!#$%&'*+-.^_`|~09AZaz", True), (b'', False), (b'a b', False),
    (b'a:b', False), (b'a\x00', False),
    (b'\xc3\xa4', False), (b'a"', False), (b'a,b', False), (b'(a)', False), (b'a/b', False),
    (b'a\r\n', False)])
def test_a_token_has_tchars_alone(data, expected):
    """1*tchar and nothing else (RFC 9110 section 5.6.2)."""
    assert p.is_token(data) is expected, data


@pytest.mark.parametrize('plain, quoted', [
    (b'', b'""'), (b'a b', b'"a b"'), (b'a"b', b'"a\\"b"'), (b'a\\b', b'"a\\\\b"'),
    (b'\\"', b'"\\\\\\""'),
    (b'\xc3\xa4', b'"\xc3\xa4"'), (b'a\tb', b'"a\tb"')])
def test_quoted_strings_both_ways(plain, quoted):
    """A quoted string is unquoted again (RFC 9110 section 5.6.4)."""
    assert p.quote(plain) == quoted, 'quoted'
    assert p.unquote(quoted) == plain, 'unquoted'


@pytest.mark.parametrize('data', [b'a\r\nb', b'a\x00', b'a\x7f', b'\n'])
def test_controls_are_not_quoted(data):
    """A control character would split the header: it is refused."""
    with pytest.raises(LocalProtocolError):
        p.quote(data)


@pytest.mark.parametrize('data, expected', [
    (b'token', b'token'), (b'"a\\bc"', b'abc'), (b'"', None), (b'"a', None), (b'"a"b"', None),
    (b'"a\\"', None),
    (b'"a\\\\"b"', None), (b'""', b''), (b'"\\\\"', b'\\')])
def test_unquote_takes_escapes_away(data, expected):
    """An escape gives the octet behind it; a string that is broken is None."""
    assert p.unquote(data) == expected, data


def test_quote_if_needed():
    """A token stands as it is."""
    assert p.quote_if_needed(b'abc') == b'abc', 'a token'
    assert p.quote_if_needed(b'a c') == b'"a c"', 'no token'


@pytest.mark.parametrize('data, expected', [
    (b'', []), (b'a', [b'a']), (b' a ,\tb ', [b'a', b'b']), (b',,a,,,b,', [b'a', b'b']),
    (b'"a,b", c', [b'"a,b"', b'c']), (b'"a\\",b",c', [b'"a\\",b"', b'c']),
    (b'x="1,2";y,z', [b'x="1,2";y', b'z']),
    (b'"a', None), (b'a,"b\\"', None)])
def test_a_list_skips_empty_members(data, expected):
    """Members without those that are empty; commas within quotes do not count (RFC 9110 section
    5.6.1).
    """
    assert p.split_list(data) == expected, data


@pytest.mark.parametrize('member', [b'a', b'"a"'])
def test_lists_are_bounded(member):
    """As many members as allowed, and one more."""
    assert len(p.split_list(b','.join([member] * 8), maximum=8)) == 8, 'what fits'
    assert p.split_list(b','.join([member] * 9), maximum=8) is None, 'one more'
    assert p.split_list(b',' * 100000, maximum=8) is None, 'empty ones are counted too'


@pytest.mark.parametrize('data, expected', [
    (b'text/html', (b'text/html', [])),
    (b'text/html; Charset="utf-8" ;a = b;', (b'text/html', [(b'charset', b'utf-8'), (b'a', b'b')])),
    (b'a;b', (b'a', [(b'b', b'')])), (b';a=b', (b'', [(b'a', b'b')])), (b'', (b'', [])),
    (b'a;b="c;d"', (b'a', [(b'b', b'c;d')])), (b'a;b="c', None), (b'a;b c=d', None),
    (b'a;=d', None)])
def test_a_value_has_parameters(data, expected):
    """The value and its parameters (RFC 9110 section 5.6.6)."""
    assert p.parse_parameters(data) == expected, data


def test_parameters_are_bounded():
    """As many as allowed, and one more."""
    assert len(p.parse_parameters(b'a' + b';b=c' * 4, maximum=4)[1]) == 4, 'what fits'
    assert p.parse_parameters(b'a' + b';b=c' * 5, maximum=4) is None, 'one more'


@pytest.mark.parametrize('data, expected', [
    (b'1', 1000), (b'1.000', 1000), (b'1.', 1000), (b'0', 0), (b'0.5', 500), (b'0.05', 50),
    (b'0.123', 123), (b'0.', 0),
    (b'1.001', None), (b'0.1234', None), (b'2', None), (b'.5', None), (b'-0.5', None),
    (b'0,5', None), (b'', None),
    (b'0.+5', None), (b'0.1_', None), (b'00', None)])
def test_a_weight_has_three_digits(data, expected):
    """qvalue in thousandths (RFC 9110 section 12.4.2)."""
    assert p.parse_weight(data) == expected, data


@pytest.mark.parametrize('data, expected', [
    (b"UTF-8''%e2%82%ac%20rates", u'\u20ac rates'), (b"utf-8'en'a", u'a'),
    (b"iso-8859-1'en'%A3%20rates", u'\xa3 rates'),
    (b"UTF-8''", u''), (b"UTF-8''a%2", None), (b"UTF-8''a%zz", None), (b"UTF-8''a b", None),
    (b"UTF-8'a", None),
    (b"utf-16''a", None), (b"UTF-8''%ff", None), (b'abc', None), (b"UTF-8''a'b", None)])
def test_extended_values_read(data, expected):
    """charset'language'value (RFC 8187 section 3.2.1)."""
    assert p.parse_extended(data) == expected, data


@pytest.mark.parametrize('text', [u'', u'plain', u'na\xefve "x" 100%.txt', u'\u20ac'])
def test_extended_values_come_back(text):
    """A written value is read again."""
    assert p.parse_extended(p.extended_value(text)) == text, text


@pytest.mark.parametrize('text, expected', [
    (u'a b.txt', b'filename="a b.txt"'),
    (u'na\xefve', b"filename=\"na_ve\"; filename*=UTF-8''na%C3%AFve"),
    (u'a\r\nb', b"filename=\"a__b\"; filename*=UTF-8''a%0D%0Ab")])
def test_parameter_for_every_reader(text, expected):
    """Once in ASCII, and once more if that is not all of it."""
    assert p.format_extended(b'filename', text) == expected, text
