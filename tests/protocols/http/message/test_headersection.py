# Copyright the carryall authors.  See LICENSE.
"""carryall.protocols.http.message.headersection: where bodies end, by RFC 9112 section 6.3."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import RemoteProtocolError
from carryall.protocols.http.message.headersection import (CHUNKED, UNTIL_CLOSE, request_section,
                                                           response_section)
from carryall.protocols.http.fields.tables import HTTP_1_0, HTTP_1_1

HOST = (b'Host', b' a')
LENGTH = (b'Content-Length', b' 5')
CODING = (b'Transfer-Encoding', b' chunked')


def judge(function, *args):
    """The result of *function*, or the status of its refusal."""
    try:
        section = function(*args)
    except RemoteProtocolError as exc:
        return exc.reply
    return section.length, section.keep_alive


@pytest.mark.parametrize('version, fields, expected', [
    (HTTP_1_1, [HOST], (0, True)),
    (HTTP_1_1, [(b'hOST', b'a')], (0, True)),
    (HTTP_1_1, [], 400),
    (HTTP_1_1, [HOST, HOST], 400),
    (HTTP_1_1, [HOST, (b'HOST', b'a')], 400),
    (HTTP_1_1, [(b'Host', b'')], 400),
    (HTTP_1_1, [(b'Host', b'a b')], 400),
    (HTTP_1_0, [], (0, False)),
    (HTTP_1_0, [HOST, HOST], 400),
    (HTTP_1_1, [HOST, LENGTH], (5, True)),
    (HTTP_1_1, [HOST, (b'CONTENT-LENGTH', b'\t 007 \t')], (7, True)),
    (HTTP_1_1, [HOST, (b'content-length', b'')], 400),
    (HTTP_1_1, [HOST, (b'Content-Length', b'5, 5')], 400),
    (HTTP_1_1, [HOST, LENGTH, LENGTH], 400),
    (HTTP_1_1, [HOST, (b'Content-Length', b'9' * 30)], 413),
    (HTTP_1_1, [HOST, CODING], (CHUNKED, True)),
    (HTTP_1_1, [HOST, CODING, LENGTH], 400),
    (HTTP_1_1, [HOST, CODING, CODING], 400),
    (HTTP_1_0, [HOST, CODING], 400),
    (HTTP_1_1, [HOST, (b'transfer-encoding', b'gzip, chunked')], 400),
    (HTTP_1_1, [HOST, (b'Connection', b'close')], (0, False)),
    (HTTP_1_1, [HOST, (b'Connection', b' upgrade, Close ')], (0, False)),
    (HTTP_1_1, [HOST, (b'Connection', b'x'), (b'Connection', b'close')], (0, False)),
    (HTTP_1_1, [HOST, (b'Connection', b'closed')], (0, True)),
    (HTTP_1_1, [HOST, (b'Connection', b'keep-alive, close')], (0, False)),
    (HTTP_1_0, [HOST, (b'Connection', b'Keep-Alive')], (0, True)),
    (HTTP_1_0, [HOST, (b'Connection', b' keep-alive ')], (0, True)),
    (HTTP_1_0, [HOST, (b'Connection', b'close')], (0, False)),
    (HTTP_1_1, [HOST, (b'Expect', b'200-ok')], 417),
    (HTTP_1_1, [HOST, (b'Expect', b'100-continue'), (b'Expect', b'x')], 417),
    (HTTP_1_0, [HOST, (b'Expect', b'200-ok')], (0, False)),
])
def test_a_request_has_length_and_persistence(version, fields, expected):
    """Length and persistence of a request, or its refusal."""
    assert judge(request_section, version, fields) == expected


@pytest.mark.parametrize('version, fields, expected', [
    (HTTP_1_1, [HOST, LENGTH, (b'Expect', b' 100-Continue ')], True),
    (HTTP_1_1, [HOST, CODING, (b'Expect', b'100-continue')], True),
    (HTTP_1_1, [HOST, (b'Expect', b'100-continue')], False),
    (HTTP_1_0, [HOST, LENGTH, (b'Expect', b'100-continue')], False),
])
def test_expect_counts_for_http_1_1_with_a_body(version, fields, expected):
    """RFC 9110 section 10.1.1: only HTTP/1.1, and only with a body."""
    assert request_section(version, fields).expects_continue is expected


@pytest.mark.parametrize('status, method, fields, expected', [
    (200, b'GET', [], (UNTIL_CLOSE, False)),
    (200, b'GET', [LENGTH], (5, True)),
    (200, b'GET', [CODING], (CHUNKED, True)),
    (200, b'HEAD', [LENGTH], (0, True)),
    (200, b'HEAD', [CODING], (0, True)),
    (204, b'GET', [LENGTH], (0, True)),
    (304, b'GET', [LENGTH], (0, True)),
    (100, b'POST', [], (0, True)),
    (200, b'CONNECT', [LENGTH], (0, True)),
    (407, b'CONNECT', [LENGTH], (5, True)),
    (200, b'GET', [LENGTH, CODING], 400),
    (200, b'GET', [LENGTH, LENGTH], 400),
    (200, b'GET', [(b'Content-Length', b'-5')], 400),
    (200, b'GET', [LENGTH, (b'Connection', b'close')], (5, False)),
])
def test_a_response_has_length_and_persistence(status, method, fields, expected):
    """Length and persistence of a response, by the request it answers."""
    assert judge(response_section, HTTP_1_1, status, method, fields) == expected


@pytest.mark.parametrize('coding', [b'Chunked', b'CHUNKED', b'chunkeD '])
def test_the_case_of_a_coding_means_nothing(coding):
    """RFC 9112 section 7: all transfer-coding names are case-insensitive."""
    fields = [(b'Transfer-Encoding', b' ' + coding)]
    assert judge(response_section, HTTP_1_1, 200, b'GET', fields) == (CHUNKED, True)
    assert judge(request_section, HTTP_1_1, [HOST] + fields)[0] == CHUNKED


@pytest.mark.parametrize('expectation',
                         [b'100-Continue', b'100-continue, 100-CONTINUE', b', 100-continue'])
def test_an_expectation_is_a_list_of_words_without_case(expectation):
    """RFC 9110 section 10.1.1."""
    assert request_section(HTTP_1_1, [HOST, LENGTH, (b'Expect', expectation)]).expects_continue


@pytest.mark.parametrize('expectation',
                         [b'', b',', b'tea', b'100-continue, tea', b'100-continue;q=1'])
def test_another_expectation_is_417(expectation):
    """RFC 9110 section 10.1.1."""
    assert judge(request_section, HTTP_1_1, [HOST, LENGTH, (b'Expect', expectation)]) == 417


def test_a_framing_field_is_found_in_any_spelling():
    """A name that frames is found however it is written."""
    for name in (b'TRANSFER-ENCODING', b'transfer-encoding', b'tRANSFER-eNCODING',
                 b'Transfer-encoding'):
        assert judge(request_section, HTTP_1_1, [HOST, LENGTH, (name, b'chunked')]) == 400
