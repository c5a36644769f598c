# Copyright the carryall authors.  See LICENSE.
"""Replies as the client reads them (RFC 5321 section 4.2)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import RemoteProtocolError
from carryall.protocols.smtp import errors, wire


def read(*lines):
    reader = wire.ReplyReader()
    found = [reader.line(line) for line in lines]
    assert found[:-1] == [None] * (len(lines) - 1)
    return found[-1].code, found[-1].enhanced, found[-1].lines


@pytest.mark.parametrize('lines, expected', [
    ([b'250 Ok'], (250, b'', [b'Ok'])), ([b'250'], (250, b'', [b''])),
    ([b'250 '], (250, b'', [b''])),
    ([b'550 5.1.1 No such user'], (550, b'5.1.1', [b'No such user'])),
    ([b'250 5.1.1 x'], (250, b'', [b'5.1.1 x'])),
    ([b'250-a', b'250-b', b'250 c'], (250, b'', [b'a', b'b', b'c'])),
    ([b'250-2.0.0 a', b'250 2.0.0 b'], (250, b'2.0.0', [b'a', b'b'])),
    ([b'421 4.3.2'], (421, b'4.3.2', [b''])), ([b'250 2.1000.0 x'], (250, b'', [b'2.1000.0 x']))])
def test_replies_are_read_line_by_line(lines, expected):
    assert read(*lines) == expected


@pytest.mark.parametrize('lines',
                         [[b''], [b'25'], [b'2500 x'], [b'250_x'], [b'x50 a'], [b'150 a'],
                          [b'650 a'], [b'250-a', b'251 b'], [b'\xff\xff\xff']])
def test_a_bad_reply_is_refused(lines):
    with pytest.raises(RemoteProtocolError):
        read(*lines)


def test_a_reply_has_so_many_lines():
    with pytest.raises(RemoteProtocolError):
        read(*[b'250-x'] * (wire.MAX_LINES + 2))


def test_a_reply_becomes_its_error():
    assert isinstance(errors.failure(wire.Reply(451, [b'x'])), errors.TransientError)
    error = errors.failure(wire.Reply(550, [b'x'], b'5.1.1'))
    assert isinstance(error, errors.Refused)
    assert error.permanent
    assert str(error) == 'the server said: 550 5.1.1 x'
