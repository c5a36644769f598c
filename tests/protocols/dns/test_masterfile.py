# Copyright the carryall authors.  See LICENSE.
"""Master files: what is read, and how a fault is told."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.dns import MasterFile, MasterFileError, parse_name
from carryall.protocols.dns.generated import MAX_GENERATED
from carryall.protocols.dns.masterfile import MAX_DEPTH

ORIGIN = parse_name(u'example.')


def read(data, **given):
    return [record.text() for record in MasterFile(data, ORIGIN, u'z', **given)]


@pytest.mark.parametrize('data, rows', [
    (b'@ 60 A 1.2.3.4', [u'example. 60 IN A 1.2.3.4']),
    (b'a 60 IN A 1.2.3.4\n  IN 70 AAAA ::1\r\n', [u'a.example. 60 IN A 1.2.3.4',
                                                 u'a.example. 70 IN AAAA ::1']),
    (b'$TTL 1h\na.other. MX ( 5 ; first\n b )\n', [u'a.other. 3600 IN MX 5 b.example.']),
    (b'$ORIGIN sub\n$TTL 1\na A 1.2.3.4\n$ORIGIN x.y.\nb A 1.2.3.4',
     [u'a.sub.example. 1 IN A 1.2.3.4', u'b.x.y. 1 IN A 1.2.3.4']),
    (b'a 1 TXT "a;b" c\\;d "\\"" \\065\n', [u'a.example. 1 IN TXT "a;b" "c;d" "\\"" "A"']),
    (b'a 1 TXT "\xc3\xa9"\n', [u'a.example. 1 IN TXT "\\195\\169"']),
    (b'; nothing\n\n   \n', []),
    (b'a 5 TYPE1234 \\# 1 00', [u'a.example. 5 IN TYPE1234 \\# 1 00']),
    (b'@ SOA . . 1 2 3 4 5\n@ NS a', [u'example. 5 IN SOA . . 1 2 3 4 5',
                                     u'example. 5 IN NS a.example.']),
    (b'a 9 A 1.2.3.4\nb A 1.2.3.4', [u'a.example. 9 IN A 1.2.3.4', u'b.example. 9 IN A 1.2.3.4']),
    (b'$TTL 1\n$GENERATE 8-10/2 h${1,3,d} A 192.0.2.$\n', [u'h009.example. 1 IN A 192.0.2.8',
                                                        u'h011.example. 1 IN A 192.0.2.10']),
    (b'$TTL 1\n$GENERATE 1-1 a$$ 5 CNAME x${0,2,x}\\$\n', [u'a\\$.example. 5 IN CNAME x01\\$.'
                                                        u'example.']),
    (b'$TTL 1\n$GENERATE 18-18 ${0,5,n} PTR h$\n', [u'2.1.0.example. 1 IN PTR h18.example.'])])
def test_a_text_has_these_records(data, rows):
    assert read(data) == rows


@pytest.mark.parametrize('data, line, word', [
    (b'a A 1.2.3.4', 1, u'time to live'), (b'\n a 5 A 1.2.3.4', 2, u'no name'),
    (b'@ 1 A 1.2.3.4\n@ 1 A 1.2.3\n', 2, u'IPv4'), (b'a 1 TXT "x\n', 1, u'quotation'),
    (b'\n\na 1 TXT ( x\n\n', 3, u'not closed'), (b'a 1 TXT )', 1, u'not opened'),
    (b'$TTL x', 1, u'time'), (b'$FOO 1', 1, u'$FOO'), (b'$INCLUDE x', 1, u'not allowed'),
    (b'a 1 IN', 1, u'without a type'), (b'a 1 ANY 1', 1, u'no records'),
    (b'a 1 OPT \\# 0', 1, u'no records'), (b'a 1 A 1.2.3.4\na 1 CH A 1.2.3.4', 2, u'another class'),
    (b'a 2147483648 A 1.2.3.4', 1, u'2147483647'),
    (b'$TTL 1\n$GENERATE 1-70000 a A 1.2.3.4', 2, u'%d' % MAX_GENERATED),
    (b'$TTL 1\n$GENERATE 2-1 a$ A 1.2.3.4', 2, u'range'),
    (b'$TTL 1\n$GENERATE 1-2/0 a$ A 1.2.3.4', 2, u'range'),
    (b'$TTL 1\n$GENERATE 1-2 a${x} A 1.2.3.4', 2, u'malformed'),
    (b'$TTL 1\n$GENERATE 1-2 a${-5} A 1.2.3.4', 2, u'below 0'),
    (b'$TTL 1\n$GENERATE 1-2 a${0,99} A 1.2.3.4', 2, u'digits'),
    (b'a..b 1 A 1.2.3.4', 1, u'a..b'), (b'a 1 A 1.2.3.4 5', 1, u'behind')])
def test_a_fault_names_file_and_line(data, line, word):
    with pytest.raises(MasterFileError) as caught:
        read(data)
    assert caught.value.line == line
    assert caught.value.message.startswith(u'z:%d: ' % line)
    assert word in caught.value.message


def test_a_file_may_include_another():
    files = {u'a': b'h A 1.2.3.4\n', u'b': b'$INCLUDE a s\n'}
    assert read(b'$TTL 1\n$INCLUDE b t\nx A 1.2.3.4\n', include=files.get) == [
        u'h.s.t.example. 1 IN A 1.2.3.4', u'x.example. 1 IN A 1.2.3.4']


def test_files_that_include_each_other_are_refused():
    with pytest.raises(MasterFileError) as caught:
        read(b'$INCLUDE a', include=lambda name: b'\n$INCLUDE a\n')
    assert u'%d files' % MAX_DEPTH in caught.value.message
    assert caught.value.file == u'a'
    assert caught.value.line == 2


def test_a_missing_file_is_told():
    def missing(name):
        raise IOError(2, 'No such file')
    with pytest.raises(MasterFileError) as caught:
        read(b'$INCLUDE a', include=missing)
    assert u'a cannot be read' in caught.value.message


def test_all_text_that_a_zone_writes_is_read_again():
    data = b'a 60 TXT "x y" "\\\\" \\200\n\\*\\.b 60 MX 5 c\\@d\n'
    rows = read(data)
    assert read(u'\n'.join(rows).encode('ascii')) == rows
