# Copyright the carryall authors.  See LICENSE.
"""The service type ``pb``: an echo, a root and a realm of one's own, accounts,
over real sockets."""
from __future__ import absolute_import, division, print_function

import hashlib
import os

import pytest

from carryall.core.auth.credentials import Anonymous, UsernamePassword
from carryall.core.auth.verifiers import scram_keys
from carryall.core.crypto import STANDARD
from carryall.core.errors import UsageError
from carryall.core.future import sleep
from carryall.core.net.protocol import Protocol
from carryall.core.tls import TLSContext
from carryall.core.tls.authority import self_signed
from carryall.protocols import pb
from carryall.protocols.websocket import HandshakeRefused
from carryall.services.pb.service import TYPE, read_accounts
from tests.support.activity import watch


class Pond(pb.Root):
    def remote_frogs(self):
        return 3


class Realm(object):
    def avatar(self, name, credentials, mind):
        return Frog(name)


class Frog(pb.Avatar):
    def __init__(self, name):
        self.name = name

    def perspective_croak(self):
        return self.name


NOT_ONE = 5


class Running(object):
    """A service on a free port."""

    def __init__(self, loop, *words):
        self.loop = loop
        self.service = TYPE.make(TYPE.options.parse(['-p', '0'] + list(words)))
        self.service.start(loop)
        self.port = int(self.service.listening()[0].rpartition(':')[2])

    def connect(self, **options):
        return self.loop.run_until(pb.connect(self.loop, '127.0.0.1', self.port, **options))

    def stop(self):
        self.loop.run_until(self.service.stop(1.0))


def test_the_echo_root_answers(loop):
    running = Running(loop)
    broker = running.connect()
    assert loop.run_until(broker.remote().call_remote('echo', u'x')) == u'x', 'one'
    assert loop.run_until(broker.remote().call_remote('echo', 1, 2)) == (1, 2), 'two'
    running.stop()
    assert loop.run_until(broker.closed) is None, 'connections end with it'


def test_a_root_of_a_program_answers(loop):
    running = Running(loop, '--root', __name__ + ':Pond')
    assert loop.run_until(running.connect().remote().call_remote('frogs')) == 3, 'mine'
    running.stop()


def test_a_realm_admits_its_accounts(loop, tmp_path):
    accounts = tmp_path / 'accounts'
    accounts.write_bytes(b'# mine\nanna:secret\n\n')
    hashed = tmp_path / 'md5'
    hashed.write_bytes(b'ben:' + hashlib.md5(b'old').hexdigest().encode('ascii') + b'\n')
    running = Running(loop, '--root', __name__ + ':Realm', '--users', str(accounts), '--md5-users',
                      str(hashed), '--anonymous')
    for credentials, name, own in ((UsernamePassword(u'anna', b'secret'), u'anna', True),
                                   (UsernamePassword(u'anna', b'secret'), u'anna', False),
                                   (UsernamePassword(u'ben', b'old'), u'ben', False),
                                   (Anonymous(), u'anonymous', True)):
        broker = running.connect(extensions=own)
        avatar = loop.run_until(pb.login(broker, credentials))
        assert loop.run_until(avatar.call_remote('croak')) == name, '%s' % name
        broker.close()
    accounts.write_bytes(b'anna:other\n')
    running.service.reload()
    avatar = loop.run_until(pb.login(running.connect(), UsernamePassword(u'anna', b'other')))
    assert loop.run_until(avatar.call_remote('croak')) == u'anna', 'accounts are read again'
    running.stop()


def test_a_password_file(loop, tmp_path, short_delay):
    """By SCRAM for clients of ours; the challenge cannot be judged by a hash of another kind, so
    others stay outside."""
    path = tmp_path / 'users'
    path.write_bytes(u'anna:{0}\n'.format(
        scram_keys(STANDARD, 'sha256', b'secret', iterations=4096).text()).encode('ascii'))
    os.chmod(str(path), 0o600)
    running = Running(loop, '--root', __name__ + ':Realm', '--passwords', str(path))
    avatar = loop.run_until(pb.login(running.connect(extensions=True),
                                     UsernamePassword(u'anna', b'secret')))
    assert loop.run_until(avatar.call_remote('croak')) == u'anna', 'she is in'
    for own, password in ((True, b'wrong'), (False, b'secret')):
        error = loop.run_until(pb.login(running.connect(extensions=own), UsernamePassword(
            u'anna', password)).then(None, lambda exc: exc))
        assert isinstance(error, pb.Unauthorized), 'got %r' % (error,)
    running.stop()


@pytest.mark.parametrize('words', [
    ['--root', 'xyz'], ['--root', 'no_such_module:X'], ['--root', __name__ + ':NOT_ONE'],
    ['--root', __name__ + ':Nothing'], ['--root', __name__ + ':Realm'],
    ['--root', __name__ + ':_x'], ['--root', __name__ + ':Pond', '--anonymous'],
    ['--users', '/nowhere/at/all']])
def test_a_bad_setting_keeps_the_service_from_starting(loop, words):
    service = TYPE.make(TYPE.options.parse(['-p', '0'] + words))
    with pytest.raises(UsageError):
        service.start(loop)
    loop.run_until(service.stop(0.0))


@pytest.mark.parametrize('data', [b'anna\n', b':x\n', b'anna:\n', b'a:b\na:c\n', b'\xff:b\n',
                                  b'x' * 1100000])
def test_accounts_that_are_none(tmp_path, data):
    path = tmp_path / 'accounts'
    path.write_bytes(data)
    with pytest.raises(UsageError):
        read_accounts(str(path))


def test_md5_that_is_none(loop, tmp_path):
    path = tmp_path / 'md5'
    path.write_bytes(b'ben:old\n')
    with pytest.raises(UsageError):
        TYPE.make(TYPE.options.parse(['-p', '0', '--md5-users', str(path)])).start(loop)


# -- WebSocket -------------------------------------------------------------------------------------


def websocket(loop, *words):
    """A service with a WebSocket on a free port, and its URL."""
    service = TYPE.make(TYPE.options.parse(['--websocket', '0'] + list(words)))
    service.start(loop)
    return service, 'ws://127.0.0.1:%s/pb' % service.listening()[-1].rpartition(':')[2]


def test_over_a_websocket(loop, tmp_path):
    """A login, calls, a large argument; what a page may not; the end, which is told."""
    accounts = tmp_path / 'accounts'
    accounts.write_bytes(b'anna:secret\n')
    service, url = websocket(loop, '--root', __name__ + ':Realm', '--users', str(accounts),
                             '--origin', 'https://a.example')
    assert [line.rpartition(' on ')[0] for line in service.listening()] == ['pb-websocket'], \
        'and no other port'
    for origin in (None, b'https://a.example'):
        broker = loop.run_until(pb.connect_websocket(loop, url, origin=origin))
        avatar = loop.run_until(pb.login(broker, UsernamePassword(u'anna', b'secret')))
        assert loop.run_until(avatar.call_remote('croak')) == u'anna', 'in'
        broker.close()
        loop.run_until(broker.closed)
    own = b'http' + url[2:-3].encode('ascii')
    broker = loop.run_until(pb.connect_websocket(loop, url, origin=own))
    broker.close()
    for where, origin, status in ((url, b'https://evil.example', 403), (url + 'x', None, 404),
                                  (url[:-3], None, 404)):
        error = loop.run_until(pb.connect_websocket(loop, where, origin=origin).then(
            None, lambda exc: exc))
        assert isinstance(error, HandshakeRefused) and error.status == status, 'got %r' % (error,)
    broker = loop.run_until(pb.connect_websocket(loop, url))
    error = loop.run_until(pb.login(broker, UsernamePassword(u'anna', b'wrong')).then(
        None, lambda exc: exc))
    assert isinstance(error, pb.Unauthorized)
    loop.run_until(service.stop(5.0))
    assert loop.run_until(broker.closed) is None


def test_a_large_argument_over_a_websocket(loop):
    service, url = websocket(loop, '-p', '0', '--websocket-path', '/a/b')
    assert len(service.listening()) == 2, 'both'
    broker = loop.run_until(pb.connect_websocket(loop, url[:-3] + '/a/b'))
    assert loop.run_until(broker.remote().call_remote('echo', b'x' * 600000)) == b'x' * 600000
    calls = [broker.remote().call_remote('echo', number) for number in range(500)]
    assert [loop.run_until(call) for call in calls] == list(range(500)), 'in order'
    broker.close()
    loop.run_until(broker.closed)
    loop.run_until(service.stop(5.0))


def test_over_a_websocket_with_tls(loop, tmp_path):
    if not loop.caps.tls:
        pytest.skip(loop.caps.why_not('tls'))
    made = self_signed([u'localhost', u'127.0.0.1'], loop.wall())
    path = tmp_path / 'me.pem'
    path.write_bytes(made.certificate + made.key)
    os.chmod(str(path), 0o600)
    service = TYPE.make(TYPE.options.parse(['--websocket', 'tls:0:certificate=%s' % path]))
    service.start(loop)
    url = 'wss://127.0.0.1:%s/pb' % service.listening()[0].rpartition(' with')[0].rpartition(':')[2]
    broker = loop.run_until(pb.connect_websocket(loop, url, TLSContext(trust=made.certificate)))
    assert loop.run_until(broker.remote().call_remote('echo', u'x')) == u'x', 'sealed'
    broker.close()
    loop.run_until(broker.closed)
    loop.run_until(service.stop(5.0))


@pytest.mark.parametrize('path', ['pb', '/p b', u'/p\xe4', '/p?x', '/%41'])
def test_paths_that_are_none(loop, path):
    service = TYPE.make(TYPE.options.parse(['--websocket', '0', '--websocket-path', path]))
    with pytest.raises(UsageError):
        service.start(loop)
    loop.run_until(service.stop(0.0))


def test_the_default_endpoint_is_local():
    assert TYPE.endpoints(TYPE.options.parse([])) == [u'tcp:8787:interface=127.0.0.1'], \
        'the port of old, for this machine'
    assert TYPE.endpoints(TYPE.options.parse(['-p', 'tcp:1:interface=0.0.0.0'])) \
        == [u'tcp:1:interface=0.0.0.0'], 'or for all'
    assert TYPE.endpoints(TYPE.options.parse(['-w', '8080'])) \
        == [u'tcp:8080:interface=127.0.0.1'], 'or by WebSocket alone'
    assert TYPE.endpoints(TYPE.options.parse(['-p', '1', '-w', '2'])) \
        == [u'tcp:1:interface=127.0.0.1', u'tcp:2:interface=127.0.0.1'], 'or both'


def test_handshakes_that_come_to_nothing_leave_nothing(loop):
    """No WebSocket begins over HTTP/1.0, nor for a client that left during the handshake."""
    service, url = websocket(loop)
    ask = (b'GET /pb HTTP/1.%d\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, '
           b'Upgrade\r\nSec-WebSocket-Version: 13\r\n'
           b'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n')
    answers = []

    class Asking(Protocol):
        def connection_made(self, transport):
            transport.write(ask % 0 * 5 + ask % 1)

        def data_received(self, data):
            answers.append(data)

    transport, _ = loop.run_until(
        loop.connect_tcp(Asking, '127.0.0.1', int(url[:-3].rpartition(':')[2])))
    while b'HTTP/1.1 101' not in b''.join(answers):
        loop.run_until(sleep(loop, 0.01))
    assert b''.join(answers).count(b' 400 ') == 5
    transport.abort()
    loop.run_until(service.stop(5.0))


def test_the_end_of_a_session_is_told_to_the_activity(loop):
    told = watch(loop)
    running = Running(loop)
    broker = running.connect()
    broker.close()
    loop.run_until(broker.closed)
    loop.run_until(running.service.stop(0.0))
    assert [row[:4] for row in told.rows] == [(u'pb', u'127.0.0.1', u'session', u'ended')]


def test_a_user_of_the_command_line_logs_in(loop):
    running = Running(loop, '--user', 'ann=secret')
    avatar = loop.run_until(pb.login(running.connect(), UsernamePassword(u'ann', b'secret')))
    assert loop.run_until(avatar.call_remote('name')) == u'ann'
    running.stop()
