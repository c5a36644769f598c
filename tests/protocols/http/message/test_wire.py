# Copyright the carryall authors.  See LICENSE.
"""carryall.protocols.http.message.wire and heads: events, the same at every chunking."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.errors import LocalProtocolError, RemoteProtocolError
from carryall.core.testing import chunkings
from carryall.protocols.http.message.headersection import CHUNKED, UNTIL_CLOSE
from carryall.protocols.http.message.heads import (MAX_ONCE, MAX_SEEN, RequestReceiver,
                                                   ResponseReceiver, SeenSections)
from carryall.protocols.http.client import Settings as ClientSettings
from carryall.protocols.http.settings import Settings
from carryall.protocols.http.fields.tables import HTTP_0_9, HTTP_1_0, HTTP_1_1
from tests.protocols.http.stage import GET, events_of, take_events

HOST = [(b'Host', b'a.example')]
CHUNKS = (b'POST /c HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n'
          b'5;x="y"\r\nhello\r\nA\r\n, world...\r\n00 ; z\r\nX-Sum: 1\r\nY:\r\n\r\n')
CHUNKED_HEAD = ('request', b'POST', b'/c', HTTP_1_1, CHUNKED,
                HOST + [(b'Transfer-Encoding', b'chunked')])
SEED = 9112


def responses(*methods, **options):
    """Makes receivers that expect responses to *methods*."""
    def make():
        receiver = ResponseReceiver(ClientSettings(**options))
        for method in methods:
            receiver.expect(method)
        return receiver
    return make


# -- requests ------------------------------------------------------------------

def test_requests_follow_each_other():
    """One after the other: without a body, with one of a length, with one in chunks."""
    post = b'POST /p?q HTTP/1.1\r\nHost:a.example\r\nContent-Length: 5\r\n\r\nhello'
    assert (events_of(RequestReceiver, GET + post + GET + CHUNKS + GET, eof=True) == [
        ('request', b'GET', b'/', HTTP_1_1, 0, HOST),
        ('request', b'POST', b'/p?q', HTTP_1_1, 5, HOST + [(b'Content-Length', b'5')]),
        ('body', b'hello'), ('end', []),
        ('request', b'GET', b'/', HTTP_1_1, 0, HOST),
        CHUNKED_HEAD, ('body', b'hello, world...'), ('end', [(b'X-Sum', b'1'), (b'Y', b'')]),
        ('request', b'GET', b'/', HTTP_1_1, 0, HOST), ('closed',)])


@pytest.mark.parametrize('head, expected', [
    (b'GET / HTTP/1.0\r\n\r\n', ('request', b'GET', b'/', HTTP_1_0, 0, [])),
    (b'GET / HTTP/1.1\r\nHost:\ta.example \r\n\r\n', ('request', b'GET', b'/', HTTP_1_1, 0, HOST)),
    (b'\r\nGET / HTTP/1.1\r\nHost: a.example\r\n\r\n',
     ('request', b'GET', b'/', HTTP_1_1, 0, HOST)),
    (b'GET http://a.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n',
     ('request', b'GET', b'http://a.example/x', HTTP_1_1, 0, HOST)),
    (b'OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n',
     ('request', b'OPTIONS', b'*', HTTP_1_1, 0, HOST)),
    (b'CONNECT b.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n',
     ('request', b'CONNECT', b'b.example:443', HTTP_1_1, 0, [(b'Host', b'b.example:443')])),
    (b'GET /%41?%zz HTTP/1.1\r\nHost: a.example\r\n\r\n',
     ('request', b'GET', b'/%41?%zz', HTTP_1_1, 0, HOST)),
    (b'GET / HTTP/1.1\r\nHost: a.example\r\nX: \xe4\xf6\r\n\r\n',
     ('request', b'GET', b'/', HTTP_1_1, 0, HOST + [(b'X', b'\xe4\xf6')])),
    (b'GET / HTTP/1.1\r\nHost: a.example\r\nX:\r\nX: \r\n\r\n',
     ('request', b'GET', b'/', HTTP_1_1, 0, HOST + [(b'X', b''), (b'X', b'')])),
])
def test_unusual_good_requests_are_accepted(head, expected):
    """Good ones that are not the usual; twice, for the second may go another way."""
    assert events_of(RequestReceiver, head + head, eof=True) == [expected, expected, ('closed',)]


@pytest.mark.parametrize('start, host, path', [
    (b'GET http://B.example:8080/x?y', b'B.example:8080', b'/x'),
    (b'GET HTTPS://b.example', b'b.example', b'/'),
    (b'CONNECT b.example:443', b'b.example:443', b'b.example:443'),
])
def test_the_authority_of_the_target_replaces_another_host(start, host, path):
    """RFC 9112 sections 3.2.2 and 3.3: Host is ignored, and no reader of the fields gets to see
    it.
    """
    data = start + b' HTTP/1.1\r\nA: 1\r\nHOST: a.example\r\nB: 2\r\n\r\n'
    for _, pieces in chunkings(data + GET):
        receiver = RequestReceiver()
        heads = []
        for piece in pieces:
            receiver.receive_data(piece)
            take_events(receiver, heads, lambda event, into: into.append(event))
        assert (heads[0].host, heads[0].path) == (host, path)
        assert list(heads[0].headers) == [(b'A', b'1'), (b'HOST', host), (b'B', b'2')]
        assert heads[1].host == b'a.example'


def test_sections_that_are_shared_keep_their_host():
    """The fields of two requests are the same octets, and the target of one names another host."""
    receiver = RequestReceiver()
    fields = b' HTTP/1.1\r\nHost: a.example\r\n\r\n'
    receiver.receive_data((b'GET /' + fields) * 2 + b'GET http://b.example/' + fields + b'GET /'
                          + fields)
    hosts = [(head.host, head.headers.get(b'host')) for head
             in [receiver.next_event() for _ in range(4)]]
    assert (hosts
            == [(b'a.example', b'a.example')] * 2
            + [(b'b.example', b'b.example'), (b'a.example', b'a.example')])


def test_host_of_the_target():
    """RFC 9112 section 3.2.2: what an absolute-form says counts."""
    receiver = RequestReceiver()
    receiver.receive_data(b'GET http://A.example:80/x?y HTTP/1.1\r\nHost: a.example\r\n\r\n' + GET)
    head = receiver.next_event()
    assert (head.host, head.path, head.query) == (b'A.example:80', b'/x', b'y')
    assert receiver.next_event().host == b'a.example'


def test_a_simple_request_is_one_line():
    """HTTP/0.9, where it is wanted: one line, and nothing after it is looked at."""
    def make():
        return RequestReceiver(Settings(http_0_9=True))
    assert (events_of(make, b'GET /x\r\n' + GET, eof=True)
            == [('request', b'GET', b'/x', HTTP_0_9, 0, [])])
    assert events_of(make, GET) == [('request', b'GET', b'/', HTTP_1_1, 0, HOST)]
    assert events_of(make, b'GET http://a/\r\n') == [('error', 400)]
    assert events_of(RequestReceiver, b'GET /x\r\n') == [('error', 400)]


def test_each_leniency_does_one_thing():
    """Each does what it says, and nothing else does it."""
    def requests(**chosen):
        return lambda: RequestReceiver(Settings(**chosen))
    bare = GET.replace(b'\r\n', b'\n')
    assert events_of(requests(bare_lf=True), bare + GET)[1:] == events_of(RequestReceiver, GET)
    assert events_of(requests(obs_fold=True), bare) == [('error', 400)]
    folded = GET[:-2] + b'X: a \r\n\t b\r\n  c\r\n\r\n'
    assert events_of(requests(obs_fold=True), folded) == [
        ('request', b'GET', b'/', HTTP_1_1, 0, HOST + [(b'X', b'a b c')])]
    assert events_of(requests(bare_lf=True), folded) == [('error', 400)]
    first = GET.replace(b'Host', b' Host')
    assert (events_of(requests(obs_fold=True), first)
            == [('error', 400)]), 'there is nothing to continue'
    assert (events_of(requests(bare_lf=True), CHUNKS.replace(b'5;x="y"\r', b'5'))
            == [CHUNKED_HEAD, ('error', 400)]), \
        'chunk lines are not lines of a head'
    padded = CHUNKS.replace(b'\r\nA\r\n', b'\r\nA  \r\n')
    assert events_of(requests(chunk_padding=True), padded) == events_of(RequestReceiver, CHUNKS)
    assert events_of(RequestReceiver, padded) == [CHUNKED_HEAD, ('body', b'hello'), ('error', 400)]


@pytest.mark.parametrize('data, expected', [
    (b'', [('closed',)]),
    (b'\r\n', [('closed',)]),
    (b'GET / HT', [('error', 400)]),
    (b'GET / HTTP/1.1\r\n', [('error', 400)]),
    (b'GET / HTTP/1.1\r\nHost: a', [('error', 400)]),
    (b'GET / HTTP/1.1\r\nHost: a\r\n\r', [('error', 400)]),
])
def test_end_of_input_in_a_head(data, expected):
    """Between messages it is the end; within one, an error."""
    assert events_of(RequestReceiver, data, eof=True) == expected


def test_end_of_input_in_a_body():
    """A body that was cut off is never taken for a whole one (RFC 9112 section 8)."""
    at = CHUNKS.index(b'\r\n\r\n') + 4
    for end in range(at, len(CHUNKS)):
        events = events_of_whole(RequestReceiver(), CHUNKS[:end], eof=True)
        assert events[0] == CHUNKED_HEAD, CHUNKS[:end]
        assert events[-1] == ('error', 400), CHUNKS[:end]
    post = b'POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhell'
    assert events_of(RequestReceiver, post, eof=True)[1:] == [('body', b'hell'), ('error', 400)]


def events_of_whole(receiver, data, eof=False):
    """The events of *data* in one piece."""
    events = []
    receiver.receive_data(data)
    if take_events(receiver, events) and eof:
        receiver.receive_eof()
        take_events(receiver, events)
    return events


def test_an_error_is_for_ever():
    """Each later call raises the same error."""
    receiver = RequestReceiver()
    receiver.receive_data(b'GET  / HTTP/1.1\r\n')
    for _ in range(3):
        with pytest.raises(RemoteProtocolError) as caught:
            receiver.next_event()
        assert caught.value.reply == 400
        receiver.receive_data(GET)


def test_events_wait_until_they_are_asked_for():
    """One event at a time; the rest stays as bytes, also when more comes meanwhile."""
    receiver = RequestReceiver()
    assert receiver.between_messages()
    receiver.receive_data(GET + GET[:10])
    assert receiver.next_event().method == b'GET'
    assert len(receiver) == 10
    assert not receiver.between_messages()
    receiver.receive_data(GET[10:] + GET)
    receiver.receive_data(b'rest')
    assert len(receiver) == len(GET) * 2 + 4
    assert [receiver.next_event().target for _ in range(2)] == [b'/', b'/']
    assert len(receiver) == 4
    assert receiver.next_event() is None
    assert receiver.unparsed() == b'rest'
    assert receiver.between_messages()


def test_sections_that_were_seen():
    """A section that comes again is the same object from then on; places are few, and long ones get
    none.
    """
    seen = SeenSections()

    def head_of(data):
        receiver = RequestReceiver(seen=seen)
        receiver.receive_data(data)
        return receiver.next_event()
    heads = [head_of(GET) for _ in range(4)]
    assert heads[0].headers is not heads[1].headers
    assert heads[1].headers is heads[2].headers is heads[3].headers
    for number in range(3 * MAX_SEEN):
        for _ in range(2):
            assert head_of(GET[:-2] + b'X: %d\r\n\r\n' % number).headers.get(b'x') == b'%d' % number
        assert len(seen._sections) <= MAX_SEEN
    before = dict(seen._sections)
    for number in range(3 * MAX_ONCE):
        head_of(GET[:-2] + b'Y: %d\r\n\r\n' % number)
        assert len(seen._once) <= MAX_ONCE
    for _ in range(3):
        assert head_of(GET[:-2] + b'X: ' + b'x' * 2000 + b'\r\n\r\n') is not None
    assert seen._sections == before


def test_a_section_seen_with_another_version_is_another():
    """The version is part of what was judged."""
    fields = b'\r\nX: y\r\n\r\n'
    receiver = RequestReceiver()
    for _ in range(3):
        receiver.receive_data(b'GET / HTTP/1.0' + fields)
        assert receiver.next_event().version == HTTP_1_0
    receiver.receive_data(b'GET / HTTP/1.1' + fields)
    with pytest.raises(RemoteProtocolError):
        receiver.next_event()
    for version in (b'XHTTP/1.0', b'TTP/1.0'):
        receiver = RequestReceiver(seen=receiver._seen)
        receiver.receive_data(b'GET / ' + version + fields)
        with pytest.raises(RemoteProtocolError):
            receiver.next_event()


# -- responses -----------------------------------------------------------------

def test_responses_come_in_the_order_of_requests():
    """Bodies of every framing, in the order of their requests."""
    data = (b'HTTP/1.1 100 Continue\r\n\r\n'
            b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc'
            b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n'
            b'HTTP/1.1 304 \r\nContent-Length: 3\r\n\r\n'
            b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n'
            b'HTTP/1.0 404 Not Found\r\nX: y\r\n\r\nabc')
    assert (events_of(responses(b'POST', b'HEAD', b'GET', b'GET', b'GET'), data, eof=True) == [
        ('response', 100, b'Continue', HTTP_1_1, 0, []),
        ('response', 200, b'OK', HTTP_1_1, 3, [(b'Content-Length', b'3')]), ('body', b'abc'),
        ('end', []),
        ('response', 200, b'OK', HTTP_1_1, 0, [(b'Content-Length', b'3')]),
        ('response', 304, b'', HTTP_1_1, 0, [(b'Content-Length', b'3')]),
        ('response', 200, b'OK', HTTP_1_1, CHUNKED, [(b'Transfer-Encoding', b'chunked')]),
        ('body', b'abc'),
        ('end', [(b'X', b'y')]),
        ('response', 404, b'Not Found', HTTP_1_0, UNTIL_CLOSE, [(b'X', b'y')]), ('body', b'abc'),
        ('end', []), ('closed',)])


def test_response_to_nothing():
    """A response without a request is an error: it would be taken for the answer to the next
    request."""
    data = b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
    assert events_of(responses(b'GET'), data + data)[1:] == [('error', 400)]
    assert events_of(responses(), b'x') == [('error', 400)]


@pytest.mark.parametrize('method, data', [
    (b'CONNECT', b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n'),
    (b'GET', b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'),
])
def test_a_tunnel_ends_http(method, data):
    """After it, bytes are not HTTP, and can be had."""
    make = responses(method)
    assert len(events_of(make, data + b'HTTP/1.1 rest')) == 1
    receiver = make()
    receiver.receive_data(data + b'rest')
    assert receiver.next_event().length == 0
    assert receiver.next_event() is None
    receiver.receive_data(b' of it')
    assert receiver.unparsed() == b'rest of it'
    with pytest.raises(LocalProtocolError):
        receiver.expect(b'GET')


@pytest.mark.parametrize('data', [
    b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nX Y: z\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n',
    b'HTTP/1.1 200 OK\n\n',
    b'HTTP/1.1 20x OK\r\n\r\n',
    b'<html>\r\n',
    b'\r\nHTTP/1.1 200 OK\r\n\r\n',
    b'HTTP/2.0 200 OK\r\n\r\n',
])
def test_bad_responses_are_refused(data):
    """A response that would be smuggled past a proxy to a client is refused here too."""
    assert [event[0] for event in events_of(responses(b'GET'), data)] == ['error']


def test_known_deviations_of_responses_are_accepted():
    """By default what servers are known to send is taken; strictly it is not."""
    folded = b'HTTP/1.1 200\r\nX: a\r\n b\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n'
    assert [event[0] for event in events_of(responses(b'GET'), folded)] == ['response', 'end']
    assert events_of(responses(b'GET', obs_fold=False), folded) == [('error', 400)]


def test_a_response_that_never_ends():
    """A body that ends with the connection is bounded as well."""
    data = b'HTTP/1.1 200 OK\r\n\r\n' + b'x' * 11
    events = events_of(responses(b'GET', body_bytes=10), data)
    assert events[1:] == [('body', b'x' * 10), ('error', 413)]


# -- anything ------------------------------------------------------------------

ALPHABET = [b'GET', b' ', b'/', b'*', b'HTTP/1.1', b'HTTP/1.0', b'\r\n', b'\r\n', b'\r\n', b'\n',
            b'\r', b'\x00', b'\t', b':',
            b'Host: a', b'Content-Length: 3', b'Transfer-Encoding: chunked', b'Connection: close',
            b'Expect: x', b'x', b'0',
            b'3', b';', b'"', b'abc', b'\xff', GET, GET, CHUNKS, b'HTTP/1.1 200 OK', b'%',
            b'http://a/']


@pytest.mark.parametrize('make', [
    RequestReceiver, responses(b'GET', b'HEAD', b'GET'),
    lambda: RequestReceiver(Settings(header_bytes=40, header_count=3, start_line_bytes=30,
                                     body_bytes=8, chunk_line_bytes=8)),
    lambda: RequestReceiver(Settings(bare_lf=True, obs_fold=True, http_0_9=True,
                                     chunk_padding=True)),
], ids=['requests', 'responses', 'narrow', 'lenient'])
def test_garbage_is_understood_or_refused(make):
    """Law 1: whatever comes is understood or refused, the same at every chunking, and never
    anything else.
    """
    dice = random.Random(SEED)
    for number in range(60):
        data = b''.join(dice.choice(ALPHABET) for _ in range(dice.randint(1, 12)))
        if number % 4 == 0:
            at = dice.randrange(len(data))
            data = data[:at] + bytes(bytearray([dice.randrange(256)])) + data[at + 1:]
        try:
            events_of(make, data, eof=number % 2 == 0)
        except AssertionError as exc:
            raise AssertionError('seed %d, number %d, %r: %s' % (SEED, number, data, exc))


def test_mutated_requests_are_understood_or_refused():
    """One octet of a good request changed, taken out or doubled, at each place."""
    good = GET + CHUNKS
    dice = random.Random(SEED)
    for at in range(len(good)):
        octet = bytes(bytearray([dice.randrange(256)]))
        for data in (good[:at] + octet + good[at + 1:], good[:at] + good[at + 1:],
                     good[:at] + good[at:at + 1] + good[at:]):
            whole = events_of_whole(RequestReceiver(), data, eof=True)
            receiver = RequestReceiver()
            single = []
            alive = True
            for index in range(len(data)):
                receiver.receive_data(data[index:index + 1])
                alive = alive and take_events(receiver, single)
            if alive:
                receiver.receive_eof()
                take_events(receiver, single)
            assert single == whole, data
