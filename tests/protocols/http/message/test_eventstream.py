# Copyright the carryall authors.  See LICENSE.
"""Server-Sent Events: their octets, a response that goes on, and a client's parser (HTS-09; WHATWG
HTML section 9.2)."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.core.net.transport import Address
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.http import Headers, HTTPError, Site
from carryall.protocols.http.message import (Event, EventParser, EventStream, encode_event,
                                             last_event_id)


@pytest.mark.parametrize('words, octets', [
    ((u'hello',), b'data: hello\n\n'), ((b'',), b'data: \n\n'),
    ((u'a\nb\r\nc\rd',), b'data: a\ndata: b\ndata: c\ndata: d\n\n'),
    ((u'\u00e9', u'price', u'7'), b'event: price\nid: 7\ndata: \xc3\xa9\n\n'),
    ((u'x', None, None, 500), b'retry: 500\ndata: x\n\n')])
def test_an_event_has_its_fields(words, octets):
    assert encode_event(*words) == octets


@pytest.mark.parametrize('words', [(u'x', u'a\nb'), (u'x', u'a\rb'), (u'x', None, u'1\n2'),
                                   (u'x', None, u'1\0')])
def test_a_name_cannot_add_lines(words):
    with pytest.raises(LocalProtocolError):
        encode_event(*words)


class World(object):
    """A site with one stream, and its client."""

    def __init__(self, **more):
        self.loop = VirtualLoop()
        self.stream = EventStream(self.loop, **more)
        self.wire = FakeTransport(self.loop, peername=Address('127.0.0.1', 5)).connect(
            Site(lambda request: self.stream.response(), self.loop)())

    def ask(self, method=b'GET'):
        """The octets that come at once."""
        self.wire.feed(method + b' / HTTP/1.1\r\nHost: h\r\n\r\n')
        self.loop.advance(0.1)
        return self.wire.take()

    def pieces(self):
        """The chunks that came since."""
        self.loop.advance(0.1)
        return self.wire.take()


def test_a_response_brings_events_as_they_are_sent():
    world = World()
    head, _, body = world.ask().partition(b'\r\n\r\n')
    assert b'\r\nContent-Type: text/event-stream\r\n' in head
    assert b'\r\nCache-Control: no-store\r\n' in head
    assert body == b''
    assert world.stream.send(u'one')
    assert world.pieces() == b'b\r\ndata: one\n\n\r\n'
    world.stream.send(u'two')
    world.stream.end()
    assert world.pieces() == b'b\r\ndata: two\n\n\r\n0\r\n\r\n'
    assert not world.stream.send(u'three')


def test_an_event_before_the_response_is_not_lost():
    world = World()
    world.stream.send(u'one')
    assert world.ask().endswith(b'data: one\n\n\r\n')


def test_a_silent_stream_is_kept_alive():
    world = World()
    world.ask()
    world.loop.advance(15.0)
    assert world.wire.take() == b'3\r\n:\n\n\r\n'
    world.stream.send(u'x')
    world.pieces()
    world.loop.advance(14.0)
    assert world.wire.take() == b''
    world.loop.advance(1.0)
    assert world.wire.take() == b'3\r\n:\n\n\r\n'


def test_a_client_that_goes_is_noticed():
    world = World()
    world.ask()
    world.wire.lose()
    world.loop.advance(0.1)
    assert world.stream.lost.done()
    assert world.stream.closed
    assert not world.stream.send(u'x')


def test_a_client_that_does_not_read_is_cut_off():
    world = World(waiting=1000)
    for _ in range(200):
        world.stream.send(u'x' * 100)
    assert world.stream.closed
    assert world.stream.lost.done()


def test_an_answer_to_head_has_no_events():
    world = World()
    world.stream.send(u'one')
    assert world.ask(b'HEAD').endswith(b'\r\n\r\n')
    assert world.stream.closed


def test_no_timer_is_left_behind():
    world = World()
    world.ask()
    world.stream.end()
    assert world.stream._timer is None


@pytest.mark.parametrize('fields, expected', [
    ([], None), ([(b'Last-Event-ID', b'7\xc3\xa9')], u'7\u00e9'),
    ([(b'Last-Event-ID', b'x' * 2000)], None)])
def test_the_last_event_of_a_client(fields, expected):
    request = type('Asked', (), {'headers': Headers(fields)})()
    assert last_event_id(request) == expected


# -- the parser of a client --------------------------------------------------------------------

STREAM = (b'\xef\xbb\xbf: hello\n\ndata: YHOO\ndata: +2\ndata: 10\n\n'
          b'event: add\rdata:73857293\r\rid: 7\r\ndata:  space\r\n\r\ndata\n\ndata\ndata\n\n'
          b'id\ndata: last\nretry: 100\nretry: x\nnonsense: y\n\ndata: never ended\n')
EVENTS = [Event(u'message', u'YHOO\n+2\n10', u''), Event(u'add', u'73857293', u''),
          Event(u'message', u' space', u'7'), Event(u'message', u'', u'7'),
          Event(u'message', u'\n', u'7'), Event(u'message', u'last', u'')]


def test_a_stream_is_parsed_as_browsers_do():
    """The examples of section 9.2.6, with each kind of line end."""
    parser = EventParser()
    assert parser.feed(STREAM) == EVENTS
    assert parser.retry == 100


def test_a_stream_is_parsed_alike_however_it_is_cut():
    for seed in range(20):
        source = random.Random(seed)
        parser = EventParser()
        found = []
        place = 0
        while place < len(STREAM):
            step = source.choice([1, 1, 2, 7])
            found += parser.feed(STREAM[place:place + step])
            place += step
        assert found == EVENTS


def test_events_that_were_encoded_are_parsed():
    parser = EventParser()
    assert parser.feed(encode_event(u'a\r\nb', u't', u'1')) == [Event(u't', u'a\nb', u'1')]


@pytest.mark.parametrize('octets', [b'data: ' + b'x' * 2000, b'data: xxxxxxxxxxxx\n' * 200])
def test_an_event_without_end_is_refused(octets):
    with pytest.raises(HTTPError):
        EventParser(1000).feed(octets)
