# Copyright the carryall authors.  See LICENSE.
"""The HTTP server responds as it is told, and keeps the requests."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import CarryallError, UsageError
from carryall.protocols.http import Response
from tests.services.testservers.talks import Hall


def request(method, target, body=b'', *lines):
    """The octets of a request."""
    head = [b'%s %s HTTP/1.1' % (method, target), b'Host: a.example'] + list(lines)
    if body:
        head.append(b'Content-Length: %d' % len(body))
    return b'\r\n'.join(head) + b'\r\n\r\n' + body


def fetched(talk, target, method=b'GET', body=b'', *lines):
    """(status, body) of the response."""
    head, _, content = talk.ask(request(method, target, body, *lines)).partition(b'\r\n\r\n')
    return int(head.split(b' ')[1]), content


def test_a_response_is_given():
    server = Hall().begin('http')
    server.call('respond', path=u'/a', body=b'hello', status=201)
    assert fetched(server.connect(), b'/a') == (201, b'hello')


def test_an_unexpected_path_is_404():
    status, text = fetched(Hall().begin('http').connect(), b'/a')
    assert status == 404
    assert b'GET /a' in text


def test_headers_of_a_response_are_sent():
    server = Hall().begin('http')
    server.call('respond', path=u'/a', headers=[[u'X-A', u'1']])
    assert b'\r\nX-A: 1\r\n' in server.connect().ask(request(b'GET', b'/a'))


def test_the_latest_response_counts():
    server = Hall().begin('http')
    server.call('respond', path=u'/a', body=b'1')
    server.call('respond', path=u'/a', body=b'2')
    assert fetched(server.connect(), b'/a') == (200, b'2')


def test_counted_responses_come_first_and_in_order():
    server = Hall().begin('http')
    server.call('respond', path=u'/a', body=b'always')
    server.call('respond', path=u'/a', body=b'1', times=1)
    server.call('respond', path=u'/a', body=b'2', times=1)
    talk = server.connect()
    assert [fetched(talk, b'/a')[1] for _ in range(4)] == [b'1', b'2', b'always', b'always']


def test_ordered_responses_must_be_asked_in_order():
    server = Hall().begin('http')
    server.call('respond', path=u'/a', ordered=True)
    server.call('respond', path=u'/b', ordered=True)
    talk = server.connect()
    assert fetched(talk, b'/b')[0] == 500
    assert [fetched(talk, target)[0] for target in (b'/a', b'/b', b'/b')] == [200, 200, 404]


def test_ordered_responses_that_are_left_are_told():
    server = Hall().begin('http')
    server.call('respond', path=u'/a', ordered=True)
    server.call('respond', path=u'/b', ordered=True)
    fetched(server.connect(), b'/a')
    assert server.call('ordered_left') == [u'/b']


@pytest.mark.parametrize('wanted, status', [
    ({'method': u'post'}, 200), ({'method': u'GET'}, 404),
    ({'query': u'x=1'}, 200), ({'query': u'x=2'}, 404),
    ({'wanted_body': b'{"a": 1}'}, 200), ({'wanted_body': b''}, 404),
    ({'wanted_json': {u'a': 1}}, 200), ({'wanted_json': {u'a': 2}}, 404),
    ({'wanted_headers': [[u'x-a', u'1']]}, 200), ({'wanted_headers': [[u'X-A', u'2']]}, 404)])
def test_a_response_is_for_requests_that_match(wanted, status):
    server = Hall().begin('http')
    server.call('respond', path=u'/a', **wanted)
    talk = server.connect()
    assert fetched(talk, b'/a?x=1', b'POST', b'{"a": 1}', b'X-A: 1')[0] == status


def test_a_star_stands_for_the_rest_of_a_path():
    server = Hall().begin('http')
    server.call('respond', path=u'/a/*')
    talk = server.connect()
    assert [fetched(talk, target)[0] for target in (b'/a/b/c', b'/b')] == [200, 404]


def test_a_path_is_compared_without_its_encoding():
    server = Hall().begin('http')
    server.call('respond', path=u'/\u00fc b')
    assert fetched(server.connect(), b'/%C3%BC%20b')[0] == 200


def test_a_response_comes_late():
    hall = Hall()
    server = hall.begin('http')
    server.call('respond', path=u'/a', body=b'late', delay=2.0)
    talk = server.connect()
    assert talk.ask(request(b'GET', b'/a')) == b''
    hall.loop.advance(2.1)
    assert talk.take().endswith(b'late')


def test_a_response_is_cut():
    server = Hall().begin('http')
    server.call('respond', path=u'/a', body=b'0123456789', cut=4)
    talk = server.connect()
    answer = talk.ask(request(b'GET', b'/a'))
    assert answer.endswith(b'\r\n\r\n0123')
    assert b'Content-Length: 10' in answer
    assert talk.ended


def test_a_withdrawn_response_is_given_no_more():
    server = Hall().begin('http')
    number = server.call('respond', path=u'/a')
    talk = server.connect()
    fetched(talk, b'/a')
    server.call('withdraw', number=number)
    assert fetched(talk, b'/a')[0] == 404
    assert server.call('hits', number=number) == 1


def test_requests_are_kept():
    server = Hall().begin('http')
    fetched(server.connect(), b'/a%20b?x=1', b'PUT', b'body', b'X-A: 1')
    row, = server.call('came')
    assert (row['method'], row['path'], row['query']) == (u'PUT', u'/a b', u'x=1')
    assert (row['target'], row['body'], row['scheme']) == (u'/a%20b?x=1', b'body', u'http')
    assert [u'X-A', u'1'] in row['headers']
    assert row['expected'] is False


def test_a_folder_is_served(tmpdir):
    tmpdir.join('a.txt').write('from a file')
    server = Hall().begin('http', path=u'%s' % tmpdir)
    assert fetched(server.connect(), b'/a.txt') == (200, b'from a file')


def test_a_folder_can_be_served_later(tmpdir):
    tmpdir.join('a.txt').write('from a file')
    server = Hall().begin('http')
    server.call('serve', path=u'%s' % tmpdir)
    assert fetched(server.connect(), b'/a.txt')[0] == 200
    with pytest.raises(UsageError):
        server.call('serve', path=u'%s' % tmpdir.join('none'))


def test_an_application_answers_what_is_not_told():
    server = Hall().begin('http', app=lambda request: Response(200, body=b'app'))
    server.call('respond', path=u'/told', body=b'told')
    talk = server.connect()
    assert [fetched(talk, target)[1] for target in (b'/told', b'/a')] == [b'told', b'app']


def test_a_raw_reply_takes_the_place_of_a_response():
    server = Hall().begin('http')
    server.call('respond', path=u'/a', body=b'good')
    server.call('fail', when=u'GET /a', reply=b'nonsense')
    talk = server.connect()
    assert talk.ask(request(b'GET', b'/a')) == b'nonsense'
    assert talk.ended
    assert fetched(server.connect(), b'/a') == (200, b'good')


def test_a_fault_can_name_the_path_alone():
    server = Hall().begin('http')
    server.call('fail', when=u'/a', close=True)
    talk = server.connect()
    assert fetched(talk, b'/b')[0] == 404
    assert talk.ask(request(b'POST', b'/a', b'x')) == b''
    assert talk.ended


def test_a_reset_forgets_responses():
    server = Hall().begin('http')
    server.call('respond', path=u'/a')
    server.call('forget')
    assert fetched(server.connect(), b'/a')[0] == 404


@pytest.mark.parametrize('wrong', [{'nonsense': 1}, {'status': 99}, {'headers': [[u'a b', u'c']]}])
def test_a_response_that_cannot_be_is_told(wrong):
    with pytest.raises(CarryallError):
        Hall().begin('http').call('respond', path=u'/a', **wrong)
