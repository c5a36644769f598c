# Copyright the carryall authors.  See LICENSE.
"""The POP3 client, against scripts and against our own server."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth import sasl
from carryall.core.auth.sasl.authdialogue import authenticate
from carryall.core.errors import LocalProtocolError
from carryall.core.future import Return, completed, coroutine
from carryall.core.testing import FakeTransport, NullTLS, VirtualLoop, chunkings, lockstep, pump
from carryall.protocols.pop3 import POP3Client, POP3Error
from tests.protocols.pop3.test_server import ONE, TWO, Accounts, server
from tests.protocols.pop3.test_server_login import TLS


@coroutine
def fetch(client, password=b'secret', clear=True, mechanism=None, tls=False):
    yield client.hello()
    if tls:
        yield client.start_tls(TLS, 'mx.example')
    yield client.login(u'ann', password, clear, mechanism)
    stat = yield client.stat()
    sizes = yield client.list()
    uids = yield client.uidl()
    asked = [client.retrieve(number) for number, _ in uids]
    messages = []
    for future in asked:
        message = yield future
        messages.append(message)
    top = yield client.top(2, 1)
    yield client.noop()
    yield client.delete(2)
    yield client.reset()
    yield client.delete(1)
    yield client.quit()
    raise Return((stat, sizes, uids, messages, top))


EXPECTED = ((2, 74), [(1, 23), (2, 51)], [(1, b'uid-1'), (2, b'uid-2')], [ONE, TWO],
            TWO[:TWO.index(b'.line')])


@pytest.mark.parametrize('talk', [pump, lockstep], ids=['pump', 'lockstep'])
@pytest.mark.parametrize('given', [
    {}, {'mechanism': 'USER'}, {'mechanism': 'APOP'}, {'mechanism': 'LOGIN'},
    {'mechanism': 'PLAIN'}, {'mechanism': 'CRAM-MD5'}, {'mechanism': 'SCRAM-SHA-256'},
    {'tls': True, 'clear': False, 'mechanism': 'USER'}, {'clear': False}], ids=repr)
def test_against_our_server(talk, given):
    loop = VirtualLoop(tls=NullTLS())
    realm = Accounts()
    client = POP3Client(loop)
    done = fetch(client, **given)
    talk(client, server(loop, realm, apop=True, tls=TLS, clear_auth=given.get('clear', True)), loop)
    assert done.result() == EXPECTED
    assert realm.account.messages == [TWO]
    assert not realm.account.locked
    loop.close()


def test_a_wrong_password():
    loop = VirtualLoop()
    client = POP3Client(loop)
    done = fetch(client, b'wrong')
    pump(client, server(loop), loop)
    with pytest.raises(POP3Error) as caught:
        done.result()
    assert caught.value.code == b'AUTH'
    assert not caught.value.lost


def test_no_password_without_tls():
    loop = VirtualLoop()
    for mechanism, error in (('USER', POP3Error), ('PLAIN', sasl.NoMechanism), ('APOP', POP3Error)):
        client = POP3Client(loop)
        done = fetch(client, clear=False, mechanism=mechanism)
        pump(client, server(loop), loop)
        with pytest.raises(error):
            done.result()


def test_a_large_message():
    loop = VirtualLoop()
    client = POP3Client(loop)
    body = (b'.' * 70 + b'\r\n') * 50000
    done = fetch(client)
    pump(client, server(loop, Accounts([ONE, body])), loop)
    assert done.result()[3][1] == body


def scripted():
    loop = VirtualLoop()
    client = POP3Client(loop)
    return client, FakeTransport(loop).connect(client), loop


def test_without_capa_one_command_at_a_time():
    client, wire, loop = scripted()
    client.hello()
    wire.feed(b'+OK hi <1.2@x>\r\n')
    wire.feed(b'-ERR what?\r\n')
    assert client.timestamp == b'<1.2@x>'
    assert client.capabilities == {}
    wire.take()
    first = client.stat()
    second = client.list()
    assert wire.take() == b'STAT\r\n'
    wire.feed(b'+OK 1 5\r\n')
    assert wire.take() == b'LIST\r\n'
    assert first.result() == (1, 5)
    wire.feed(b'+OK\r\n1 5\r\n.\r\n')
    assert second.result() == [(1, 5)]


@pytest.mark.parametrize('said',
                         [b'HTTP/1.1 400\r\n', b'+OKAY\r\n', b'-ERROR\r\n', b'', b'+O',
                          b'-ERR go away\r\n', b'+OK ' + b'x' * 70000 + b'\r\n', b'\xff' * 70000])
def test_servers_that_are_none(said):
    for _, pieces in chunkings(said) if len(said) < 100 else [('whole', [said])]:
        client, wire, loop = scripted()
        done = client.hello()
        for piece in pieces:
            wire.feed(piece)
        wire.feed_eof()
        loop.advance()
        with pytest.raises(POP3Error):
            done.result()
        assert not loop.failures


@pytest.mark.parametrize('answer',
                         [b'+OK\r\n', b'+OK x y\r\n', b'+OK -1 5\r\n', b'+OK 1\r\n', b'-ERR\r\n',
                          b'+OK 99999999999 1\r\n'])
def test_answers_that_cannot_be(answer):
    client, wire, loop = scripted()
    client.hello()
    wire.feed(b'+OK\r\n-ERR\r\n')
    done = client.stat()
    wire.feed(answer)
    with pytest.raises(POP3Error):
        done.result()


def test_too_much_and_too_slow():
    client, wire, loop = scripted()
    client.hello()
    wire.feed(b'+OK\r\n-ERR\r\n')
    done = client.retrieve(1, 1000)
    wire.feed(b'+OK\r\n' + b'x' * 500 + b'\r\n' + b'y' * 600 + b'\r\n')
    with pytest.raises(POP3Error):
        done.result()
    assert wire.closed
    client, wire, loop = scripted()
    done = client.hello()
    loop.advance(119.0)
    assert not done.done()
    loop.advance(2.0)
    assert done.done()
    assert wire.closed


def test_an_unasked_reply_is_an_error():
    client, wire, loop = scripted()
    done = client.hello()
    wire.feed(b'+OK\r\n-ERR\r\n+OK what\r\n')
    assert done.done()
    assert wire.closed
    with pytest.raises(POP3Error):
        client.stat().result()


def test_a_command_is_one_line():
    client, wire, _ = scripted()
    with pytest.raises(LocalProtocolError):
        client.command(b'USER a\r\nPASS b').result()


@pytest.mark.parametrize('lines', range(5))
@pytest.mark.parametrize('end', ['eof', 'lose'])
def test_an_end_in_every_state(lines, end):
    client, wire, loop = scripted()
    done = fetch(client)
    for line in [b'+OK', b'-ERR', b'+OK', b'+OK', b'+OK 2 74'][:lines]:
        wire.feed(line + b'\r\n')
        loop.advance()
    wire.feed_eof() if end == 'eof' else wire.lose()
    loop.advance()
    with pytest.raises(POP3Error):
        done.result()
    assert not loop.failures


@pytest.mark.parametrize('said', [
    [b'+OK\r\n', b'-ERR\r\n', b'+ \r\n'], [b'+OK\r\n', b'+ x\r\n'], [b'+ x\r\n'],
    [b'+OK\r\n', b'-ERR\r\n', b'+OK\r\n', b'+OK\r\n', b'+\r\n']])
def test_an_unasked_challenge_is_an_error(said):
    """Only AUTH is answered with one."""
    loop = VirtualLoop()
    client = POP3Client(loop)
    done = fetch(client)
    wire = FakeTransport(loop).connect(client)
    for line in said:
        wire.feed(line)
        loop.advance()
    with pytest.raises(POP3Error) as caught:
        done.result()
    assert u'not a POP3 answer' in caught.value.message
    assert wire.aborted


def test_an_empty_response_has_its_time_and_may_be_challenged_again():
    class Empty(object):
        """A mechanism that has nothing to say."""

        name = 'NOTHING'
        steps = 0

        def step(self, challenge=None):
            self.steps += 1
            return completed(b'' if self.steps > 1 else None)

        def finish(self):
            """Nothing to prove."""

    loop = VirtualLoop()
    client = POP3Client(loop)
    wire = FakeTransport(loop).connect(client)
    wire.feed(b'+OK\r\n')
    done = authenticate(Empty(), client._ask_login, 253)
    loop.advance()
    for answer in (b'+ \r\n', b'+ \r\n', b'+OK\r\n'):
        wire.feed(answer)
        loop.advance()
    assert done.result() == b''
    assert wire.take() == b'AUTH NOTHING\r\n\r\n\r\n'
    done = authenticate(Empty(), client._ask_login, 253)
    loop.advance()
    wire.feed(b'+ \r\n')
    loop.advance(100000.0)
    assert isinstance(done.exception(), POP3Error), 'it waits for ever'
    assert isinstance(authenticate(Empty(), client._ask_login, 253).exception(),
                      POP3Error), 'and for ever again'


@pytest.mark.parametrize('answer', [b'-ERR [SYS/TEMP] going down\r\n'])
def test_the_last_reply_is_reported_at_the_end(answer):
    client, wire, loop = scripted()
    done = client.hello().then(lambda _: client.login(u'ann', b'secret', True, 'USER'))
    wire.feed(b'+OK hi\r\n')
    wire.feed(answer)               # to CAPA
    wire.feed_eof()
    loop.advance()
    with pytest.raises(POP3Error) as caught:
        done.result()
    assert caught.value.lost
    assert caught.value.code == b'SYS/TEMP'
    assert u'going down' in caught.value.message


def test_an_answer_that_was_good_is_no_reason_for_the_end():
    client, wire, loop = scripted()
    client.hello()
    wire.feed(b'+OK hi\r\n-ERR what?\r\n')
    first = client.noop()
    second = client.noop()
    wire.feed(b'+OK\r\n')
    wire.feed_eof()
    loop.advance()
    assert first.done()
    assert second.exception().message == u'the server closed the connection'
