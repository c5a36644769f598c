# Copyright the carryall authors.  See LICENSE.
"""A personal server of ours, called by front ends of other makes and eras."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.future import Future
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.http import Response
from carryall.protocols.pb.banana import NOTHING, PB, WORDS, Decoder, encode
from carryall.services.distrib.publisher import Publisher
from carryall.services.distrib.state import REQUEST_TAG
from tests.protocols.pb.stage import CHOICE, VERSION


class Front(object):
    """A front end that is the test."""

    def __init__(self, app):
        self.loop = VirtualLoop()
        self.publisher = Publisher(app, self.loop)
        self.wire = FakeTransport(self.loop).connect(self.publisher.broker())
        self.wire.feed(CHOICE + VERSION)
        self.loop.advance()
        self.wire.take()
        self.decoder = Decoder(words=WORDS)

    def say(self, *elements):
        for element in elements:
            self.wire.feed(encode(element, PB))
        return self.hear()

    def hear(self):
        self.loop.advance()
        assert not self.loop.failures, '%r escaped' % (self.loop.failures[0],)
        self.decoder.receive_data(self.wire.take())
        heard = []
        while True:
            element = self.decoder.next_element()
            if element is NOTHING:
                return heard
            heard.append(element)


    def run(self, state_):
        """All calls that a request leads to, with their arguments."""
        calls = []
        heard = self.say([b'message', 1, b'root', b'request', 1, [b'tuple', [REQUEST_TAG, state_]],
                          [b'dictionary']])
        while heard:
            answers = []
            for one in heard:
                if one[0] == b'message':
                    calls.append((one[2], one[3], one[5][1:], one[6][1:]))
                    answers.append([b'answer', one[1], [b'None']])
                else:
                    calls.append(tuple(one[:1]) + (one[1:],))
            heard = self.say(*answers)
        return calls


def text(word):
    return [b'unicode', word]


def state(new=True, **changed):
    """The state as Twisted 26.10 sends it, or as 0.19 did."""
    values = {
        b'client': [b'tuple', text(b'INET') if new else b'INET', text(b'192.0.2.7') if new
                    else b'192.0.2.7', 4711],
        b'host': [b'tuple', text(b'INET') if new else b'INET', text(b'192.0.2.8') if new
                  else b'192.0.2.8', 80],
        b'method': b'GET', b'uri': b'/me.twistd/a%20b?x=1', b'path': b'/me.twistd/a%20b',
        b'clientproto': b'HTTP/1.1',
        b'prepath': [b'list', b'me.twistd'], b'postpath': [b'list', b'a b'], b'sitepath': [b'list'],
        b'args': [b'dictionary', [b'x', [b'list', b'1']]],
        b'content_data': b'', b'remote': [b'remote', 7], b'notifications': [b'list'],
        b'cookies': [b'list'], b'queued': 0,
        b'_adapterCache': [b'dictionary'],
        b'responseHeaders': [b'unpersistable', b'instance of class Headers deemed insecure'],
        b'received_cookies': [b'dictionary'], b'_parsePOSTFormSubmission': [b'boolean', b'true']}
    if new:
        values[b'requestHeaders'] = [b'list', [b'tuple', b'Host', [b'list', b'h']],
                                     [b'tuple', b'X-A', [b'list', b'1', b'2']]]
    else:
        values[b'received_headers'] = [b'dictionary', [b'host', b'h'], [b'x-a', b'2']]
        values[b'headers'] = [b'dictionary']
    values.update((key.encode('ascii'), value) for key, value in changed.items())
    return [b'dictionary'] + [[text(key) if new else key, value]
                              for key, value in sorted(values.items()) if value is not None]


@pytest.mark.parametrize('new', [True, False], ids=['today', '2002'])
def test_requests_of_both_eras(new):
    seen = []

    def app(request):
        seen.append(request)
        return Response(200, [(b'X', b'y')], b'hello')

    front = Front(app)
    calls = front.run(state(new))
    assert calls[0] == (b'answer', [1, 1]) or (b'answer', [1, 1]) in calls, \
        'not done yet: %r' % (calls,)
    names = [call[1] for call in calls if call[0] == 7]
    assert names == [b'setResponseCode', b'setHeader', b'setHeader', b'write', b'finish'], \
        'the calls: %r' % (names,)
    assert (7, b'write', [b'hello'], []) in calls and (7, b'setResponseCode', [200, b'OK'],
                                                       []) in calls, 'the response'
    assert calls[-1] == (b'decref', [7]), 'released when finish was answered: %r' % (calls,)
    request = seen[0]
    assert request.target == b'/a%20b?x=1' and request.method == b'GET' and request.host == b'h', \
        'the request'
    assert request.headers.get_all(b'x-a')[-1] == b'2' and str(request.peer) == '192.0.2.7:4711', \
        'and all of it'
    assert front.publisher.served == 1 and front.publisher.drain().done(), 'it is over'


def test_a_stop_waits_for_the_requests_under_way():
    answer = Future()
    front = Front(lambda request: answer)
    front.run(state(True))
    front.wire.protocol.drain()
    front.loop.advance(1.0)
    assert not front.wire.closed
    answer.set_result(Response(200))
    for one in front.hear():
        if one[0] == b'message' and one[4]:
            front.say([b'answer', one[1], [b'None']])
    assert front.wire.closed


def test_a_body_reaches_the_application():
    got = []

    def app(request):
        return request.body.read_all(100).then(lambda body: (got.append(body), Response(200))[1])

    Front(app).run(state(method=b'POST', content_data=b'a=b'))
    assert got == [b'a=b'], 'the whole'


def test_a_long_body_registers_a_producer():
    front = Front(lambda request: Response(200, body=b'x' * 300000))
    calls = front.run(state())
    names = [call[1] for call in calls if call[0] == 7]
    assert names == [b'setResponseCode', b'setHeader', b'registerProducer', b'write', b'write',
                     b'write', b'unregisterProducer', b'finish'], '%r' % (names,)
    assert max(len(call[2][0]) for call in calls if call[1] == b'write') <= 655360, \
        'pieces that everybody takes'


def test_a_front_end_that_says_stop_and_go():
    front = Front(lambda request: Response(200, body=b'x' * 3000000))
    heard = front.say([b'message', 1, b'root', b'request', 1, [b'tuple', [REQUEST_TAG, state()]],
                       [b'dictionary']])
    producer = [one for one in heard if one[3:4] == [b'registerProducer']][0][5][1][1]
    writes = [one for one in heard if one[3:4] == [b'write']]
    assert 0 < sum(len(one[5][1]) for one in writes) < 1000000, \
        'no more than a window is unanswered'
    heard = front.say([b'message', 2, producer, b'pauseProducing', 1, [b'tuple'], [b'dictionary']],
                      *[[b'answer', one[1], [b'None']] for one in writes])
    assert not [one for one in heard if one[3:4] == [b'write']], 'it was told to stop'
    heard = front.say([b'message', 3, producer, b'resumeProducing', 1, [b'tuple'], [b'dictionary']])
    assert [one for one in heard if one[3:4] == [b'write']], 'and to go on'
    heard = front.say([b'message', 4, producer, b'stopProducing', 1, [b'tuple'], [b'dictionary']])
    assert [b'decref', 7] in heard and front.publisher.under_way == 0, 'and to end: %r' % (heard,)


def test_a_front_end_whose_client_is_gone():
    front = Front(lambda request: Response(200, body=b'x' * 3000000))
    heard = front.say([b'message', 1, b'root', b'request', 1, [b'tuple', [REQUEST_TAG, state()]],
                       [b'dictionary']])
    write = [one for one in heard if one[3:4] == [b'write']][0]
    heard = front.say([b'error', write[1], [b'twisted.spread.pb.CopyableFailure', [b'dictionary']]])
    assert [b'decref', 7] in heard and front.publisher.under_way == 0, 'it ends'


def test_the_connection_is_lost():
    front = Front(lambda request: Response(200, body=b'x' * 3000000))
    front.say([b'message', 1, b'root', b'request', 1, [b'tuple', [REQUEST_TAG, state()]],
               [b'dictionary']])
    front.wire.lose()
    front.loop.advance()
    assert front.publisher.under_way == 0 and not front.loop.failures, 'it ends'


@pytest.mark.parametrize('changed', [
    dict(remote=None), dict(remote=5), dict(method=5), dict(method=None), dict(requestHeaders=5),
    dict(requestHeaders=[b'list', 5]),
    dict(requestHeaders=[b'list', [b'tuple', b'a']]),
    dict(requestHeaders=[b'list', [b'tuple', b'a', [b'list', b'b\r\nc: d']]]),
    dict(prepath=5), dict(postpath=[b'list', 5]), dict(content_data=5), dict(content_stream=5),
    dict(uri=[b'list'])])
def test_requests_that_are_none(changed):
    front = Front(lambda request: Response(200))
    heard = front.say([b'message', 1, b'root', b'request', 1,
                       [b'tuple', [REQUEST_TAG, state(**changed)]], [b'dictionary']])
    assert [one[0] for one in heard if one[0] != b'decref'] == [b'error'] \
        and front.publisher.under_way == 0, 'refused: %r' % (heard,)


@pytest.mark.parametrize('argument', [5, [b'None'], [b'dictionary'], [b'remote', 3]])
def test_arguments_that_are_no_request(argument):
    heard = Front(lambda request: Response(200)).say(
        [b'message', 1, b'root', b'request', 1, [b'tuple', argument], [b'dictionary']])
    assert heard[0][0] == b'error', 'refused'


def test_addresses_that_are_none():
    seen = []
    front = Front(lambda request: (seen.append(request), Response(200))[1])
    for client in (5, [b'tuple'], [b'tuple', 1, 2], [b'tuple', b'INET', b'\xff', 1],
                   [b'tuple', b'X', b'y'], [b'None']):
        front.run(state(client=client))
    front.run(state(client=[b'tuple', b'UNIX', b'/run/x']))
    assert [request.peer for request in seen[:6]] == [None] * 6 and seen[6].peer.host == '/run/x', \
        'nobody, or a path'


def test_more_at_a_time_than_it_takes():
    from carryall.core.future import Future
    front = Front(lambda request: Future())
    front.publisher._max_requests = 1
    front.say([b'message', 1, b'root', b'request', 1, [b'tuple', [REQUEST_TAG, state()]],
               [b'dictionary']])
    assert (7, b'setResponseCode', [503, b'Service Unavailable'], []) in front.run(state()), \
        'the second is told'
