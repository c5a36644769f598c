# Copyright the carryall authors.  See LICENSE.
"""The service, over every backend."""
from __future__ import absolute_import, division, print_function

import io
import os

import pytest

from carryall.core.auth.verifiers import scram_keys
from carryall.core.crypto import crypto_of
from carryall.core.errors import ConnectFailed, UsageError
from carryall.core.future import Return, coroutine
from carryall.core.net.protocol import Protocol
from carryall.commands.catalogue import known_types
from carryall.core.tls import TLSContext
from carryall.core.tls.authority import self_signed
from carryall.core.net.transport import tls
from carryall.protocols.ftp.hostport import parse_epsv_reply
from carryall.protocols.ftp import ClientSettings, FTPError, connect
from carryall.services.ftp.memoryfiles import MemoryFiles
from tests.support.activity import watch

BIG = bytes(bytearray(range(256))) * 4000


@pytest.fixture
def pub(tmp_path):
    """A folder to serve."""
    folder = tmp_path / 'pub'
    folder.mkdir()
    (folder / 'big').write_bytes(BIG)
    (folder / 'text').write_bytes(b'a\nb\n')
    return folder


@pytest.fixture
def certificate(tmp_path, loop):
    """(path of a certificate with its key, the PEM to trust)."""
    if not loop.caps.tls:
        pytest.skip(loop.caps.why_not('tls'))
    pair = self_signed(['localhost', '127.0.0.1'], loop.wall())
    (tmp_path / 'site.pem').write_bytes(pair.certificate + pair.key)
    return str(tmp_path / 'site.pem'), pair.certificate


def start(loop, pub, *words):
    """(service, port)."""
    kind = known_types().get('ftp')
    service = kind.make(kind.options.parse(['--root', str(pub), '--port', 'tcp:0'] + list(words)))
    service.start(loop)
    return service, int(service.listening()[0].rpartition(':')[2].split()[0])


@coroutine
def session_of(loop, port, name=u'twisted', password=b'twisted', **given):
    chosen = dict((name, given.pop(name)) for name in ClientSettings.__slots__ if name in given)
    settings = ClientSettings(**chosen)
    session = yield connect(loop, '127.0.0.1', port, settings=settings, **given)
    yield session.login(name, password)
    raise Return(session)


def exchange(loop, pub, port, **given):
    """A file each way."""
    session = loop.run_until(session_of(loop, port, **given))
    kept = MemoryFiles()
    assert loop.run_until(session.retrieve(b'big', kept.store((b'x',)))) == len(BIG), 'octets'
    assert kept.open((b'x',))[0].read() == BIG, 'it came as something else'
    loop.run_until(session.store(b'up', io.BytesIO(BIG), len(BIG)))
    assert (pub / 'up').read_bytes() == BIG, 'it arrived as something else'
    assert sorted(entry.name for entry in loop.run_until(session.entries())) \
        == [b'big', b'text', b'up'], 'names'
    kept = MemoryFiles()
    loop.run_until(session.retrieve(b'text', kept.store((b'x',)), text=True))
    assert kept.open((b'x',))[0].read() == b'a\nb\n', 'text'
    return session


@pytest.mark.limit(60)
@pytest.mark.parametrize('ways', [{}, {'passive': False}], ids=['passive', 'active'])
def test_a_session_in_clear_transfers_files(loop, pub, ways):
    service, port = start(loop, pub, '--demo-user')
    session = exchange(loop, pub, port, **ways)
    loop.run_until(session.quit())
    loop.run_until(service.stop(5.0))


@pytest.mark.limit(60)
@pytest.mark.parametrize('ways', [{}, {'passive': False}], ids=['passive', 'active'])
def test_a_session_under_tls_transfers_files(loop, pub, certificate, ways):
    """AUTH TLS, PROT P, both ways of data, and nothing is let through in clear."""
    path, trusted = certificate
    service, port = start(loop, pub, '--demo-user', '--certificate', path, '--require-tls', 'all')
    session = exchange(loop, pub, port, starttls=TLSContext(trust=trusted), **ways)
    assert tls(session.control.transport).version in ('TLSv1.2', 'TLSv1.3'), \
        tls(session.control.transport)
    loop.run_until(session.quit())
    with pytest.raises(FTPError):
        loop.run_until(session_of(loop, port))
    loop.run_until(service.stop(5.0))


@pytest.mark.limit(60)
def test_ccc_keeps_data_under_tls(loop, pub, certificate):
    """The control connection goes on in clear, data does not;
    a server that does not allow it says 534."""
    path, trusted = certificate
    context = TLSContext(trust=trusted)
    for allowed in (True, False):
        service, port = start(loop, pub, '--demo-user', '--certificate', path, '--require-tls',
                              'all', *['--allow-ccc'][:allowed])
        session = loop.run_until(session_of(loop, port, starttls=context))
        if allowed:
            loop.run_until(session.clear())
            assert tls(session.control.transport) is None
        else:
            with pytest.raises(FTPError) as caught:
                loop.run_until(session.clear())
            assert caught.value.reply.code == 534 and tls(session.control.transport) is not None
        kept = MemoryFiles()
        assert loop.run_until(session.retrieve(b'big', kept.store((b'x',)))) == len(BIG), \
            'data goes under TLS all the same'
        loop.run_until(session.quit())
        loop.run_until(service.stop(5.0))


@pytest.mark.limit(60)
def test_tls_at_once(loop, pub, certificate):
    path, trusted = certificate
    kind = known_types().get('ftp')
    service = kind.make(kind.options.parse(
        ['--root', str(pub), '--demo-user', '--port', 'tls:0:certificate=' + path]))
    service.start(loop)
    port = int(service.listening()[0].split(' with ')[0].rpartition(':')[2])
    session = exchange(loop, pub, port, tls=TLSContext(trust=trusted))
    loop.run_until(session.quit())
    service.reload()
    loop.run_until(service.stop(5.0))


@pytest.mark.limit(60)
def test_data_that_does_not_speak_tls(loop, pub, certificate):
    path, trusted = certificate
    service, port = start(loop, pub, '--demo-user', '--certificate', path)
    session = loop.run_until(session_of(loop, port, starttls=TLSContext(trust=trusted)))
    reply = loop.run_until(session.command(b'EPSV'))
    transport, _ = loop.run_until(
        loop.connect_tcp(Protocol, '127.0.0.1', parse_epsv_reply(reply.text)))
    transport.write(b'GET / HTTP/1.0\r\n\r\n')
    with pytest.raises(FTPError) as caught:
        loop.run_until(session.command(b'NLST'))
    assert caught.value.code == 425, caught.value.reply
    loop.run_until(session.command(b'NOOP'))
    session.close()
    loop.run_until(service.stop(5.0))


def test_anonymous_reads_and_no_more(loop, pub, short_delay):
    service, port = start(loop, pub)
    session = loop.run_until(session_of(loop, port, u'anonymous', b'me@here'))
    assert loop.run_until(session.size(b'big')) == len(BIG), 'it is there'
    with pytest.raises(FTPError):
        loop.run_until(session.store(b'new', io.BytesIO(b'x'), 1))
    with pytest.raises(FTPError):
        loop.run_until(session_of(loop, port))
    session.close()
    loop.run_until(service.stop(5.0))


def test_anonymous_writes_if_asked_for(loop, pub, expect_log):
    expect_log('anonymous users may change files')
    service, port = start(loop, pub, '--anonymous-permissions', 'elrw')
    session = loop.run_until(session_of(loop, port, u'anonymous', b'me@here'))
    loop.run_until(session.store(b'new', io.BytesIO(b'x'), 1))
    assert (pub / 'new').read_bytes() == b'x'
    with pytest.raises(FTPError):
        loop.run_until(session.remove(b'new'))
    session.close()
    loop.run_until(service.stop(5.0))


def test_the_log_and_the_limits(loop, pub, tmp_path):
    service, port = start(loop, pub, '--demo-user', '--logfile', str(tmp_path / 'log'),
                          '--max-per-address', '1', '--banner', 'Hi.', '--digests',
                          '--passive-ports', '20000-60000', '--total-down', '100M',
                          '--max-upload', '10')
    session = loop.run_until(session_of(loop, port))
    assert session.greeting.text == b'Hi.', session.greeting
    with pytest.raises(FTPError):
        loop.run_until(session_of(loop, port))
    loop.run_until(session.retrieve(b'big', MemoryFiles().store((b'x',))))
    with pytest.raises(FTPError):
        loop.run_until(session.store(b'new', io.BytesIO(BIG), len(BIG)))
    assert loop.run_until(session.command(b'XCRC', b'text')).code == 250, 'digests'
    service.reload()
    loop.run_until(session.quit())
    loop.run_until(service.stop(5.0))
    lines = (tmp_path / 'log').read_bytes().split(b'\n')
    assert b' 1024000 /big b _ o r twisted ' in lines[0] and lines[1].endswith(b' i') \
        and len(lines) == 3, lines


@pytest.mark.limit(60)
def test_a_reload_while_it_stops(loop, pub, certificate, tmp_path):
    """On a HUP behind the TERM the log is reopened, and no certificates are read."""
    log = tmp_path / 'log'
    service, port = start(loop, pub, '--demo-user', '--certificate', certificate[0], '--logfile',
                          str(log))
    loop.run_until(session_of(loop, port))
    stopped = service.stop(5.0)
    os.rename(str(log), str(tmp_path / 'log.1'))
    service.reload()
    assert service.listening() == [] and log.exists()
    loop.run_until(stopped)


def test_a_drain_lets_a_transfer_end(loop, pub):
    """The server stops while somebody is being served."""
    service, port = start(loop, pub, '--demo-user', '--rate-down', '2M')
    session = loop.run_until(session_of(loop, port))
    kept = MemoryFiles()
    stopped = []

    def watch(octets):
        if not stopped:
            stopped.append(service.stop(10.0))

    future = session.retrieve(b'big', kept.store((b'x',)), watch=watch)
    assert loop.run_until(future) == len(BIG) and kept.open((b'x',))[0].read() == BIG and stopped, \
        'it was cut'
    loop.run_until(stopped[0])
    with pytest.raises(ConnectFailed):
        loop.run_until(connect(loop, '127.0.0.1', port))
    session.close()


@pytest.mark.parametrize(
    'words', [['--root', '/no/such/folder'], ['--certificate', '/no/such/file'],
              ['--logfile', '/no/such/folder/file']])
def test_a_bad_setting_keeps_the_service_from_starting(loop, pub, words):
    kind = known_types().get('ftp')
    service = kind.make(kind.options.parse(['--root', str(pub), '--port', 'tcp:0'] + words))
    if '--certificate' in words and not loop.caps.tls:
        pytest.skip(loop.caps.why_not('tls'))
    with pytest.raises(UsageError):
        service.start(loop)
    assert service.listening() == [], 'it listens'


def test_a_password_file(loop, pub, tmp_path, short_delay):
    path = str(tmp_path / 'users')
    with open(path, 'wb') as target:
        target.write(u'anna:{0}\n'.format(scram_keys(crypto_of(loop), 'sha256', b'secret',
                                                     iterations=4096).text()).encode('ascii'))
    os.chmod(path, 0o600)
    service, port = start(loop, pub, '--passwords', path)
    session = loop.run_until(session_of(loop, port, u'anna', b'secret'))
    loop.run_until(session.store(b'new', io.BytesIO(b'x'), 1))
    with pytest.raises(FTPError):
        loop.run_until(session_of(loop, port, u'anna', b'wrong'))
    session.close()
    loop.run_until(service.stop(5.0))


def test_transfers_and_logins_are_told_to_the_activity(loop, pub):
    told = watch(loop)
    service, port = start(loop, pub, '--demo-user')
    exchange(loop, pub, port)
    loop.run_until(service.stop(0.0))
    assert [row[1:] for row in told.rows[:3]] == [
        (u'127.0.0.1', u'login twisted', u'success', None, True),
        (u'twisted@127.0.0.1', u'RETR /big', u'complete', len(BIG), True),
        (u'twisted@127.0.0.1', u'STOR /up', u'complete', len(BIG), True)]


def test_a_user_of_the_command_line_logs_in(loop, pub):
    service, port = start(loop, pub, '--user', 'ann=secret')
    loop.run_until(session_of(loop, port, u'ann', b'secret'))
    with pytest.raises(FTPError):
        loop.run_until(session_of(loop, port, u'anonymous', b'a@b'))
    loop.run_until(service.stop(0.0))
