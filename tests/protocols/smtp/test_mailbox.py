# Copyright the carryall authors.  See LICENSE.
"""Paths and mailboxes (RFC 5321 section 4.1.2, 4.1.3; RFC 6531)."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.errors import RemoteProtocolError
from carryall.protocols.smtp import mailbox as module
from carryall.protocols.smtp import Mailbox, is_domain, parse_mailbox, parse_path


def read(data, utf8=False, sender=False):
    try:
        mailbox, rest = parse_path(data, utf8, sender)
    except RemoteProtocolError as exc:
        return exc.reply[:9]
    return (mailbox and (mailbox.local, mailbox.domain)), rest


@pytest.mark.parametrize('data, expected', [
    (b'<a@b.example>', ((b'a', b'b.example'), b'')),
    (b'<a@b.example> SIZE=5', ((b'a', b'b.example'), b' SIZE=5')),
    (b'<a.b+c-d@b.example>', ((b'a.b+c-d', b'b.example'), b'')),
    (b"<!#$%&'*+-/=?^_`{|}~@x>", ((b"!#$%&'*+-/=?^_`{|}~", b'x'), b'')),
    (b'<"a b"@b.example>', ((b'a b', b'b.example'), b'')),
    (b'<"a\\"b\\\\"@b.example>', ((b'a"b\\', b'b.example'), b'')),
    (b'<"a@b>"@c.example>', ((b'a@b>', b'c.example'), b'')),
    (b'<""@c.example>', ((b'', b'c.example'), b'')),
    (b'<@r.example:a@b.example>', ((b'a', b'b.example'), b'')),
    (b'<@r.example,@s.example:a@b.example>', ((b'a', b'b.example'), b'')),
    (b'<a@[192.0.2.1]>', ((b'a', b'[192.0.2.1]'), b'')),
    (b'<a@[IPv6:2001:db8::1]>', ((b'a', b'[IPv6:2001:db8::1]'), b'')),
    (b'<a@[x-tag:content]>', ((b'a', b'[x-tag:content]'), b'')),
    (b'<Postmaster>', ((b'Postmaster', b''), b'')),
    (b'<POSTMASTER> X', ((b'POSTMASTER', b''), b' X')),
    (b'<a@1.2.3.example>', ((b'a', b'1.2.3.example'), b'')),
    (b'<' + b'a' * 64 + b'@b.example>', ((b'a' * 64, b'b.example'), b'')),
    (b'<a@' + b'b' * 63 + b'.example>', ((b'a', b'b' * 63 + b'.example'), b''))])
def test_paths_are_parsed_to_addresses(data, expected):
    assert read(data) == expected, 'read as %r' % (read(data),)


@pytest.mark.parametrize('data', [
    b'', b'a@b.example', b'<>', b'<a>', b'<a@>', b'<@b.example>', b'<a@b.example',
    b'< a@b.example>',
    b'<a@b.example >', b'<a@b..example>', b'<a@.example>', b'<a@b.example.>', b'<.a@b.example>',
    b'<a.@b.example>',
    b'<a..b@b.example>', b'<a b@b.example>', b'<a@-b.example>', b'<a@b-.example>',
    b'<a@b_c.example>', b'<"a@b.example>',
    b'<"a"b@c.example>', b'<a@[1.2.3]>', b'<a@[1.2.3.256]>', b'<a@[01.2.3.4]>',
    b'<a@[IPv6:1.2.3.4]>', b'<a@[IPv6::::1]>',
    b'<a@[]>', b'<a@[192.0.2.1>', b'<a@@b.example>', b'<a@b@c.example>', b'<a\0@b.example>',
    b'<"a\0"@b.example>',
    b'<"a\r\n"@b.example>', b'<@r.example a@b.example>', b'<r.example:a@b.example>',
    b'<a,b@c.example>', b'<(c)a@b.example>',
    b'<' + b'a' * 65 + b'@b.example>', b'<a@' + b'b' * 64 + b'.example>',
    b'<a@' + b'.'.join([b'b' * 50] * 6) + b'>',
    b'<"' + b'a' * 63 + b'"@b.example>', b'<a@b.example>'[:-1] + b'\xe9>', b'<a@b.example\n>',
    b'<postmaster'])
def test_a_bad_path_is_refused(data):
    got = read(data)
    assert got in (b'501 5.1.3', b'553 5.6.7'), '%r was read as %r' % (data, got)


def test_the_null_sender_is_a_sender_only():
    assert read(b'<> SIZE=3', sender=True) == (None, b' SIZE=3')
    assert read(b'<postmaster>', sender=True) == b'501 5.1.7'
    assert read(b'<x@>', sender=True) == b'501 5.1.7'


@pytest.mark.parametrize('data, expected', [
    (u'<j\xfcrgen@b.example>', (u'j\xfcrgen', u'b.example')),
    (u'<a@b\xfccher.example>', (u'a', u'b\xfccher.example')),
    (u'<"j\xfc r"@b.example>', (u'j\xfc r', u'b.example')),
    (u'<\u7528\u6237@\u4f8b\u5b50.example>', (u'\u7528\u6237', u'\u4f8b\u5b50.example'))])
def test_utf8_where_it_was_asked_for(data, expected):
    wire = data.encode('utf-8')
    assert read(wire) == b'553 5.6.7', 'taken without SMTPUTF8'
    assert read(wire, utf8=True) == (tuple(part.encode('utf-8') for part in expected), b'')
    assert read(wire.replace(b'\xbc', b'\xff').replace(b'\xe7', b'\xff'),
                utf8=True) == b'501 5.1.3', 'no UTF-8, and taken'


@pytest.mark.parametrize('data',
                         [b'a@b.example', b'"a b"@b.example', b'"a\\"b"@x', b'a.b@[192.0.2.1]',
                          b'""@x', b'".a"@x'])
def test_there_and_back(data):
    assert parse_mailbox(data).wire() == data, parse_mailbox(data).wire()


@pytest.mark.parametrize('data', [b'', b'a', b'a@b c', b'<a@b>', b'a@b>', b' a@b', b'\xff@b'])
def test_a_bad_mailbox_is_refused(data):
    with pytest.raises(RemoteProtocolError):
        parse_mailbox(data)


def test_the_case_of_a_domain_means_nothing():
    assert Mailbox(b'a', b'B.Example') == Mailbox(b'a', b'b.eXAMPLE')
    assert Mailbox(b'a', b'b') != Mailbox(b'A', b'b')
    assert len({Mailbox(b'a', b'B'), Mailbox(b'a', b'b')}) == 1


@pytest.mark.parametrize('data, right', [
    (b'b.example', True), (b'localhost', True), (b'[192.0.2.1]', True), (b'[IPv6:::1]', True),
    (b'b_c', False), (b'', False),
    (b'a b', False), (b'[1.2.3]', False), (b'-a', False), (b'a' * 64, False), (b'[::1]', False),
    (u'b\xfc'.encode('utf-8'), False)])
def test_domains_have_ldh_labels(data, right):
    assert is_domain(data) is right


def test_the_short_way_takes_what_the_grammar_takes():
    dice = random.Random(20110504)
    pieces = [b'a', b'Z9', b'-', b'.', b'..', b'+', b'_', b'@', b'b' * 31, b'c' * 63, b'd' * 64,
              b'x.' * 20, b'>', b'<', b'"', b'\xc3\xbc', b' ']
    short = 0
    for _ in range(20000):
        data = b'<' + b''.join(dice.choice(pieces) for _ in range(dice.randrange(1, 5))) + b'@' \
            + b''.join(dice.choice(pieces)
                       for _ in range(dice.randrange(1, 6))) + b'>' + dice.choice([b'', b' X=1'])
        for sender in (True, False):
            got = read(data, True, sender)
            try:
                mailbox, rest = module._parse_any(data, True, sender)
            except RemoteProtocolError as exc:
                assert got == exc.reply[:9], data
                continue
            assert got == (mailbox and (mailbox.local, mailbox.domain), rest), data
            if mailbox is not None and module._PLAIN.match(data):
                assert parse_path(data, True)[0].wire() == mailbox.wire(), data
                short += 1
    assert short > 300, 'only %d paths were plain' % short


def test_garbage_is_refused_and_in_no_time():
    dice = random.Random(20020707)
    alphabet = b'<>@."\\[]:, aA1-\xc3\xbc\x00\r\n'
    for _ in range(3000):
        data = b''.join(alphabet[at:at + 1]
                        for at in (dice.randrange(len(alphabet))
                                   for _ in range(dice.randrange(40))))
        for sender in (True, False):
            got = read(b'<' + data, True, sender)
            assert isinstance(got, (bytes, tuple))
    for data in (b'<' + b'a.' * 1000 + b'@x>', b'<"' + b'\\"' * 1000, b'<' + b'@a,' * 600,
                 b'<a@' + b'a-' * 1000 + b'>'):
        assert read(data) == b'501 5.1.3'
    for data in (b'<' + b'a.' * 50000 + b'@x>', b'<"' + b'\\"' * 50000, b'<' + b'@a,' * 50000,
                 b'<a@' + b'a-' * 50000 + b'>'):
        assert read(data) == b'501 5.1.3'
