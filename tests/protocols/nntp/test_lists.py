# Copyright the carryall authors.  See LICENSE.
"""Commands that list (RFC 3977 section 7, RFC 6048)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import VirtualLoop
from carryall.protocols.nntp import Group, Settings
from carryall.protocols.nntp.wire import shown_date
from tests.protocols.nntp.newsstand import make_room, said, standing, visited


@pytest.mark.parametrize('line, rows', [
    (b'LIST', [b'misc.mod 0 1 m', b'misc.test 2 1 y']),
    (b'LIST ACTIVE misc.t*', [b'misc.test 2 1 y']),
    (b'LIST ACTIVE *,!misc.t*', [b'misc.mod 0 1 m']),
    (b'list counts', [b'misc.mod 0 1 0 m', b'misc.test 2 1 2 y']),
    (b'LIST NEWSGROUPS', [b'misc.mod\tModerated', b'misc.test\tFor tests']),
    (b'LIST MODERATORS', [b'misc.mod:mod@example.org']),
    (b'LIST ACTIVE.TIMES misc.mod', [b'misc.mod 0 unknown']),
    (b'LIST OVERVIEW.FMT', [b'Subject:', b'From:', b'Date:', b'Message-ID:', b'References:',
                            b':bytes', b':lines', b'Xref:full']),
    (b'LIST HEADERS MSGID', [b':', b':bytes', b':lines']),
    (b'LIST SUBSCRIPTIONS', [b'misc.test']),
    (b'LIST SUBSCRIPTIONS alt.*', []),
    (b'LIST DISTRIBUTIONS', [b'local Here']), (b'LIST DISTRIB.PATS', [b'10:local.*:local']),
    (b'LIST MOTD', [b'Hello', b'..dots'])])
def test_each_keyword_lists_its_rows(line, rows):
    loop, room, wire = standing(2)
    room.motd = [b'Hello', b'.dots']
    room.subscriptions = [b'misc.test']
    room.distributions = [(b'local', b'Here')]
    room.distrib_pats = [(10, b'local.*', b'local')]
    lines = said(wire, loop, line + b'\r\n').split(b'\r\n')
    assert lines[0][:4] == b'215 '
    assert lines[1:] == rows + [b'.', b'']


@pytest.mark.parametrize('line, reply', [
    (b'LIST MOTD', b'503 No message of the day'),
    (b'LIST DISTRIBUTIONS', b'503 No list of distributions'),
    (b'LIST DISTRIB.PATS', b'503 No list of patterns'),
    (b'LIST NONSENSE', b'501 Unknown keyword of LIST'), (b'LIST ACTIVE a b', b'501 Syntax error'),
    (b'LIST ACTIVE [a', b'501 Syntax error'), (b'LIST MOTD x', b'501 Syntax error'),
    (b'LIST MODERATORS x', b'501 Syntax error'), (b'LIST HEADERS x', b'501 Syntax error'),
    (b'NEWGROUPS 20270230 000000', b'501 Syntax error'),
    (b'NEWNEWS * 20270130 0000', b'501 Syntax error'),
    (b'NEWNEWS [ 20270130 000000', b'501 Syntax error'),
    (b'XGTITLE', b'481 No newsgroup selected')])
def test_lists_that_are_refused(line, reply):
    loop, _, wire = standing()
    assert said(wire, loop, line + b'\r\n') == reply + b'\r\n'


def test_new_groups_are_those_made_since():
    loop, _, wire = standing()
    now = shown_date(loop.wall() - 60)
    line = b'NEWGROUPS %s %s GMT\r\n' % (now[:8], now[8:])
    assert said(wire, loop, line) == (b'231 List of new newsgroups follows\r\n'
                                      b'misc.test 0 1 y\r\n.\r\n')


def test_new_articles_are_those_that_came_since_in_groups_that_match():
    loop, _, wire = standing(2)
    now = shown_date(loop.wall() - 60)
    for pattern, ids in ((b'misc.*', b'<1@example.org>\r\n<2@example.org>\r\n'), (b'alt.*', b'')):
        line = b'NEWNEWS %s %s %s GMT\r\n' % (pattern, now[2:8], now[8:])
        assert said(wire, loop, line) == b'230 List of new articles follows\r\n' + ids + b'.\r\n'
    later = shown_date(loop.wall() + 60)
    line = b'NEWNEWS * %s %s GMT\r\n' % (later[:8], later[8:])
    assert said(wire, loop, line) == b'230 List of new articles follows\r\n.\r\n'


def test_newnews_may_be_switched_off():
    loop = VirtualLoop()
    wire, _ = visited(make_room(loop), loop, Settings(newnews=False))
    assert said(wire, loop, b'NEWNEWS * 20270130 000000\r\n') == b'502 NEWNEWS is not available\r\n'
    assert b'NEWNEWS' not in said(wire, loop, b'CAPABILITIES\r\n')


def test_xgtitle_is_for_the_chosen_group():
    loop, _, wire = standing()
    said(wire, loop, b'GROUP misc.test\r\n')
    assert said(wire, loop, b'XGTITLE\r\n') == (
        b'282 List of groups and descriptions follows\r\nmisc.test\tFor tests\r\n.\r\n')


def test_other_clients_have_their_turn_during_a_long_list():
    loop = VirtualLoop()
    room = make_room(loop)
    for number in range(1500):
        room.add_group(Group(b'a.%d' % number))
    wire, _ = visited(room, loop)
    other, _ = visited(room, loop)
    wire.feed(b'LIST\r\n')
    assert not wire.take().endswith(b'\r\n.\r\n')
    assert said(other, loop, b'DATE\r\n')[:3] == b'111'
    for _ in range(10):
        loop.advance(0.0)
    assert wire.take().endswith(b'\r\n.\r\n')
