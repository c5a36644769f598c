# Copyright the carryall authors.  See LICENSE.
"""The end of a message, dots and line ends (RFC 5321 section 4.5.2), at every chunking."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.core.testing import chunkings
from carryall.core.line.transparency import DataReader, Stuffer, has_lone_ends, normalised


def collect(pieces, size=1000000):
    """(message, rest) of what was fed."""
    reader = DataReader(size)
    for number, piece in enumerate(pieces):
        rest = reader.feed(piece)
        if rest is not None:
            return reader.message, rest + b''.join(pieces[number + 1:]), reader.too_big
    return None


@pytest.mark.parametrize('wire, message, rest', [
    (b'.\r\n', b'', b''), (b'.\r\nQUIT\r\n', b'', b'QUIT\r\n'), (b'a\r\n.\r\n', b'a\r\n', b''),
    (b'a\r\n..\r\n.\r\nX', b'a\r\n.\r\n', b'X'),
    (b'..a\r\n.\r\n', b'.a\r\n', b''), (b'.a\r\n.\r\n', b'a\r\n', b''),
    (b'\r\n\r\n.\r\n', b'\r\n\r\n', b''),
    (b'a\r\n.\r\n.\r\n', b'a\r\n', b'.\r\n'), (b'a\n.\n\r\n.\r\n', b'a\n.\n\r\n', b''),
    (b'a\r.\r\r\n.\r\n', b'a\r.\r\r\n', b''),
    (b'a\r\n.\r.\r\n\r\n.\r\n', b'a\r\n\r.\r\n\r\n', b''), (b'...\r\n.\r\n', b'..\r\n', b''),
    (b'a\r\n.b\r\n..c\r\n.\r\n', b'a\r\nb\r\n.c\r\n', b''),
    (b'a\r\r\n.\r\n', b'a\r\r\n', b''), (b'a\n\r\n.\r\n', b'a\n\r\n', b'')])
def test_the_end_and_the_dots(wire, message, rest):
    for name, pieces in chunkings(wire):
        assert collect(pieces) == (message, rest, False), name


@pytest.mark.parametrize('wire',
                         [b'a\n.\n', b'a\r.\r', b'a\r\n.\n', b'a\n.\r\n', b'a\r\n.\r',
                          b'a\r\n. \r\n', b'\r\n.\r\r\n', b'.\n', b'.\r', b''])
def test_a_false_end_does_not_end_the_message(wire):
    for name, pieces in chunkings(wire):
        assert collect(pieces) is None, name


def test_too_big_and_just_right():
    for size, big in ((10, False), (9, True), (0, True)):
        for name, pieces in chunkings(b'..345678\r\n\r\n'[:9] + b'\r\n.\r\nX'):
            got = collect(pieces, size)
            assert got[1:] == (b'X', big), (name, size, got)
            assert (got[0] is None) is big, (name, size, got)
    reader = DataReader(1000)
    for _ in range(1000):
        assert reader.feed(b'x' * 1000) is None
    assert reader.too_big
    assert reader.feed(b'\r\n.\r\n') == b''
    assert reader.message is None


@pytest.mark.parametrize('data, lone, mended', [
    (b'', False, b''), (b'a\r\nb\r\n', False, b'a\r\nb\r\n'), (b'a\nb', True, b'a\r\nb'),
    (b'a\rb', True, b'a\r\nb'),
    (b'a\n\r', True, b'a\r\n\r\n'), (b'\r\r\n', True, b'\r\n\r\n'), (b'\r\n\n', True, b'\r\n\r\n'),
    (b'\r', True, b'\r\n')])
def test_ends_that_stand_alone(data, lone, mended):
    assert has_lone_ends(data) is lone
    assert normalised(data) == mended


def stuffed(pieces, mend=False):
    stuffer = Stuffer(mend)
    return b''.join([stuffer.feed(piece) for piece in pieces] + [stuffer.finish()])


@pytest.mark.parametrize('message, wire', [
    (b'', b'.\r\n'), (b'a\r\n', b'a\r\n.\r\n'), (b'a', b'a\r\n.\r\n'), (b'.\r\n', b'..\r\n.\r\n'),
    (b'.', b'..\r\n.\r\n'),
    (b'a\r\n.b\r\n..\r\n', b'a\r\n..b\r\n...\r\n.\r\n'),
    (b'\r\n.\r\nMAIL FROM:<>\r\n', b'\r\n..\r\nMAIL FROM:<>\r\n.\r\n')])
def test_dots_are_stuffed_and_removed(message, wire):
    for name, pieces in chunkings(message):
        assert stuffed(pieces) == wire, name
        assert collect([wire])[0] == message + (b'' if message.endswith(b'\r\n') or not message
                                                else b'\r\n'), 'back'


@pytest.mark.parametrize('message, wire', [
    (b'a\n.\nb', b'a\r\n..\r\nb\r\n.\r\n'), (b'a\r.\r\n', b'a\r\n..\r\n.\r\n'),
    (b'\r', b'\r\n.\r\n'), (b'\n.', b'\r\n..\r\n.\r\n'),
    (b'\r\r.\n', b'\r\n\r\n..\r\n.\r\n')])
def test_stuffing_mends_or_refuses(message, wire):
    for name, pieces in chunkings(message):
        assert stuffed(pieces, True) == wire, name
        with pytest.raises(LocalProtocolError):
            stuffed(pieces)


def test_any_message_ends_once_and_comes_out_unchanged():
    dice = random.Random(20040225)
    for _ in range(2000):
        message = b''.join(dice.choice((b'\r\n', b'.', b'a', b'\r\n.\r\n', b'..'))
                           for _ in range(dice.randrange(12)))
        cuts = sorted(dice.randrange(len(message) + 1) for _ in range(3))
        pieces = [message[a:b] for a, b in zip([0] + cuts, cuts + [len(message)])]
        wire = stuffed(pieces)
        assert wire.count(b'\r\n.\r\n') == (0 if wire == b'.\r\n' else 1), wire
        expected = message if message.endswith(b'\r\n') or not message else message + b'\r\n'
        assert collect([wire]) == (expected, b'', False)


def test_a_message_that_comes_octet_by_octet_takes_little_more_than_its_octets():
    reader = DataReader(1 << 20)
    for _ in range(100000):
        assert reader.feed(b'x') is None
    assert sum(len(part) + 96 for part in reader._parts) < 2 * 100000
    assert reader.feed(b'\r\n.\r\nQUIT') == b'QUIT'
    assert reader.message == b'x' * 100000 + b'\r\n'
