# Copyright the carryall authors.  See LICENSE.
"""Dialogues with a protocol in memory: at every chunking, against its own counterpart, in lockstep.

Tests:    tests/core/testing/test_dialogue.py
"""
from __future__ import absolute_import, division, print_function

import random

from carryall.core.testing.fakeloop import VirtualLoop
from carryall.core.testing.fakewire import FakeTransport

__all__ = ['chunkings', 'lockstep', 'play', 'pump', 'transcript']

SEED = 20020707             # of the random cuts, so that a failure can be had again
RANDOM_CUTS = 8             # how many different ones are played
SIZES = tuple(range(1, 10))     # of equal pieces
MAX_STEPS = 1000000         # moves after which two protocols are taken to talk for ever


def chunkings(data, seed=SEED, cuts=None):
    # type: (bytes, int, Optional[int]) -> Iterator[Tuple[str, List[bytes]]]
    """Cuts *data* in many ways: whole, 1 to 9 bytes at a time, and at random places.

    Yields (name of the way, pieces).  *cuts* is the number of random ways; None takes RANDOM_CUTS.
    """
    yield 'whole', [data] if data else []
    for size in SIZES:
        yield 'by %d' % size, [data[at:at + size] for at in range(0, len(data), size)]
    dice = random.Random(seed)
    for number in range(RANDOM_CUTS if cuts is None else cuts):
        pieces = []
        at = 0
        while at < len(data):
            size = dice.choice((1, 2, 3, 5, 8, 13, 64, 512, 4096))
            pieces.append(data[at:at + size])
            at += size
        yield 'random %d of seed %d' % (number, seed), pieces


def play(factory, data, expected=None, eof=False, seconds=0.0):
    # type: (Callable[[VirtualLoop], Any], bytes, Optional[bytes], bool, float) -> bytes
    """Sends *data* to a new protocol for each way of cutting it,
    and demands the same answer each time.

    Args:     factory: makes the protocol; it is given a VirtualLoop, the clock.
              expected: the answer; if None the one to the whole data.
              eof: whether the peer then sends no more.
              seconds: virtual time that passes at the end.
    Returns:  the answer.
    """
    answer = expected
    for name, pieces in chunkings(data):
        loop = VirtualLoop()
        wire = FakeTransport(loop)
        wire.connect(factory(loop))
        for piece in pieces:
            wire.feed(piece)
            loop.advance()
        if eof:
            wire.feed_eof()
        loop.advance(seconds)
        got = wire.take()
        assert not loop.failures, 'data %s: %r escaped' % (name, loop.failures[0])
        if answer is None:
            answer = got
        assert got == answer, 'data %s: the answer is\n  %r\nand not\n  %r' % (name, got, answer)
        loop.close()
    return answer or b''


def transcript(factory, *lines):
    # type: (Callable[[VirtualLoop], Any], *Any) -> None
    """Plays a dialogue of lines with a server, at every chunking of the client's octets.

    Each line is 'C: ' and a line of the client, or 'S: ' and the answer that the server must send.
    It is text or bytes, without the CRLF at its end.  'C: ...' lines that follow each other are
    pipelined.  'S: <closed>' demands that the server has closed, 'C: <eof>' ends the client's
    side, 'C: <30 s>' lets that many virtual seconds pass.
    """
    steps = [line if isinstance(line, bytes) else line.encode('latin-1') for line in lines]
    for way in ['whole'] + ['by %d' % size for size in SIZES] + ['random']:
        loop = VirtualLoop()
        wire = FakeTransport(loop)
        wire.connect(factory(loop))
        loop.advance()
        heard = [b'']
        for number, step in enumerate(steps):
            where = 'step %d, %r (chunks: %s)' % (number + 1, step, way)
            if step.startswith(b'C: <') and step.endswith(b' s>'):
                loop.advance(float(step[4:-3]))
            elif step == b'C: <eof>':
                wire.feed_eof()
            elif step.startswith(b'C: '):
                _feed(wire, loop, step[3:] + b'\r\n', way)
            elif step == b'S: <closed>':
                loop.advance()
                assert wire.closed, '%s: it is still open' % where
            else:
                _hear(wire, loop, heard, step[3:] + b'\r\n', where)
        loop.advance()
        rest = heard[0] + wire.take()
        assert not rest, 'after the dialogue (chunks: %s) the server said %r' % (way, rest)
        assert not loop.failures, 'chunks %s: %r escaped' % (way, loop.failures[0])
        loop.close()


def _feed(wire, loop, data, way):
    # type: (FakeTransport, VirtualLoop, bytes, str) -> None
    for name, pieces in chunkings(data, cuts=1):
        if name.startswith(way):
            for piece in pieces:
                wire.feed(piece)
                loop.advance()
            return


def _hear(wire, loop, heard, expected, where):
    # type: (FakeTransport, VirtualLoop, List[bytes], bytes, str) -> None
    loop.advance()
    heard[0] += wire.take()
    assert heard[0].startswith(expected), '%s: the server said %r' % (where, heard[0])
    heard[0] = heard[0][len(expected):]


def pump(client, server, loop=None, chunk=None):
    # type: (Any, Any, Optional[VirtualLoop], Optional[int]) -> Tuple[FakeTransport, FakeTransport]
    """Connects two protocols and lets them talk until both are silent.

    Args:     chunk: at most so many bytes are carried at a time; None for all that was written.
    Returns:  the transports (of the client, of the server).
    """
    loop = loop or VirtualLoop()
    near = FakeTransport(loop)
    far = FakeTransport(loop)
    far.connect(server)
    near.connect(client)
    box = {near: b'', far: b''}
    for _ in range(MAX_STEPS):
        moved = False
        loop.advance()
        for source, target in ((near, far), (far, near)):
            box[source] += source.take()
            if box[source] and not target.is_closing() and target.reading:
                size = chunk or len(box[source])
                piece, box[source] = box[source][:size], box[source][size:]
                target.feed(piece)
                moved = True
            elif (source.eof_written or source.closed) and not target.eof_fed and not box[source]:
                target.feed_eof()
                moved = True
            loop.advance()
        if not moved:
            assert not loop.failures, '%r escaped' % (loop.failures[0],)
            return near, far
    raise AssertionError('the two talk for ever')


def lockstep(client, server, loop=None):
    # type: (Any, Any, Optional[VirtualLoop]) -> Tuple[FakeTransport, FakeTransport]
    """As ``pump``, one byte at a time in each direction in turn: finds a side that waits for more
    than it needs."""
    return pump(client, server, loop, chunk=1)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterator, List, Optional, Tuple
