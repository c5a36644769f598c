# Copyright the carryall authors.  See LICENSE.
"""Unix sockets: the laws hold over them too, and the file of the listener is looked after."""
from __future__ import absolute_import, division, print_function

import os
import stat

import pytest

from carryall.core.errors import ConnectFailed, ListenFailed, Refused
from carryall.core.testing import StrictProtocol
from tests.contract.support import (KeepOpen, Sink, connected, fill, new_loop, pattern, settle,
                                    short_path, until)
from tests.support.umask import set_umask


@pytest.fixture
def path(machine, tmpdir):
    """A path, on a backend that has Unix sockets; one that has not is tested by law L20."""
    if not machine.caps.unix:
        pytest.skip(machine.caps.why_not('unix'))
    return short_path(tmpdir)


def test_unix_echo_and_half_close(machine, path):
    class Echo(KeepOpen):
        def ended(self):
            self.transport.write(self.data)
            self.transport.close()

    pair = connected(machine, server=Echo, client=KeepOpen, path=path)
    data = pattern(1 << 20)
    pair.client.transport.write(data)
    pair.client.transport.write_eof()
    until(machine, lambda: pair.client.state != 'connected')
    assert pair.client.data == data


def test_unix_close_flushes(machine, path):
    pair = connected(machine, client=Sink, path=path)
    fill(machine, pair.server, pair.client)
    sent = pattern(4 << 20)
    pair.server.transport.write(sent)
    pair.server.transport.close()
    pair.client.transport.resume_reading()
    until(machine, lambda: pair.client.state == 'eof')
    assert b''.join(pair.client.pieces).endswith(sent)
    until(machine, lambda: pair.server.state == 'lost')
    assert pair.server.lost_with is None


def test_abort_ends_both_sides_over_unix(machine, path):
    pair = connected(machine, path=path)
    pair.client.transport.abort()
    until(machine, lambda: pair.client.state == 'lost' and pair.server.state == 'lost')
    assert pair.client.lost_with is None


@pytest.mark.parametrize('mode', [0o600, 0o660, 0o666])
def test_unix_the_file_has_its_mode(machine, path, mode):
    before = set_umask(0o022)
    try:
        listener = machine.listen_unix(StrictProtocol, path, mode)
        assert stat.S_IMODE(os.lstat(path).st_mode) == mode
        assert stat.S_ISSOCK(os.lstat(path).st_mode)
        assert set_umask(0o022) in (0o022, None), 'the umask was not given back'
        listener.close()
    finally:
        set_umask(before)


def test_unix_in_a_private_folder_one_name_is_made(machine, path):
    """On a full disk there may be room for no more."""
    os.chmod(os.path.dirname(path), 0o700)
    listener = machine.listen_unix(StrictProtocol, path, 0o660)
    assert os.listdir(os.path.dirname(path)) == [os.path.basename(path)]
    assert stat.S_IMODE(os.lstat(path).st_mode) == 0o660
    listener.close()


def test_unix_the_usual_mode_is_600(machine, path):
    machine.listen_unix(StrictProtocol, path)
    assert stat.S_IMODE(os.lstat(path).st_mode) == 0o600


def test_unix_the_file_is_removed_on_close(machine, path):
    listener = machine.listen_unix(StrictProtocol, path)
    listener.close()
    settle(machine, 3)
    assert not os.path.exists(path)


def test_unix_the_file_of_a_successor_is_left(machine, path):
    listener = machine.listen_unix(StrictProtocol, path)
    os.unlink(path)
    second = machine.listen_unix(StrictProtocol, path)
    listener.close()
    settle(machine, 3)
    assert os.path.exists(path)
    second.close()
    settle(machine, 3)
    assert not os.path.exists(path)


def test_unix_the_file_is_removed_when_the_loop_closes(backend, tmpdir):
    loop = new_loop(backend)
    if not loop.caps.unix:
        loop.close()
        pytest.skip(loop.caps.why_not('unix'))
    path = short_path(tmpdir)
    loop.listen_unix(StrictProtocol, path)
    loop.close()
    assert not os.path.exists(path)


def test_unix_a_dead_socket_is_replaced(machine, path):
    first = machine.listen_unix(StrictProtocol, path)
    os.rename(path, path + '2')  # so that its close leaves the file, as a killed process does
    first.close()
    settle(machine, 3)
    os.rename(path + '2', path)
    with pytest.raises(Refused):
        machine.run_until(machine.connect_unix(StrictProtocol, path))
    pair = connected(machine, path=path)
    pair.client.transport.write(b'alive')
    until(machine, lambda: pair.server.data == b'alive')


def test_unix_a_live_one_is_not_taken_over(machine, path):
    pair = connected(machine, path=path)
    with pytest.raises(ListenFailed):
        machine.listen_unix(StrictProtocol, path)
    pair.client.transport.write(b'undisturbed')
    until(machine, lambda: pair.server.data == b'undisturbed')
    settle(machine, 3)


def test_unix_a_file_that_is_no_socket_is_left(machine, path):
    with open(path, 'wb') as precious:
        precious.write(b'precious')
    with pytest.raises(ListenFailed):
        machine.listen_unix(StrictProtocol, path)
    with open(path, 'rb') as precious:
        assert precious.read() == b'precious'


def test_a_refused_unix_connection_is_an_error(machine, path):
    with pytest.raises(Refused):
        machine.run_until(machine.connect_unix(StrictProtocol, path))


def test_unix_a_path_that_is_too_long(machine, path):
    long_path = path + 'x' * 200
    with pytest.raises(ListenFailed):
        machine.listen_unix(StrictProtocol, long_path)
    with pytest.raises(ConnectFailed):
        machine.run_until(machine.connect_unix(StrictProtocol, long_path))


def test_unix_a_folder_that_is_not_there(machine, path):
    with pytest.raises(ListenFailed):
        machine.listen_unix(StrictProtocol, path + '/no/such')


@pytest.mark.skipif(not os.path.exists('/proc/self'),
                    reason='only Linux tells who is at the other end')
def test_the_system_tells_the_peer_of_a_unix_connection(machine, path):
    if machine.backend == 'virtual':
        pytest.skip('nobody vouches for what is in memory')
    pair = connected(machine, path=path)
    for end in (pair.client, pair.server):
        assert end.transport.get_extra_info('peer_credentials')[1:] == (os.getuid(), os.getgid())
