# Copyright the carryall authors.  See LICENSE.
"""The HTTP server for tests, as an object."""
from __future__ import absolute_import, division, print_function

import re
import threading

import pytest

from carryall import runtimes
from carryall.core.compat import Queue
from carryall.core.errors import HandshakeFailed, UsageError
from carryall.embedded import Certificates
from carryall.protocols.http import Response
from carryall.testservers import HTTPServer, HTTPSServer, LocalRunner, NotArrived
from carryall.core.tls import TLSContext
from tests.house.test_pytest_plugin import get
from tests.house.testservers.clients import fetched


@pytest.fixture(scope='module')
def runner():
    """One for all tests here."""
    with LocalRunner() as made:
        yield made


@pytest.fixture
def secure(runner):
    """An HTTPS server, where the runtime has TLS."""
    with HTTPSServer(runner) as made:
        yield made


def has_tls():
    """True if the runtime has TLS."""
    loop = runtimes.choose()
    try:
        return bool(loop.caps.tls)
    finally:
        loop.close()


needs_tls = pytest.mark.skipif(not has_tls(), reason='no TLS on this runtime')


@pytest.fixture
def server(runner):
    """An HTTP server."""
    with HTTPServer(runner) as made:
        yield made


def test_text_is_responded(server):
    server.respond('/a', u'h\xe9')
    assert fetched(server.url, b'/a') == (200, u'h\xe9'.encode('utf-8'))


def test_json_is_responded(server):
    server.respond('/a', json={'a': [1]}, status=201)
    assert fetched(server.url, b'/a') == (201, b'{"a": [1]}')


def test_headers_are_a_dict_or_pairs(server):
    server.respond('/a', b'.\n', headers={'X-A': '1'})
    server.respond('/b', b'.\n', headers=[('X-A', '1'), ('X-A', '2')])
    assert b'X-A: 1' in get(server.url, '/a')
    assert b'X-A: 2' in get(server.url, '/b')


def test_a_response_is_given_once(server):
    told = server.respond('/a', once=True)
    assert [fetched(server.url, b'/a')[0] for _ in range(2)] == [200, 404]
    assert told.hits == 1


def test_a_response_is_cancelled(server):
    server.respond('/a').cancel()
    assert fetched(server.url, b'/a')[0] == 404


def test_a_query_is_a_dict(server):
    server.respond('/a', query={'x': '1 2'})
    assert [fetched(server.url, target)[0] for target in (b'/a?x=1+2', b'/a?x=3')] == [200, 404]


def test_the_order_of_a_query_does_not_count(server):
    server.respond('/a', b'.', query={'x': '1', 'y': '2'})
    assert fetched(server.url, b'/a?y=2&x=1')[0] == 200
    server.assert_requested('/a', query={'x': '1', 'y': '2'})


def test_the_text_of_a_query_is_exact(server):
    server.respond('/a', b'.', query='x=1&y=2')
    assert fetched(server.url, b'/a?y=2&x=1')[0] == 404


@pytest.mark.parametrize('path, status', [(b'/users/17', 200), (b'/users/17/x', 404),
                                          (b'/USERS/1', 200), (b'/users/', 404)])
def test_a_path_is_a_regular_expression(server, path, status):
    server.respond(re.compile(r'/users/[0-9]+', re.IGNORECASE), b'.')
    assert fetched(server.url, path)[0] == status


def test_a_pattern_may_have_comments(server):
    server.respond(re.compile('/a | /b   # either', re.VERBOSE), b'.')
    assert [fetched(server.url, path)[0] for path in (b'/a', b'/b', b'/ab')] == [200, 200, 404]


def test_a_function_chooses_the_requests(server):
    server.respond('*', b'.', matcher=lambda request: request.query == {'a': ['1']})
    assert [fetched(server.url, path)[0] for path in (b'/x?a=1', b'/x?a=2')] == [200, 404]


@pytest.mark.parametrize('made, expected', [
    (b'octets', (200, b'octets')), (u'h\xe9', (200, u'h\xe9'.encode('utf-8'))),
    ([1], (200, b'[1]')), ((418, {'X-A': '1'}, b'tea'), (418, b'tea'))],
    ids=['bytes', 'text', 'json', 'tuple'])
def test_a_function_responds(server, made, expected):
    server.respond('/a', handler=lambda request: made)
    assert fetched(server.url, b'/a') == expected


def test_a_function_sees_the_request(server):
    server.respond('/a', handler=lambda request: request.query['name'][0])
    assert fetched(server.url, b'/a?name=ann') == (200, b'ann')


def test_a_function_may_wait_for_the_test(server):
    answers = Queue()
    server.respond('/a', handler=lambda request: answers.get(timeout=10.0))
    client = threading.Thread(target=fetched, args=(server.url, b'/a'))
    client.start()
    server.wait(1)
    answers.put(b'chosen by the test')
    client.join(10.0)
    assert not client.is_alive()


def test_a_function_passes_a_request_on(server, runner):
    with HTTPServer(runner) as real:
        real.respond('/a', b'from the real one')
        server.respond('/a', handler=lambda request: fetched(real.url, b'/a')[1])
        assert fetched(server.url, b'/a') == (200, b'from the real one')


def test_a_function_that_fails_is_an_error_of_the_test(server):
    server.respond('/a', handler=lambda request: 1 // 0)
    assert fetched(server.url, b'/a')[0] == 500
    with pytest.raises(AssertionError) as caught:
        server.assert_as_expected()
    assert 'failed: GET /a: ZeroDivisionError' in str(caught.value)


def test_all_that_is_expected_is_waited_for(server):
    server.respond('/a', b'.', times=2)
    server.respond('/b', b'.', ordered=True)
    clients = [threading.Timer(0.05 * number, fetched, (server.url, path))
               for number, path in enumerate((b'/b', b'/a', b'/a'))]
    for client in clients:
        client.start()
    server.wait_for_expected()
    assert len(server.requests) == 3
    for client in clients:
        client.join()


def test_a_request_that_did_not_come_is_named(server):
    server.respond('/a', b'.', once=True)
    with pytest.raises(NotArrived) as caught:
        server.wait_for_expected(timeout=0.01)
    assert '/a' in str(caught.value)


def test_requests_are_kept(server):
    fetched(server.url, b'/a%20b?x=1&x=2&y=', b'POST', b'{"a": 1}', b'X-A: 1')
    request, = server.wait(1)
    assert (request.method, request.path, request.target) == ('POST', '/a b', '/a%20b?x=1&x=2&y=')
    assert request.query == {'x': ['1', '2'], 'y': ['']}
    assert request.headers['x-a'] == '1'
    assert 'X-B' not in request.headers
    assert (request.body, request.text, request.json) == (b'{"a": 1}', u'{"a": 1}', {'a': 1})
    assert request.client[0] == '127.0.0.1'
    assert not request.expected


def test_a_request_is_asserted(server):
    fetched(server.url, b'/a?x=1', b'POST', b'{"a": 1}', b'X-A: 1')
    found = server.assert_requested('/a', method='post', times=1, query={'x': '1'},
                                    headers={'X-A': '1'}, body=b'{"a": 1}', json={'a': 1})
    assert len(found) == 1
    assert server.assert_requested('/*')


@pytest.mark.parametrize('wrong', [
    {'path': '/b'}, {'path': '/a', 'method': 'GET'}, {'path': '/a', 'times': 2},
    {'path': '/a', 'query': 'x=2'}, {'path': '/a', 'headers': {'X-A': '2'}},
    {'path': '/a', 'body': b'x'}, {'path': '/a', 'json': {'a': 2}}, {'path': '/b*'}])
def test_an_assertion_fails_with_what_there_was(server, wrong):
    fetched(server.url, b'/a?x=1', b'POST', b'{"a": 1}', b'X-A: 1')
    with pytest.raises(AssertionError) as told:
        server.assert_requested(**wrong)
    assert 'POST /a?x=1' in str(told.value)


def test_unexpected_requests_fail_the_assertion(server):
    server.assert_as_expected()
    server.respond('/a', ordered=True)
    with pytest.raises(AssertionError):
        server.assert_as_expected()
    fetched(server.url, b'/a')
    server.assert_as_expected()
    fetched(server.url, b'/b')
    with pytest.raises(AssertionError):
        server.assert_as_expected()


def test_a_folder_is_served(server, tmpdir):
    tmpdir.join('a.txt').write('a')
    assert server.serve(tmpdir) == server.url
    assert fetched(server.url, b'/a.txt') == (200, b'a')


def test_an_application_is_served(runner):
    with HTTPServer(runner, app=lambda request: Response(200, body=b'app')) as server:
        assert fetched(server.url, b'/') == (200, b'app')


def test_a_call_starts_one_more(server, tmpdir):
    tmpdir.join('a.txt').write('a')
    url = server(path=str(tmpdir))
    assert url != server.url
    assert fetched(url, b'/a.txt') == (200, b'a')


@pytest.mark.parametrize('wrong', [{}, {'path': '.', 'app': 1}])
def test_a_call_takes_an_application_or_a_path(server, wrong):
    with pytest.raises(TypeError):
        server(**wrong)


@needs_tls
def test_https_is_under_the_authority(secure):
    secure.respond('/a', b'secret.\n')
    assert secure.url.startswith('https://')
    answer = get(secure.url, '/a', TLSContext(trust=secure.ca))
    assert answer.endswith(b'secret.\n')
    assert secure.requests[0].scheme == 'https'


@needs_tls
@pytest.mark.parametrize('wrong', ['name', 'authority', 'expired'])
def test_a_wrong_certificate_is_refused_by_clients(secure, wrong):
    secure.respond('/a', b'secret.\n')
    context = TLSContext(trust=secure.ca)
    fault = secure.fail(certificate=wrong)
    with pytest.raises(HandshakeFailed):
        get(secure.url, '/a', context)
    assert fault.hits == 1
    assert get(secure.url, '/a', context).endswith(b'secret.\n')


@pytest.fixture
def pair(tmpdir):
    """Paths of a certificate and its key, of an authority of their own."""
    if not has_tls():
        pytest.skip('no TLS on this runtime')
    made = Certificates()
    try:
        paths = []
        for name, source in (('mine.pem', made.certificate), ('mine.key', made.key)):
            with open(source, 'rb') as opened:
                tmpdir.join(name).write_binary(opened.read())
            paths.append(str(tmpdir.join(name)))
        with open(made.ca_file, 'rb') as opened:
            tmpdir.join('ca.pem').write_binary(opened.read())
        yield paths
    finally:
        made.close()


def test_a_certificate_can_be_given(runner, pair, tmpdir):
    with HTTPSServer(runner, certificate=pair[0], key=pair[1]) as server:
        server.respond('/a', b'secret.\n')
        answer = get(server.url, '/a', TLSContext(trust=str(tmpdir.join('ca.pem'))))
        assert answer.endswith(b'secret.\n')


@needs_tls
def test_a_certificate_that_was_given_is_named(runner, pair):
    with HTTPSServer(runner, certificate=pair[0], key=pair[1]) as server:
        assert server.ca == pair[0]


@needs_tls
def test_a_certificate_changes_at_a_restart(pair, tmpdir, secure):
    secure.restart(certificate=pair[0], key=pair[1])
    secure.respond('/a', b'secret.\n')
    answer = get(secure.url, '/a', TLSContext(trust=str(tmpdir.join('ca.pem'))))
    assert answer.endswith(b'secret.\n')


@needs_tls
def test_a_missing_certificate_is_told(runner, tmpdir):
    with pytest.raises(UsageError):
        HTTPSServer(runner, certificate=tmpdir.join('none.pem')).start()
