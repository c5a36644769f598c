# Copyright the carryall authors.  See LICENSE.
"""The connections of DCC, against octets of a peer."""
from __future__ import absolute_import, division, print_function

import io
import struct

import pytest

from carryall.core.errors import ConnectionLost, LocalProtocolError
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.irc import DCCError
from carryall.protocols.irc.dccstreams import (FINAL_SECONDS, IDLE_SECONDS, MAX_LINE, MAX_UNREAD,
                                               ChatStream, FileReceiver, FileSender)


class End(object):
    """One end of a connection."""

    def __init__(self, make):
        self.loop = VirtualLoop()
        self.wire = FakeTransport(self.loop)
        self.stream = make(self.loop)
        self.wire.connect(self.stream)
        self.loop.advance()

    def feed(self, data):
        """The peer sends octets."""
        self.wire.feed(data)
        for _ in range(20):
            self.loop.advance(0.01)

    def outcome(self):
        """The result of the transfer, or its error."""
        self.loop.advance()
        done = self.stream.done
        return done.exception() or done.result()


def receiver(size, maximum=1000, offset=0, target=None):
    return End(lambda loop: FileReceiver(loop, io.BytesIO() if target is None else target, size,
                                         offset, maximum))


def sender(data, offset=0):
    return End(lambda loop: FileSender(loop, io.BytesIO(data), len(data), offset))


def acknowledged(number):
    return struct.pack('>I', number)


def test_octets_that_come_are_written_and_acknowledged():
    target = io.BytesIO()
    end = receiver(5, target=target)
    end.feed(b'cak')
    end.feed(b'es')
    assert (end.outcome(), target.getvalue(), end.wire.take()) == (
        5, b'cakes', acknowledged(3) + acknowledged(5))


def test_more_than_was_offered_ends_the_transfer():
    end = receiver(5)
    end.feed(b'cakes!')
    assert isinstance(end.outcome(), DCCError)


def test_a_file_without_a_size_ends_with_the_connection():
    end = receiver(None)
    end.feed(b'cakes')
    end.wire.feed_eof()
    assert end.outcome() == 5


def test_a_file_without_a_size_is_bounded():
    end = receiver(None, 4)
    end.feed(b'cakes')
    assert isinstance(end.outcome(), DCCError)


def test_a_file_that_is_cut_off_is_an_error():
    end = receiver(5)
    end.feed(b'cak')
    end.wire.lose()
    assert isinstance(end.outcome(), ConnectionLost)


def test_a_sender_that_is_silent_is_left():
    end = receiver(5)
    end.loop.advance(IDLE_SECONDS + 5.0)
    assert isinstance(end.outcome(), DCCError)


def test_the_peer_waits_while_the_disk_writes():
    end = receiver(10)
    end.wire.feed(b'cak')
    end.loop.advance()
    end.wire.feed(b'es')
    assert (end.wire.is_reading(), end.wire.is_closing()) in ((False, False), (True, False))


def test_a_disk_that_is_full_ends_the_transfer():
    class Full(object):
        """A file that cannot be written."""

        @staticmethod
        def write(data):
            raise IOError(28, 'No space left on device')

    end = receiver(5, target=Full())
    end.feed(b'cakes')
    assert isinstance(end.outcome(), IOError)


@pytest.mark.parametrize('counted', [10, 7])
def test_a_sender_ends_with_the_last_acknowledgment(counted):
    end = sender(b'0123456789', 3)
    sent = end.wire.take()
    end.feed(acknowledged(4)[:3])
    end.feed(acknowledged(4)[3:] + acknowledged(counted))
    assert (sent, end.outcome(), end.wire.is_closing()) == (b'3456789', 10, True)


def test_a_peer_that_closes_behind_the_last_octet_has_it_all():
    end = sender(b'0123456789')
    end.wire.feed_eof()
    assert end.outcome() == 10


def test_a_peer_that_acknowledges_nothing_has_the_file_still():
    end = sender(b'0123456789')
    end.loop.advance(FINAL_SECONDS + 5.0)
    assert end.outcome() == 10


def test_a_peer_that_takes_nothing_is_left():
    loop = VirtualLoop()
    wire = FakeTransport(loop)
    wire.clog()
    stream = FileSender(loop, io.BytesIO(b'0' * (1 << 20)), 1 << 20)
    wire.connect(stream)
    loop.advance(IDLE_SECONDS + 5.0)
    assert stream.done.exception() is not None


def test_a_chat_says_no_line_end():
    end = End(lambda loop: ChatStream())
    for line in (b'a\nb', b'a\rb', b'x' * (MAX_LINE + 1)):
        with pytest.raises(LocalProtocolError):
            end.stream.say(line)


def test_a_chat_ends_at_a_line_that_is_too_long():
    end = End(lambda loop: ChatStream())
    end.feed(b'x' * (MAX_LINE + 2))
    assert (end.stream.done.done(), end.wire.is_closing()) == (True, True)


def test_a_chat_says_no_more_to_a_peer_that_does_not_read():
    end = End(lambda loop: ChatStream())
    end.wire.clog()
    with pytest.raises(LocalProtocolError):
        for _ in range(MAX_UNREAD // 1000 + 2):
            end.stream.say(b'x' * 1000)


def test_a_program_that_fails_at_a_line_keeps_its_chat(expect_log):
    expect_log('the program failed at a line of a chat')

    def fail(stream, line):
        raise ValueError(line)

    end = End(lambda loop: ChatStream(fail))
    end.feed(b'x\n')
    assert not end.stream.done.done()
