# Copyright the carryall authors.  See LICENSE.
"""The SOCKS server: four protocols on one port, relaying, logins,
limits (SOX-01 to SOX-03, SOX-05)."""
from __future__ import absolute_import, division, print_function

import base64
import random

import pytest

from carryall.core.auth.portal import Portal, Realm
from carryall.core.future import Future, with_timeout
from carryall.core.testing import chunkings
from carryall.core.wrap.streamrelay import RelaySettings
from carryall.protocols.ident import IdentServer, Lookup
from carryall.protocols.socks.rules import Rules, parse_rules
from tests.core.auth.kit import Crowded
from tests.protocols.socks.stage import (ASK_4, ASK_4A, ASK_5, ASK_5_NAME, ASK_HTTP, CLIENT,
                                         DONE_HTTP, TARGET, Stage)


def dialogues():
    """(name, what the client says, what it hears up to the relay), the bound address as %s."""
    return [('4', ASK_4, b'\0\x5a%(port)s%(host)s'), ('4a', ASK_4A, b'\0\x5a%(port)s%(host)s'),
            ('5', b'\5\1\0' + ASK_5, b'\5\0\5\0\0\1%(host)s%(port)s'),
            ('5 by name', b'\5\2\0\2' + ASK_5_NAME, b'\5\0\5\0\0\1%(host)s%(port)s'),
            ('http', ASK_HTTP, DONE_HTTP)]


@pytest.mark.parametrize('name, asked, reply', dialogues(), ids=[row[0] for row in dialogues()])
def test_connect_at_every_chunking(name, asked, reply):
    """Octets behind the request go to the target, and the target's octets come back, however they
    are cut."""
    for way, pieces in chunkings(asked + b'early\0\xff'):
        stage = Stage()
        stage.greeting = b'welcome'
        for piece in pieces:
            stage.wire.feed(piece)
            stage.loop.advance()
        stage.loop.advance()
        target = stage.targets[0]
        host = stage.bound()[:4]
        port = stage.bound()[4:]
        assert stage.wire.take() == reply.replace(b'%(host)s', host).replace(b'%(port)s', port) \
            + b'welcome', way
        assert target.data == b'early\0\xff', '%s: the target got %r' % (way, target.data)
        stage.wire.feed_eof()
        stage.loop.advance()
        assert target.state == 'eof' and not stage.wire.closed, \
            'half-close: the target may still answer'
        target.transport.write(b'last words')
        target.transport.close()
        stage.loop.advance()
        assert stage.wire.take() == b'last words' and stage.wire.lost == [None], \
            'the last words are lost'
        assert stage.left() == (0, 0) and not stage.loop.failures, '%s: something is left' % way
        stage.loop.close()


REFUSALS = [
    (b'\4\1\0Q\xc0\0\2\7\0', b'\0\x5b\0\0\0\0\0\0'),
    (b'\4\1\0P\0\0\0\1\0none.example\0', b'\0\x5b\0\0\0\0\0\0'),
    (b'\4\3\0P\xc0\0\2\7\0', b'\0\x5b\0\0\0\0\0\0'),
    (b'\4\1\0P\0\0\0\1\0a b\0', b'\0\x5b\0\0\0\0\0\0'),
    (b'\5\1\0\5\1\0\1\xc0\0\2\7\0Q', b'\5\0\5\5\0\1\0\0\0\0\0\0'),
    (b'\5\1\0\5\1\0\3\x0cnone.example\0P', b'\5\0\5\4\0\1\0\0\0\0\0\0'),
    (b'\5\1\0\5\x09\0\1\xc0\0\2\7\0P', b'\5\0\5\7\0\1\0\0\0\0\0\0'),
    (b'\5\1\0\5\1\0\5\xc0\0\2\7\0P', b'\5\0\5\x08\0\1\0\0\0\0\0\0'),
    (b'\5\1\0\5\1\7\1\xc0\0\2\7\0P', b'\5\0\5\1\0\1\0\0\0\0\0\0'),
    (b'\5\1\1', b'\5\xff'), (b'\5\1\2', b'\5\xff'), (b'\5\0', b'\5\xff'),
    (b'CONNECT host.example:81 HTTP/1.1\r\n\r\n', b'HTTP/1.1 502 '),
    (b'GET / HTTP/1.1\r\n\r\n', b'HTTP/1.1 405 '),
    (b'CONNECT nonsense HTTP/1.1\r\n\r\n', b'HTTP/1.1 400 '),
    # What is none of the protocols gets no answer.
    (b'\0', b''), (b'\6\1\0', b''), (b'\x16\3\1', b''), (b'\r\n', b''), (b'\4' * 400, b''),
    (b'A' * 20000, b''),
    (b'\5\1\0\4\1\0\1', b'\5\0')]


@pytest.mark.parametrize('asked, reply', REFUSALS)
def test_bad_requests_are_refused_at_every_chunking(asked, reply):
    for way, pieces in chunkings(asked, cuts=2):
        stage = Stage()
        for piece in pieces:
            stage.wire.feed(piece)
            stage.loop.advance()
        heard = stage.wire.take()
        assert heard == reply or reply[:5] == b'HTTP/' and heard.startswith(reply), \
            '%s: it said %r' % (way, heard)
        assert stage.wire.closed and not stage.targets, '%s: it goes on' % way
        stage.loop.close()


def test_garbage_gets_a_refusal_or_an_end():
    dice = random.Random(4)
    for _ in range(400):
        stage = Stage()
        first = dice.choice((b'\4', b'\5', b'\5\1\0\5', b'CONNECT ', b''))
        stage.wire.feed(first + bytes(
            bytearray(dice.choice((0, 1, 2, 3, 4, 5, 13, 10, 32, 80, 255)) for _ in range(60))))
        stage.loop.advance()
        assert not stage.loop.failures, '%r escaped' % (stage.loop.failures[0],)
        stage.loop.close()


def test_a_request_in_pieces_has_a_deadline_and_an_open_relay_another():
    stage = Stage()
    stage.wire.feed(b'\5')
    for _ in range(32):
        stage.loop.advance(1.0)
    assert stage.wire.aborted, 'it waits for ever'
    stage.wire = stage.connect()
    stage.say(ASK_4)
    stage.loop.advance(590.0)
    assert stage.say(b'x') == b'' and not stage.wire.closed, 'it is not idle'
    stage.loop.advance(590.0)
    assert not stage.wire.closed, 'it has moved'
    stage.loop.advance(12.0)
    assert stage.wire.aborted and stage.targets[0].state == 'lost', \
        'nothing has moved for 600 seconds'
    assert stage.left() == (0, 0)


def test_a_target_that_does_not_answer():
    stage = Stage(connect=lambda factory, host, port, seconds: with_timeout(
        stage.loop, Future(), seconds))
    stage.say(b'\5\1\0')
    assert stage.say(ASK_5) == b''
    stage.loop.advance(29.0)
    assert stage.wire.take() == b''
    stage.loop.advance(2.0)
    assert stage.wire.take() == b'\5\6\0\1\0\0\0\0\0\0' and stage.wire.closed, \
        'RFC 1928 section 6: TTL expired'


def test_the_second_address_of_a_name_is_tried():
    stage = Stage()
    stage.say(b'\5\1\0')
    assert stage.say(b'\5\1\0\3\x0btwo.example\0P')[:2] == b'\5\0', 'only the first was tried'


def test_a_client_that_leaves_while_we_connect():
    pending = Future()
    stage = Stage(connect=lambda *args: pending)
    stage.say(ASK_4)
    stage.wire.lose()
    stage.loop.advance()
    assert pending.cancelled() and stage.left() == (0, 0), 'it goes on connecting'


@pytest.mark.parametrize('asked', [b'', b'\5', b'\5\1\0', b'\5\1\0\5\1', b'\4\1', b'CONN', ASK_4])
def test_an_end_or_a_reset_anywhere(asked):
    for end in ('feed_eof', 'lose'):
        stage = Stage()
        stage.say(asked)
        getattr(stage.wire, end)()
        stage.loop.advance()
        if stage.targets and end == 'feed_eof':
            stage.targets[0].transport.close()
        assert stage.left() == (0, 0) and not stage.loop.failures, 'something is left'
        assert not stage.targets or stage.targets[0].state == 'lost'


def test_a_reset_of_one_side_is_one_of_the_other():
    stage = Stage()
    stage.say(ASK_4)
    stage.targets[0].transport.abort()
    stage.loop.advance()
    assert stage.wire.aborted, 'the client takes a broken answer for a whole one'


def test_a_slow_client_stops_the_target_and_a_slow_target_the_client():
    stage = Stage()
    stage.say(ASK_4)
    target = stage.targets[0]
    stage.wire.clog()
    for _ in range(200):
        if not target.paused:
            target.transport.write(b'x' * 4096)
            stage.loop.advance()
    assert target.paused, 'memory grows with the target'
    assert stage.wire.get_write_buffer_size() < 200000
    stage.wire.unclog()
    stage.loop.advance()
    assert not target.paused and len(stage.wire.take()) % 4096 == 0
    target.transport.pause_reading()
    for _ in range(200):
        if stage.wire.reading:
            stage.wire.feed(b'y' * 4096)
            stage.loop.advance()
    assert not stage.wire.reading, 'memory grows with the client'
    target.transport.resume_reading()
    stage.loop.advance()
    assert stage.wire.reading and target.data.strip(b'y') == b''


# -- who and where -----------------------------------------------------------

def test_rules_decide_about_targets():
    stage = Stage(rules=Rules(parse_rules([u'deny to 192.0.2.0/24'])))
    assert stage.say(ASK_4) == b'\0\x5b\0\0\0\0\0\0'
    stage.wire = stage.connect()
    stage.say(b'\5\1\0')
    assert stage.say(ASK_5_NAME) == b'\5\2\0\1\0\0\0\0\0\0', \
        'RFC 1928 section 6: not allowed by ruleset'
    assert stage.say(ASK_HTTP, stage.connect()).startswith(b'HTTP/1.1 403 ')
    assert not stage.targets


def test_a_login_is_demanded():
    stage = Stage(login=True)
    assert stage.say(b'\5\2\0\2') == b'\5\2'
    assert stage.say(b'\1\3ann\6secret') == b'\1\0'
    assert stage.say(ASK_5 + b'hello') == stage.done5() and stage.targets[0].data == b'hello'
    stage.wire = stage.connect()
    assert stage.say(b'\5\1\2\1\3ann\6secret' + ASK_5)[:6] == b'\5\2\1\0\5\0', 'all at once'
    asked = ASK_HTTP[:-2] + b'Proxy-Authorization: Basic ' + base64.b64encode(b'ann:secret') \
        + b'\r\n\r\n'
    assert stage.say(asked, stage.connect()) == DONE_HTTP


@pytest.mark.parametrize('asked, reply', [
    (b'\5\1\0', b'\5\xff'), (b'\5\1\2\1\3ann\5wrong', b'\5\2\1\1'),
    (b'\5\1\2\1\3eve\6secret', b'\5\2\1\1'),
    (b'\5\1\2\1\2\xff\xff\1x', b'\5\2\1\1'), (b'\5\1\2\1\0\0', b'\5\2\1\1'),
    (ASK_4, b'\0\x5b\0\0\0\0\0\0'),
    (ASK_HTTP, b'HTTP/1.1 407 '), (b'\5\1\2\5\3ann', b'\5\2')])
def test_without_the_right_login_nothing_goes(asked, reply):
    stage = Stage(login=True)
    heard = stage.say(asked)
    stage.loop.advance(1.5)
    heard += stage.wire.take()
    assert heard[:len(reply)] == reply and (heard == reply or reply[:4] == b'HTTP') \
        and stage.wire.closed, 'said %r' % heard
    assert not stage.targets


def test_a_failure_is_answered_late_and_many_shut_out(expect_log):
    expect_log('is shut out')
    stage = Stage(login=True)
    for number, seconds in enumerate((1.0, 2.0, 4.0, 8.0)):
        wire = stage.connect()
        assert stage.say(b'\5\1\2\1\3ann\1x', wire) == b'\5\2', 'answered at once'
        stage.loop.advance(seconds - 0.1)
        assert wire.take() == b'', 'answered too soon, the %d. time' % number
        stage.loop.advance(0.2)
        assert wire.take() == b'\1\1' and wire.closed
    wire = stage.connect()
    stage.loop.advance()
    assert wire.closed and wire.take() == b'', 'it may go on trying'


def test_parallel_guesses_do_not_reveal_the_right_password(expect_log):
    expect_log('is shut out')
    stage = Stage(login=True)
    wires = [stage.connect() for _ in range(11)]
    for wire in wires[:-1]:
        stage.say(b'\5\1\2\1\3ann\1x', wire)
    heard = stage.say(b'\5\1\2\1\3ann\6secret' + ASK_5, wires[-1])
    stage.loop.advance(60.0)
    assert heard + wires[-1].take() == b'\5\2\1\1' and not stage.targets and wires[-1].closed


def test_limits_for_each_user():
    stage = Stage(login=True, per_user=1)
    login = b'\5\1\2\1\3ann\6secret' + ASK_5
    assert stage.say(login)[4:6] == b'\5\0'
    other = stage.connect()
    assert stage.say(login, other)[4:6] == b'\5\2' and other.closed, 'RFC 1928: not allowed'
    stage.wire.lose()
    stage.loop.advance()
    assert stage.say(login, stage.connect())[4:6] == b'\5\0', 'there is room again'


def test_a_rate_for_each_user():
    stage = Stage(user_rate=1000.0)
    stage.say(ASK_4)
    stage.wire.feed(b'x' * 3000)
    stage.loop.advance()
    assert len(stage.targets[0].data) == 3000 and not stage.wire.reading, 'it reads on'
    stage.wire.feed(b'y')
    stage.loop.advance(2.5)
    assert len(stage.targets[0].data) == 3000, 'three seconds are not over'
    stage.loop.advance(1.0)
    assert len(stage.targets[0].data) == 3001, 'it never reads again'


def test_a_bound_on_octets():
    stage = Stage(relay=RelaySettings(idle_seconds=60.0, max_octets=10000))
    stage.say(ASK_4)
    stage.say(b'x' * 9000)
    assert not stage.wire.closed
    stage.say(b'x' * 2000)
    assert stage.wire.aborted and stage.targets[0].state == 'lost'


def test_protocols_that_are_not_served():
    for versions, asked in (((5, 1), ASK_4), ((4, 1), b'\5\1\0'), ((4, 5), ASK_HTTP)):
        stage = Stage(versions=versions)
        assert stage.say(asked) == b'' and stage.wire.closed


@pytest.mark.parametrize('owner, reply',
                         [(u'ann', b'\0\x5a'), (u'eve', b'\0\x5d'), (None, b'\0\x5c')])
def test_ident_verifies_the_user(owner, reply):
    """Codes 92 and 93 of the SOCKS4 paper."""
    stage = Stage(check_ident=True)
    if owner:
        service = Lookup()
        service.lookup = lambda ours, theirs: owner
        stage.loop.listen_tcp(lambda: IdentServer(service, stage.loop), '198.51.100.9', 113)
    heard = stage.say(ASK_4 + b'data')
    stage.loop.advance(11.0)
    heard += stage.wire.take()
    assert heard[:2] == reply, 'it said %r' % heard
    assert bool(stage.targets) == (owner == u'ann')


def test_names_are_left_to_the_next_proxy():
    asked = []

    def connect(factory, host, port, seconds):
        asked.append((host, port))
        return stage.loop.connect_tcp(factory, TARGET.host, TARGET.port, seconds)

    stage = Stage(connect=connect, resolves=False,
                  rules=Rules(parse_rules([u'deny to evil.example'])))
    assert stage.say(b'\5\1\0\5\1\0\3\x0cfar.examples\0P')[:4] == b'\5\0\5\0' \
        and asked == [('far.examples', 80)]
    wire = stage.connect()
    assert stage.say(b'\5\1\0\5\1\0\3\x0cevil.example\0P', wire)[2:4] == b'\5\2', \
        'by name it is denied all the same'


def test_a_fault_of_ours_ends_the_connection_and_tells_nothing(expect_log):
    expect_log('a request failed')
    stage = Stage(connect=lambda *args: 1 // 0)
    stage.say(b'\5\1\0')
    assert stage.say(ASK_5) == b'\5\1\0\1\0\0\0\0\0\0' and stage.wire.closed


@pytest.mark.parametrize('asked, reply', [
    (b'\5\1\2\1\3ann\6secret' + ASK_5, b'\5\2\1\2'),
    (ASK_HTTP[:-2] + b'Proxy-Authorization: Basic ' + base64.b64encode(b'ann:secret') + b'\r\n\r\n',
     b'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n')])
def test_a_login_that_cannot_be_judged_is_no_failure(asked, reply):
    """A failure by name (RFC 1929 section 2), then the end; the guard counts nothing."""
    checker = Crowded()
    stage = Stage(login=True)
    stage.gate.portal = Portal(Realm(), [checker])
    for _ in range(5):
        wire = stage.connect()
        assert stage.say(asked, wire)[:len(reply)] == reply
        assert wire.closed
    assert stage.gate.guard.failures == 0
    assert checker.hosts == [CLIENT.host] * 5
    assert not stage.targets
