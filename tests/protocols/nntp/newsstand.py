# Copyright the carryall authors.  See LICENSE.
"""A small news server for the tests: groups, articles, and a connection to it."""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.portal import Portal, Realm
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.nntp import (Group, MemoryArticles, NewsRoom, NNTPServer, RoomSettings,
                                     Settings, date_field)

GREETING = b'200 news.example carryall news server ready\r\n'


def wire_article(loop, name, groups=b'misc.test', more=b'', body=b'text\r\n', path=b'peer!not'):
    """An article as a peer sends it."""
    return (b'Path: ' + path + b'\r\nFrom: Ann <ann@example.org>\r\nNewsgroups: ' + groups
            + b'\r\nSubject: about ' + name + b'\r\nDate: ' + date_field(loop.wall())
            + b'\r\nMessage-ID: <' + name + b'@example.org>\r\n' + more + b'\r\n' + body)


def make_room(loop, articles=0, accounts=None, feed=True, **settings):
    """A NewsRoom with two groups, and so many articles in misc.test."""
    portal = Portal(Realm(), [MemoryChecker(accounts)]) if accounts else None
    room = NewsRoom(loop, MemoryArticles(), b'news.example', RoomSettings(**settings), portal)
    room.may_feed = lambda host, account: feed
    room.add_group(Group(b'misc.test', b'y', b'For tests', created=int(loop.wall())))
    room.add_group(Group(b'misc.mod', b'm', b'Moderated', b'mod@example.org'))
    for number in range(1, articles + 1):
        name = b'%d' % number
        loop.run_until(room.transfer(wire_article(loop, name), b'<' + name + b'@example.org>'))
    return room


def visited(room, loop, settings=None):
    """A connection that has been greeted: (transport, protocol)."""
    wire = FakeTransport(loop)
    server = NNTPServer(room, loop, settings or Settings(hostname=b'news.example'))
    wire.connect(server)
    wire.take()
    return wire, server


def said(wire, loop, data):
    """The octets that the server answers to *data*."""
    wire.feed(data)
    loop.advance(0.0)
    loop.advance(0.0)
    return wire.take()


def standing(articles=0, **settings):
    """(loop, room, transport) of a new server."""
    loop = VirtualLoop()
    room = make_room(loop, articles, **settings)
    wire, _ = visited(room, loop)
    return loop, room, wire
