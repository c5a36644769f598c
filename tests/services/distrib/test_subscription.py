# Copyright the carryall authors.  See LICENSE.
"""The front end with personal servers of ours: requests, bodies both ways,
faults and their status, nothing left."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.future import Future, Return, coroutine, sleep
from carryall.core.testing import FakeTransport
from carryall.core.net.transport import Address
from carryall.protocols import pb
from carryall.protocols.http import FileBody, Response
from carryall.services.distrib.subscription import Subscription
from tests.services.distrib.stage import Scene, parts


def test_a_request_reaches_the_personal_server():
    scene = Scene()
    status, head, body = scene.get(b'/x/a/b%20c?q=1',
                                   fields=b'X-One: 1\r\nX-One: 2\r\nCookie: a=b\r\n')
    assert (status, body) == (200, b'hello\n') and b'Content-Type: text/plain' in head \
        and b'Content-Length: 6' in head, 'the answer'
    seen = scene.seen[0]
    assert seen.method == b'GET' and seen.target == b'/a/b%20c?q=1' and seen.host == b'h', \
        'what the personal server sees'
    assert seen.headers.get_all(b'x-one') == [b'1', b'2'] and seen.headers.get(
        b'cookie') == b'a=b', 'all fields'
    assert seen.peer.host == '192.0.2.1', 'and who asks'
    assert scene.left() == (0, 0), 'nothing is left of it'


def test_two_on_one_connection():
    scene = Scene()
    for _ in range(3):
        assert scene.get()[0] == 200, 'again'
    assert len(scene.brokers) == 1 and scene.subscription.sturdy.connections == 1, 'one connection'


@pytest.mark.parametrize('own', [True, False], ids=['own', 'other'])
def test_head_gives_the_length_without_the_body(own):
    scene = Scene(lambda request: Response(200, [(b'Content-Length', b'5')],
                                           b'' if request.method == b'HEAD' else b'hello'), own)
    status, head, body = scene.get(method=b'HEAD')
    assert status == 200 and b'Content-Length: 5' in head and body == b'', 'the head alone'
    assert scene.get()[2] == b'hello' and scene.left() == (0, 0), 'and then the rest'


@pytest.mark.parametrize('own', [True, False], ids=['own', 'other'])
def test_cookies_pass_with_their_attributes(own):
    cookies = [(b'Set-Cookie', b'a=1; Path=/; HttpOnly'),
               (b'Set-Cookie', b'b=2; Max-Age=5; Secure; SameSite=Lax')]
    head = Scene(lambda request: Response(200, cookies, b'x'), own).get()[1]
    assert head.count(b'Set-Cookie: ') == 2 and b'a=1; Path=/; HttpOnly' in head, \
        'both: %r' % (head,)
    for word in (b'b=2; Max-Age=5', b'; Secure', b'; SameSite='):
        assert word in head, 'with all attributes: %r' % (head,)


def test_status_without_body():
    for status in (204, 304):
        got, head, body = Scene(lambda request: Response(status, [(b'ETag', b'"x"')])).get()
        assert got == status and body == b'' and b'ETag: "x"' in head \
            and b'text/html' not in head, '%d' % status


def test_a_type_is_made_up_as_of_old():
    assert b'Content-Type: text/html' in Scene(lambda request: Response(200, body=b'x')).get()[1], \
        'when there is none'


def test_redirects_are_told_below_where_it_hangs():
    scene = Scene(lambda request: Response(301, [(b'Location', b'/sub/')]))
    assert b'Location: /x/sub/\r\n' in scene.get(b'/x/sub')[1], 'a path'
    scene = Scene(lambda request: Response(301, [(b'Location', b'http://other/sub/')]))
    assert b'Location: http://other/sub/\r\n' in scene.get(b'/x/sub')[1], 'but no other place'


BODY = b'0123456789' * 300000           # 3 MB


def reader(request):
    return request.body.read_all(1 << 30).then(
        lambda body: Response(200, body=b'%d %s' % (len(body), body[-5:])))


@pytest.mark.parametrize('own, size, expected', [
    (True, 10, 200), (True, 700000, 200), (True, 3000000, 200), (False, 10, 200),
    (False, 655360, 200), (False, 655361, 413)])
def test_bodies_of_requests(own, size, expected):
    scene = Scene(reader, own)
    status, _, body = scene.get(method=b'POST', body=BODY[:size])
    assert status == expected, 'status %d' % status
    if expected == 200:
        assert body == b'%d %s' % (size, BODY[:size][-5:]), 'all of it: %r' % (body,)
    else:
        assert b'655360' in body and scene.seen == [], 'and why'
    assert scene.left() == (0, 0), 'nothing is left: %r' % (scene.left(),)


def test_a_body_in_chunks():
    scene = Scene(reader)
    heard = scene.ask(b'POST /x/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: '
                      b'chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n')
    assert parts(heard)[2] == b'11 world', 'as a stream'


def test_an_unread_body_is_dropped():
    scene = Scene()
    assert scene.get(method=b'POST', body=BODY)[0] == 200, 'answered'
    assert scene.left() == (0, 0), 'and forgotten'


@pytest.mark.parametrize('own', [True, False], ids=['own', 'other'])
@pytest.mark.parametrize('shape', ['bytes', 'iterator', 'read', 'file'])
def test_long_responses_pass_in_full(own, shape, tmp_path):
    path = str(tmp_path / 'f')
    with open(path, 'wb') as out:
        out.write(b'..' + BODY)

    class Reader(object):
        at = 0

        def read(self, maximum):
            piece, self.at = BODY[self.at:self.at + maximum], self.at + maximum
            return Future_of(piece)

    def app(request):
        body = {'bytes': lambda: BODY, 'iterator': lambda: iter([BODY[:1000], BODY[1000:]]),
                'read': Reader, 'file': lambda: FileBody(open(path, 'rb'), 2, len(BODY))}[shape]()
        return Response(200, body=body)

    scene = Scene(app, own)
    status, _, body = scene.get()
    assert status == 200 and body == BODY, 'got %d octets' % len(body)
    assert scene.left() == (0, 0), 'nothing is left: %r' % (scene.left(),)


def Future_of(value):
    future = Future()
    future.set_result(value)
    return future


@pytest.mark.parametrize('own', [True, False], ids=['own', 'other'])
def test_a_client_that_does_not_read(own):
    """Neither end gathers more than its bounds."""
    taken = [0]

    class Endless(object):
        def read(self, maximum):
            taken[0] += maximum
            return Future_of(b'x' * maximum)

        def close(self):
            taken.append('closed')

    scene = Scene(lambda request: Response(200, body=Endless()), own)
    scene.wire.clog()
    for _ in range(50):
        scene.ask(b'' if taken[0] else b'GET /x/ HTTP/1.1\r\nHost: h\r\n\r\n')
    assert taken[0] < 4000000, '%d octets were made for nobody' % taken[0]
    scene.wire.lose()
    scene.loop.advance(1.0)
    assert 'closed' in taken, 'it goes on for nobody'
    assert scene.left() == (0, 0) and scene.publisher.under_way == 0, 'left: %r' % (scene.left(),)


def test_a_client_that_goes_before_the_answer():
    later = Future()
    scene = Scene(lambda request: later)
    scene.ask(b'GET /x/ HTTP/1.1\r\nHost: h\r\n\r\n')
    scene.wire.lose()
    scene.loop.advance()
    later.set_result(Response(200, body=BODY))
    scene.loop.advance(1.0)
    assert scene.left() == (0, 0) and scene.publisher.under_way == 0 \
        and scene.subscription.under_way == 0, 'something is left'


def test_answers_that_come_later_and_out_of_order():
    waiting = []

    def app(request):
        waiting.append(Future())
        return waiting[-1]

    scene = Scene(app)
    from carryall.core.testing import FakeTransport
    other = FakeTransport(scene.loop).connect(scene.site())
    scene.ask(b'GET /x/1 HTTP/1.1\r\nHost: h\r\n\r\n')
    other.feed(b'GET /x/2 HTTP/1.1\r\nHost: h\r\n\r\n')
    scene.loop.advance()
    waiting[1].set_result(Response(200, body=b'second'))
    scene.loop.advance()
    assert b'second' in other.take() and scene.wire.take() == b'', 'the second is not held up'
    waiting[0].set_result(Response(200, body=b'first'))
    assert b'first' in scene.hear(), 'then the first'


def test_pieces_arrive_as_they_are_made():
    @coroutine
    def next_piece(loop):
        yield sleep(loop, 1.0)
        raise Return(b'piece')

    scene = Scene(lambda request: Response(200, body=iter([b'first'] + [next_piece(scene.loop)])))
    assert b'first' in scene.ask(b'GET /x/ HTTP/1.1\r\nHost: h\r\n\r\n'), 'at once'
    assert b'piece' in scene.hear(1.5), 'a second later'


# -- faults --------------------------------------------------------------------

def test_a_missing_server_is_502():
    scene = Scene()
    scene.listener.close()
    status, head, _ = scene.get()
    assert status == 503 and b'Retry-After' in head, 'not 200 as of old'
    scene.loop.advance(5.0)
    scene.loop.listen_unix(lambda: scene.publisher.broker(), '/personal')
    assert scene.get()[0] == 200, 'and when it comes'


def test_a_server_without_an_answer_is_504():
    scene = Scene(lambda request: Future(), answer_seconds=5.0)
    assert scene.get(seconds=6.0)[0] == 504, 'after a while'
    assert scene.subscription.under_way == 0, 'and it is over'


def upload(scene):
    """Begins to send a body of 10 pieces; returns how to send one more."""
    scene.ask(b'POST /x/ HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n')
    return lambda: scene.ask(b'x' * 100000)


def test_a_client_that_sends_slowly_is_no_fault_of_the_server():
    def app(request):
        return request.body.read_all(1 << 20).then(
            lambda data: Response(200, [], b'%d' % len(data)))

    scene = Scene(app, answer_seconds=5.0)
    more = upload(scene)
    for _ in range(9):
        assert not more() and not scene.hear(4.0), 'for 36 seconds'
    assert parts(more() or scene.hear())[::2] == (200, b'1000000')
    scene.loop.advance(60.0)
    assert scene.subscription.under_way == 0 and scene.get(seconds=1.0)[0] == 200


def test_a_client_that_sends_a_small_body_slowly():
    """It is sent whole, and the server's turn begins when it is there."""
    scene = Scene(lambda request: sleep(scene.loop, 4.0).then(lambda _: Response(200, [], b'late')),
                  answer_seconds=5.0)
    scene.ask(b'POST /x/ HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n')
    for _ in range(9):
        assert not scene.ask(b'x', 4.0)
    assert parts(scene.ask(b'x', 4.1))[::2] == (200, b'late')


def test_no_answer_after_a_body_that_took_long():
    scene = Scene(lambda request: request.body.read_all(1 << 20).then(lambda data: Future()),
                  answer_seconds=5.0)
    more = upload(scene)
    for _ in range(9):
        assert not more() and not scene.hear(4.0)
    assert not more() and not scene.hear(4.9)
    assert parts(scene.hear(0.2))[0] == 504, 'from then on it was its turn'


def test_no_answer_and_the_body_is_not_wanted():
    scene = Scene(lambda request: Future(), answer_seconds=5.0)
    more = upload(scene)
    assert not more()
    assert parts(scene.hear(5.1))[0] == 504


def test_a_server_lost_before_the_answer_is_502():
    scene = Scene(lambda request: Future())
    scene.ask(b'GET /x/ HTTP/1.1\r\nHost: h\r\n\r\n')
    scene.brokers[0].transport.abort()
    assert parts(scene.hear())[0] == 502, 'told'
    assert scene.get()[0] == 0, 'and the next waits for a new connection'
    assert len(scene.brokers) == 2, 'which was made at once'


def test_a_server_lost_in_the_answer_cuts_the_connection():
    def pieces():
        yield b'x' * 100000
        yield Future()

    scene = Scene(lambda request: Response(200, body=pieces()))
    assert b'200 OK' in scene.ask(b'GET /x/ HTTP/1.1\r\nHost: h\r\n\r\n')
    scene.brokers[0].transport.abort()
    rest = scene.hear()
    assert not rest.endswith(b'0\r\n\r\n') and scene.wire.closed, \
        'the client must not take it for the end'


def test_a_server_that_hangs_in_the_answer_is_given_up():
    """A personal server whose process or machine stands still is given up,
    and so are its responses."""
    def pieces():
        yield b'x' * 100000
        yield Future()

    scene = Scene(lambda request: Response(200, body=pieces()))
    assert b'200 OK' in scene.ask(b'GET /x/ HTTP/1.1\r\nHost: h\r\n\r\n')
    scene.loop.advance(500.0)
    assert not scene.wire.closed and scene.subscription.under_way == 1, \
        'one that is only slow has all the time'
    scene.brokers[0].transport.pause_reading()
    rest = scene.hear(200.0)
    assert not rest.endswith(b'0\r\n\r\n') and scene.wire.closed \
        and scene.subscription.under_way == 0, 'the client waits for ever'


def test_an_application_that_fails(expect_log):
    expect_log('the application failed')
    scene = Scene(lambda request: 1 / 0)
    assert scene.get()[0] == 500 and scene.left() == (0, 0), 'the personal server says it'


def test_a_body_that_breaks_off_on_the_personal_side(expect_log):
    expect_log('', required=False)

    def pieces():
        yield b'x' * 300000
        raise ValueError('no more')

    scene = Scene(lambda request: Response(200, body=pieces()))
    heard = scene.ask(b'GET /x/ HTTP/1.1\r\nHost: h\r\n\r\n')
    assert not heard.endswith(b'0\r\n\r\n') and scene.wire.closed, \
        'the client must not take it for the end'


def test_too_many_at_a_time():
    scene = Scene(lambda request: Future(), max_pending=1)
    scene.ask(b'GET /x/ HTTP/1.1\r\nHost: h\r\n\r\n')
    from carryall.core.testing import FakeTransport
    other = FakeTransport(scene.loop).connect(scene.site())
    other.feed(b'GET /x/ HTTP/1.1\r\nHost: h\r\n\r\n')
    scene.loop.advance()
    assert other.take().startswith(b'HTTP/1.1 503'), 'the second'


@pytest.mark.parametrize(
    'many, one', [('192.0.2.%d', '192.0.2.9'), ('2001:db8::%d', '2001:db8:0:1::1')])
def test_a_client_address_has_its_share_of_the_places_alone(many, one):
    """Bodies that trickle reserve what was announced: of one source, or /64,
    no more than a quarter of the places."""
    scene = Scene(max_pending=64)
    slow = b'POST /x/ HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n'
    wires = []
    for number in range(20):
        host = many % 1 if '.' in many else many % number
        wires.append(FakeTransport(scene.loop, peername=Address(host, number)).connect(
            scene.site()))
        wires[-1].feed(slow)
        scene.loop.advance()
    refused = [wire for wire in wires if wire.take().startswith(b'HTTP/1.1 503')]
    assert refused == wires[16:]
    other = FakeTransport(scene.loop, peername=Address(one, 1)).connect(scene.site())
    other.feed(b'GET /x/ HTTP/1.1\r\nHost: h\r\n\r\n')
    scene.loop.advance()
    assert other.take().startswith(b'HTTP/1.1 200')
    for wire in wires:
        wire.lose()
    scene.loop.advance()
    assert scene.subscription.under_way == 0
    assert scene.subscription._by_source == {}


def test_clients_behind_a_proxy_of_this_machine_share_all_places():
    scene = Scene(max_pending=64)
    for number, address in enumerate([Address('127.0.0.1', 1), Address('/run/proxy')] * 10):
        wire = FakeTransport(scene.loop, peername=address).connect(scene.site())
        wire.feed(b'POST /x/ HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n')
        scene.loop.advance()
        assert not wire.take(), number
    assert scene.subscription.under_way == 20


def test_another_place_when_one_is_gone():
    scene = Scene()
    gone = [0]

    def nowhere():
        gone[0] += 1
        return pb.connect_unix(scene.loop, '/nowhere')

    scene.subscription = Subscription(
        scene.loop,
        [nowhere, lambda: pb.connect_unix(scene.loop, '/personal', **Subscription.options())])
    assert scene.get()[0] == 200 and gone == [1], 'the list was gone through'


@pytest.mark.limit(60)
@pytest.mark.parametrize('own', [True, False], ids=['own', 'other'])
def test_a_thousand_requests_leave_nothing(own):
    scene = Scene(own=own)
    for _ in range(1000):
        assert scene.get()[0] == 200
    assert scene.left() == (0, 0) and len(scene.brokers) == 1, 'left: %r' % (scene.left(),)
    assert scene.publisher.served == 1000 and scene.publisher.under_way == 0 \
        and scene.subscription.under_way == 0
