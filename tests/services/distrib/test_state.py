# Copyright the carryall authors.  See LICENSE.
"""A request of the web as a state: what is written, of which era what is read,
and what is refused."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import RemoteProtocolError
from carryall.core.testing import FakeTransport
from carryall.core.net.transport import Address
from carryall.protocols.http import Body, Headers, Request
from carryall.protocols.http.message import Section
from carryall.protocols.pb import RemoteReference
from carryall.services.distrib import state
from carryall.services.distrib.state import CopiedRequest, SentRequest, mounted_segments, under

CLIENT = Address('192.0.2.9', 40000)
SERVER = Address('192.0.2.1', 80)
FIELDS = [(b'Host', b'h'), (b'Accept', b'text/html'), (b'Cookie', b'a=1'), (b'accept', b'*/*'),
          (b'Connection', b'close, X'),
          (b'Transfer-Encoding', b'chunked')]


def asked(target=b'/blog/a%20b/c?x=1&x=2&y=', fields=FIELDS, method=b'GET', version=(1, 1),
          client=CLIENT, here=SERVER):
    """A request as a client of the front end made it."""
    headers = Headers(list(fields))
    request = Request(method, target, Section(version, headers, 0, host=headers.get(b'host')))
    request.transport = FakeTransport(peername=client, sockname=here)
    request.incoming = None
    request.waiter = None
    return request


def written(request=None, count=1, content=b'', stream=None):
    """The state, with keys of text."""
    remote = RemoteReference(None, 7)
    return SentRequest(request or asked(), count, remote, content, stream).getStateToCopy()


def read(given, **more):
    """A CopiedRequest of that state, some of which is replaced."""
    copied = CopiedRequest()
    copied.setCopyableState(dict(given, **more))
    return copied


def request_of(copied):
    """The request that an application gets; its body is all there."""
    return copied.request(lambda body: None)


# -- written -----------------------------------------------------------------


def test_the_keys_of_a_request_of_twisted():
    made = written()
    assert made[u'method'] == b'GET' and made[u'clientproto'] == b'HTTP/1.1' \
        and made[u'uri'] == b'/blog/a%20b/c?x=1&x=2&y='
    assert made[u'path'] == b'/blog/a%20b/c' and made[u'prepath'] == [b'blog'] \
        and made[u'postpath'] == [b'a b', b'c']
    assert made[u'args'] == {b'x': [b'1', b'2'], b'y': [b'']}
    assert made[u'client'] == (u'INET', u'192.0.2.9', 40000) \
        and made[u'host'] == (u'INET', u'192.0.2.1', 80)
    assert made[u'content_data'] == b'' and u'content_stream' not in made \
        and made[u'remote'].luid == 7


def test_headers_of_both_eras_and_none_of_our_connection():
    made = written()
    assert made[u'requestHeaders'] == [(b'Host', [b'h']), (b'Accept', [b'text/html', b'*/*']),
                                       (b'Cookie', [b'a=1'])]
    assert made[u'received_headers'] == {b'host': b'h', b'accept': b'text/html, */*',
                                         b'cookie': b'a=1'}, 'one line for each name'


def test_every_line_of_cookie_reaches_a_personal_server_of_either_era():
    """RFC 9113 section 8.2.3: lines of Cookie are joined by semicolons; Twisted looks into
    received_cookies."""
    made = written(asked(fields=[(b'Host', b'h'), (b'Cookie', b'a=1; b=2,3'),
                                 (b'cookie', b'c=4;a=5')]))
    assert made[u'requestHeaders'][1] == (b'Cookie', [b'a=1; b=2,3', b'c=4;a=5'])
    assert made[u'received_headers'][b'cookie'] == b'a=1; b=2,3; c=4;a=5'
    assert made[u'received_cookies'] == {b'a': b'5', b'b': b'2,3', b'c': b'4'}
    assert request_of(read(made)).headers.get(b'cookie') == b'a=1; b=2,3; c=4;a=5'
    del made[u'requestHeaders']
    assert request_of(read(made)).headers.get(b'cookie') == b'a=1; b=2,3; c=4;a=5', \
        'read by the dictionary of 0.19'


def test_a_host_that_the_target_alone_names_goes_along():
    request = asked(b'http://h:8080/blog/', [], version=(1, 0))
    request.host = b'h:8080'
    assert written(request)[u'requestHeaders'] == [(b'Host', [b'h:8080'])]


def test_a_mounted_request_has_the_path_below_in_every_form():
    """RFC 9112 section 3.2.2."""
    assert under(asked(b'http://h/blog/x?y'), 1).target == b'/x?y'
    assert under(asked(b'http://h/blog/?'), 1).target == b'/?'
    assert under(asked(b'http://h?a/b'), 0).target == b'/?a/b'


def test_a_form_is_among_the_arguments_if_it_is_one():
    fields = [(b'Content-Type', b'application/x-www-form-urlencoded')]
    assert written(asked(b'/x?a=1', fields, b'POST'), content=b'a=2&b=3')[u'args'] \
        == {b'a': [b'1', b'2'], b'b': [b'3']}
    assert written(asked(b'/x?a=1', fields, b'PUT'), content=b'a=2')[u'args'] == {b'a': [b'1']}, \
        'of POST alone'
    broken = [(b'Content-Type', b'multipart/form-data; boundary=x')]
    assert written(asked(b'/x?a=1', broken, b'POST'), content=b'no form')[u'args'] == {b'a': [b'1']}


def test_a_unix_client_has_a_path_for_an_address():
    made = written(asked(client=Address('/run/x'), here=None))
    assert made[u'client'] == (u'UNIX', u'/run/x') and made[u'host'] == (u'UNIX', u'')


def test_a_stream_in_place_of_the_content():
    assert written(stream='a source')[u'content_stream'] == 'a source'


# -- read --------------------------------------------------------------------


def test_there_and_back():
    copied = read(written(asked(method=b'POST'), content=b'the body'))
    request = request_of(copied)
    assert copied.prefix == b'/blog' and request.target == b'/a%20b/c?x=1&x=2&y=' \
        and request.method == b'POST'
    assert request.headers.get_all(b'accept') == [b'text/html', b'*/*'] and request.host == b'h' \
        and request.version == (1, 1)
    assert request.peer == CLIENT and request.here == SERVER and request.length == len(b'the body')
    assert request.body.read_all(100).result() == b'the body'
    assert copied.remote.kept, 'it is called when the call that it came with is over'


def test_the_era_of_0_19():
    given = written(asked(version=(1, 0)))
    del given[u'requestHeaders']
    request = request_of(read(given, received_headers={b'host': b'h', b'accept': b'*/*'}))
    assert request.version == (1, 0) and request.headers.get(b'accept') == b'*/*' \
        and request.host == b'h'
    octets = dict((key.encode('ascii'), value) for key, value in given.items())
    assert request_of(read(octets)).headers.get(b'cookie') == b'a=1', 'keys as bytes'


def test_a_streamed_body_is_pulled():
    pulled = []
    copied = read(written(), content_stream=RemoteReference(None, 8))
    request = copied.request(pulled.append)
    assert isinstance(request.body, Body) and copied.stream.kept
    future = request.body.read(10)
    assert pulled == [request.body] and not future.done()


def test_addresses_that_are_none():
    for given in (None, 5, (), (u'INET',), (u'INET', u'h'), (u'INET', u'h', u'80'),
                  (u'IP', u'h', 80), (5, 5, 5), (u'INET', u'\xe9', 80)):
        assert request_of(read(written(), client=given)).peer is None, given
    assert request_of(read(written(), client=(u'UNIX', u'/run/x'))).peer == Address('/run/x')


def test_a_path_is_encoded_again():
    copied = read(written(), prepath=[u'a/b', b''], postpath=[b'..', u'\xe9', b'c?d', b''],
                  uri=b'/x')
    assert copied.prefix == b'/a%2Fb' and request_of(copied).target == b'/../%C3%A9/c%3Fd/'


@pytest.mark.parametrize('more', [
    {'remote': None}, {'remote': b'x'}, {'content_stream': 5}, {'method': None}, {'method': 5},
    {'clientproto': 5}, {'uri': 5},
    {'prepath': b'abc'}, {'postpath': [5]}, {'postpath': [b''] * (state.MAX_SEGMENTS + 1)},
    {'content_data': 5},
    {'requestHeaders': 5}, {'requestHeaders': [(b'a', [b'b'])] * (state.MAX_HEADERS + 1)},
    {'requestHeaders': [b'ab']},
    {'requestHeaders': [(b'a', b'b', b'c')]}, {'requestHeaders': [(5, b'b')]},
    {'requestHeaders': [(b'a', [5])]},
    {'requestHeaders': [(b'a', [b'b\r\nEvil: 1'])]}, {'requestHeaders': [(b'a\nb', [b'c'])]},
    {'requestHeaders': [(b'a', b'b\0')]}])
def test_a_bad_state_is_refused(more):
    with pytest.raises(RemoteProtocolError):
        request_of(read(written(), **more))


def test_a_state_that_is_no_dictionary():
    for given in (None, [], b'x', 5):
        with pytest.raises(RemoteProtocolError):
            CopiedRequest().setCopyableState(given)


# -- paths -------------------------------------------------------------------


def test_under_moves_the_path_down():
    request = asked()
    other = under(request, 1)
    assert other.target == b'/a%20b/c?x=1&x=2&y=' and other.headers is request.headers \
        and other.lost is request.lost
    assert under(asked(b'/blog'), 1).target == b'/' and under(asked(b'/blog/?q'), 1).target \
        == b'/?q'
    assert under(asked(b'/a/b/c'), 2).target == b'/c' and request.target.startswith(b'/blog'), \
        'the other one is as it was'


def test_no_dots_lead_around_the_first_segment():
    assert mounted_segments(b'/blog/a') == [b'blog', b'a'] and mounted_segments(
        b'/bl%6Fg/x') == [b'blog', b'x']
    assert mounted_segments(b'/blog/../shop') is None and mounted_segments(b'/./blog') is None
    assert mounted_segments(b'/blog/a/../b') == [b'blog', b'b'] and mounted_segments(b'*') is None
