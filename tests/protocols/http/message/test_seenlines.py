# Copyright the carryall authors.  See LICENSE.
"""Lines that were validated before: what they spare, and what they must not let in."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.http import HTTPError, Settings
from carryall.protocols.http.fields import HTTP_1_0, HTTP_1_1
from carryall.protocols.http.message import CHUNKED, RequestReceiver, SeenSections
from carryall.protocols.http.message.seenlines import MAX_LINES, MAX_ONCE, SeenLines

HOST = b'Host: h'
AGENT = b'User-Agent: x'


def judged(*lines, **given):
    """The section of *lines*, judged so often that they are known."""
    seen = SeenLines()
    for _ in range(3):
        section = seen.section(given.get('version', HTTP_1_1), list(lines))
    return section


def test_a_section_of_known_lines_has_its_fields_in_order():
    section = judged(HOST, AGENT, b'Cookie:  a=1 ')
    assert list(section.headers) == [(b'Host', b'h'), (b'User-Agent', b'x'), (b'Cookie', b'a=1')]


def test_a_section_of_known_lines_has_its_host():
    assert judged(AGENT, b'host: \th:81 ').host == b'h:81'


@pytest.mark.parametrize('line', [b'Connection: close', b'connection: Close'])
def test_a_known_line_keeps_its_meaning_for_the_connection(line):
    assert not judged(HOST, line).keep_alive


@pytest.mark.parametrize('line, length', [
    (b'Content-Length: 5', 5), (b'content-length: 5', 5), (b'Transfer-Encoding: chunked', CHUNKED)])
def test_a_known_line_keeps_its_meaning_for_the_body(line, length):
    assert judged(HOST, line).length == length


@pytest.mark.parametrize('lines', [
    [AGENT],                                                            # RFC 9112 section 3.2
    [HOST, HOST], [HOST, b'Host: other'], [HOST, b'host: h'],
    [HOST, b'Content-Length: 1', b'Content-Length: 1'],
    [HOST, b'Content-Length: 1', b'Transfer-Encoding: chunked'],
    [b'Host: a b'], [HOST, b'Host: a b']])
def test_known_lines_are_refused_as_new_ones_are(lines):
    seen = SeenLines()
    for _ in range(3):
        for line in lines:
            # Alone, so that each may be known
            try:
                seen.section(HTTP_1_1, [line] if line[:1] in b'Hh' else [HOST, line])
            except HTTPError:
                pass
        with pytest.raises(HTTPError):
            seen.section(HTTP_1_1, lines)


@pytest.mark.parametrize('line', [
    b'', b' folded', b'no colon', b'Name : x', b': x', b'Cookie : x', b'Cookie', b'Cookie: \0',
    b'Cookie: a\rb', b'Cookie: a\nb', b'X: a\nb', b'X: a\rb', b'X: \x7f', b'Cookie: \x7f'])
def test_a_line_that_is_no_field_is_none(line):
    assert judged(HOST, AGENT, line) is None


def test_an_old_request_may_lack_the_host():
    assert judged(AGENT, version=HTTP_1_0).host is None


def test_an_old_request_does_not_keep_its_connection():
    assert not judged(HOST, AGENT, version=HTTP_1_0).keep_alive


def test_many_lines_do_not_fill_the_memory():
    seen = SeenLines()
    for number in range(3 * max(MAX_LINES, MAX_ONCE)):
        for _ in range(2):
            seen.section(HTTP_1_1, [b'Host: h%d' % number, b'X: %d' % number])
    assert len(seen) <= 2 * MAX_LINES


def test_a_line_with_a_secret_is_not_kept():
    seen = SeenLines()
    before = len(seen)
    for _ in range(3):
        seen.section(HTTP_1_0, [b'Authorization: Basic eA==', b'COOKIE: a=1'])
    assert len(seen) == before


def test_sections_that_differ_in_one_line_are_told_apart():
    receiver = RequestReceiver(Settings(), SeenSections())
    found = []
    for number in range(40):
        receiver.receive_data(b'GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: x\r\nCookie: a=%d\r\n\r\n'
                              % number)
        found.append(receiver.next_event().headers.get(b'cookie'))
    assert found == [b'a=%d' % number for number in range(40)]
