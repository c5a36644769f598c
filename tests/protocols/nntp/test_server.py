# Copyright the carryall authors.  See LICENSE.
"""The server: a connection, its capabilities, limits and end."""
from __future__ import absolute_import, division, print_function

from carryall.core.testing import VirtualLoop, play
from carryall.protocols.nntp import NNTPServer, Settings
from tests.protocols.nntp.newsstand import GREETING, make_room, said, standing, visited

SETTINGS = Settings(hostname=b'news.example')


def test_the_answer_does_not_depend_on_how_the_octets_are_cut():
    play(lambda loop: NNTPServer(make_room(loop), loop, SETTINGS),
         b'MODE READER\r\nSLAVE\nNONSENSE\r\nXINDEX misc.test\r\nGROUP no.such\r\nQUIT\r\n',
         GREETING + GREETING + b'202 Slave status noted\r\n500 Unknown command\r\n'
         b'418 No tin-style index is available for this newsgroup\r\n'
         b'411 No such newsgroup\r\n205 Connection closing\r\n')


def test_the_greeting_says_that_there_is_no_posting():
    loop, _, wire = standing(posting='none')
    assert said(wire, loop, b'MODE READER\r\n').startswith(b'201 news.example ')


def test_capabilities_are_those_of_the_moment():
    """RFC 3977 section 5.2.2."""
    loop, room, wire = standing()
    lines = said(wire, loop, b'CAPABILITIES\r\n').split(b'\r\n')
    assert lines[:2] == [b'101 Capability list:', b'VERSION 2']
    for label in (b'READER', b'POST', b'IHAVE', b'STREAMING', b'OVER MSGID', b'HDR', b'NEWNEWS',
                  b'COMPRESS DEFLATE'):
        assert label in lines
    assert not [line for line in lines if line[:8] in (b'STARTTLS', b'AUTHINFO')]
    room.may_feed = lambda host, account: False
    assert b'IHAVE' not in said(wire, loop, b'CAPABILITIES keyword\r\n')


def test_the_time_is_told():
    loop, _, wire = standing()
    assert said(wire, loop, b'DATE\r\n')[:6] == b'111 20'


def test_help_names_each_command():
    loop, _, wire = standing()
    text = said(wire, loop, b'HELP\r\n')
    for row in NNTPServer.commands:
        assert b'  ' + row.syntax + b'\r\n' in text


def test_a_command_of_more_than_510_octets_is_refused():
    """RFC 3977 section 3.1."""
    loop, _, wire = standing()
    assert said(wire, loop, b'HELP ' + b'x' * 505 + b'\r\n').startswith(b'100')
    assert said(wire, loop, b'HELP ' + b'x' * 506 + b'\r\n') == b'501 Line too long\r\n'
    assert said(wire, loop, b'x' * 20000 + b'\r\nDATE\r\n').startswith(b'501 Line too long\r\n111 ')


def test_a_nul_or_a_lone_cr_is_no_command():
    loop, _, wire = standing()
    assert said(wire, loop, b'DATE\0\r\n') == b'500 Unknown command\r\n'
    assert said(wire, loop, b'DA\rTE\r\n') == b'500 Unknown command\r\n'


def test_wrong_arguments_are_answered_with_the_syntax():
    loop, _, wire = standing()
    assert said(wire, loop, b'GROUP\r\n') == b'501 Syntax: GROUP newsgroup\r\n'
    assert said(wire, loop, b'MODE X\r\n') == b'501 Syntax: MODE READER|STREAM\r\n'


def test_a_client_with_errors_alone_is_disconnected():
    loop, _, wire = standing()
    assert said(wire, loop, b'X\r\n' * 12).endswith(b'400 Too many errors\r\n')


def test_a_client_without_commands_is_disconnected():
    loop = VirtualLoop()
    wire, _ = visited(make_room(loop), loop, Settings(idle_seconds=5.0))
    loop.advance(7.0)
    assert wire.take() == b'400 No command for too long\r\n'
    assert wire.closed


def test_a_client_that_only_asks_for_the_time_is_disconnected():
    loop = VirtualLoop()
    wire, _ = visited(make_room(loop), loop, Settings(login_seconds=30.0))
    for _ in range(8):
        wire.feed(b'DATE\r\n')
        loop.advance(5.0)
    assert wire.take().endswith(b'400 No command for too long\r\n')


def test_a_drain_closes_an_idle_connection():
    loop = VirtualLoop()
    wire, server = visited(make_room(loop), loop)
    server.drain()
    assert wire.take() == b'400 The server stops\r\n'
    assert wire.closed


def test_a_drain_lets_an_article_arrive():
    loop = VirtualLoop()
    wire, server = visited(make_room(loop), loop)
    wire.feed(b'POST\r\n')
    wire.take()
    server.drain()
    assert wire.take() == b''
    assert not wire.closed
