# Copyright the carryall authors.  See LICENSE.
"""Replies, written and read (RFC 959 section 4.2)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import RemoteProtocolError
from carryall.protocols.ftp import FTPError
from carryall.protocols.ftp.wire import MAX_REPLY_LINES, Reply, ReplyParser, several, single


def read(*lines):
    parser = ReplyParser()
    return [(reply.code, reply.lines) for reply in map(parser.feed, lines) if reply is not None]


def test_replies_are_written_with_their_codes():
    assert single(200, b'Fine.') == b'200 Fine.', 'one line'
    assert several(211, b'Features:', [b'UTF8', b'211 trap'], b'End') == (
        b'211-Features:\r\n UTF8\r\n 211 trap\r\n211 End'), 'several lines'


@pytest.mark.parametrize('lines, replies', [
    ([b'200 Fine.'], [(200, [b'Fine.'])]),
    ([b'200'], [(200, [b''])]),
    ([b'200 '], [(200, [b''])]),
    ([b'230-Hello', b' there', b'230 Done'], [(230, [b'Hello', b' there', b'Done'])]),
    ([b'230-Hello', b'230-there', b'230 Done', b'226 x'],
     [(230, [b'Hello', b'there', b'Done']), (226, [b'x'])]),
    ([b'123-First line', b'Second line', b'  234 A line beginning with numbers',
      b'123 The last line'],
     [(123, [b'First line', b'Second line', b'  234 A line beginning with numbers',
             b'The last line'])]),
    ([b'211-x', b'211', ], [(211, [b'x', b''])]),
    ([b'230-a', b'226 not the end', b'230 b'], [(230, [b'a', b'226 not the end', b'b'])])])
def test_replies_are_read_line_by_line(lines, replies):
    assert read(*lines) == replies, 'read as %r' % (read(*lines),)


@pytest.mark.parametrize('line', [b'', b'hello', b'20 x', b'2000 x', b'000 x', b'700 x', b'2x0 x',
                                  b' 200 x', b'200x', b'\xff\xfe\xfd', b'+20 x'])
def test_a_bad_reply_is_refused(line):
    with pytest.raises(RemoteProtocolError):
        ReplyParser().feed(line)


def test_a_reply_without_end_is_bounded():
    parser = ReplyParser()
    parser.feed(b'230-x')
    with pytest.raises(RemoteProtocolError):
        for _ in range(MAX_REPLY_LINES + 1):
            parser.feed(b'more')
    parser = ReplyParser()
    parser.feed(b'230-x')
    with pytest.raises(RemoteProtocolError):
        for _ in range(300):
            parser.feed(b'x' * 8000)


def test_refused_tells_what_may_be_told():
    refused = FTPError(Reply(450, [b'a', b'Later\x1b[2J']))
    assert refused.passing and '450 Later' in str(refused) and '\x1b' not in str(refused), \
        str(refused)
    assert not FTPError(Reply(550, [b'No'])).passing, '5xx is for good'
