# Copyright the carryall authors.  See LICENSE.
"""Transfers by themselves."""
from __future__ import absolute_import, division, print_function

import io
import zlib

import pytest

from carryall.core.errors import ConnectionLost, RemoteProtocolError, TimedOut
from carryall.core.testing import FakeTransport, chunkings
from carryall.protocols.ftp.dataconnection import DataConnection
from carryall.protocols.ftp.filesystem import FileFault, Upload
from carryall.protocols.ftp.transfers import Receive, SendFile, SendPieces, deflated, pieces_of

TEXT = b'one\ntwo\n' * 5000


class Kept(Upload):
    """An upload in memory that can be full."""

    def __init__(self, room=10 ** 9):
        Upload.__init__(self, (b'x',))
        self.data = b''
        self.room = room
        self.ends = []

    def write(self, data):
        if len(self.data) + len(data) > self.room:
            raise FileFault((552, b'Full.'))
        self.data += data

    def finish(self):
        self.ends.append('finished')

    def abandon(self):
        self.ends.append('abandoned')


def begin(worker_of):
    """(wire, worker) of a transfer that has begun."""
    connection = DataConnection()
    wire = FakeTransport().connect(connection)
    worker = worker_of(wire.loop)
    worker.begin(connection)
    wire.loop.advance()
    return wire, worker


def test_a_part_of_a_file_is_sent():
    source = io.BytesIO(b'0123456789')
    wire, worker = begin(lambda loop: SendFile(loop, source, 2, 5, 60.0))
    assert wire.take() == b'23456' and worker.done.result() == 5 and source.closed \
        and wire.lost == [None], 'sent'


def test_pieces_stop_at_the_marks():
    made = []

    def pieces():
        for number in range(100):
            made.append(number)
            yield b'x' * 10000

    connection = DataConnection()
    wire = FakeTransport().connect(connection)
    wire.clog()
    worker = SendPieces(wire.loop, pieces(), 60.0)
    worker.begin(connection)
    wire.loop.advance()
    assert len(made) < 12, '%d pieces for one who does not read' % len(made)
    wire.unclog()
    wire.loop.advance()
    assert worker.done.result() == 1000000 and len(wire.take()) == 1000000, 'all of them'


def test_pieces_let_others_have_their_turn():
    turns = []
    connection = DataConnection()
    wire = FakeTransport().connect(connection)
    worker = SendPieces(wire.loop, [b'x' * 65536] * 64, 60.0)
    worker.begin(connection)

    def turn():
        turns.append(worker.count)
        if not worker.done.done():
            wire.loop.call_soon(turn)

    turn()
    wire.loop.advance()
    assert len(turns) > 10, '%d turns of others' % len(turns)


def test_pieces_that_cannot_be_made():
    def pieces():
        yield b'one'
        raise KeyError('broken')

    wire, worker = begin(lambda loop: SendPieces(loop, pieces(), 60.0))
    assert isinstance(worker.done.exception(), FileFault) and wire.aborted, \
        'the end must not look like one'


@pytest.mark.parametrize('make', [lambda loop, kept: Receive(loop, kept, 60.0)])
def test_receive_at_every_chunking(make):
    for name, pieces in chunkings(TEXT[:2000]):
        kept = Kept()
        wire, worker = begin(lambda loop: make(loop, kept))
        for piece in pieces:
            wire.feed(piece)
        wire.feed_eof()
        wire.loop.advance()
        assert kept.data == TEXT[:2000] and kept.ends == ['finished'] \
            and worker.done.result() == 2000, name


def test_text_and_deflated_at_every_chunking():
    content = zlib.compress(TEXT.replace(b'\n', b'\r\n'))
    for name, pieces in chunkings(content):
        kept = Kept()
        wire, worker = begin(lambda loop: Receive(loop, kept, 60.0, text=True, inflated=True))
        for piece in pieces:
            wire.feed(piece)
        wire.feed_eof()
        wire.loop.advance()
        assert kept.data == TEXT and kept.ends == ['finished'] and worker.done.result() == len(
            content), name


def test_an_upload_that_breaks_or_does_not_fit():
    kept = Kept()
    wire, worker = begin(lambda loop: Receive(loop, kept, 60.0))
    wire.feed(b'half')
    wire.lose()
    wire.loop.advance()
    assert isinstance(worker.done.exception(), ConnectionLost) and kept.ends == ['abandoned'], \
        kept.ends
    kept = Kept(room=10)
    wire, worker = begin(lambda loop: Receive(loop, kept, 60.0))
    wire.feed(b'x' * 11)
    wire.loop.advance()
    assert worker.done.exception().why[0] == 552 and kept.ends == ['abandoned'] and wire.aborted, \
        kept.ends


def test_bad_deflated_data_fails_the_transfer():
    for content, fault in ((b'plain', RemoteProtocolError),
                           (zlib.compress(TEXT)[:-1], RemoteProtocolError),
                           (zlib.compress(TEXT)[:50], RemoteProtocolError)):
        kept = Kept()
        wire, worker = begin(lambda loop: Receive(loop, kept, 60.0, inflated=True))
        wire.feed(content)
        wire.feed_eof()
        wire.loop.advance()
        assert isinstance(worker.done.exception(), fault) and kept.ends == ['abandoned'], \
            len(content)


def test_a_stalled_transfer_is_ended():
    for make in (lambda loop: Receive(loop, Kept(), 60.0),
                 lambda loop: SendFile(loop, io.BytesIO(TEXT), 0, len(TEXT), 60.0),
                 lambda loop: SendPieces(loop, [b'x'] * 100000, 60.0)):
        connection = DataConnection()
        wire = FakeTransport().connect(connection)
        wire.clog()
        worker = make(wire.loop)
        worker.begin(connection)
        wire.loop.advance(59.0)
        assert not worker.done.done(), 'too early'
        wire.loop.advance(70.0)
        assert isinstance(worker.done.exception(), TimedOut) and wire.aborted, worker


def test_a_slow_one_goes_on():
    connection = DataConnection()
    wire = FakeTransport().connect(connection)
    wire.clog()
    worker = SendFile(wire.loop, io.BytesIO(TEXT), 0, len(TEXT), 60.0)
    worker.begin(connection)
    for _ in range(20):
        wire.drain(10)
        wire.loop.advance(50.0)
    assert not worker.done.done(), 'it moves'


def test_an_abandoned_transfer_closes_its_file():
    source = io.BytesIO(TEXT)
    kept = Kept()
    for make, over in ((lambda loop: SendFile(loop, source, 0, 5, 60.0), lambda: source.closed),
                       (lambda loop: Receive(loop, kept, 60.0),
                        lambda: kept.ends == ['abandoned'])):
        connection = DataConnection()
        wire = FakeTransport().connect(connection)
        wire.clog()
        worker = make(wire.loop)
        worker.begin(connection)
        worker.done.cancel()
        wire.loop.advance(1000.0)
        assert over() and wire.aborted and not wire.loop.failures, 'something is left'


def test_pieces_of_a_file():
    assert b''.join(pieces_of(io.BytesIO(TEXT), 4, 7)) == TEXT[4:11], 'a part'
    assert b''.join(pieces_of(io.BytesIO(b'a\nb\n'), 0, 4, True)) == b'a\r\nb\r\n', 'text'
    with pytest.raises(FileFault):
        list(pieces_of(io.BytesIO(b'abc'), 0, 4))
    assert zlib.decompress(b''.join(deflated([b'abc', b'', b'def']))) == b'abcdef', 'deflated'


class Broken(io.BytesIO):
    """A file on a disk that fails."""

    def read(self, count=-1):
        raise IOError(5, 'Input/output error')


def test_a_file_that_cannot_be_read_is_a_fault_of_the_file():
    wire, worker = begin(lambda loop: SendPieces(loop, pieces_of(Broken(b'x' * 10), 0, 10, False),
                                                 10.0))
    assert isinstance(worker.done.exception(), FileFault)
