# Copyright the carryall authors.  See LICENSE.
"""Overview (RFC 3977 section 8)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.nntp import (overview_field, overview_row, parse_article, parse_format,
                                     parse_overview)

ARTICLE = (b'Path: a!b\r\nFrom: Ann\r\nSubject: a\tb\r\n c\r\nDate: now\r\nMessage-ID: <1@e>\r\n'
           b'References: <0@e>\r\nXref: n misc.test:7\r\n\r\none\r\ntwo\r\n')
ROW = b'a b c\tAnn\tnow\t<1@e>\t<0@e>\t%d\t2\tXref: n misc.test:7' % len(ARTICLE)


def test_a_row_has_no_tab_or_line_end_in_a_field():
    assert overview_row(parse_article(ARTICLE)) == ROW


def test_a_field_of_a_row_is_found():
    assert overview_field(ROW, b'subject') == b'a b c'
    assert overview_field(ROW, b':lines') == b'2'
    assert overview_field(ROW, b'xref') == b'n misc.test:7'
    assert overview_field(ROW, b'path') is None


def test_the_line_of_a_server_is_read_by_its_format():
    names = parse_format([b'Subject:', b'From:', b'Date:', b'Message-ID:', b'References:',
                          b'Bytes:', b'Lines:', b'Xref:full'])
    number, fields = parse_overview(b'7\t' + ROW, names)
    assert number == 7
    assert fields[b'subject'] == b'a b c'
    assert fields[b':lines'] == b'2'
    assert fields[b'xref'] == b'n misc.test:7'


def test_a_line_without_a_number_is_none():
    assert parse_overview(b'x\ty') is None
