# Copyright the carryall authors.  See LICENSE.
"""permessage-deflate: the agreement, the examples of RFC 7692, both sorts of windows, bombs."""
from __future__ import absolute_import, division, print_function

import os
import zlib

import pytest

from carryall.core.errors import RemoteProtocolError
from carryall.protocols.websocket.deflate import (MAX_ENDS, PIECE_BYTES, Deflate, Deflater,
                                                  Inflater, accept_offer, check_answer, offer,
                                                       parse_extensions)
from carryall.protocols.websocket.wire import Receiver
from carryall.protocols.websocket.settings import Settings
from tests.protocols.websocket.websocket_kit import (BINARY, CONTINUATION, PING, TEXT, events_of,
                                                     masked, take_events)

HELLO = b'\xf2\x48\xcd\xc9\xc9\x07\x00'         # RFC 7692 section 7.2.3.1


def inflated(inflater, data):
    """All that comes of one message."""
    inflater.feed(data, True)
    pieces = []
    more = True
    while more:
        piece, more = inflater.next_piece()
        assert len(piece) <= PIECE_BYTES, 'more than a step'
        pieces.append(piece)
    return b''.join(pieces)


def receiver(fresh=False, **limits):
    return lambda: Receiver(True, Settings(**limits), Inflater(fresh))


@pytest.mark.parametrize('value, answer', [
    (b'permessage-deflate', b'permessage-deflate'),
    (b'permessage-deflate; client_max_window_bits', b'permessage-deflate'),
    (b'permessage-deflate; client_max_window_bits=10', b'permessage-deflate'),
    (b'permessage-deflate; server_no_context_takeover',
     b'permessage-deflate; server_no_context_takeover'),
    (b'permessage-deflate; client_no_context_takeover',
     b'permessage-deflate; client_no_context_takeover'),
    (b'permessage-deflate; server_max_window_bits=15',
     b'permessage-deflate; server_max_window_bits=15'),
    (b'permessage-deflate; server_max_window_bits="15"',
     b'permessage-deflate; server_max_window_bits=15'),
    (b'permessage-deflate; server_max_window_bits=10', None),
    (b'permessage-deflate; server_max_window_bits=10, permessage-deflate', b'permessage-deflate'),
    (b'x-webkit-deflate-frame, permessage-deflate', b'permessage-deflate'),
    (b'x-webkit-deflate-frame', None), (b'', None),
    (b'permessage-deflate; server_max_window_bits', None),
    (b'permessage-deflate; server_max_window_bits=16', None),
    (b'permessage-deflate; server_max_window_bits=7', None),
    (b'permessage-deflate; server_max_window_bits=015', None),
    (b'permessage-deflate; client_max_window_bits=7', None),
    (b'permessage-deflate; client_max_window_bits=x', None),
    (b'permessage-deflate; unknown', None),
    (b'permessage-deflate; unknown, permessage-deflate', b'permessage-deflate'),
    (b'permessage-deflate; server_no_context_takeover; server_no_context_takeover', None),
    (b'permessage-deflate; server_no_context_takeover=1', None)])
def test_a_server_answers_an_offer(value, answer):
    found = accept_offer(parse_extensions([value]), Deflate())
    assert (found and found[0]) == answer, 'got %r' % (found,)


def test_a_server_adds_its_own_parameters():
    answer, agreed = accept_offer(parse_extensions([b'permessage-deflate; client_max_window_bits']),
                                  Deflate(True, True, 1))
    assert (answer
            == b'permessage-deflate; server_no_context_takeover; client_no_context_takeover'), \
            'both'
    assert agreed == Deflate(True, True, 1), 'both'
    answer, agreed = accept_offer(
        parse_extensions([b'permessage-deflate; client_no_context_takeover']), Deflate())
    assert agreed == Deflate(False, True), 'as the client says'


def test_a_client_offers_and_accepts():
    assert offer(Deflate()) == b'permessage-deflate', 'plain'
    assert (offer(Deflate(True, True))
            == b'permessage-deflate; server_no_context_takeover; client_no_context_takeover'), \
            'both'
    for value, agreed in ((b'permessage-deflate', Deflate()),
                          (b'permessage-deflate; server_no_context_takeover', Deflate(True)),
                          (b'', None),
                          (b'permessage-deflate; client_no_context_takeover; '
                           b'server_max_window_bits=8', Deflate(False, True))):
        assert check_answer(parse_extensions([value]), Deflate()) == agreed, value
    for value in (b'other', b'permessage-deflate, permessage-deflate',
                  b'permessage-deflate; client_max_window_bits=15', b'permessage-deflate; x',
                  b'permessage-deflate; server_max_window_bits'):
        with pytest.raises(RemoteProtocolError):
            check_answer(parse_extensions([value]), Deflate())
    with pytest.raises(RemoteProtocolError):
        check_answer(parse_extensions([b'permessage-deflate']), None)
    with pytest.raises(RemoteProtocolError):
        check_answer(parse_extensions([b'permessage-deflate']), Deflate(True))


@pytest.mark.parametrize('value', [b'"x"', b'a; =b', b'a; b="', b'a b', b', '.join([b'a'] * 17)])
def test_extensions_that_are_none(value):
    assert parse_extensions([value]) is None


def test_the_examples_of_the_rfc():
    inflater = Inflater(False)
    assert inflated(inflater, HELLO) == b'Hello', 'one block'
    assert (inflated(inflater, b'\xf2\x00\x11\x00\x00')
            == b'Hello'), 'that goes back into the message before'
    assert inflated(inflater, b'\x00\x05\x00\xfa\xffHello\x00') == b'Hello', 'without compression'
    assert inflated(inflater, b'\xf3\x48\xcd\xc9\xc9\x07\x00\x00') == b'Hello', 'a final block'
    assert (inflated(inflater, b'\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00')
            == b'Hello'), 'two blocks'
    assert inflated(inflater, b'\x00') == b'', 'nothing'
    assert inflated(inflater, b'\x02\x00') == b'', 'nothing'
    assert inflated(Inflater(True), HELLO) == b'Hello', 'each by itself'


@pytest.mark.parametrize('fresh', [False, True])
def test_there_and_back(fresh):
    deflater = Deflater(fresh)
    inflater = Inflater(fresh)
    sizes = []
    for data in (b'abc' * 1000, b'abc' * 1000, b'', b'x', os.urandom(300),
                 b'\0' * (PIECE_BYTES * 3), b'x' * PIECE_BYTES, b'abc' * 1000):
        squeezed = deflater.compress(data)
        assert inflated(inflater, squeezed) == data, len(data)
        sizes.append(len(squeezed))
    assert ((sizes[1] < sizes[0])
            is not fresh), 'a window that is kept knows it already: %r' % (sizes,)


def test_a_fresh_side_does_not_look_back():
    """A peer that keeps its window although it said that it would not."""
    deflater = Deflater(False)
    inflater = Inflater(True)
    assert inflated(inflater, deflater.compress(b'abc' * 100)) == b'abc' * 100, 'the first'
    with pytest.raises(RemoteProtocolError) as caught:
        inflated(inflater, deflater.compress(b'abc' * 100))
    assert caught.value.reply == 1007, 'the second goes too far back'


def test_compressed_frames_become_messages():
    assert (events_of(masked(TEXT, HELLO, squeezed=True) * 3, receiver())
            == [('message', TEXT, u'Hello')] * 3), 'whole'
    assert (events_of(masked(TEXT, HELLO[:3], False, True) + masked(PING)
                      + masked(CONTINUATION, HELLO[3:]) + masked(TEXT, b'plain'),
                     receiver())
            == [(PING, b''), ('message', TEXT, u'Hello'),
                ('message', TEXT, u'plain')]), 'in two, and then one in clear'
    assert (events_of(masked(TEXT, HELLO[:3], False, True)
                      + masked(CONTINUATION, HELLO[3:], squeezed=True), receiver())[-1]
            == ('error', 1002)), 'RSV1 twice'
    assert (events_of(masked(PING, b'', squeezed=True), receiver())
            == [('error', 1002)]), 'in a control frame'
    assert (events_of(masked(TEXT, b'', False, True) + masked(CONTINUATION, b'', False)
                      + masked(CONTINUATION, HELLO), receiver()) == [('message', TEXT, u'Hello')])
    assert (events_of(masked(TEXT, Deflater(True).compress(b'\xed\xa0\x80'), squeezed=True),
                      receiver())[-1] == ('error', 1007)), 'no text'
    assert (events_of(masked(BINARY, b'\xff\xff\xff', squeezed=True), receiver())
            == [('error', 1007)]), 'no deflate'
    assert (events_of(masked(BINARY, b'', squeezed=True), receiver())
            == [('message', BINARY, b'')]), 'what some send for an empty one'


def test_a_bomb_is_refused_at_the_limit():
    """64 MiB in 64 KiB: refused with 1009 at the bound, having made no more than a step beyond
    it.
    """
    coder = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = (b''.join([coder.compress(b'\0' * (1 << 20)) for _ in range(64)])
            + coder.flush(zlib.Z_SYNC_FLUSH)[:-4])
    assert len(bomb) < 70000
    one = receiver(message_bytes=1 << 20)()
    seen = []
    one.receive_data(masked(BINARY, bomb, squeezed=True))
    with pytest.raises(RemoteProtocolError) as caught:
        while True:
            seen.append(len(one.next_event().data))
    assert caught.value.reply == 1009, 'bounded'
    assert sum(seen) <= 1 << 20, 'bounded'
    assert max(seen) <= PIECE_BYTES, 'bounded'


def test_final_blocks_are_few():
    """Each costs a new window: two octets would buy 40 KiB of work."""
    end = b'\x03\x00'
    assert (events_of(masked(BINARY, end * (MAX_ENDS - 1), squeezed=True), receiver())
            == [('message', BINARY, b'')]), 'some'
    events = []
    one = receiver()()
    one.receive_data(masked(BINARY, end * 1000, squeezed=True))
    take_events(one, events)
    assert events == [('error', 1002)], 'not a thousand'
