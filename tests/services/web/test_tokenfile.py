# Copyright the carryall authors.  See LICENSE.
"""Bearer tokens: which are taken, and what the file may hold (WEB-13)."""
from __future__ import absolute_import, division, print_function

import hashlib
import os

import pytest

from carryall.core.auth.guard import LoginGuard
from carryall.core.errors import UsageError
from carryall.core.net.transport import Address
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.http import Response, Site
from carryall.services.web.loginguard import Door
from carryall.services.web.pathrules import EVERY_ACCOUNT, PathRules
from carryall.services.web.tokenfile import BearerScheme, parse
from tests.services.web.support import write

EVERYTHING = PathRules([(b'/', EVERY_ACCOUNT), (b'/bert', frozenset([u'bert']))])


def line(name, token):
    """A line of the file."""
    return name + b':' + hashlib.sha256(token).hexdigest().encode('ascii') + b'\n'


class World(object):
    """A site behind a door for tokens."""

    def __init__(self, tmpdir):
        self.loop = VirtualLoop()
        self.loop.wall = lambda: 4e9 + self.loop.now
        self.path = write(tmpdir, 'tokens', line(b'anna', b'abc.DEF-1') + line(b'bert', b'two=='))
        self.attempts = LoginGuard(self.loop)
        self.door = Door(EVERYTHING, BearerScheme(self.path, b'the room', self.loop), self.loop,
                         self.attempts)
        self.seen = []
        self._site = Site(self.door.protect(self._app), self.loop)

    def _app(self, request):
        self.seen.append(request.user)
        self.auth_type = request.auth_type
        return Response(200)

    def ask(self, *fields, **more):
        """(status, head)"""
        host = more.get('host', '127.0.0.1')
        wire = FakeTransport(self.loop, peername=Address(host, 5)).connect(self._site())
        wire.feed(b'GET %s HTTP/1.1\r\nHost: h\r\n' % more.get('target', b'/')
                  + b''.join(field + b'\r\n' for field in fields) + b'\r\n')
        self.loop.advance(20.0)
        head = wire.take().partition(b'\r\n\r\n')[0]
        return int(head[9:12] or 0), head


@pytest.fixture
def world(tmpdir):
    """A site with two tokens."""
    return World(tmpdir)


def test_a_request_without_a_token_is_told_the_scheme(world):
    status, head = world.ask()
    assert status == 401
    assert b'\r\nWWW-Authenticate: Bearer realm="the room"\r\n' in head


def test_a_token_names_its_account(world):
    assert world.ask(b'Authorization: Bearer abc.DEF-1')[0] == 200
    assert world.ask(b'Authorization: bearer two==', target=b'/bert')[0] == 200
    assert world.seen == [u'anna', u'bert']
    assert world.auth_type == b'Bearer'


def test_an_account_without_permission_gets_403(world):
    assert world.ask(b'Authorization: Bearer abc.DEF-1', target=b'/bert/x')[0] == 403


@pytest.mark.parametrize('value', [b'Bearer abc.DEF-2', b'Bearer x', b'Bearer', b'Basic YTpi',
                                   b'Bearer a b', b'Bearer "abc"'])
def test_another_token_is_refused(world, value):
    assert world.ask(b'Authorization: ' + value)[0] == 401
    assert world.seen == []


def test_wrong_tokens_are_counted(world, expect_log):
    expect_log(r'is shut out')
    for _ in range(20):
        world.ask(b'Authorization: Bearer guess')
    assert world.ask(b'Authorization: Bearer abc.DEF-1')[0] == 429


def test_a_token_is_not_taken_in_clear_from_elsewhere(world):
    assert world.ask(b'Authorization: Bearer abc.DEF-1', host='192.0.2.1')[0] == 403


def test_a_token_can_be_taken_away_while_the_server_runs(world, tmpdir):
    assert world.ask(b'Authorization: Bearer two==')[0] == 200
    write(tmpdir, 'tokens', line(b'anna', b'abc.DEF-1'))
    os.utime(world.path, (1.0, 1.0))
    assert world.ask(b'Authorization: Bearer two==')[0] == 401


def test_a_file_that_is_gone_is_no_failed_login(world, expect_log):
    expect_log(r'a token could not be judged')
    os.unlink(world.path)
    assert world.ask(b'Authorization: Bearer two==')[0] == 503
    assert world.attempts.failures == 0


def test_a_file_without_tokens_is_refused_at_the_start(tmpdir):
    path = write(tmpdir, 'empty', b'# none\n')
    with pytest.raises(UsageError) as info:
        BearerScheme(path, b'x', VirtualLoop())
    assert 'no line NAME:HASH' in info.value.message


def test_wrong_lines_are_told_without_their_content():
    table, problems = parse(b'# comment\n\nanna:abc\n:' + b'0' * 64 + b'\nx:' + b'g' * 64 + b'\n'
                            + line(b'a:b', b'1') + line(b'anna', b'2'))
    assert list(table.values()) == [u'anna']
    assert [problem.split(u':')[0] for problem in problems] == [u'line 3', u'line 4', u'line 5',
                                                                u'line 6']
    assert not [problem for problem in problems if u'abc' in problem]
