# Copyright the carryall authors.  See LICENSE.
"""ControlConnection: replies by their commands, whatever the server says."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.errors import ConnectionLost, LocalProtocolError, RemoteProtocolError
from carryall.core.testing import FakeTransport, VirtualLoop, chunkings, lockstep
from carryall.protocols.ftp import FTPError
from carryall.protocols.ftp.controlconnection import ControlConnection
from carryall.protocols.ftp.wire import MAX_REPLY_LINE
from tests.protocols.ftp.stage import fresh


def greeted(watch=None):
    client = ControlConnection(watch)
    wire = FakeTransport().connect(client)
    wire.feed(b'220 Hello\r\n')
    return wire, client


def test_replies_at_every_chunking():
    said = (b'220-Hi\r\n there\r\n220 Hello\r\n331 Who\r\n230-In\r\n230-side\r\n230 OK\r\n150 '
            b'Here\r\n226 Done\r\n')
    for name, pieces in chunkings(said):
        client = ControlConnection()
        wire = FakeTransport().connect(client)
        user = client.command(b'USER', b'anna', (3,))
        password = client.command(b'PASS', b'x')
        retr = client.begin(b'RETR', b'a b')
        assert wire.take() == b'USER anna\r\nPASS x\r\nRETR a b\r\n', 'pipelined'
        for piece in pieces:
            wire.feed(piece)
        found = (client.greeting.result().lines, user.result().code, password.result().lines,
                 retr.first.result().code, retr.last.result().code)
        assert found == ([b'Hi', b' there', b'Hello'], 331, [b'In', b'side', b'OK'], 150, 226), name


def test_bare_line_feeds_are_taken():
    """peer: a few servers."""
    wire, client = greeted()
    future = client.command(b'NOOP')
    wire.feed(b'200 Fine\n')
    assert future.result().text == b'Fine', 'no CR'


def test_a_refusal_is_an_error_with_the_reply():
    wire, client = greeted()
    future = client.command(b'CWD', b'x')
    wire.feed(b'550 No\r\n')
    with pytest.raises(FTPError):
        future.result()


@pytest.mark.parametrize('argument', [b'a\r\nDELE b', b'a\nb', b'a\0b', b'\r'])
def test_an_argument_ends_no_line(argument):
    wire, client = greeted()
    with pytest.raises(LocalProtocolError):
        client.begin(b'RETR', argument)
    assert wire.take() == b'', 'something was said'


@pytest.mark.parametrize(
    'said', [b'garbage\r\n', b'\r\n', b'2\r\n', b'\xff\xfe\r\n', b'x' * (MAX_REPLY_LINE + 5),
             b'230-x\r\n' + b'y\r\n' * 6000])
def test_a_bad_reply_ends_the_connection(said):
    wire, client = greeted()
    future = client.command(b'NOOP')
    wire.feed(said)
    wire.loop.advance()
    assert isinstance(future.exception(), RemoteProtocolError) and wire.aborted, future.exception()
    assert isinstance(client.command(b'NOOP').exception(), RemoteProtocolError), 'it is over'


def test_the_server_goes():
    wire, client = greeted()
    future = client.begin(b'RETR', b'x')
    wire.feed(b'150 Here\r\n')
    wire.feed_eof()
    wire.loop.advance()
    assert future.first.result().code == 150 and isinstance(future.last.exception(),
                                                            ConnectionLost), 'no end'
    wire, client = greeted()
    wire.feed(b'421 Idle\r\n')
    wire.feed_eof()
    wire.loop.advance()
    assert client.command(b'NOOP').exception().code == 421, 'why it went'


def test_replies_to_nothing_are_passed_over():
    wire, client = greeted()
    wire.feed(b'226 What\r\n')
    future = client.command(b'NOOP')
    wire.feed(b'200 Fine\r\n')
    assert future.result().code == 200, 'not the other one'


def test_passwords_are_not_shown():
    seen = []
    wire, client = greeted(lambda mark, line: seen.append((mark, line)))
    client.command(b'PASS', b'secret')
    client.command(b'PWD')
    wire.feed(b'230 OK\r\n')
    assert seen == [('<', b'220 Hello'), ('>', b'PASS ***'), ('>', b'PWD'), ('<', b'230 OK')], seen


def test_an_interrupt_sends_abor():
    wire, client = greeted()
    retr = client.begin(b'RETR', b'x')
    abort = client.interrupt()
    assert wire.take().endswith(b'\xff\xf4\xff\xf2ABOR\r\n'), 'Synch'
    wire.feed(b'426 Gone\r\n226 OK\r\n')
    assert retr.last.result().code == 426 and abort.result().code == 226, 'one for each'


def test_telnet_options_are_refused():
    wire, _client = greeted()
    wire.feed(b'\xff\xfb\x01')
    assert wire.take() == b'\xff\xfe\x01', 'DONT'


def test_garbage_of_all_sorts():
    dice = random.Random(20020707)
    for _ in range(200):
        client = ControlConnection()
        wire = FakeTransport().connect(client)
        client.command(b'NOOP')
        for _ in range(20):
            wire.feed(b''.join(dice.choice(
                [b'220', b'-', b' ', b'\r\n', b'\n', b'\xff', b'\xf0', b'x', b'150', b'999', b'\0'])
                               for _ in range(8)))
        wire.feed_eof()
        wire.loop.advance()
        assert not wire.loop.failures and client.greeting.done(), 'seed 20020707'


def test_against_our_own_server_in_lockstep():
    loop = VirtualLoop()
    client = ControlConnection()
    seen = []
    client.greeting.add_done_callback(
        lambda _: [client.begin(verb, argument).last.add_done_callback(
        lambda reply: seen.append(reply.result().code)) for verb, argument in (
            (b'USER', b'anna'), (b'PASS', b'secret'), (b'CWD', b'pub'), (b'FEAT', b''),
            (b'MLST', b'big.bin'), (b'QUIT', b''))])
    lockstep(client, fresh(loop), loop)
    assert seen == [331, 230, 250, 211, 250, 221], seen


def test_the_last_reply_is_reported_at_the_end():
    wire, client = greeted()
    first = client.command(b'NOOP')
    second = client.command(b'PWD')
    wire.feed(b'530 Too many of you\r\n')
    wire.feed_eof()
    wire.loop.advance()
    assert isinstance(first.exception(), FTPError)
    assert '530 Too many of you' in str(second.exception())


def test_a_421_to_one_command_is_the_answer_to_the_next():
    wire, client = greeted()
    first = client.command(b'NOOP')
    second = client.command(b'PWD')
    wire.feed(b'421 Going down\r\n')
    wire.feed_eof()
    wire.loop.advance()
    assert second.exception().code == 421
