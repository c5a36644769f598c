# Copyright the carryall authors.  See LICENSE.
"""play, transcript, pump and lockstep: they pass what is right and find what is wrong."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.net.protocol import Protocol
from carryall.core.testing import VirtualLoop, chunkings, dialogue, lockstep, play, pump, transcript


@pytest.fixture(autouse=True)
def all_ways(monkeypatch):
    """The ways of cutting that a whole run has, in a quick one too."""
    monkeypatch.setattr(dialogue, 'SIZES', tuple(range(1, 10)))
    monkeypatch.setattr(dialogue, 'RANDOM_CUTS', 8)


class Upper(Protocol):
    """Answers each line in capitals; QUIT ends; WAIT answers after a second."""

    def __init__(self, clock):
        self.clock = clock
        self.rest = b''

    def data_received(self, data):
        self.rest += data
        while b'\r\n' in self.rest:
            line, self.rest = self.rest.split(b'\r\n', 1)
            if line == b'QUIT':
                self.transport.write(b'BYE\r\n')
                self.transport.close()
                return
            if line == b'WAIT':
                self.clock.call_later(1.0, self.transport.write, b'WAITED\r\n')
            else:
                self.transport.write(line.upper() + b'\r\n')


class Packetwise(Upper):
    """Wrong: takes what comes at once for a line."""

    def data_received(self, data):
        self.transport.write(data.upper())


class Careless(Upper):
    """Wrong: asks for the byte after the first."""

    def data_received(self, data):
        data[0:1].decode('ascii')
        if len(data) < 2:
            raise IndexError('too short')


def test_chunkings_are_whole_and_the_same_each_time():
    data = b'0123456789' * 30
    ways = list(chunkings(data))
    assert len(ways) == 18 and len(set(name for name, _ in ways)) == 18
    for name, pieces in ways:
        assert b''.join(pieces) == data and b'' not in pieces, name
    assert ways == list(chunkings(data))
    assert dict(ways)['by 1'] == [data[at:at + 1] for at in range(300)]


def test_chunkings_of_nothing():
    assert all(pieces == [] for _, pieces in chunkings(b''))


def test_play_gives_the_answer():
    assert play(Upper, b'hello\r\nworld\r\n') == b'HELLO\r\nWORLD\r\n'
    assert play(Upper, b'x\r\n', b'X\r\n', eof=True) == b'X\r\n'
    assert play(Upper, b'WAIT\r\n', seconds=1.0) == b'WAITED\r\n'
    assert play(Upper, b'') == b''


def test_play_finds_a_wrong_answer():
    with pytest.raises(AssertionError) as caught:
        play(Upper, b'x\r\n', b'Y\r\n')
    assert 'whole' in str(caught.value)


def test_play_finds_a_protocol_that_needs_a_certain_cut():
    class Counting(Upper):
        def data_received(self, data):
            self.transport.write(b'[' + data + b']')

    with pytest.raises(AssertionError) as caught:
        play(Counting, b'abcdef')
    assert 'by 1' in str(caught.value)


def test_play_finds_what_escapes():
    with pytest.raises(AssertionError) as caught:
        play(Careless, b'abc')
    assert 'IndexError' in str(caught.value)


def test_transcript_plays_a_dialogue():
    transcript(Upper, 'C: hello', 'S: HELLO', 'C: a', 'C: b', 'S: A', 'S: B', 'C: WAIT',
               'C: <1.0 s>', 'S: WAITED', 'C: QUIT', 'S: BYE', 'S: <closed>')


@pytest.mark.parametrize('lines, said', [
    (('C: hello', 'S: HALLO'), 'step 2'), (('C: hello',), 'after the dialogue'),
    (('C: a', 'S: <closed>'), 'still open'),
    (('S: WELCOME',), 'step 1')])
def test_transcript_finds_a_difference(lines, said):
    with pytest.raises(AssertionError) as caught:
        transcript(Upper, *lines)
    assert said in str(caught.value)


class Asking(Protocol):
    """Asks three times, then leaves."""

    def __init__(self):
        self.heard = b''

    def connection_made(self, transport):
        Protocol.connection_made(self, transport)
        transport.write(b'one\r\ntwo\r\nQUIT\r\n')

    def data_received(self, data):
        self.heard += data


@pytest.mark.parametrize('talk', [pump, lockstep])
def test_two_talk_until_both_are_silent(talk):
    client = Asking()
    loop = VirtualLoop()
    near, far = talk(client, Upper(loop), loop)
    assert client.heard == b'ONE\r\nTWO\r\nBYE\r\n'
    assert near.closed and far.closed and near.lost == [None] and far.lost == [None]


def test_lockstep_carries_one_byte_at_a_time():
    class Sizes(Protocol):
        def __init__(self):
            self.sizes = []

        def data_received(self, data):
            self.sizes.append(len(data))

    server = Sizes()
    lockstep(Asking(), server)
    assert server.sizes == [1] * 16


def test_an_escaped_exception_is_found():
    with pytest.raises(AssertionError):
        pump(Asking(), Careless(None), chunk=1)
