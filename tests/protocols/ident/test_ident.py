# Copyright the carryall authors.  See LICENSE.
"""Ident (RFC 1413): the lines, server and client."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.compat import text_type
from carryall.core.errors import ConnectionLost, RemoteProtocolError, TimedOut
from carryall.core.future import Future
from carryall.core.net.protocol import Protocol
from carryall.core.testing import FakeTransport, VirtualLoop, chunkings, lockstep, play, transcript
from carryall.core.net.transport import Address
from carryall.protocols import ident

HERE = Address('192.0.2.2', 113)
THERE = Address('192.0.2.1', 40000)
OWNERS = {(6193, 23): u'stjohns', (1, 65535): b'a:b c', (2, 2): ident.NO_USER,
          (3, 3): ident.HIDDEN_USER, (4, 4): u'andr\xe9', (5, 5): u'', (6, 6): u'x\r\ny',
          (7, 7): b'x' * 513, (8, 8): b'x' * 512, (9, 9): None}


class Owners(object):
    """A service of one function."""

    def __init__(self, lookup):
        self.lookup = lookup


def answering(loop):
    return ident.IdentServer(Owners(lambda ours, theirs: OWNERS[ours.port, theirs.port]), loop)


def failing(loop):
    def lookup(ours, theirs):
        raise KeyError('the lookup breaks')
    return ident.IdentServer(Owners(lookup), loop)


@pytest.mark.parametrize('query, reply', [
    (b'6193, 23', b'6193, 23 : USERID : UNIX : stjohns'),
    (b'6193,23', b'6193, 23 : USERID : UNIX : stjohns'),
    (b'\t 6193 \t, 23  ', b'6193, 23 : USERID : UNIX : stjohns'),
    (b'1, 65535', b'1, 65535 : USERID : UNIX : a:b c'),
    (b'2, 2', b'2, 2 : ERROR : NO-USER'), (b'3, 3', b'3, 3 : ERROR : HIDDEN-USER'),
    (b'4, 4', b'4, 4 : USERID : UNIX,UTF-8 : andr\xc3\xa9'),
    (b'8, 8', b'8, 8 : USERID : UNIX : ' + b'x' * 512)] + [
    (b'%d, %d' % (port, port), b'%d, %d : ERROR : UNKNOWN-ERROR' % (port, port))
    for port in (5, 6, 7, 9)] + [
    (query, b'0, 0 : ERROR : INVALID-PORT') for query in (
        b'', b',', b'1', b'1,', b'1,2,3', b'0, 23', b'23, 0', b'65536, 23', b'-1, 23', b'+1, 23',
        b'1.5, 23',
        b'0x1, 23', b'1_0, 23', b'a, b', b'6193 23', b'6193, 23 x', b'\xd9\xa1, 23', b'6193\0, 23',
        b'9' * 400 + b', 23')])
def test_a_query_gets_its_reply(query, reply):
    play(answering, query + b'\r\n', reply + b'\r\n')
    play(answering, query + b'\n', reply + b'\r\n')


def test_many_queries_in_one_go_are_answered_in_order():
    transcript(answering, b'C: 6193, 23', b'C: 2, 2', b'C: bad', b'C: 6193, 23',
               b'S: 6193, 23 : USERID : UNIX : stjohns', b'S: 2, 2 : ERROR : NO-USER',
               b'S: 0, 0 : ERROR : INVALID-PORT', b'S: 6193, 23 : USERID : UNIX : stjohns')


def test_a_lookup_that_takes_its_time_keeps_the_order_and_the_end(expect_log):
    expect_log('the lookup failed')
    loop = VirtualLoop()
    asked = []

    def lookup(ours, theirs):
        asked.append((ours, theirs, Future()))
        return asked[-1][2]

    server = ident.IdentServer(Owners(lookup), loop)
    wire = FakeTransport(loop, peername=THERE, sockname=HERE).connect(server)
    wire.feed(b'1, 2\r\n3, 4\r\n')
    wire.feed_eof()
    loop.advance(500.0)
    assert len(asked) == 1, 'the second query waits'
    assert not wire.closed, 'the wait is not the peer\'s fault'
    assert asked[0][:2] == (Address('192.0.2.2', 1), Address('192.0.2.1', 2))
    asked[0][2].set_result(u'ann')
    loop.advance()
    asked[1][2].set_exception(RemoteProtocolError(u'kept to ourselves'))
    loop.advance()
    assert wire.take() == b'1, 2 : USERID : UNIX : ann\r\n3, 4 : ERROR : UNKNOWN-ERROR\r\n'
    assert wire.lost == [None], 'the peer has said all'


def test_a_lookup_that_breaks_tells_the_peer_nothing(expect_log):
    expect_log('the lookup failed')
    assert play(failing, b'1, 2\r\n') == b'1, 2 : ERROR : UNKNOWN-ERROR\r\n', 'the peer learns why'


class Unspelled(text_type):
    """A name with half a character, which Jython can write in no other way."""

    def encode(self, *_):
        raise UnicodeError('half a character')


def test_a_name_that_has_no_octets_is_answered_too():
    loop = VirtualLoop()
    server = ident.IdentServer(Owners(lambda ours, theirs: Unspelled(u'x')), loop)
    wire = FakeTransport(loop).connect(server)
    wire.feed(b'1, 2\r\n')
    assert wire.take() == b'1, 2 : ERROR : UNKNOWN-ERROR\r\n'


@pytest.mark.parametrize('data', [b'x' * 1002, b'1, ' + b' ' * 2000 + b'2\r\n', b'\0' * 5000],
                         ids=['x', 'blanks', 'zeros'])
def test_a_long_line_is_the_end(data):
    loop = VirtualLoop()
    for _, pieces in chunkings(data):
        wire = FakeTransport(loop).connect(answering(loop))
        for piece in pieces:
            wire.feed(piece)
        loop.advance()
        assert wire.lost == [None] and wire.take() == b'', 'it goes on'


def test_a_line_of_1000_octets_is_not_too_long():
    play(answering, b'6193,' + b' ' * 993 + b'23\r\n', b'6193, 23 : USERID : UNIX : stjohns\r\n')


def test_so_many_queries_and_no_more():
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(answering(loop))
    wire.feed(b'2, 2\r\n' * 150)
    loop.advance()
    assert wire.take().count(b'\r\n') == ident.Settings().max_queries and wire.closed, 'it goes on'


def test_only_queries_earn_time():
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(answering(loop))
    for _ in range(3):
        loop.advance(50.0)
        wire.feed(b'2, 2\r\n')
    assert not wire.closed, 'it asked'
    for _ in range(62):
        wire.feed(b' ')
        loop.advance(1.0)
    assert wire.closed, 'one octet a second is no query'


def test_a_reset_while_the_lookup_runs():
    loop = VirtualLoop()
    answer = Future()
    wire = FakeTransport(loop).connect(ident.IdentServer(Owners(lambda ours, theirs: answer), loop))
    wire.feed(b'1, 2\r\n')
    wire.lose()
    loop.advance()
    answer.set_result(u'ann')
    loop.advance(100.0)
    assert wire.take() == b'' and not loop.failures, 'something is left'


# -- client ------------------------------------------------------------------

def asked(reply, ports=(6193, 23), eof=True):
    """The client's answer to these octets, which must not depend on how they are cut."""
    seen = []
    for _, pieces in chunkings(reply):
        client = ident.IdentClient(ports)
        wire = FakeTransport().connect(client)
        assert wire.take() == b'%d, %d\r\n' % ports, 'the question'
        for piece in pieces:
            wire.feed(piece)
        if eof:
            wire.feed_eof()
        wire.loop.advance()
        exc = client.answer.exception()
        found = None if exc else client.answer.result()
        seen.append((type(exc), getattr(exc, 'token', None),
                     found and (found.user, found.system, found.charset)))
    assert len(set(seen)) == 1, 'it depends on the cuts: %r' % (seen,)
    return seen[0]


@pytest.mark.parametrize('reply, user', [
    (b'6193, 23 : USERID : UNIX : stjohns', (b'stjohns', b'UNIX', b'US-ASCII')),
    (b'6193,23:USERID:UNIX:stjohns', (b'stjohns', b'UNIX', b'US-ASCII')),
    (b' 6193 , 23 : userid : OTHER , UTF-8 : a:b : c ', (b'a:b : c ', b'OTHER', b'UTF-8')),
    (b'6193, 23 : USERID : UNIX :' + b'x' * 512, (b'x' * 512, b'UNIX', b'US-ASCII'))])
def test_a_reply_names_the_user(reply, user):
    assert asked(reply + b'\r\n')[2] == user, 'read as %r' % (asked(reply + b'\r\n'),)


@pytest.mark.parametrize('reply, token', [(b'6193, 23 : ERROR : NO-USER', b'NO-USER'),
                                          (b'0, 0:ERROR:X-OWN', b'X-OWN')])
def test_an_error_reply_raises_its_token(reply, token):
    assert asked(reply + b'\r\n')[:2] == (ident.IdentError, token)


@pytest.mark.parametrize('reply', [
    b'', b'garbage', b'6193, 23', b'6193, 23 : USERID : UNIX', b'6193, 23 : USERID : UNIX :',
    b'6193, 23 : USERID : : x', b'6193, 23 : WHAT : UNIX : x', b'6193, 24 : USERID : UNIX : x',
    b'23, 6193 : USERID : UNIX : x',
    b'0, 0 : USERID : UNIX : x', b'6193, 23 : ERROR : ', b'6193, 23 : ERROR : ' + b'X' * 65,
    b'6193, 23 : USERID : UNIX : x\0', b'6193, 23 : USERID : UNIX : ' + b'x' * 513, b'x' * 5000,
    b'\xff\xfe'])
def test_a_malformed_reply_is_an_ident_error(reply):
    assert asked(reply + b'\r\n')[:2] == (ident.IdentError, b'')


def test_an_end_without_a_reply():
    assert asked(b'6193, 23 : USERID')[0] is ConnectionLost, 'it waits for ever'


def test_client_against_server():
    loop = VirtualLoop()
    client = ident.IdentClient((6193, 23))
    lockstep(client, answering(loop), loop)
    assert client.answer.result().user == b'stjohns', 'not the owner'


def test_fetch_asks_the_machine_of_the_peer_about_this_connection():
    loop = VirtualLoop()
    asked_about = []

    def lookup(ours, theirs):
        asked_about.append((ours, theirs))
        return u'ann'

    loop.listen_tcp(lambda: ident.IdentServer(Owners(lookup), loop), '192.0.2.1', 113)
    port = Address('192.0.2.2', 6667)
    served = FakeTransport(loop, peername=THERE, sockname=port).connect(Protocol())
    assert loop.run_until(ident.fetch(loop, served)).user == b'ann', 'not the owner'
    assert asked_about == [(THERE, port)]
    elsewhere = Address('192.0.2.3', 5)
    silent = FakeTransport(loop, peername=elsewhere, sockname=HERE).connect(Protocol())
    loop.listen_tcp(Protocol, '192.0.2.3', 113)
    with pytest.raises(TimedOut):
        loop.run_until(ident.fetch(loop, silent))
    loop.close()


def test_a_drain_closes_an_idle_connection():
    loop = VirtualLoop()
    wire = FakeTransport(loop, peername=THERE, sockname=HERE)
    server = answering(loop)
    wire.connect(server)
    server.drain()
    assert wire.closed


def test_a_drain_lets_an_answer_finish():
    loop = VirtualLoop()
    future = Future()
    wire = FakeTransport(loop, peername=THERE, sockname=HERE)
    server = ident.IdentServer(Owners(lambda ours, theirs: future), loop)
    wire.connect(server)
    wire.feed(b'6193, 23\r\n2, 2\r\n')
    server.drain()
    assert not wire.closed
    future.set_result(u'ann')
    assert wire.take() == b'6193, 23 : USERID : UNIX : ann\r\n'
    assert wire.closed


def test_the_abstract_lookup_finds_nothing():
    with pytest.raises(NotImplementedError):
        ident.Lookup().lookup(HERE, THERE)
