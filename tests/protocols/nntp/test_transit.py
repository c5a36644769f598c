# Copyright the carryall authors.  See LICENSE.
"""POST, IHAVE, CHECK and TAKETHIS (RFC 3977 section 6.3, RFC 4644)."""
from __future__ import absolute_import, division, print_function

from carryall.core.future import Future, failed
from carryall.core.testing import VirtualLoop
from carryall.protocols.nntp import Settings
from tests.protocols.nntp.newsstand import make_room, said, standing, visited, wire_article

POSTED = (b'From: Ann <ann@example.org>\r\nNewsgroups: misc.test\r\nSubject: hello\r\n\r\n'
          b'..dots\r\n.\r\n')


def sent(loop, name, **more):
    """The article *name* as it goes over the wire."""
    return wire_article(loop, name, **more) + b'.\r\n'


def test_a_post_gets_what_it_lacks():
    """RFC 5537 section 3.5."""
    loop, _, wire = standing()
    reply = said(wire, loop, b'POST\r\n')
    assert reply.startswith(b'340 Ok, recommended message-ID <')
    message_id = reply.split()[-1]
    assert said(wire, loop, POSTED) == b'240 Article received ' + message_id + b'\r\n'
    article = said(wire, loop, b'ARTICLE ' + message_id + b'\r\n')
    for line in (b'Path: news.example!.POSTED!not-for-mail', b'Injection-Info: news.example',
                 b'Xref: news.example misc.test:1', b'Message-ID: ' + message_id, b'..dots'):
        assert b'\r\n' + line + b'\r\n' in article


def test_a_post_without_a_header_field_is_refused():
    loop, _, wire = standing()
    said(wire, loop, b'POST\r\n')
    assert said(wire, loop, POSTED.replace(b'Subject: hello\r\n', b'')) == \
        b'441 Missing "Subject" header field\r\n'
    assert said(wire, loop, b'STAT <x@y>\r\n')[:3] == b'430'


def test_an_article_that_is_too_large_is_refused_and_read_to_its_end():
    loop = VirtualLoop()
    wire, _ = visited(make_room(loop), loop, Settings(max_article=1000))
    said(wire, loop, b'POST\r\n')
    assert said(wire, loop, b'x' * 5000 + b'\r\n.\r\n') == \
        b'441 Article of more than 1000 octets\r\n'
    assert said(wire, loop, b'DATE\r\n')[:3] == b'111'


def test_a_second_post_with_the_same_message_id_is_a_duplicate():
    loop, _, wire = standing(1)
    said(wire, loop, b'POST\r\n')
    octets = b'Message-ID: <1@example.org>\r\n' + POSTED
    assert said(wire, loop, octets) == b'441 435 Duplicate\r\n'


def test_posting_may_be_for_no_one_or_for_accounts():
    loop, _, wire = standing(posting='none')
    assert said(wire, loop, b'POST\r\n') == b'440 Posting not permitted\r\n'
    loop, _, wire = standing(posting='accounts')
    assert said(wire, loop, b'POST\r\n') == b'480 Authentication required\r\n'


def test_an_offered_article_is_taken_once():
    loop, _, wire = standing()
    assert said(wire, loop, b'IHAVE <a@example.org>\r\n') == b'335 Send it\r\n'
    assert said(wire, loop, sent(loop, b'a')) == b'235 Article transferred\r\n'
    assert said(wire, loop, b'IHAVE <a@example.org>\r\n') == b'435 Duplicate\r\n'
    assert said(wire, loop, b'IHAVE a\r\n') == b'435 Invalid message-id\r\n'
    assert said(wire, loop, b'IHAVE <b@example.org>\r\n') == b'335 Send it\r\n'
    assert said(wire, loop, sent(loop, b'c')) == b'437 Another Message-ID than offered\r\n'


def test_an_article_that_came_through_us_is_refused():
    loop, _, wire = standing()
    said(wire, loop, b'IHAVE <a@example.org>\r\n')
    assert said(wire, loop, sent(loop, b'a', path=b'x!News.Example!y')) == \
        b'437 Our name is in the Path\r\n'
    assert said(wire, loop, b'IHAVE <a@example.org>\r\n') == b'435 Duplicate\r\n'


def test_an_article_of_a_peer_that_may_not_feed_is_not_taken_for_commands():
    loop = VirtualLoop()
    wire, _ = visited(make_room(loop, feed=False), loop)
    assert said(wire, loop, b'IHAVE <a@b>\r\n') == b'502 Transfer of articles not permitted\r\n'
    assert said(wire, loop, b'CHECK <a@b>\r\n') == b'502 Transfer of articles not permitted\r\n'
    assert said(wire, loop, b'MODE STREAM\r\n') == b'502 Streaming not permitted\r\n'
    assert said(wire, loop, b'TAKETHIS <a@b>\r\nQUIT\r\n.\r\n') == \
        b'502 Streaming not permitted\r\n'
    assert not wire.closed


def test_streamed_articles_are_answered_in_order():
    """RFC 4644 section 2."""
    loop, _, wire = standing()
    stream = (b'MODE STREAM\r\nCHECK <a@example.org>\r\nTAKETHIS <a@example.org>\r\n'
              + sent(loop, b'a') + b'CHECK <a@example.org>\r\nTAKETHIS <a@example.org>\r\n'
              + sent(loop, b'a') + b'CHECK bad\r\nTAKETHIS bad id\r\nx\r\n.\r\nDATE\r\n')
    lines = said(wire, loop, stream).split(b'\r\n')
    assert lines[:7] == [b'203 Streaming permitted', b'238 <a@example.org>', b'239 <a@example.org>',
                         b'438 <a@example.org>', b'439 <a@example.org>', b'438 bad', b'439 bad']
    assert lines[7][:3] == b'111'


class Slow(object):
    """A store whose ``add`` waits."""

    def __init__(self, room):
        self.inner = room.store
        self.waiting = []
        room.store = self

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def add(self, filed):
        self.waiting.append(Future())
        return self.waiting[-1]


def test_later_articles_are_read_while_the_first_is_on_its_way_to_the_disk():
    loop = VirtualLoop()
    room = make_room(loop)
    slow = Slow(room)
    wire, _ = visited(room, loop)
    for name in (b'a', b'b'):
        wire.feed(b'TAKETHIS <' + name + b'@example.org>\r\n' + sent(loop, name))
    wire.feed(b'CHECK <b@example.org>\r\nDATE\r\n')
    assert len(slow.waiting) == 2
    slow.waiting[1].set_result(None)
    loop.advance(0.0)
    assert wire.take() == b''
    slow.waiting[0].set_result(None)
    loop.advance(0.0)
    assert [line[:3] for line in wire.take().split(b'\r\n')] == [
        b'239', b'239', b'431', b'111', b'']


def test_no_more_articles_are_read_than_may_wait():
    loop = VirtualLoop()
    room = make_room(loop)
    slow = Slow(room)
    wire, _ = visited(room, loop, Settings(max_waiting=3))
    for number in range(6):
        name = b'%d' % number
        wire.feed(b'TAKETHIS <' + name + b'@example.org>\r\n' + sent(loop, name))
    assert len(slow.waiting) == 3
    slow.waiting[0].set_result(None)
    loop.advance(0.0)
    assert len(slow.waiting) == 4


def test_the_same_article_of_two_peers_is_kept_once():
    loop = VirtualLoop()
    room = make_room(loop)
    slow = Slow(room)
    first, _ = visited(room, loop)
    second, _ = visited(room, loop)
    first.feed(b'TAKETHIS <a@example.org>\r\n' + sent(loop, b'a'))
    assert said(second, loop, b'CHECK <a@example.org>\r\nIHAVE <a@example.org>\r\n') == \
        b'431 <a@example.org>\r\n436 Try again later\r\n'
    slow.inner.add = lambda filed: None
    slow.waiting[0].set_result(None)
    loop.advance(0.0)
    assert first.take() == b'239 <a@example.org>\r\n'


def test_a_store_that_is_full_ends_a_stream_and_puts_the_others_off(expect_log):
    """RFC 4644 section 2.5.1."""
    expect_log('could not be kept')
    loop = VirtualLoop()
    room = make_room(loop)
    room.store.add = lambda filed: failed(OSError('no room'))
    wire, _ = visited(room, loop)
    said(wire, loop, b'POST\r\n')
    assert said(wire, loop, POSTED) == b'441 The article cannot be kept now\r\n'
    said(wire, loop, b'IHAVE <a@example.org>\r\n')
    assert said(wire, loop, sent(loop, b'a')) == b'436 The article cannot be kept now\r\n'
    assert said(wire, loop, b'TAKETHIS <b@example.org>\r\n' + sent(loop, b'b')) == \
        b'400 Articles cannot be kept now\r\n'
    assert room.groups.get(b'misc.test').count == 0


def test_half_an_article_and_a_reset_leave_nothing():
    loop, room, wire = standing()
    wire.feed(b'TAKETHIS <a@example.org>\r\n' + sent(loop, b'a')[:-20])
    wire.lose()
    loop.advance(1.0)
    assert room.groups.get(b'misc.test').count == 0


def test_an_article_that_never_ends_is_given_up():
    loop = VirtualLoop()
    wire, _ = visited(make_room(loop), loop, Settings(article_seconds=30.0))
    said(wire, loop, b'POST\r\n')
    for _ in range(8):
        wire.feed(b'x\r\n')
        loop.advance(5.0)
    assert wire.closed
