# Copyright the carryall authors.  See LICENSE.
"""The time limits of a broker: for messages that do not end, slow readers and silent peers."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import ConnectionLost
from carryall.protocols import pb
from carryall.protocols.pb.banana import PB, encode
from tests.protocols.pb.stage import Pair, Peer


class Root(pb.Root):
    def remote_echo(self, value=None):
        return value

    def remote_big(self):
        return b'x' * 500000


def half(peer):
    """A message, without its last octet."""
    return encode(peer.message(1, b'echo', b'abc'), PB)[:-1]


def test_a_message_that_does_not_end():
    peer = Peer(Root())
    peer.say(half(peer))
    peer.loop.advance(59.0)
    assert not peer.wire.closed, 'it has a minute'
    peer.loop.advance(2.0)
    assert peer.wire.closed and peer.broker.closed.done() and not peer.loop._timers, 'and no more'


def test_an_octet_now_and_then_is_no_progress():
    peer = Peer(Root())
    peer.say(b'\x02\x80')
    for _ in range(12):
        peer.loop.advance(10.0)
        if peer.wire.closed:
            break
        peer.wire.feed(b'\x00\x80'[:1])
    assert peer.wire.closed, 'it goes on for ever'


def test_a_long_message_that_comes_along_has_its_time():
    peer = Peer(Root())
    data = encode(peer.message(1, b'echo', b'x' * 600000), PB)
    for at in range(0, len(data), 62000):
        peer.wire.feed(data[at:at + 62000])
        peer.loop.advance(59.0)
        assert not peer.wire.closed, '1024 octets a second are enough'
    assert len(peer.hear()) == 1, 'answered'


def test_slow_messages_that_end_keep_the_connection():
    """The end of one message and the beginning of the next in one segment, slowly:
    each of them ends."""
    peer = Peer(Root())
    whole = encode(peer.message(1, b'echo', b'abc'), PB)
    peer.wire.feed(whole[:10])
    for _ in range(20):
        peer.loop.advance(50.0)
        assert not peer.wire.closed, 'it took all of a message for one'
        peer.wire.feed(whole[10:] + whole[:10])


def test_time_in_which_we_do_not_read_is_free():
    peer = Peer(Root())
    peer.say(half(peer))
    peer.wire.pause_reading()
    peer.loop.advance(500.0)
    assert not peer.wire.closed, 'how could it end?'
    peer.wire.resume_reading()
    peer.loop.advance(130.0)
    assert peer.wire.closed, 'now it could'


def test_a_peer_without_a_message_may_be_silent():
    peer = Peer(Root())
    peer.say(peer.message(1, b'echo'))
    peer.loop.advance(3600.0)
    assert not peer.wire.closed, 'as long as it likes'


def test_for_ever_if_that_is_wanted():
    peer = Peer(Root(), settings=pb.Settings(message_seconds=0.0, write_seconds=0.0))
    peer.wire.clog()
    peer.say(peer.message(1, b'big'), half(peer))
    peer.loop.advance(10000.0)
    assert not peer.wire.closed and not peer.loop._timers, 'zero is no limit'


def test_a_peer_that_does_not_read_is_cut():
    peer = Peer(Root())
    peer.wire.clog()
    peer.say(peer.message(1, b'big'))
    assert peer.broker.paused, 'it waits'
    peer.loop.advance(119.0)
    assert not peer.wire.aborted, 'two minutes'
    peer.loop.advance(2.0)
    assert peer.wire.aborted and not peer.loop._timers, 'and no more'


def test_a_peer_that_reads_slowly_is_not():
    peer = Peer(Root())
    peer.wire.clog()
    peer.say(peer.message(1, b'big'))
    peer.wire.unclog()
    peer.loop.advance()
    peer.wire.clog()
    peer.say(peer.message(2, b'big'))
    peer.loop.advance(100.0)
    assert not peer.wire.aborted, 'what came first was taken'
    peer.wire.unclog()
    peer.loop.advance(1000.0)
    assert not peer.wire.aborted and not peer.broker.paused, 'and the rest'


def test_a_call_to_a_lost_peer_fails():
    pair = Pair(Root(), near=dict(extensions=True, ping_seconds=5.0), far=dict(extensions=True))
    future = pair.root.call_remote('echo', 1)
    pair.server.transport.pause_reading()
    pair.loop.advance(20.0)
    assert pair.client.lost and isinstance(future.exception(), ConnectionLost), 'it waits for ever'


def test_a_paused_reader_does_not_judge_the_peer():
    pair = Pair(Root(), near=dict(extensions=True, ping_seconds=5.0), far=dict(extensions=True))
    pair.client.transport.pause_reading()
    pair.loop.advance(100.0)
    assert not pair.client.lost, 'it was not asked whether it is there'
    pair.client.transport.resume_reading()
    pair.loop.advance(100.0)
    assert not pair.client.lost and pair.call('echo', 1) == 1, 'it is'
