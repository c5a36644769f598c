# Copyright the carryall authors.  See LICENSE.
"""The meta-variables of a request: each of RFC 3875 section 4.1, and what must not become one."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.net.transport import Address
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.cgi import meta_variables, search_words
from carryall.protocols.cgi.variables import ScriptFacts
from carryall.protocols.http import Headers, Request
from carryall.protocols.http.message import CHUNKED, Section

SCRIPT = ScriptFacts(b'/srv/site/run.cgi', b'/run.cgi', b'', b'/srv/site')


class Wire(object):
    """A transport with the addresses that a test wants."""

    def __init__(self, peer=Address('192.0.2.7', 4711), here=Address('192.0.2.1', 8000), tls=None):
        self._facts = {'peername': peer, 'sockname': here, 'tls': tls}

    def get_extra_info(self, name, default=None):
        """One of the facts."""
        return self._facts.get(name, default)


def asked(target=b'/run.cgi', fields=(), method=b'GET', length=0, host=b'www.example:8000',
          version=(1, 1), wire=None):
    """A Request."""
    made = Request(method, target, Section(version, Headers(list(fields)), length, host=host))
    made.transport = Wire() if wire is None else wire
    made.incoming = None
    made.waiter = None
    return made


def told(request, script=SCRIPT):
    """The variables by name; none is there twice."""
    pairs = meta_variables(request, script, b'carryall/1')
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


@pytest.mark.parametrize('name, value', [
    (b'GATEWAY_INTERFACE', b'CGI/1.1'),             # 4.1.4
    (b'QUERY_STRING', b'a=b&c'),                    # 4.1.7
    (b'REMOTE_ADDR', b'192.0.2.7'),                 # 4.1.8
    (b'REMOTE_HOST', b'192.0.2.7'),                 # 4.1.9
    (b'REQUEST_METHOD', b'GET'),                    # 4.1.12
    (b'SCRIPT_NAME', b'/run.cgi'),                  # 4.1.13
    (b'SERVER_NAME', b'www.example'),               # 4.1.14
    (b'SERVER_PORT', b'8000'),                      # 4.1.15
    (b'SERVER_PROTOCOL', b'HTTP/1.1'),              # 4.1.16
    (b'SERVER_SOFTWARE', b'carryall/1'),            # 4.1.17
    (b'REQUEST_URI', b'/run.cgi?a=b&c'), (b'SCRIPT_FILENAME', b'/srv/site/run.cgi'),
    (b'DOCUMENT_ROOT', b'/srv/site'), (b'REMOTE_PORT', b'4711'), (b'SERVER_ADDR', b'192.0.2.1'),
    (b'REQUEST_SCHEME', b'http')])
def test_every_request_has_these_variables(name, value):
    assert told(asked(b'/run.cgi?a=b&c'))[name] == value


@pytest.mark.parametrize('name', [
    b'AUTH_TYPE', b'CONTENT_LENGTH', b'CONTENT_TYPE', b'PATH_INFO', b'PATH_TRANSLATED',
    b'REMOTE_IDENT', b'REMOTE_USER', b'HTTPS'])
def test_a_plain_request_lacks_these_variables(name):
    assert name not in told(asked())


def test_the_query_is_empty_if_there_is_none():
    """RFC 3875 section 4.1.7: it is there always."""
    assert told(asked())[b'QUERY_STRING'] == b''


def test_a_login_gives_type_and_user():
    """RFC 3875 sections 4.1.1 and 4.1.11."""
    request = asked()
    request.user = u'ann\xe9'
    request.auth_type = b'Digest'
    found = told(request)
    assert (found[b'AUTH_TYPE'], found[b'REMOTE_USER']) == (b'Digest', b'ann\xc3\xa9')


@pytest.mark.parametrize('length, fields, value', [
    (5, [(b'Content-Length', b'5')], b'5'), (0, [(b'Content-Length', b'0')], b'0'),
    (0, [], None), (CHUNKED, [(b'Transfer-Encoding', b'chunked')], None)])
def test_the_length_is_told_if_there_is_one(length, fields, value):
    """RFC 3875 section 4.1.2."""
    found = told(asked(method=b'POST', length=length, fields=fields))
    assert found.get(b'CONTENT_LENGTH') == value


def test_the_type_of_the_body_is_told():
    """RFC 3875 section 4.1.3."""
    found = told(asked(fields=[(b'content-type', b'a/b; c="d"')]))
    assert found[b'CONTENT_TYPE'] == b'a/b; c="d"'
    assert b'HTTP_CONTENT_TYPE' not in found


def test_the_rest_of_the_path_is_told_with_its_place_on_the_disk():
    """RFC 3875 sections 4.1.5 and 4.1.6."""
    found = told(asked(), SCRIPT._replace(path_info=b'/a b/c'))
    assert (found[b'PATH_INFO'], found[b'PATH_TRANSLATED']) == (b'/a b/c', b'/srv/site/a b/c')


@pytest.mark.parametrize('host, name', [
    (b'WWW.Example', b'www.example'), (b'h:81', b'h'), (b'[::1]:81', b'[::1]'),
    (b'[::1]', b'[::1]'), (None, b'192.0.2.1'), (b'', b'192.0.2.1')])
def test_the_name_of_the_server_is_that_of_the_request(host, name):
    """RFC 3875 section 4.1.14."""
    assert told(asked(host=host))[b'SERVER_NAME'] == name


@pytest.mark.parametrize('here, name, port', [
    (Address('::1', 8000), b'[::1]', b'8000'), (Address('/run/x'), b'localhost', b'80'),
    (None, b'localhost', b'80')])
def test_a_request_without_a_host_names_our_end(here, name, port):
    found = told(asked(host=None, version=(1, 0), wire=Wire(here=here)))
    assert (found[b'SERVER_NAME'], found[b'SERVER_PORT']) == (name, port)


def test_a_client_of_a_unix_socket_is_local():
    found = told(asked(wire=Wire(peer=Address(''), here=Address('/run/x'))))
    assert found[b'REMOTE_ADDR'] == b'127.0.0.1'
    assert b'REMOTE_PORT' not in found


def test_https_is_told():
    found = told(asked(wire=Wire(tls=object())))
    assert (found[b'HTTPS'], found[b'REQUEST_SCHEME']) == (b'on', b'https')


def test_an_old_version_is_told():
    assert told(asked(version=(1, 0)))[b'SERVER_PROTOCOL'] == b'HTTP/1.0'


@pytest.mark.parametrize('fields, name, value', [
    ([(b'User-Agent', b'x')], b'HTTP_USER_AGENT', b'x'),
    ([(b'x-1', b'a'), (b'X-1', b'b')], b'HTTP_X_1', b'a, b'),
    ([(b'Cookie', b'a=1'), (b'cookie', b'b=2')], b'HTTP_COOKIE', b'a=1; b=2'),
    ([(b'Host', b'h')], b'HTTP_HOST', b'h')])
def test_a_field_becomes_a_variable(fields, name, value):
    """RFC 3875 section 4.1.18."""
    assert told(asked(fields=fields))[name] == value


@pytest.mark.parametrize('field', [
    b'Proxy', b'proxy', b'PROXY', b'Authorization', b'Proxy-Authorization', b'X_Under',
    b'Content_Length', b'X.Dot', b'X+Plus', b'Content-Length', b'Transfer-Encoding', b'Expect'])
def test_a_field_that_misleads_becomes_none(field):
    """Proxy would set the proxy of clients; names with ``_`` collide with those with ``-``."""
    found = told(asked(fields=[(field, b'evil')]))
    assert b'evil' not in found.values()


@pytest.mark.parametrize('query, words', [
    (b'', []), (b'one', [b'one']), (b'a+b%20c', [b'a', b'b c']), (b'a=b', []), (b'a+b=c', []),
    (b'-s', []), (b'a+-s', []), (b'%2ds', []), (b'a%00', []), (b'a%zz', []), (b'a++b', []),
    (b'+'.join([b'a'] * 101), [])])
def test_a_query_without_an_equals_sign_is_words(query, words):
    """RFC 3875 section 4.4; none of them can be an option."""
    assert search_words(asked(b'/run.cgi?' + query)) == words


def test_a_post_has_no_words():
    assert search_words(asked(b'/run.cgi?a', method=b'POST')) == []


def test_a_real_connection_gives_addresses():
    transport = FakeTransport(VirtualLoop())
    found = told(asked(wire=transport))
    assert found[b'REMOTE_ADDR']
