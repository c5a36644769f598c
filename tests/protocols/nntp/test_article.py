# Copyright the carryall authors.  See LICENSE.
"""Articles and what makes one valid (RFC 5536)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.nntp import (BadArticle, article_date, check_relayed, date_field,
                                     group_name, is_message_id, newsgroups_of, parse_article,
                                     path_identities)

NOW = 1800000000.0          # 2027-01-15 08:00:00
GOOD = (b'Path: a.example!b.example!not-for-mail\r\nFrom: Ann <ann@example.org>\r\n'
        b'Newsgroups: misc.test,alt.tea\r\nSubject: Tea\r\n for two\r\n'
        b'Date: Fri, 15 Jan 2027 07:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n'
        b'\r\nline\r\n..\r\n')


def test_a_valid_article_is_taken():
    article = parse_article(GOOD)
    check_relayed(article, NOW)
    assert article.get(b'subject') == b'Tea for two'
    assert article.message_id == b'<1@example.org>'
    assert article.lines == 2
    assert article.head + b'\r\n' + article.body == GOOD
    assert newsgroups_of(article) == [b'misc.test', b'alt.tea']


@pytest.mark.parametrize('name', [b'Path', b'From', b'Newsgroups', b'Subject', b'Date',
                                  b'Message-ID'])
def test_a_mandatory_field_must_be_there_once(name):
    """RFC 5536 section 3.1."""
    start = GOOD.index(name + b':')
    without = GOOD[:start] + GOOD[start:].replace(name, b'X-Other', 1)
    with pytest.raises(BadArticle) as caught:
        check_relayed(parse_article(without), NOW)
    assert str(caught.value).startswith('Missing "%s"' % name.decode('ascii'))
    twice = name.upper() + b': x\r\n' + GOOD
    with pytest.raises(BadArticle) as caught:
        check_relayed(parse_article(twice), NOW)
    assert str(caught.value) == 'Duplicate "%s" header field' % name.decode('ascii')


def test_an_empty_mandatory_field_is_refused():
    with pytest.raises(BadArticle) as caught:
        check_relayed(parse_article(GOOD.replace(b'Tea\r\n for two', b' ')), NOW)
    assert str(caught.value) == 'Empty "Subject" header field'


@pytest.mark.parametrize('change, reason', [
    ((b'line', b'a\0b'), 'NUL in the article'),
    ((b'line', b'a\nb'), 'Bare CR or LF in the article'),
    ((b'line', b'a\rb'), 'Bare CR or LF in the article'),
    ((b'\r\n\r\n', b'\r\n'), 'No empty line behind the header'),
    ((b'Subject:', b'Subject :'), 'Line 4 is no header field'),
    ((b' for two', b' '), 'Header line of blanks alone'),
    ((b'Path:', b' Path:'), 'The header begins with a continuation line')])
def test_octets_that_are_no_article_are_refused(change, reason):
    with pytest.raises(BadArticle) as caught:
        parse_article(GOOD.replace(*change))
    assert str(caught.value) == reason


@pytest.mark.parametrize('octets', [b'', b'\r\n', b'\r\nbody\r\n', b'Subject: x\r\n',
                                    b'Subject: x'])
def test_an_article_needs_a_header_and_an_empty_line(octets):
    with pytest.raises(BadArticle):
        parse_article(octets)


def test_a_header_of_8_bit_octets_is_kept_as_it_is():
    article = parse_article(GOOD.replace(b'Tea', b'Th\xc3\xa9 \xff'))
    assert article.get(b'subject') == b'Th\xc3\xa9 \xff for two'


def test_a_header_that_is_too_large_is_refused():
    with pytest.raises(BadArticle) as caught:
        parse_article(b'X-Y: ' + b'z' * 65536 + b'\r\n' + GOOD)
    assert str(caught.value) == 'Header of more than 65536 octets'


def test_more_fields_than_the_limit_are_refused():
    parse_article(b'X-Y: z\r\n' * 494 + GOOD)
    with pytest.raises(BadArticle) as caught:
        parse_article(b'X-Y: z\r\n' * 495 + GOOD)
    assert str(caught.value) == 'More than 500 header fields'


def test_a_header_line_of_more_than_998_octets_is_refused():
    """RFC 5536 section 2.2."""
    check_relayed(parse_article(b'X: ' + b'z' * 995 + b'\r\n' + GOOD), NOW)
    with pytest.raises(BadArticle):
        check_relayed(parse_article(b'X: ' + b'z' * 996 + b'\r\n' + GOOD), NOW)


@pytest.mark.parametrize('date, reason', [
    (b'Fri, 15 Jan 2027 07:00:00 +0000', None),
    (b'Sat, 16 Jan 2027 07:59:00 +0000', None),
    (b'Sat, 16 Jan 2027 08:01:00 +0000', 'Date in the future'),
    (b'Tue, 5 Jan 2027 07:00:00 +0000', 'Too old'),
    (b'yesterday', 'Invalid Date'), (b'Fri, 32 Jan 2027 07:00:00 GMT', 'Invalid Date')])
def test_a_date_is_neither_far_ahead_nor_old(date, reason):
    """RFC 5537 section 3.6."""
    article = parse_article(GOOD.replace(b'Fri, 15 Jan 2027 07:00:00 +0000', date))
    if reason is None:
        check_relayed(article, NOW, NOW - 10 * 86400)
        return
    with pytest.raises(BadArticle) as caught:
        check_relayed(article, NOW, NOW - 10 * 86400)
    assert str(caught.value) == reason


@pytest.mark.parametrize('groups', [b'misc.test,misc.test', b'misc..test', b'.a', b'a.', b'a b',
                                    b'misc.test,', b'a!b', b'\xff', b','.join(
                                        b'a%d' % number for number in range(101))])
def test_newsgroups_must_be_names_that_differ(groups):
    article = parse_article(GOOD.replace(b'misc.test,alt.tea', groups))
    with pytest.raises(BadArticle):
        newsgroups_of(article)


@pytest.mark.parametrize('data, expected', [
    (b'<a@b>', True), (b'<a.b$c@[1.2.3.4]>', True), (b'<' + b'x' * 246 + b'@b>', True),
    (b'<' + b'x' * 247 + b'@b>', False), (b'<a>', False), (b'a@b', False), (b'<a b@c>', False),
    (b'<a@b>c', False), (b'<@b>', False), (b'<a@b\r\n>', False), (b'<\xe9@b>', False)])
def test_a_message_id_is_printable_and_at_most_250_octets(data, expected):
    """RFC 5536 section 3.1.3."""
    assert is_message_id(data) is expected


def test_the_name_of_a_group_may_be_utf8():
    assert group_name(u'fr.caf\xe9'.encode('utf-8'))
    assert not group_name(b'fr.caf\xe9')


@pytest.mark.parametrize('text, expected', [
    (b'Fri, 15 Jan 2027 08:00:00 +0000', NOW), (b'15 Jan 2027 09:00:00 +0100', NOW),
    (b'15 Jan 27 08:00 GMT', NOW), (b'Fri, 15 Jan 2027 03:00:00 EST', NOW),
    (b'Friday, 15-Jan-27 08:00:00 GMT', NOW), (b'15 Jan 2027 08:00:00 +0000 (UTC)', NOW),
    (b'15 Jan 2027 04:30:00 -0330', NOW), (b'15 Jan 1999 00:00:00 Z', 916358400),
    (b'15 Foo 2027 08:00:00 GMT', None), (b'15 Jan 2027 25:00:00 GMT', None), (b'', None)])
def test_dates_of_all_standards_are_read(text, expected):
    assert article_date(text) == expected


def test_a_date_is_written_as_it_is_read():
    assert date_field(NOW) == b'Fri, 15 Jan 2027 08:00:00 +0000'


def test_path_has_hosts_and_a_last_word():
    assert path_identities(parse_article(GOOD)) == [b'a.example', b'b.example']
