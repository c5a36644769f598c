# Copyright the carryall authors.  See LICENSE.
"""carryall.protocols.http.fields.headerfields."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.compat import int2byte
from carryall.core.errors import LocalProtocolError
from carryall.protocols.http.fields.headerfields import Headers, MutableHeaders


@pytest.fixture(params=[Headers, MutableHeaders])
def headers(request):
    """Some fields, received or to be sent."""
    return request.param([(b'Accept', b' a '), (b'X-One', b'1'), (b'ACCEPT', b'\tb'),
                          (b'Empty', b'')])


def test_lookup_ignores_the_case_of_names(headers):
    """Names without regard to case, values without the white space around them, order kept."""
    assert len(headers) == 4
    assert (list(headers)
            == [(b'Accept', b'a'), (b'X-One', b'1'), (b'ACCEPT', b'b'), (b'Empty', b'')])
    assert headers.get(b'x-one') == headers.get('X-ONE') == headers.get(u'x-One') == b'1'
    assert headers.get(b'accept') == b'a, b', 'RFC 9110 section 5.3: lines of one name are a list'
    assert headers.get_all(b'accept') == [b'a', b'b']
    assert headers.get(b'empty', b'x') == b''
    assert headers.get(b'none') is None
    assert headers.get(b'none', b'x') == b'x'
    assert headers.get_all(b'none') == []
    assert b'ACCEPT' in headers
    assert 'x-one' in headers
    assert b'none' not in headers


@pytest.mark.parametrize('kind', [Headers, MutableHeaders])
def test_lines_of_cookie_are_joined_by_semicolons(kind):
    """RFC 9113 section 8.2.3: a comma may be part of a value, so it cannot separate."""
    fields = kind([(b'Cookie', b'a=1,2'), (b'X', b'y'), (b'COOKIE', b'b=3')])
    assert fields.get(b'cookie') == b'a=1,2; b=3'
    assert fields.get_all('Cookie') == [b'a=1,2', b'b=3']


def test_every_first_lookup_gives_the_same(headers):
    """Each way to look works as the first one."""
    assert b'accept' in type(headers)(list(headers))
    assert type(headers)(list(headers)).get_all(b'accept') == [b'a', b'b']
    assert Headers([(b'A', b' b ')]) == MutableHeaders([(b'A', b'b')])
    assert Headers([(b'A', b'b')]) != Headers([(b'A', b'c')])


def test_values_stay_out_of_repr(headers):
    """A log may show the repr, and a value may be a password."""
    assert 'X-One' not in repr(headers)
    assert '4' in repr(headers)


def test_fields_are_added_set_and_removed():
    """add, set, remove; and what goes on the wire."""
    headers = MutableHeaders({b'A': b'1'})
    headers.add('b', u'zwei \xe4')
    headers.add(b'B', b'3')
    assert headers.lines() == b'A: 1\r\nb: zwei \xe4\r\nB: 3\r\n'
    headers.set(b'B', b' 4 ')
    assert headers.lines() == b'A: 1\r\nB: 4\r\n'
    with pytest.raises(LocalProtocolError):
        headers.set(b'B', b'5\r\n')
    headers.remove(b'a')
    headers.remove(b'none')
    assert headers.lines() == b'B: 4\r\n'
    assert headers.get_all(b'b') == [b'4']
    assert MutableHeaders().lines() == b''
    assert MutableHeaders(headers) == headers


def test_no_field_breaks_out_of_its_line():
    """HTS-17: CR, LF, NUL and the other controls are refused by each setter, in name and value."""
    headers = MutableHeaders()
    for number in list(range(32)) + [127]:
        octet = int2byte(number)
        for setter in (headers.add, headers.set):
            with pytest.raises(LocalProtocolError):
                setter(b'X' + octet, b'y')
            if number != 9:
                with pytest.raises(LocalProtocolError):
                    setter(b'X', b'y' + octet + b'Set-Cookie: z')
        if number != 9:
            with pytest.raises(LocalProtocolError):
                MutableHeaders([(b'X', b'y' + octet)])
    for name in (b'', b' ', b'X Y', b'X:', u'\u0130', u'X\u010a'):
        with pytest.raises(LocalProtocolError):
            headers.add(name, b'y')
    with pytest.raises(LocalProtocolError):
        headers.add(b'X', u'\u560a')             # whose low octet is LF
    assert headers.lines() == b''


def test_a_number_is_refused_as_a_value():
    """A number is a mistake, and said to be one."""
    for pair in ((b'Content-Length', 5), (None, b'x'), (b'X', None), (b'X', bytearray(b'x'))):
        with pytest.raises(TypeError):
            MutableHeaders([pair])


def test_fields_that_frame_are_recognized():
    """The fields that the server has to look at."""
    for name in (b'Content-Length', b'transfer-encoding', b'CONNECTION', b'Date'):
        assert MutableHeaders([(b'X', b'y'), (name, b'0')]).concern_framing()
    assert not MutableHeaders([(b'Content-Type', b'y')]).concern_framing()
