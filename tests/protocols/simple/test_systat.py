# Copyright the carryall authors.  See LICENSE.
"""Systat (RFC 866): the lines, server and client, TCP and UDP."""
from __future__ import absolute_import, division, print_function

import itertools

import pytest

from carryall.core.testing import VirtualLoop, play
from carryall.protocols.simple import systat
from carryall.protocols.simple.guarded import SourceGuard


@pytest.mark.parametrize('users, text', [
    ([], b''), ([u'ann'], b'ann\r\n'), ([u'ann', b'bob'], b'ann\r\nbob\r\n'),
    ([u'two\r\nlines', u'esc\x1b[2J', u'\xe9', b'\xc3\xa9'],
     b'two??lines\r\nesc?[2J\r\n?\r\n??\r\n'),
    ([u'x' * 1000], b'x' * 128 + b'\r\n')])
def test_users_are_shown_in_lines(users, text):
    assert systat.show(users) == text, 'shown as %r' % systat.show(users)


def test_as_many_whole_lines_as_fit():
    assert systat.show([u'ann', u'bob', u'cid'], 10) == b'ann\r\nbob\r\n', 'ten octets hold two'
    assert systat.show([u'ann', u'bob', u'cid'], 9) == b'ann\r\n', 'nine hold one'
    many = (u'user%d' % number for number in itertools.count())
    assert len(systat.show(many)) <= 65536, 'it never ends'


def test_server_at_every_chunking():
    play(lambda loop: systat.Systat(lambda: [u'ann'], loop), b'\0\xffwhat', b'ann\r\n', eof=True)


def test_fetch_over_both():
    loop = VirtualLoop()
    users = [u'user%d' % number for number in range(100)]
    loop.listen_tcp(lambda: systat.Systat(lambda: users, loop), '127.0.0.1', 1111)
    loop.open_udp(lambda: systat.SystatDatagrams(SourceGuard(loop), lambda: users),
                  '127.0.0.1', 1111)
    expected = [name.encode('ascii') for name in users]
    assert loop.run_until(systat.fetch(loop, '127.0.0.1', 1111)) == expected, 'TCP: not all'
    by_udp = loop.run_until(systat.fetch_udp(loop, '127.0.0.1', 1111))
    assert by_udp == expected[:len(by_udp)] and 50 < len(by_udp) < 100, 'UDP: what fits a packet'
    loop.close()
