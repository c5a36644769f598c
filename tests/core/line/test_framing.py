# Copyright the carryall authors.  See LICENSE.
"""Lines, counted strings and netstrings, cut at every place."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.line.framing import (BUSY, ENDED, FULL, IDLE, LINES, RAW, READING, RESTING,
                                       SKIPPING, STOPPED, Int16Protocol, Int32Protocol,
                                       Int8Protocol, LineProtocol, NetstringProtocol)
from carryall.core.testing import FakeTransport, VirtualLoop, play


class Lines(LineProtocol):
    """Answers each line in brackets."""

    max_line = 10

    def line_received(self, line):
        if line == b'raw':
            self.set_raw_mode()
        self.send_line(b'[' + line + b']')

    def raw_data_received(self, data):
        end = data.find(b'!')
        self.transport.write(data.upper() if end < 0 else data[:end].upper())
        if end >= 0:
            self.set_line_mode(data[end + 1:])

    def line_too_long(self):
        self.send_line(b'too long')


def test_a_line_ends_with_crlf():
    play(lambda loop: Lines(), b'one\r\n\r\na\nb\rc\r\n', b'[one]\r\n[]\r\n[a\nb\rc]\r\n')


class LinesOfLF(Lines):
    """Takes lines that end with LF alone, too."""

    lone_lf = True
    max_line = 30

    def line_received(self, line):
        if b'\n' in line:
            self.split_line(line)
        elif line == b'skip':
            self.skip_line()
        else:
            Lines.line_received(self, line)


def test_a_line_that_ends_with_lf_alone_is_told_at_once_if_that_is_wanted():
    play(lambda loop: Lines(), b'one\n', b'')
    play(lambda loop: LinesOfLF(), b'one\n', b'[one]\r\n')
    play(lambda loop: LinesOfLF(), b'a\nb\r\nc\n\nd\r\n\n',
         b'[a]\r\n[b]\r\n[c]\r\n[]\r\n[d]\r\n[]\r\n')
    play(lambda loop: LinesOfLF(), b'raw\nabc\ndef!one\n!\r\n',
         b'[raw]\r\nABC\nDEF[one]\r\n[!]\r\n')
    play(lambda loop: LinesOfLF(), b'skip\r\nnot this\r\na\n', b'[a]\r\n')


@pytest.mark.parametrize('said, answer', [
    (b'a\n' + b'x' * 40 + b'\nb\r\n', b'[a]\r\ntoo long\r\n[b]\r\n'),
    (b'x' * 40 + b'\na\n' + b'y' * 100 + b'\r\nb\n', b'too long\r\n[a]\r\ntoo long\r\n[b]\r\n'),
    (b'a\n' * 40 + b'b\r\n', b'[a]\r\n' * 40 + b'[b]\r\n'),
    (b'skip\r\nnot this\nthis\r\n', b'[this]\r\n')])
def test_an_lf_in_a_long_or_skipped_line_ends_it_however_it_was_cut(said, answer):
    play(lambda loop: LinesOfLF(), said, answer)


def test_many_lines_that_end_with_lf_wait_while_the_protocol_does():
    loop = VirtualLoop()
    protocol = LinesOfLF()
    wire = FakeTransport(loop).connect(protocol)
    seen = []
    protocol.line_received = lambda line: (seen.append(line), protocol.pause())
    wire.feed(b'a\nb\nc\n')
    assert seen == [b'a']
    protocol.unpause()
    assert seen == [b'a', b'b']


def test_an_over_long_line_is_one_error_and_its_tail_is_no_line():
    for size in (11, 12, 13, 100, 1000):
        play(lambda loop: Lines(), b'ok\r\n' + b'x' * size + b'\r\nafter\r\n',
             b'[ok]\r\ntoo long\r\n[after]\r\n')
    play(lambda loop: Lines(), b'x' * 10 + b'\r\n', b'[xxxxxxxxxx]\r\n')


def test_the_rest_of_an_over_long_line_is_dropped_without_a_look_at_each_part():
    loop = VirtualLoop()
    protocol = Lines()
    wire = FakeTransport(loop).connect(protocol)
    wire.feed(b'x' * 100)
    protocol._step = None           # not asked
    for data in (b'y' * 70000, b'z', b'y' * 5000 + b'\r'):
        wire.feed(data)
    del protocol._step
    wire.feed(b'\nafter\r\n')
    assert wire.take() == b'too long\r\n[after]\r\n'


def test_an_endless_line_takes_no_memory():
    loop = VirtualLoop()
    protocol = Lines()
    wire = FakeTransport(loop).connect(protocol)
    for _ in range(1000):
        wire.feed(b'x' * 1000)
        assert len(protocol._buffer) < 3000
    assert wire.take() == b'too long\r\n'


def test_raw_mode_and_back():
    play(lambda loop: Lines(), b'raw\r\nabc\r\ndef!one\r\n!\r\n',
         b'[raw]\r\nABC\r\nDEF[one]\r\n[!]\r\n')


def test_pause_holds_back_what_came():
    loop = VirtualLoop()
    protocol = Lines()
    wire = FakeTransport(loop).connect(protocol)
    seen = []
    protocol.line_received = lambda line: (seen.append(line), protocol.pause())
    wire.feed(b'1\r\n2\r\n')
    loop.advance()
    assert seen == [b'1'] and not wire.reading
    protocol.unpause()
    assert seen == [b'1', b'2']


def test_hold_stops_reading_when_more_comes():
    loop = VirtualLoop()
    protocol = Lines()
    wire = FakeTransport(loop).connect(protocol)
    seen = []
    protocol.line_received = lambda line: (seen.append(line), protocol.hold())
    wire.feed(b'1\r\n')
    assert seen == [b'1'] and wire.reading, 'a peer that waits for its answer'
    wire.feed(b'2\r\n3\r\n')
    assert seen == [b'1'] and not wire.reading, 'one that does not is not read for ever'
    wire.feed(b'4\r\n')
    for number in (2, 3, 4):
        protocol.unpause()
        loop.advance()
        assert seen[-1] == b'%d' % number, seen
    protocol.unpause()
    assert wire.reading and len(seen) == 4


@pytest.mark.parametrize('more', [b'', b'2\r\n', b'2\r\n3'])
def test_an_end_that_comes_while_lines_are_held_back(more):
    loop = VirtualLoop()
    protocol = Lines()
    wire = FakeTransport(loop).connect(protocol)
    protocol.line_received = lambda line: protocol.hold()
    wire.feed(b'1\r\n')
    if more:
        wire.feed(more)
    wire.feed_eof()
    loop.advance()
    for _ in range(1 + bool(more)):
        assert not wire.closed, 'the answer is still to come'
        protocol.send_line(b'answer')
        protocol.unpause()
        loop.advance()
    assert wire.closed and wire.take() == b'answer\r\n' * (1 + bool(more))


def test_lines_that_come_within_a_callback_come_after_it():
    wire = FakeTransport(VirtualLoop())
    seen = []
    protocol = Lines()

    def line_received(line):
        seen.append(line)
        if line == b'1':
            protocol.data_received(b'2\r\n')
            assert seen[-1] == b'1', 'not within one another'
            protocol.data_received(b'3\r\n4')
    protocol.line_received = line_received
    wire.connect(protocol)
    for line in (b'0\r\n', b'1\r\n', b'\r\n', b'5\r\n'):
        wire.feed(line)
    assert seen == [b'0', b'1', b'2', b'3', b'4', b'5']


def test_nothing_is_handed_over_after_close():
    loop = VirtualLoop()
    protocol = Lines()
    wire = FakeTransport(loop).connect(protocol)
    seen = []
    protocol.line_received = lambda line: (seen.append(line), wire.close())
    wire.feed(b'1\r\n2\r\n')
    assert seen == [b'1']


@pytest.mark.parametrize('base, prefix', [(Int8Protocol, b'\x03'), (Int16Protocol, b'\0\x03'),
                                          (Int32Protocol, b'\0\0\0\x03')])
def test_counted_strings_are_framed(base, prefix):
    class Echo(base):
        def string_received(self, data):
            self.send_string(data)

    empty = prefix[:-1] + b'\0'
    play(lambda loop: Echo(), prefix + b'abc' + empty + prefix + b'def' + prefix + b'x',
         prefix + b'abc' + empty + prefix + b'def')


def test_a_counted_string_above_the_bound_ends_the_connection():
    class Short(Int32Protocol):
        max_length = 5

    wire = FakeTransport().connect(Short())
    wire.feed(b'\x7f\xff\xff\xff')
    assert wire.aborted
    with pytest.raises(ValueError):
        Int8Protocol().send_string(b'x' * 256)


class Netstrings(NetstringProtocol):
    max_length = 300

    def string_received(self, data):
        self.send_string(data)


def test_netstrings_are_framed():
    play(lambda loop: Netstrings(), b'5:hello,0:,12:hello world!,', b'5:hello,0:,12:hello world!,')


@pytest.mark.parametrize('bad', [b'5:helloX', b'05:hello,', b'+5:hello,', b':,', b'301:',
                                 b'99999999999', b' 5:hello,', b'hello,'])
def test_a_bad_netstring_aborts_the_connection(bad):
    wire = FakeTransport().connect(Netstrings())
    wire.feed(bad)
    assert wire.aborted, bad


# -- states ----------------------------------------------------------------------------------------


def test_a_connection_is_busy_within_a_callback_and_idle_after_it():
    protocol = Lines()
    seen = []
    protocol.line_received = lambda line: seen.append(protocol.activity)
    wire = FakeTransport().connect(protocol)
    wire.feed(b'1\r\n2\r\n')
    assert seen == [BUSY, BUSY]
    assert protocol.activity == IDLE


def test_more_lines_than_a_share_make_a_connection_rest():
    loop = VirtualLoop()
    protocol = Lines()
    wire = FakeTransport(loop).connect(protocol)
    seen = []

    def line_received(line):
        seen.append(line)
        loop.turns.time = lambda: loop.time() + len(seen)

    protocol.line_received = line_received
    wire.feed(b'x\r\n' * 50)
    assert protocol.activity == RESTING
    loop.advance()
    assert len(seen) == 50
    assert protocol.activity == IDLE


def test_reading_stops_and_ends_while_data_waits():
    protocol = Lines()
    wire = FakeTransport().connect(protocol)
    protocol.hold()
    assert protocol.reading == READING
    wire.feed(b'1\r\n')
    assert protocol.reading == STOPPED
    protocol.eof_received()
    assert protocol.reading == ENDED
    protocol.unpause()
    assert wire.closed


def test_reading_goes_on_once_nothing_waits():
    protocol = Lines()
    wire = FakeTransport().connect(protocol)
    protocol.pause()
    assert protocol.reading == STOPPED
    protocol.unpause()
    assert protocol.reading == READING
    assert wire.reading


def test_the_mode_of_lines_follows_long_lines_and_raw_octets():
    protocol = Lines()
    protocol.max_line = 5
    protocol.line_too_long = lambda: None
    wire = FakeTransport().connect(protocol)
    assert protocol.mode == LINES
    wire.feed(b'much too long')
    assert protocol.mode == SKIPPING
    wire.feed(b'\r\n')
    assert protocol.mode == LINES
    protocol.set_raw_mode()
    assert protocol.mode == RAW
    protocol.set_line_mode()
    assert protocol.mode == LINES


def test_two_reasons_hold_data_until_both_are_gone():
    protocol = Lines()
    wire = FakeTransport().connect(protocol)
    seen = []
    protocol.line_received = seen.append
    protocol.hold(FULL)
    protocol.hold()
    wire.feed(b'1\r\n')
    protocol.unpause()
    assert seen == []
    protocol.held = 0
    protocol.unpause()
    assert seen == [b'1']
