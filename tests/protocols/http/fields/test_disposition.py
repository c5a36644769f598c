# Copyright the carryall authors.  See LICENSE.
"""Content-Disposition (RFC 6266, RFC 8187, RFC 7578)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols.http.fields.disposition import (MAX_NAME, base_name, format_disposition,
                                                        parse_disposition)
from tests.protocols.http.ids import short


@pytest.mark.parametrize('name, text', [
    (None, b'attachment'), (u'', b'attachment'), (u'a.txt', b'attachment; filename="a.txt"'),
    (u'a "b".txt', b'attachment; filename="a \\"b\\".txt"'),
    (u'na\xefve.txt', b"attachment; filename=\"na_ve.txt\"; filename*=UTF-8''na%C3%AFve.txt"),
    (u'../../etc/passwd', b'attachment; filename="passwd"'),
    (u'C:\\x\\y.txt', b'attachment; filename="y.txt"'),
    (u'a\r\nSet-Cookie: x.txt', b'attachment; filename="aSet-Cookie: x.txt"'),
    (u'..', b'attachment'), (u'x/', b'attachment')])
def test_a_disposition_is_written_for_all_readers(name, text):
    """The name alone, on one line, for old readers and others."""
    assert format_disposition(b'attachment', name) == text, name


def test_kind_is_a_token():
    """Anything else is refused."""
    with pytest.raises(LocalProtocolError):
        format_disposition(b'in line')


@pytest.mark.parametrize('value, expected', [
    (b'inline', (b'inline', None, None)),
    (b'ATTACHMENT; filename=a.txt', (b'attachment', None, u'a.txt')),
    (b'form-data; name="f"; filename="a b.txt"', (b'form-data', u'f', u'a b.txt')),
    (b'form-data; name=f; filename=""', (b'form-data', u'f', u'')),
    (b"attachment; filename=\"EURO.txt\"; filename*=UTF-8''%e2%82%ac.txt",
     (b'attachment', None, u'\u20ac.txt')),
    (b"attachment; filename*=UTF-8''%zz; filename=\"x\"", (b'attachment', None, u'x')),
    (b'form-data; name="f"; filename="\xe2\x82\xac.txt"', (b'form-data', u'f', u'\u20ac.txt')),
    (b'form-data; name="f"; filename="\xe9.txt"', (b'form-data', u'f', u'\xe9.txt')),
    (b'form-data; name="a%22b"; filename="c%22d"', (b'form-data', u'a"b', u'c"d')),
    (b'form-data; name="a\\"b"', (b'form-data', u'a"b', None)),
    (b'form-data; name="f"; filename="C:\\site\\a.txt"', (b'form-data', u'f', u'a.txt')),
    (b'form-data; name="f"; filename="../../x"', (b'form-data', u'f', u'x')),
    (b'form-data; name="a;b"', (b'form-data', u'a;b', None)),
    (b'form-data; name=1; name=2', (b'form-data', u'1', None)),
    (b'', None), (b'; name=a', None), (b'form data; name=a', None), (b'form-data; name="a', None),
    (b'a; b c=d', None)])
def test_dispositions_of_browsers_are_read(value, expected):
    """As browsers, old ones too, write it; folders are dropped."""
    found = parse_disposition(value)
    assert (found if found is None else tuple(found)) == expected, value


@pytest.mark.parametrize('name, expected', [
    (u'a', u'a'), (u'/a/b', u'b'), (u'a\\b', u'b'), (u'.', u''), (u'..', u''), (u'a/', u''),
    (u'a\x00b\x1f\x7f', u'ab'),
    (u'x' * 300 + u'.txt', u'x' * (MAX_NAME - 4) + u'.txt')], ids=short)
def test_a_base_name_has_no_folder(name, expected):
    """One name, whatever stood before it."""
    assert base_name(name) == expected, name


@pytest.mark.parametrize('name', [u'a.txt', u'na\xefve "x".txt', u'\u20ac', u"it's 100%.txt"])
def test_a_name_comes_back(name):
    """A written name is read again."""
    assert parse_disposition(format_disposition(b'attachment', name)).filename == name, name
