# Copyright the carryall authors.  See LICENSE.
"""Commands that read (RFC 3977 sections 6 and 8, RFC 2980)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import VirtualLoop
from carryall.protocols.nntp import Settings
from carryall.protocols.nntp.readcommands import PAGE
from tests.protocols.nntp.newsstand import make_room, said, standing, visited, wire_article


@pytest.fixture
def three():
    """(loop, room, transport) with three articles, the second of them gone."""
    loop, room, wire = standing(3)
    loop.run_until(room.cancel(b'<2@example.org>'))
    assert said(wire, loop, b'GROUP misc.test\r\n') == b'211 2 1 3 misc.test\r\n'
    return loop, room, wire


@pytest.mark.parametrize('line, reply', [
    (b'STAT', b'223 1 <1@example.org>'), (b'NEXT', b'223 3 <3@example.org>'),
    (b'LAST', b'422 No previous article in this group'),
    (b'STAT 3', b'223 3 <3@example.org>'), (b'STAT 2', b'423 No article with that number'),
    (b'STAT 9', b'423 No article with that number'), (b'STAT x', b'501 Syntax error'),
    (b'STAT <3@example.org>', b'223 0 <3@example.org>'),
    (b'STAT <2@example.org>', b'430 No article with that message-id'),
    (b'STAT <x>', b'501 Syntax error'), (b'ARTICLE <9@e>', b'430 No article with that message-id'),
    (b'HEAD 2', b'423 No article with that number'),
    (b'BODY 0', b'423 No article with that number'),
    (b'GROUP misc.mod', b'211 0 1 0 misc.mod'), (b'GROUP no', b'411 No such newsgroup'),
    (b'OVER 2', b'423 No articles in that range'), (b'OVER 3-1', b'423 No articles in that range'),
    (b'OVER <9@e>', b'430 No article with that message-id'), (b'OVER x', b'501 Syntax error'),
    (b'HDR :size 1', b'503 No such metadata'), (b'HDR : 1', b'503 No such metadata'),
    (b'XPATH <3@example.org>', b'223 misc/test/3'),
    (b'XPATH <2@example.org>', b'430 No article with that message-id'),
    (b'XPAT subject 1-3 [a', b'501 Syntax error')])
def test_one_line_answers(three, line, reply):
    loop, _, wire = three
    assert said(wire, loop, line + b'\r\n') == reply + b'\r\n'


@pytest.mark.parametrize('line, first, rows', [
    (b'LISTGROUP', b'211 2 1 3 misc.test list follows', [b'1', b'3']),
    (b'LISTGROUP misc.test 2-', b'211 2 1 3 misc.test list follows', [b'3']),
    (b'LISTGROUP misc.mod', b'211 0 1 0 misc.mod list follows', []),
    (b'LISTGROUP misc.test 4', b'211 2 1 3 misc.test list follows', []),
    (b'HDR subject 1-3', b'225 Headers follow', [b'1 about 1', b'3 about 3']),
    (b'HDR Subject <3@example.org>', b'225 Headers follow', [b'0 about 3']),
    (b'HDR :lines 1', b'225 Headers follow', [b'1 1']),
    (b'HDR Summary 1-', b'225 Headers follow', [b'1 ', b'3 ']),
    (b'HDR path', b'225 Headers follow', [b'1 news.example!peer!not']),
    (b'HDR xref 3', b'225 Headers follow', [b'3 news.example misc.test:3']),
    (b'XHDR subject 1-3', b'221 Headers follow', [b'1 about 1', b'3 about 3']),
    (b'XHDR lines 1', b'221 Headers follow', [b'1 1']),
    (b'XHDR summary 1-', b'221 Headers follow', []),
    (b'XHDR subject <1@example.org>', b'221 Headers follow', [b'<1@example.org> about 1']),
    (b'XPAT subject 1-3 *3 *4', b'221 Headers follow', [b'3 about 3']),
    (b'XPAT path 1- *xyz*', b'221 Headers follow', []),
    (b'XROVER 1-3', b'224 Overview information follows', [])])
def test_answers_of_several_lines(three, line, first, rows):
    loop, _, wire = three
    assert said(wire, loop, line + b'\r\n').split(b'\r\n') == [first] + rows + [b'.', b'']


@pytest.mark.parametrize('line', [b'STAT', b'ARTICLE 1', b'NEXT', b'LAST', b'OVER 1',
                                  b'HDR subject', b'XHDR subject', b'LISTGROUP', b'XOVER'])
def test_a_group_must_be_chosen(line):
    loop, _, wire = standing(1)
    assert said(wire, loop, line + b'\r\n') == b'412 No newsgroup selected\r\n'


@pytest.mark.parametrize('line', [b'STAT', b'ARTICLE', b'NEXT', b'LAST', b'OVER', b'HDR subject',
                                  b'XOVER', b'XHDR subject'])
def test_an_empty_group_has_no_current_article(line):
    loop, _, wire = standing()
    said(wire, loop, b'GROUP misc.test\r\n')
    assert said(wire, loop, line + b'\r\n') == b'420 No current article selected\r\n'


def test_an_article_is_sent_with_its_dots_doubled():
    """RFC 3977 section 3.1.1."""
    loop, room, wire = standing()
    octets = wire_article(loop, b'a', body=b'.\r\n..x\r\n.y\r\n')
    loop.run_until(room.transfer(octets, b'<a@example.org>'))
    said(wire, loop, b'GROUP misc.test\r\n')
    head, _, body = octets.partition(b'\r\n\r\n')
    head = head.replace(b'Path: ', b'Path: news.example!')
    head += b'\r\nXref: news.example misc.test:1\r\n'
    body = b'..\r\n...x\r\n..y\r\n'
    assert said(wire, loop, b'ARTICLE\r\n') == (
        b'220 1 <a@example.org>\r\n' + head + b'\r\n' + body + b'.\r\n')
    assert said(wire, loop, b'HEAD <a@example.org>\r\n') == (
        b'221 0 <a@example.org>\r\n' + head + b'.\r\n')
    assert said(wire, loop, b'BODY 1\r\n') == b'222 1 <a@example.org>\r\n' + body + b'.\r\n'


def test_an_article_with_an_empty_body_is_sent():
    loop, room, wire = standing()
    octets = wire_article(loop, b'a', body=b'')
    loop.run_until(room.transfer(octets, b'<a@example.org>'))
    assert said(wire, loop, b'BODY <a@example.org>\r\n') == b'222 0 <a@example.org>\r\n.\r\n'


def test_a_message_id_does_not_change_the_current_article():
    """RFC 3977 section 6.2.1.2."""
    loop, _, wire = standing(3)
    said(wire, loop, b'GROUP misc.test\r\nARTICLE <3@example.org>\r\n')
    assert said(wire, loop, b'STAT\r\n') == b'223 1 <1@example.org>\r\n'
    said(wire, loop, b'HEAD 2\r\n')
    assert said(wire, loop, b'STAT\r\n') == b'223 2 <2@example.org>\r\n'


def test_pipelined_commands_are_answered_in_order():
    loop, _, wire = standing(3)
    answer = said(wire, loop, b'GROUP misc.test\r\nSTAT\r\nNEXT\r\nNEXT\r\nNEXT\r\nLAST\r\n')
    assert [line[:5] for line in answer.split(b'\r\n')] == [
        b'211 3', b'223 1', b'223 2', b'223 3', b'421 N', b'223 2', b'']


def test_a_long_overview_comes_page_by_page():
    loop = VirtualLoop()
    room = make_room(loop, PAGE + 20)
    wire, _ = visited(room, loop)
    wire.feed(b'GROUP misc.test\r\nOVER 1-\r\nDATE\r\n')
    for _ in range(10):
        loop.advance(0.0)
    lines = wire.take().split(b'\r\n')
    assert [line.partition(b'\t')[0] for line in lines[2:PAGE + 22]] == [
        b'%d' % number for number in range(1, PAGE + 21)]
    assert lines[PAGE + 22:][0] == b'.'
    assert lines[PAGE + 23][:3] == b'111'


def test_a_client_that_does_not_read_is_not_sent_the_next_page():
    loop = VirtualLoop()
    room = make_room(loop, PAGE + 20)
    wire, _ = visited(room, loop, Settings(stall_seconds=60.0))
    wire.feed(b'GROUP misc.test\r\n')
    wire.set_write_buffer_limits(high=1000)
    wire.clog()
    wire.feed(b'OVER 1-\r\n')
    for _ in range(5):
        loop.advance(0.0)
    assert wire.get_write_buffer_size() < 130 * PAGE
    loop.advance(62.0)
    assert wire.aborted


def test_a_page_of_headers_that_overview_has_not_is_sent():
    loop = VirtualLoop()
    room = make_room(loop, 120)
    wire, _ = visited(room, loop)
    wire.feed(b'GROUP misc.test\r\nHDR Newsgroups 1-\r\n')
    for _ in range(10):
        loop.advance(0.0)
    assert wire.take().count(b' misc.test\r\n') == 121
