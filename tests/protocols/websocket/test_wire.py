# Copyright the carryall authors.  See LICENSE.
"""WebSocket frames: the examples of the RFC, every cut, every limit, and the categories of the
Autobahn test suite as a table.
"""
from __future__ import absolute_import, division, print_function

import os
import random

import pytest

from carryall.core.compat import int2byte, iterbytes
from carryall.core.errors import RemoteProtocolError
from carryall.protocols.websocket.wire import (CLOSE_CODES, Receiver, apply_mask, close_payload,
                                               frame, is_close_code)
from carryall.protocols.websocket.settings import Settings
from tests.protocols.websocket.websocket_kit import (BINARY, CLOSE, CONTINUATION, KEY, PING, PONG,
                                                     TEXT, closing, events_of, masked, take_events)

EURO = u'\u20ac\U0001f980'
BAD_UTF8 = [b'\xce\xba\xed\xa0\x80edited', b'\xf4\x90\x80\x80', b'\xc0\xaf', b'\xe0\x80\xaf',
            b'\xf0\x80\x80\xaf', b'\xfe', b'\xff', b'\x80',
            b'\xbf', b'\xed\xbf\xbf', b'\xed\xa0\x80\xed\xb0\x80', b'\xf8\x88\x80\x80\x80',
            b'\xc1\xbf', b'\xf7\xbf\xbf\xbf', b'\xe2\x82', b'\xf0\x9f']

TABLE = ([
    # 1  framing: the three forms of a length, and what stands at their ends
    ('1.1 text of %d' % size, masked(TEXT, b'*' * size), [('message', TEXT, u'*' * size)]) for size
    in (0, 1, 125, 126, 127, 128, 65535, 65536)
] + [
    ('1.2 binary of %d' % size, masked(BINARY, b'\xfe' * size),
     [('message', BINARY, b'\xfe' * size)]) for size in (0, 1, 125, 126, 127, 128, 65535, 65536)
] + [
    # 2  pings and pongs
    ('2.1 a ping', masked(PING), [(PING, b'')]),
    ('2.2 with text', masked(PING, b'Hello'), [(PING, b'Hello')]),
    ('2.3 with octets', masked(PING, b'\x00\xff\xfe'), [(PING, b'\x00\xff\xfe')]),
    ('2.4 of 125', masked(PING, b'\xfe' * 125), [(PING, b'\xfe' * 125)]),
    ('2.5 of 126', masked(PING, b'\xfe' * 126), [('error', 1002)]),
    ('2.7 an unasked pong', masked(PONG), [(PONG, b'')]),
    ('2.10 ten of them', b''.join(masked(PING, int2byte(48 + n)) for n in range(10)),
     [(PING, int2byte(48 + n)) for n in range(10)]),
    # 3  reserved bits
    ('3.1 in a text', b'\xc1\x80' + KEY, [('error', 1002)]),
    ('3.2 behind a good one', masked(TEXT, b'a') + b'\xa1\x80' + KEY,
     [('message', TEXT, u'a'), ('error', 1002)]),
    ('3.5 in a binary', b'\x92\x80' + KEY, [('error', 1002)]),
    ('3.6 in a ping', b'\xe9\x80' + KEY, [('error', 1002)]),
    ('3.7 in a close', b'\xf8\x80' + KEY, [('error', 1002)]),
] + [
    # 4  opcodes
    ('4 opcode %d' % opcode, masked(opcode), [('error', 1002)]) for opcode
    in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
] + [
    # 5  fragments
    ('5.1 a ping in two', masked(PING, b'a', False) + masked(CONTINUATION, b'b'),
     [('error', 1002)]),
    ('5.2 a pong in two', masked(PONG, b'a', False) + masked(CONTINUATION, b'b'),
     [('error', 1002)]),
    ('5.3 a text in two', masked(TEXT, b'a', False) + masked(CONTINUATION, b'b'),
     [('message', TEXT, u'ab')]),
    ('5.6 a ping in between',
     masked(TEXT, b'a', False) + masked(PING, b'x') + masked(CONTINUATION, b'b'),
     [(PING, b'x'), ('message', TEXT, u'ab')]),
    ('5.9 a continuation of nothing', masked(CONTINUATION, b'a'), [('error', 1002)]),
    ('5.12 that does not end', masked(CONTINUATION, b'a', False), [('error', 1002)]),
    ('5.15 one too many',
     masked(TEXT, b'a', False) + masked(CONTINUATION, b'b') + masked(CONTINUATION, b'c'),
     [('message', TEXT, u'ab'), ('error', 1002)]),
    ('5.18 a text in a text', masked(TEXT, b'a', False) + masked(TEXT, b'b'), [('error', 1002)]),
    ('5.19 many',
     masked(BINARY, b'a', False) + masked(CONTINUATION, b'b', False) * 50 + masked(PONG)
     + masked(CONTINUATION, b''),
     [(PONG, b''), ('message', BINARY, b'a' + b'b' * 50)]),
    ('6.1 empty ones',
     masked(TEXT, b'', False) + masked(CONTINUATION, b'', False) + masked(CONTINUATION),
     [('message', TEXT, u'')]),
    # 6  UTF-8
    ('6.2 cut within a character',
     b''.join([masked(TEXT, b'', False)]
              + [masked(CONTINUATION, octet, False) for octet in iterbytes(EURO.encode('utf-8'))]
                                            + [masked(CONTINUATION)]), [('message', TEXT, EURO)]),
    ('6.5 the ends of the planes',
     masked(TEXT,
            b'\x00\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf'),
     [('message', TEXT, u'\x00\x7f\x80\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff')]),
    ('6.6 not in a binary', masked(BINARY, b'\xff\xed\xa0\x80'),
     [('message', BINARY, b'\xff\xed\xa0\x80')]),
] + [
    ('6 %r' % data, masked(TEXT, data), [('error', 1007)]) for data in BAD_UTF8
] + [
    # 7  closing
    ('7.1 and what comes behind', closing(1000) + masked(TEXT, b'x') + b'garbage' * 9,
     [('close', 1000, u'')]),
    ('7.3.1 without a code', closing(), [('close', None, u'')]),
    ('7.3.2 half a code', masked(CLOSE, b'a'), [('error', 1002)]),
    ('7.3.4 with a reason', closing(1000, EURO), [('close', 1000, EURO)]),
    ('7.3.6 too long', masked(CLOSE, b'\x03\xe8' + b'x' * 124), [('error', 1002)]),
    ('7.5.1 a reason that is no text', masked(CLOSE, b'\x03\xe8\xce\xba\xed\xa0\x80'),
     [('error', 1007)]),
    ('7.5.2 half a character', masked(CLOSE, b'\x03\xe8\xe2\x82'), [('error', 1007)]),
    ('7.6 within a message', masked(TEXT, b'a', False) + closing(1001),
     [('part', TEXT, u'a'), ('close', 1001, u'')]),
] + [
    ('7.7 code %d' % code, closing(code), [('close', code, u'')])
    for code
    in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000,
        4999)
] + [
    ('7.9 code %d' % code, closing(code), [('error', 1002)]) for code
    in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
] + [
    # beyond Autobahn: masks and lengths
    ('8.1 no mask', b'\x81\x01a', [('error', 1002)]),
    ('8.2 a length in two octets that fits in one', b'\x82\xfe\x00\x7d' + KEY + b'x' * 125,
     [('error', 1002)]),
    ('8.3 in eight that fits in two', b'\x82\xff' + b'\0' * 6 + b'\xff\xff' + KEY,
     [('error', 1002)]),
    ('8.4 beyond 63 bits', b'\x82\xff\x80' + b'\0' * 7 + KEY, [('error', 1002)]),
    ('8.5 beyond all', b'\x82\xff\x7f' + b'\xff' * 7 + KEY, [('error', 1009)]),
    ('8.6 a close in two', masked(CLOSE, b'', False), [('error', 1002)]),
])


@pytest.mark.parametrize('data, expected', [row[1:] for row in TABLE],
                         ids=[row[0].split(' ')[0] + '-%d' % n for n, row in enumerate(TABLE)])
def test_frames_are_read_as_in_the_table(data, expected):
    if len(data) > 70000 // 2:
        receiver = Receiver(True)
        events = []
        for at in range(0, len(data), 1000):
            receiver.receive_data(data[at:at + 1000])
            take_events(receiver, events)
        assert [event for event in events] == expected, 'by 1000'
    else:
        assert events_of(data) == expected, 'got something else'


def test_the_examples_of_the_rfc():
    assert frame(TEXT, b'Hello') == b'\x81\x05Hello', 'in clear'
    assert frame(TEXT, b'Hello', KEY) == b'\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58', 'masked'
    assert (frame(TEXT, b'Hel', None, False) + frame(CONTINUATION, b'lo')
            == b'\x01\x03Hel\x80\x02lo'), 'in two'
    assert frame(PONG, b'Hello', KEY) == b'\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58', 'a pong'
    assert frame(BINARY, b'x' * 256)[:4] == b'\x82\x7e\x01\x00', 'lengths'
    assert frame(BINARY, b'x' * 65536)[:10] == b'\x82\x7f' + b'\0' * 5 + b'\x01\0\0', 'lengths'
    assert frame(CONTINUATION, b'', final=False) == b'\x00\x00', 'flags'
    assert frame(TEXT, b'', squeezed=True) == b'\xc1\x00', 'flags'


def test_a_client_takes_what_has_no_mask_alone():
    assert (events_of(frame(TEXT, b'Hello') + frame(CLOSE, b''), lambda: Receiver(False))
            == [('message', TEXT, u'Hello'), ('close', None, u'')]), 'good'
    assert (events_of(masked(TEXT, b'Hello'), lambda: Receiver(False))
            == [('error', 1002)]), 'RFC 6455 section 5.1'


def test_masking_works_at_every_length():
    dice = random.Random(1)
    for size in list(range(20)) + [125, 1000, 65537]:
        data = os.urandom(size)
        key = os.urandom(4)
        at = dice.randrange(9)
        expected = bytes(bytearray(one ^ bytearray(key)[(at + place) & 3]
                                   for place, one in enumerate(bytearray(data))))
        assert apply_mask(data, key, at) == expected, size
        assert type(apply_mask(data, key, at)) is bytes, size
        assert apply_mask(expected, key, at) == data, 'and back'


def test_frames_and_messages_are_limited():
    limits = Settings(frame_bytes=10, message_bytes=15)

    def make():
        return Receiver(True, limits)

    assert events_of(masked(BINARY, b'x' * 10), make) == [('message', BINARY, b'x' * 10)], 'fits'
    assert events_of(masked(BINARY, b'x' * 11), make) == [('error', 1009)], 'a frame of one more'
    assert (events_of(masked(BINARY, b'x' * 10, False) + masked(CONTINUATION, b'x' * 5), make)
            == [('message', BINARY, b'x' * 15)]), 'fits'
    assert (events_of(masked(BINARY, b'x' * 10, False) + masked(CONTINUATION, b'x' * 6), make)
            == [('error', 1009)]), 'one more'
    whole = [('message', BINARY, b'x' * 10)] * 9
    assert events_of(masked(BINARY, b'x' * 10) * 9, make) == whole, 'each message anew'
    receiver = make()
    receiver.receive_data(masked(BINARY, b'x' * 11)[:6])
    with pytest.raises(RemoteProtocolError) as caught:
        receiver.next_event()
    assert caught.value.reply == 1009, 'before any of it has come'
    for _ in range(2):
        receiver.receive_data(masked(PING))
        with pytest.raises(RemoteProtocolError):
            receiver.next_event()


def test_bad_text_is_refused_as_soon_as_it_shows():
    """And not when the message ends (Autobahn 6.4)."""
    for good, bad in ((b'\xce\xba', b'\xf4\x90'), (b'', b'\xed\xa0'), (b'\xe2\x82\xac', b'\xc0'),
                      (b'', b'\xf0\x80'), (b'', b'\xe0\x9f'), (b'', b'\xf5')):
        receiver = Receiver(True)
        events = []
        receiver.receive_data(masked(TEXT, good + bad + b'\x80\x80' * 5,
                                     False)[:6 + len(good + bad)])
        take_events(receiver, events)
        assert events[-1] == ('error', 1007), bad


def test_pieces_come_as_they_are_there():
    receiver = Receiver(True)
    data = masked(BINARY, b'abcdef')
    receiver.receive_data(data[:8])
    assert receiver.next_event() == (BINARY, b'ab', False), 'what is there'
    assert receiver.next_event() is None, 'what is there'
    receiver.receive_data(data[8:])
    assert receiver.next_event() == (BINARY, b'cdef', True), 'the rest'


def test_garbage_is_frames_or_one_error():
    dice = random.Random(20020707)
    for _ in range(200):
        data = bytes(bytearray(dice.randrange(256) for _ in range(dice.randrange(1, 60))))
        events_of(data, lambda: Receiver(bool(len(data) & 1), Settings(frame_bytes=1000)))


def test_close_payloads_have_code_and_reason():
    assert close_payload(None) == b'', 'plain'
    assert close_payload(1000) == b'\x03\xe8', 'plain'
    long = close_payload(1000, u'\u20ac' * 100)
    assert len(long) == 125, 'cut between characters'
    assert long[2:].decode('utf-8') == u'\u20ac' * 41, 'cut between characters'
    assert len(close_payload(1000, u'a' + u'\u20ac' * 100)) == 123, 'also if that leaves room'
    assert all(is_close_code(code) for code in CLOSE_CODES), 'the table'
    assert not is_close_code(1006), 'the table'
