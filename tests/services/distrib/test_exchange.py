# Copyright the carryall authors.  See LICENSE.
"""A personal server of another make, call by call, and the octets of Twisted's."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols import pb
from carryall.protocols.http import Site
from carryall.protocols.pb.banana import NOTHING, PB, WORDS, Decoder, encode
from carryall.services.distrib.subscription import Subscription
from tests.protocols.pb.stage import HELLO, VERSION
from tests.services.distrib.stage import parts


class Foreign(object):
    """A front end of ours whose personal server is the test."""

    def __init__(self):
        self.loop = VirtualLoop()
        self.broker = pb.Broker(self.loop, client=True, **dict(
            (key, value) for key, value in Subscription.options().items() if key != 'timeout'))
        self.behind = FakeTransport(self.loop).connect(self.broker)
        self.behind.feed(HELLO + VERSION)
        self.subscription = Subscription(self.loop, [lambda: self.broker.ready])
        self.site = Site(lambda request: self.subscription(request, 1), self.loop)
        self.wire = FakeTransport(self.loop).connect(self.site())
        self.decoder = Decoder(words=WORDS)
        self.number = 0
        self.loop.advance()
        self.behind.take()

    def request(self,
                data=b'GET /anna.twistd/a?b=1&b=2 HTTP/1.1\r\nHost: h.example\r\nX-Y: z\r\n\r\n'):
        """The call that the request comes as."""
        self.wire.feed(data)
        call, = [one for one in self.hear() if one[3:4] == [b'request']]
        self.luid = self.state(call)[b'remote'][1]
        return call

    def state(self, call):
        """The state of the request in a call, by name."""
        assert call[5][1][0] == b'twisted.web.server.Request', 'the tag'
        return dict((key[1], value) for key, value in call[5][1][1][1:])

    def hear(self):
        """Elements for the personal server."""
        self.loop.advance()
        assert not self.loop.failures, '%r escaped' % (self.loop.failures[0],)
        self.decoder.receive_data(self.behind.take())
        heard = []
        while True:
            element = self.decoder.next_element()
            if element is NOTHING:
                return heard
            heard.append(element)

    def say(self, name, *args, **kwargs):
        """The personal server calls."""
        self.number += 1
        words = [[b'unicode', key.encode('ascii')] for key in sorted(kwargs)]
        self.behind.feed(encode([b'message', self.number, self.luid, name, 1,
                                 [b'tuple'] + list(args),
                                 [b'dictionary'] + [[word, kwargs[key]] for word, key in zip(
                                     words, sorted(kwargs))]], PB))
        return [one[2] for one in self.hear() if one[0] in (b'answer', b'error')
                and one[1] == self.number]

    def answer(self, call, value):
        """The personal server answers a call."""
        self.behind.feed(encode([b'answer', call[1], value], PB))
        self.loop.advance()


def test_a_call_has_all_that_twisted_reads():
    """Everything that a Twisted personal server looks at."""
    foreign = Foreign()
    call = foreign.request()
    assert call[0] == b'message' and call[2:5] == [b'root', b'request', 1] \
        and call[6] == [b'dictionary'], 'the call'
    state = foreign.state(call)
    assert state[b'client'][1:] == [[b'unicode', b'INET'], [b'unicode', b'192.0.2.1'], 40000] \
        and state[b'client'][0] == b'tuple', 'client'
    assert state[b'host'][1] == [b'unicode', b'INET'], 'host'
    assert state[b'method'] == b'GET' and state[b'uri'] == b'/anna.twistd/a?b=1&b=2' \
        and state[b'path'] == b'/anna.twistd/a', 'what is asked'
    assert state[b'prepath'] == [b'list', b'anna.twistd'] \
        and state[b'postpath'] == [b'list', b'a'], 'where'
    assert state[b'args'] == [b'dictionary', [b'b', [b'list', b'1', b'2']]] \
        and state[b'clientproto'] == b'HTTP/1.1', 'fields'
    assert state[b'requestHeaders'] == [b'list', [b'tuple', b'Host', [b'list', b'h.example']],
                                        [b'tuple', b'X-Y', [b'list', b'z']]], 'headers'
    assert [b'x-y', b'z'] in state[b'received_headers'], 'of old'
    assert state[b'content_data'] == b'' and state[b'remote'] == [b'remote', 1] \
        and b'content_stream' not in state, 'body and reference'
    for key in (b'notifications', b'received_cookies', b'cookies', b'queued',
                b'_parsePOSTFormSubmission', b'_adapterCache', b'sitepath'):
        assert key in state, 'no %r' % (key,)


@pytest.mark.parametrize('kind, body, expected', [
    (b'application/x-www-form-urlencoded', b'name=A+B&x=%C3%A9',
     {b'name': b'A B', b'x': b'\xc3\xa9', b'q': b'0'}),
    (b'multipart/form-data; boundary=ZZ', b'--ZZ\r\nContent-Disposition: form-data; name="f"; '
                                          b'filename="a"\r\n\r\n\0\xff\r\n--ZZ--\r\n',
     {b'f': b'\0\xff', b'q': b'0'}),
    (b'text/plain', b'name=A', {b'q': b'0'}),
    (b'multipart/form-data; boundary=ZZ', b'broken', {b'q': b'0'})])
def test_form_fields_are_passed_on(kind, body, expected):
    foreign = Foreign()
    call = foreign.request(b'POST /anna.twistd/?q=0 HTTP/1.1\r\nHost: h\r\nContent-Type: '
                           b'%s\r\nContent-Length: %d\r\n\r\n%s' % (kind, len(body), body))
    state = foreign.state(call)
    assert state[b'content_data'] == body, 'the body too'
    assert dict((name, values[1]) for name, values in state[b'args'][1:]) == expected, \
        'fields: %r' % (state[b'args'],)


def test_a_response_is_passed_on():
    foreign = Foreign()
    call = foreign.request()
    foreign.answer(call, 1)
    assert foreign.say(b'setResponseCode', 404, b'Not Found') == [[b'None']], \
        'each is answered with None'
    foreign.say(b'setHeader', b'x-a', b'1')
    foreign.say(b'setHeader', [b'unicode', b'X-A'], [b'unicode', b'2'])
    foreign.say(b'addCookie', b'k', b'v', path=b'/', secure=[b'boolean', b'true'])
    foreign.say(b'setETag', b'"e"')
    foreign.say(b'setLastModified', 0)
    foreign.say(b'write', b'gone')
    assert foreign.say(b'finish') == [[b'None']]
    status, head, body = parts(foreign.wire.take())
    assert status == 404 and body == b'gone' and b'X-A: 2\r\n' in head and b'x-a: 1' not in head, \
        'the last counts'
    assert b'Set-Cookie: k=v; Path=/; Secure' in head and b'ETag: "e"' in head \
        and b'Last-Modified: Thu, 01 Jan 1970' in head, 'the rest: %r' % head
    assert foreign.broker.live().objects == 1, 'until it is released'
    foreign.behind.feed(encode([b'decref', foreign.luid], PB))
    foreign.loop.advance()
    assert sum(foreign.broker.live()[:4]) == 0, 'nothing is left'


def test_a_body_as_the_answer():
    """As very old servers do."""
    foreign = Foreign()
    foreign.answer(foreign.request(), b'at once')
    assert parts(foreign.wire.take())[2] == b'at once', 'a string'


def test_an_error_as_the_answer():
    foreign = Foreign()
    call = foreign.request()
    foreign.behind.feed(encode(
        [b'error', call[1], [b'twisted.spread.pb.CopyableFailure',
                             [b'dictionary', [b'type', b'x.Y'], [b'value', b'secret']]]], PB))
    foreign.loop.advance()
    status, _, body = parts(foreign.wire.take())
    assert status == 502 and b'secret' not in body, 'the client learns a status'


def test_a_method_that_it_does_not_have():
    foreign = Foreign()
    call = foreign.request()
    foreign.behind.feed(encode(
        [b'error', call[1],
         [b'twisted.spread.pb.CopyableFailure',
          [b'dictionary', [b'type', b'twisted.web.error.UnsupportedMethod']]]], PB))
    foreign.loop.advance()
    assert parts(foreign.wire.take())[0] == 501, 'as Twisted itself would say'


def test_head_suppresses_what_is_written():
    foreign = Foreign()
    foreign.answer(foreign.request(b'HEAD /a/ HTTP/1.1\r\nHost: h\r\n\r\n'), 1)
    foreign.say(b'setHeader', b'content-length', b'4')
    foreign.say(b'write', b'body')
    foreign.say(b'finish')
    heard = foreign.wire.take()
    assert b'content-length: 4' in heard.lower() and not heard.endswith(b'body'), \
        'the head alone: %r' % (heard,)


def test_conditions_of_the_peer_give_304():
    for fields, name, value in ((b'If-None-Match: "e"\r\n', b'setETag', b'"e"'),
                                (b'If-Modified-Since: Thu, 01 Jan 1970 00:00:10 GMT\r\n',
                                 b'setLastModified', 5)):
        foreign = Foreign()
        foreign.answer(foreign.request(b'GET /a/ HTTP/1.1\r\nHost: h\r\n%s\r\n' % fields), 1)
        foreign.say(name, value)
        foreign.say(b'setHeader', b'content-length', b'4')
        foreign.say(b'write', b'body')
        foreign.say(b'finish')
        status, _, body = parts(foreign.wire.take())
        assert status == 304 and body == b'', 'the front end sees it: %d' % status


def test_the_client_has_everything_before_it_is_finished():
    """The response ends with its length,
    and the connection may be closed before the personal server says so."""
    foreign = Foreign()
    foreign.answer(foreign.request(), 1)
    foreign.say(b'setHeader', b'content-length', b'4')
    foreign.say(b'write', b'body and more')
    assert foreign.wire.take().endswith(b'\r\n\r\nbody'), 'what was promised'
    foreign.wire.lose()
    foreign.loop.advance()
    assert foreign.say(b'write', b'x') == [[b'None']] and foreign.say(b'finish') == [[b'None']], \
        'no fault of its'


def test_a_producer_that_waits_to_be_asked():
    foreign = Foreign()
    foreign.answer(foreign.request(), 1)
    foreign.behind.feed(encode(
        [b'message', 90, foreign.luid, b'registerProducer', 1,
         [b'tuple', [b'remote', 5], [b'boolean', b'false']], [b'dictionary']], PB))
    for piece in (b'one', b'two'):
        resume, = [one for one in foreign.hear() if one[0] == b'message']
        assert resume[2:4] == [5, b'resumeProducing'], 'asked for a piece'
        foreign.say(b'write', piece)
        foreign.answer(resume, [b'None'])
    foreign.say(b'unregisterProducer')
    foreign.say(b'finish')
    assert parts(foreign.wire.take())[2] == b'onetwo', 'piece by piece'
    assert foreign.broker.live().references == 0, 'the producer was given back'


def test_a_producer_that_pushes_is_held_up():
    foreign = Foreign()
    foreign.answer(foreign.request(), 1)
    foreign.wire.clog()
    foreign.behind.feed(encode(
        [b'message', 90, foreign.luid, b'registerProducer', 1,
         [b'tuple', [b'remote', 5], [b'boolean', b'true']], [b'dictionary']], PB))
    assert [one[0] for one in foreign.hear()] == [b'answer'], 'it goes by itself'
    paused = []
    for _ in range(20):
        foreign.number += 1
        foreign.behind.feed(encode([b'message', foreign.number, foreign.luid, b'write', 1,
                                    [b'tuple', b'x' * 100000], [b'dictionary']], PB))
        paused += [one for one in foreign.hear() if one[0] == b'message']
    assert [one[3] for one in paused] == [b'pauseProducing'], 'told to stop, once'
    foreign.answer(paused[0], [b'None'])
    foreign.wire.unclog()
    said = []
    for _ in range(30):
        said += [one for one in foreign.hear() if one[0] == b'message']
    assert [one[3] for one in said] == [b'resumeProducing'], 'and to go on'


def test_a_client_that_goes_stops_the_producer():
    foreign = Foreign()
    foreign.answer(foreign.request(), 1)
    foreign.behind.feed(encode(
        [b'message', 90, foreign.luid, b'registerProducer', 1,
         [b'tuple', [b'remote', 5], [b'boolean', b'true']], [b'dictionary']], PB))
    foreign.say(b'write', b'x')
    foreign.wire.lose()
    assert b'stopProducing' in [one[3] for one in foreign.hear() if one[0] == b'message'], 'told'
    assert foreign.say(b'write', b'y')[0][0] == b'twisted.spread.pb.CopyableFailure', \
        'and later calls fail'


@pytest.mark.parametrize('call', [
    (b'setResponseCode', 100), (b'setResponseCode', b'200'), (b'setResponseCode', [b'None']),
    (b'setHeader', b'a b', b'c'), (b'setHeader', b'a', b'b\r\nc: d'),
    (b'setHeader', [b'None'], b'x'), (b'write', [b'None']), (b'write', 1.5),
    (b'addCookie', b'k', b'v\r\n'), (b'setETag', [b'list']),
    (b'setLastModified', b'x'), (b'setLastModified', -1), (b'registerProducer', 5, 1),
    (b'nothing',)])
def test_a_bad_call_is_an_error(call):
    foreign = Foreign()
    foreign.answer(foreign.request(), 1)
    answer, = foreign.say(*call)
    assert answer[0] == b'twisted.spread.pb.CopyableFailure', 'refused'
    foreign.say(b'write', b'fine')
    foreign.say(b'finish')
    assert parts(foreign.wire.take())[2] == b'fine', 'and no harm was done'


def test_fields_of_the_connection_are_not_taken():
    foreign = Foreign()
    foreign.answer(foreign.request(), 1)
    for name in (b'Connection', b'Transfer-Encoding', b'Keep-Alive', b'Upgrade'):
        foreign.say(b'setHeader', name, b'close')
    foreign.say(b'write', b'x')
    foreign.say(b'finish')
    head = parts(foreign.wire.take())[1].lower()
    assert b'connection' not in head and b'upgrade' not in head, 'left out'


def test_after_the_end():
    foreign = Foreign()
    foreign.answer(foreign.request(), 1)
    foreign.say(b'finish')
    foreign.say(b'finish')
    assert foreign.say(b'write', b'x')[0][0] == b'twisted.spread.pb.CopyableFailure', 'too late'
    assert foreign.wire.take().count(b'HTTP/1.1') == 1, 'one response'
