# Copyright the carryall authors.  See LICENSE.
"""TOP, and long answers in blocks."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import chunkings
from carryall.protocols.pop3.retrieval import BLOCK, MessageTop, lines_of


@pytest.mark.parametrize('message, lines, expected', [
    (b'A: b\r\n\r\n1\r\n2\r\n', 0, b'A: b\r\n\r\n'),
    (b'A: b\r\n\r\n1\r\n2\r\n', 1, b'A: b\r\n\r\n1\r\n'),
    (b'A: b\r\n\r\n1\r\n2\r\n', 9, b'A: b\r\n\r\n1\r\n2\r\n'),
    (b'A: b\r\n', 0, b'A: b\r\n'), (b'', 3, b''), (b'\r\n1\r\n2\r\n', 1, b'\r\n1\r\n'),
    (b'A: b\r\n\r\n', 5, b'A: b\r\n\r\n'), (b'A: b\r\n\r\n\r\n\r\nx', 1, b'A: b\r\n\r\n\r\n')])
def test_top_gives_the_header_and_some_lines(message, lines, expected):
    for name, pieces in chunkings(message):
        top = MessageTop(lines)
        got = b''
        for piece in pieces:
            got += top.feed(piece)
            if top.done:
                break
        assert got == expected, name


def test_lines_of_gathers_blocks():
    lines = [b'%d\r\n' % number for number in range(20000)]
    blocks = list(lines_of(iter(lines)))
    assert b''.join(blocks) == b''.join(lines)
    assert all(len(block) < BLOCK + 10 for block in blocks)
    assert len(blocks) > 2
    assert list(lines_of([])) == []
