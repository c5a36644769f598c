# Copyright the carryall authors.  See LICENSE.
"""The messages of a mail server, for browsers and for programs."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from carryall.services.testservers.mailparts import attachments_of, parse, text_of
from tests.services.testservers.talks import Hall

BROWSER = b'Accept: text/html'
MESSAGE = b"""Subject: <b>hi</b>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain; charset=utf-8

hello \xc3\xa9 <i>
--x
Content-Type: text/html; charset=utf-8

<script>1</script><p>hello</p>
--x
Content-Type: application/pdf
Content-Disposition: attachment; filename="a.pdf"
Content-Transfer-Encoding: base64

aGVsbG8=
--x--
""".replace(b'\n', b'\r\n')


@pytest.fixture
def server():
    """A mail server that has one message."""
    made = Hall().begin('mail', protocols=[u'smtp', u'http'])
    talk = made.connect()
    for line in (b'EHLO me', b'MAIL FROM:<a@here>', b'RCPT TO:<b@there>', b'DATA', MESSAGE + b'.'):
        talk.ask(line + b'\r\n')
    return made


def asked(server, target, method=b'GET', *lines):
    """(status, head, body) of a response."""
    request = [method + b' ' + target + b' HTTP/1.1', b'Host: a.example'] + list(lines)
    answer = server.connect(1).ask(b'\r\n'.join(request) + b'\r\n\r\n')
    head, _, body = answer.partition(b'\r\n\r\n')
    return int(head.split(b' ')[1]), head, body


def test_all_messages_are_listed_as_json(server):
    row, = json.loads(asked(server, b'/email')[2].decode('ascii'))
    assert (row['id'], row['from'], row['to'], row['subject']) == (
        1, u'a@here', [u'b@there'], u'<b>hi</b>')


def test_a_message_is_told_as_json(server):
    row = json.loads(asked(server, b'/email/1')[2].decode('ascii'))
    assert row['text'] == u'hello \xe9 <i>'
    assert row['attachments'] == [{'name': u'a.pdf', 'size': 5}]


@pytest.mark.parametrize('target', [b'/', b'/email/1'])
def test_a_browser_gets_a_page_with_names_escaped(server, target):
    body = asked(server, target, b'GET', BROWSER)[2]
    assert b'&lt;b&gt;hi&lt;/b&gt;' in body
    assert b'<b>' not in body


def test_a_text_is_escaped_on_the_page(server):
    assert b'hello \xc3\xa9 &lt;i&gt;' in asked(server, b'/email/1', b'GET', BROWSER)[2]


def test_the_text_is_given(server):
    assert asked(server, b'/email/1/text')[2] == b'hello \xc3\xa9 <i>'


def test_the_html_is_shown_in_a_sandbox(server):
    _, head, body = asked(server, b'/email/1/html')
    assert b'<p>hello</p>' in body
    assert b"\r\nContent-Security-Policy: sandbox; default-src 'none';" in head


def test_the_source_is_given_as_text(server):
    _, head, body = asked(server, b'/email/1/source')
    assert b'Content-Type: text/plain' in head
    assert MESSAGE in body


def test_an_attachment_is_saved_and_not_shown(server):
    _, head, body = asked(server, b'/email/1/attachment/1')
    assert b'Content-Disposition: attachment; filename="a.pdf"' in head
    assert body == b'hello'


@pytest.mark.parametrize('target', [b'/email/2', b'/email/x', b'/email/1/attachment/2', b'/none',
                                    b'/email/1/none'])
def test_other_paths_are_not_found(server, target):
    assert asked(server, target)[0] == 404


def test_a_message_is_deleted(server):
    assert asked(server, b'/email/1', b'DELETE')[0] == 204
    assert server.call('came') == []


def test_all_messages_are_deleted(server):
    assert asked(server, b'/email/all', b'DELETE')[0] == 204
    assert server.call('came') == []


def test_a_missing_message_is_not_deleted(server):
    assert asked(server, b'/email/7', b'DELETE')[0] == 404


def test_nothing_is_posted(server):
    assert asked(server, b'/email', b'POST', b'Content-Length: 0')[0] == 405


def test_a_server_without_messages_says_so():
    server = Hall().begin('mail', protocols=[u'smtp', u'http'])
    assert b'No message has come.' in asked(server, b'/', b'GET', BROWSER)[2]


def test_the_health_is_told(server):
    assert asked(server, b'/healthz')[2] == b'true\n'


def test_an_unknown_charset_is_read_as_utf8():
    parsed = parse(b'Content-Type: text/plain; charset=x-none\r\n\r\nhello')
    assert text_of(parsed, 'text/plain') == u'hello'


def test_a_message_without_attachments_has_none():
    assert attachments_of(parse(b'Subject: x\r\n\r\nhello')) == []
