# Copyright the carryall authors.  See LICENSE.
"""Which sockets in folders of users are used, and which could be somebody else's."""
from __future__ import absolute_import, division, print_function

import os
import shutil
import tempfile

import pytest

from carryall.core.errors import ConnectFailed
from carryall.protocols.http import Response
from carryall.services.distrib import personalsockets
from carryall.services.distrib.personalsockets import connect_to, is_socket
from carryall.services.distrib.publisher import Publisher

pytestmark = pytest.mark.skipif(not hasattr(os, 'getuid'), reason='this system has no user ids')

AS_ROOT = pytest.mark.skipif(not hasattr(os, 'getuid') or os.getuid() != 0,
                             reason='only root can give files away')
STRANGER = 12345


@pytest.fixture
def folder():
    """A short path, for sockets."""
    made = tempfile.mkdtemp(prefix='pb-')
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def listener(loop, folder):
    """A personal server of ours at folder/socket."""
    if not loop.caps.unix:
        pytest.skip(loop.caps.why_not('unix'))
    made = loop.listen_unix(Publisher(lambda request: Response(200), loop).broker,
                            os.path.join(folder, 'socket'))
    yield made
    made.close()


def refusal(loop, path, uid=None):
    with pytest.raises(ConnectFailed) as caught:
        loop.run_until(connect_to(loop, path, uid, extensions=True))
    return str(caught.value)


def is_used(loop, path, uid=None):
    broker = loop.run_until(connect_to(loop, path, uid, extensions=True))
    assert broker.extended
    broker.close()
    loop.run_until(broker.closed)


def test_our_own_socket_is_used(loop, folder, listener):
    is_used(loop, os.path.join(folder, 'socket'), os.getuid())
    is_used(loop, os.path.join(folder, 'socket'))
    assert is_socket(os.path.join(folder, 'socket'))


@pytest.mark.parametrize('uid', [None, 'mine'])
def test_a_link_is_not_followed(loop, folder, listener, expect_log, uid):
    """Its target is the user's own, or root's: that makes no difference."""
    expect_log('or is a link: not used')
    link = os.path.join(folder, 'link')
    os.symlink(os.path.join(folder, 'socket'), link)
    assert not is_socket(link)
    assert 'not a socket' in refusal(loop, link, os.getuid() if uid else None)


def test_a_file_that_is_no_socket_is_not_used(loop, folder, expect_log):
    expect_log('not a socket')
    path = os.path.join(folder, 'file')
    open(path, 'w').close()
    assert not is_socket(path)
    assert 'not a socket' in refusal(loop, path, os.getuid())
    assert 'no socket' in refusal(loop, os.path.join(folder, 'nothing'), os.getuid())


@pytest.mark.parametrize('uid', [0, STRANGER + 1])
def test_a_socket_of_another_user_is_not_used(loop, folder, listener, expect_log, uid):
    expect_log('not used')
    path = os.path.join(folder, 'socket')
    if os.getuid() == 0:
        os.chown(path, STRANGER, -1)
    elif uid == os.getuid():
        pytest.skip('it is ours')
    assert 'another user' in refusal(loop, path, uid)


@AS_ROOT
@pytest.mark.parametrize('named', [False, True])
def test_the_process_behind_must_be_the_owner(loop, folder, listener, expect_log, named):
    """As after a swap of the name: the socket is the user's, and root is behind it."""
    expect_log('the process behind .* not used')
    path = os.path.join(folder, 'socket')
    os.chown(path, STRANGER, -1)
    os.chown(folder, STRANGER, -1)
    assert 'process behind' in refusal(loop, path, None if named else STRANGER)


@AS_ROOT
def test_a_folder_of_root_is_roots_affair(loop, folder, listener):
    """A service manager listens as root, and gives the socket to its user."""
    os.chmod(folder, 0o755)
    os.chown(os.path.join(folder, 'socket'), STRANGER, -1)
    is_used(loop, os.path.join(folder, 'socket'))


class Silent(object):
    """A transport that cannot name the user at the other end."""

    def __init__(self, transport):
        self.transport = transport

    def get_extra_info(self, name, default=None):
        return default

    def __getattr__(self, name):
        return getattr(self.transport, name)


def test_an_anonymous_peer_has_its_socket_checked_again(
        loop, folder, listener, expect_log, monkeypatch):
    expect_log('the process behind .* not used')
    path = os.path.join(folder, 'socket')

    def swapped(connect):
        def call(loop, path, **options):
            def look(broker):
                broker.transport = Silent(broker.transport)
                os.rename(path, path + '.away')
                os.symlink(path + '.away', path)
                return broker
            return connect(loop, path, **options).then(look)
        return call

    monkeypatch.setattr(personalsockets.pb, 'connect_unix',
                        swapped(personalsockets.pb.connect_unix))
    assert 'process behind' in refusal(loop, path, os.getuid())
    os.remove(path)
    os.rename(path + '.away', path)
