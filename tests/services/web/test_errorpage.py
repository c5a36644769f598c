# Copyright the carryall authors.  See LICENSE.
"""Errors as a page or as a line of text (RFC 9110 section 12.5.1)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.http import Settings, Site
from carryall.services.web.errorpage import error_response, no_method, prefers_html
from tests.protocols.http.ids import short
from tests.services.web.support import ask, request, site, write

BROWSER = b'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8'
HTML = [(b'Accept', BROWSER)]


@pytest.mark.parametrize('accept, expected', [
    (None, False), (b'', False), (b'*/*', False), (b'text/*', False), (b'text/plain', False),
    (BROWSER, True), (b'text/html', True), (b'TEXT/HTML', True), (b'text/html;q=0', False),
    (b'text/html;q=0.5, text/plain', False), (b'text/html, text/plain;q=0.5', True),
    (b'application/json, text/html;q=0.9', False), (b'text/html;q=junk', False),
    (b'application/xhtml+xml', False), (b'"html', False), (b',' * 1000 + b'text/html', False)],
    ids=short)
def test_html_is_for_clients_that_name_it(accept, expected):
    assert prefers_html(accept) is expected


def test_a_program_gets_a_line():
    assert error_response(request(b'/'), 404).body == b'404 Not Found\n'


def test_a_browser_gets_a_page():
    assert b'<h1>404 Not Found</h1>' in error_response(request(b'/', HTML), 404).body


@pytest.mark.parametrize('fields', [[], HTML], ids=['line', 'page'])
def test_caches_are_told_what_it_depends_on(fields):
    assert error_response(request(b'/', fields), 404).headers.get(b'vary') == b'Accept'


def test_a_page_has_a_policy():
    found = error_response(request(b'/', HTML), 404).headers.get(b'content-security-policy')
    assert b"default-src 'none'" in found


def test_a_page_tells_nothing_of_the_request():
    found = error_response(request(b'/secret', HTML + [(b'Referer', b'secret')]), 404).body
    assert b'secret' not in found


def test_further_fields_are_sent():
    found = error_response(request(b'/', HTML), 503, [(b'Retry-After', b'5')])
    assert found.headers.get(b'retry-after') == b'5'


def test_a_status_without_advice_has_a_page_too():
    assert b'<h1>418' in error_response(request(b'/', HTML), 418).body


def test_methods_that_are_allowed_are_named():
    assert no_method(request(b'/', HTML), [b'GET', b'HEAD']).headers.get(b'allow') == b'GET, HEAD'


# -- the file service --------------------------------------------------------------------------

@pytest.mark.parametrize('target, method, status', [
    (b'/none', b'GET', 404), (b'/', b'GET', 403), (b'/a.php', b'GET', 403), (b'/', b'PUT', 405)])
def test_the_file_service_has_pages_for_its_errors(tmpdir, target, method, status):
    write(tmpdir, 'a.php')
    found = ask(site(tmpdir), target, HTML, method)
    assert found[0] == status
    assert b'<h1>%d ' % status in found[2]


def test_a_page_of_the_operator_comes_first(tmpdir):
    write(tmpdir, 'my404.html', b'<script>mine</script>')
    found = ask(site(tmpdir, error_pages={404: 'my404.html'}), b'/none', HTML)
    assert found[2] == b'<script>mine</script>'


def test_a_page_of_the_operator_is_under_no_policy_of_ours(tmpdir):
    write(tmpdir, 'my404.html', b'<script>mine</script>')
    found = ask(site(tmpdir, error_pages={404: 'my404.html'}), b'/none', HTML)
    assert b'content-security-policy' not in found[1]


def test_a_range_that_there_is_not_has_a_page(tmpdir):
    write(tmpdir, 'a.txt', b'hello')
    found = ask(site(tmpdir), b'/a.txt', HTML + [(b'Range', b'bytes=9-')])
    assert (found[0], found[1].get(b'content-range')) == (416, b'bytes */5')
    assert b'<h1>416 ' in found[2]


# -- the server itself ---------------------------------------------------------------------------

def served(app, head):
    """The octets that a Site with pages for its errors sends."""
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(
        Site(app, loop, Settings(error_response=error_response))())
    wire.feed(head + b'\r\nHost: h\r\nAccept: ' + BROWSER + b'\r\n\r\n')
    return wire.take()


def test_a_refused_method_has_a_page():
    found = served(None, b'TRACE / HTTP/1.1')
    assert b'<h1>405 Method Not Allowed</h1>' in found
    assert b'\r\nAllow: GET' in found


def test_a_failed_application_has_a_page(expect_log):
    expect_log('the application failed')
    found = served(lambda request: 1 // 0, b'GET / HTTP/1.1')
    assert b'<h1>500 Internal Server Error</h1>' in found
