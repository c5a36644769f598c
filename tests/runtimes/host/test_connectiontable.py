# Copyright the carryall authors.  See LICENSE.
"""The owner of a TCP connection, as the machine tells it."""
from __future__ import absolute_import, division, print_function

import getpass
import os
import socket

import pytest

from carryall import runtimes
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import Address, here, peer
from carryall.runtimes.host.connectiontable import OWNERLESS, owner
from tests.support import interpreter

needs_proc = pytest.mark.skipif(not os.path.exists('/proc/net/tcp'),
                                reason='a system without the /proc of Linux')
LINE = '   0: %s %s %s 00000000:00000000 00:00000000 00000000  %d        0 %d 1 0 20 4 30 10 -1\n'
UID = 54321                     # of no user
OURS = Address('127.0.0.1', 8080)
THEIRS = Address('127.0.0.2', 40000)
FOUR = ('0100007F:1F90', '0200007F:9C40')
MAPPED = tuple('0000000000000000FFFF0000' + each for each in FOUR)
SIX = ('B80D0120000000000000000001000000:1F90', 'B80D0120000000000000000002000000:9C40')


def table(tmpdir, ends, state='01', user=UID, inode=1):
    path = tmpdir.join('tcp')
    path.write('  sl  local_address rem_address   st\n' + LINE % (ends + (state, user, inode)))
    return [str(path), str(tmpdir.join('nothing'))]


@pytest.mark.parametrize('ours, theirs, ends', [
    (OURS, THEIRS, FOUR), (OURS, THEIRS, MAPPED),
    (Address('::ffff:127.0.0.1', 8080), Address('::ffff:127.0.0.2', 40000), FOUR),
    (Address('2001:db8::1', 8080), Address('2001:db8::2', 40000), SIX)])
def test_a_connection_of_the_table_has_an_owner(tmpdir, ours, theirs, ends):
    assert owner(ours, theirs, table(tmpdir, ends)) == '54321'


@pytest.mark.parametrize('ours, theirs', [
    (THEIRS, OURS), (OURS, Address('127.0.0.2', 40001)), (OURS, Address('127.0.0.3', 40000)),
    (OURS, Address('', 40000)), (OURS, Address('::1', 40000))])
def test_another_connection_has_none(tmpdir, ours, theirs):
    assert owner(ours, theirs, table(tmpdir, FOUR)) is None


@pytest.mark.parametrize('state', OWNERLESS)
def test_a_connection_that_has_ended_has_none(tmpdir, state):
    assert owner(OURS, THEIRS, table(tmpdir, FOUR, state)) is None


@pytest.mark.parametrize('state', ['01', '04'])
def test_a_connection_that_no_process_has_is_not_of_root(tmpdir, state):
    assert owner(OURS, THEIRS, table(tmpdir, FOUR, state, user=0, inode=0)) is None


def test_a_connection_that_no_process_has_may_have_an_owner(tmpdir):
    assert owner(OURS, THEIRS, table(tmpdir, FOUR, inode=0)) == '54321'


@needs_proc
@pytest.mark.skipif(interpreter.JYTHON, reason='its sockets accept in the background')
def test_a_connection_that_is_not_accepted_yet_is_not_of_root():
    waiting = socket.socket()
    client = socket.socket()
    try:
        waiting.bind(('127.0.0.1', 0))
        waiting.listen(1)
        client.connect(waiting.getsockname())
        ends = [Address(*each.getsockname()) for each in (waiting, client)]
        assert owner(*ends) != 'root'
        assert owner(*reversed(ends)) == getpass.getuser()
    finally:
        client.close()
        waiting.close()


@pytest.mark.parametrize('line', ['', 'x\n', 'a b c d e f g h i j\n', '\0\n'])
def test_a_line_that_is_malformed_is_passed_by(tmpdir, line):
    path = tmpdir.join('tcp')
    path.write(line)
    assert owner(OURS, THEIRS, [str(path)]) is None


@needs_proc
def test_a_connection_of_ours_is_ours():
    loop = runtimes.choose()
    accepted = []

    class Kept(Protocol):
        def connection_made(self, transport):
            accepted.append(transport)

    try:
        listener = loop.listen_tcp(Kept, '127.0.0.1', 0)
        loop.run_until(loop.connect_tcp(Protocol, '127.0.0.1', listener.address.port))
        while not accepted:
            loop.run_until(loop.run_in_thread(int))
        found = loop.run_until(loop.connection_owner(here(accepted[0]), peer(accepted[0])))
    finally:
        loop.close()
    assert found == getpass.getuser()
