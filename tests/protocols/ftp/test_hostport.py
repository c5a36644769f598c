# Copyright the carryall authors.  See LICENSE.
"""The ways to spell an address (RFC 959 section 4.1.2, 1639, 2428)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.ftp.hostport import (format_eprt, format_epsv, format_long, format_port,
                                             parse_eprt,
                                              parse_epsv_reply, parse_long, parse_pasv_reply,
                                             parse_port, plain4)


def test_port_there_and_back():
    for host, port in (('132.235.1.2', 6275), ('0.0.0.0', 0), ('255.255.255.255', 65535)):
        assert parse_port(format_port(host, port)) == (host, port), format_port(host, port)
    assert format_port('132.235.1.2', 6275) == b'132,235,1,2,24,131', 'RFC 2428 has this example'


@pytest.mark.parametrize('text', [b'', b'1,2,3,4,5', b'1,2,3,4,5,6,7', b'256,0,0,1,1,1',
                                  b'1,2,3,4,5,256', b'-1,2,3,4,5,6', b'a,2,3,4,5,6', b'1,2,3,4,5,',
                                  b'1.2.3.4.5.6', b'+1,2,3,4,5,6', b'1,,3,4,5,6', b'1' * 500])
def test_a_bad_port_argument_is_none(text):
    assert parse_port(text) is None, text


@pytest.mark.parametrize('text, found', [
    (b'|1|132.235.1.2|6275|', (1, '132.235.1.2', 6275)),
    (b'|2|1080::8:800:200C:417A|5282|', (2, '1080::8:800:200c:417a', 5282)),
    (b'!1!10.0.0.1!1!', (1, '10.0.0.1', 1)), (b'|3|x|80|', (3, '', 80)),
    (b'|2|::1|65535|', (2, '::1', 65535))])
def test_eprt_arguments_are_parsed(text, found):
    assert parse_eprt(text) == found, parse_eprt(text)


@pytest.mark.parametrize('text', [b'', b'|', b'||||', b'|1|1.2.3.4|0|', b'|1|1.2.3.4|65536|',
                                  b'|1|1.2.3.4|80', b'|1|::1|80|', b'|2|1.2.3.4|80|',
                                  b'|1|host|80|', b'|1|1.2.3.4|80|x', b' 1 1.2.3.4 80 ',
                                  b'|1|1.2.3.4|+80|', b'|2|fe80::1\xff|80|',
                                  b'\xff1\xff1.2.3.4\xff80\xff'])
def test_a_bad_eprt_argument_is_none(text):
    assert parse_eprt(text) is None, text


def test_eprt_arguments_are_written_without_scope():
    assert format_eprt('132.235.1.2', 6275) == b'|1|132.235.1.2|6275|', 'IPv4'
    assert format_eprt('fe80::1%eth0', 1) == b'|2|fe80::1|1|', 'the scope is ours'


@pytest.mark.parametrize('text, port', [
    (b'Entering Extended Passive Mode (|||6446|)', 6446), (b'(!!!1!)', 1), (b'no', None),
    (b'(|||)', None), (b'(|||0|)', None),
    (b'(|||70000|)', None), (b'(|1|h|80|)', 80), (b'', None), (b'(((|||6446|)', 6446),
    (b'(|||x|)', None)])
def test_an_epsv_reply_names_a_port(text, port):
    assert parse_epsv_reply(text) == port, parse_epsv_reply(text)
    assert parse_epsv_reply(b'x ' + format_epsv(6446)) == 6446, 'our own'


@pytest.mark.parametrize('text, found', [
    (b'Entering Passive Mode (127,0,0,1,24,131)', ('127.0.0.1', 6275)),
    (b'=127,0,0,1,24,131', ('127.0.0.1', 6275)),
    (b'127,0,0,1,24,131.', ('127.0.0.1', 6275)),
    (b'in 5 ms: 127,0,0,1,24,131 ok', ('127.0.0.1', 6275)),
    (b'', None), (b'1,2,3', None), (b'(127,0,0,1,0,0)', None), (b'(300,0,0,1,24,131)', None)])
def test_a_pasv_reply_is_read_without_brackets_too(text, found):
    """RFC 1123 section 4.1.2.6: with or without brackets."""
    assert parse_pasv_reply(text) == found, parse_pasv_reply(text)


def test_pasv_reply_is_linear():
    assert parse_pasv_reply(b'1,' * 200000) is None, 'nothing in it'


def test_long_addresses_are_parsed_and_written():
    """RFC 1639 section 2."""
    assert format_long('10.0.0.1', 2049) == b'4,4,10,0,0,1,2,8,1', format_long('10.0.0.1', 2049)
    for host, port in (('10.0.0.1', 2049), ('2001:db8::1', 65535)):
        assert parse_long(format_long(host, port))[1:] == (host, port), format_long(host, port)
    assert parse_long(b'9,2,1,1,2,8,1') == (9, '', 0), 'a family that nobody knows'
    for text in (b'', b'4,4,10,0,0,1,2,8', b'4,40,1', b'4,4,10,0,0,1,2,8,1,1', b'x',
                 b'4,4,10,0,0,256,2,8,1'):
        assert parse_long(text) is None, text


def test_a_mapped_address_is_the_plain_one():
    assert plain4('::ffff:10.0.0.1') == '10.0.0.1' and plain4('::1') == '::1' \
        and plain4('10.0.0.1') == '10.0.0.1', 'mapped'
