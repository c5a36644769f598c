# Copyright the carryall authors.  See LICENSE.
"""urllib against the HTTP servers."""
import http.client
import json
import ssl
import time
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest


def fetch(url, **more):
    """The body."""
    with urlopen(url, timeout=20, **more) as response:
        return response.read()


def test_json_is_fetched(http_server):
    http_server.respond('/users', json=[{'name': 'ann'}])
    assert json.loads(fetch(http_server.url + '/users')) == [{'name': 'ann'}]
    http_server.assert_requested('/users', method='GET', times=1)


def test_a_post_is_asserted(http_server):
    http_server.respond('/users', status=201, method='POST', wanted_json={'name': 'bob'})
    request = Request(http_server.url + '/users', json.dumps({'name': 'bob'}).encode(),
                      {'Content-Type': 'application/json'})
    fetch(request)
    request, = http_server.assert_requested('/users', json={'name': 'bob'})
    assert request.headers['content-type'] == 'application/json'


def test_a_retry_succeeds(http_server):
    http_server.respond('/a', b'at last')
    http_server.respond('/a', status=503, times=2)
    statuses = []
    for _ in range(3):
        try:
            statuses.append(fetch(http_server.url + '/a'))
        except HTTPError as exc:
            statuses.append(exc.code)
            exc.close()
    assert statuses == [503, 503, b'at last']


def test_requests_come_in_order(http_server):
    http_server.respond('/login', ordered=True)
    http_server.respond('/data', ordered=True)
    fetch(http_server.url + '/login')
    fetch(http_server.url + '/data')
    http_server.assert_as_expected()


def test_a_download_is_cut(http_server):
    http_server.respond('/a', b'x' * 1000, cut=100)
    with pytest.raises(http.client.IncompleteRead):
        fetch(http_server.url + '/a')


def test_a_slow_response_is_waited_for(http_server):
    http_server.respond('/a', b'late', delay=0.2)
    begun = time.monotonic()
    assert fetch(http_server.url + '/a') == b'late'
    assert time.monotonic() - begun >= 0.2


def test_nonsense_is_noticed(http_server):
    http_server.fail('GET', garbage=100)
    with pytest.raises((http.client.BadStatusLine, http.client.LineTooLong)):
        fetch(http_server.url + '/a')


def test_a_folder_is_served(http_server, tmp_path):
    (tmp_path / 'a.txt').write_bytes(b'from a file')
    http_server.serve(tmp_path)
    assert fetch(http_server.url + '/a.txt') == b'from a file'


def test_a_certificate_is_trusted(https_server):
    https_server.respond('/a', b'secret')
    context = ssl.create_default_context(cafile=https_server.ca)
    assert fetch(https_server.url + '/a', context=context) == b'secret'


@pytest.mark.parametrize('wrong', ['name', 'authority', 'expired'])
def test_a_wrong_certificate_is_not(https_server, wrong):
    https_server.fail(certificate=wrong)
    with pytest.raises(URLError) as told:
        fetch(https_server.url + '/a', context=ssl.create_default_context(cafile=https_server.ca))
    assert isinstance(told.value.reason, ssl.SSLCertVerificationError)
