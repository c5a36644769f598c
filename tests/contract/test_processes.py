# Copyright the carryall authors.  See LICENSE.
"""Child programs on every real backend: what their protocols are told, in which order, and that
memory stays bounded."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.errors import LoopClosed, SpawnFailed
from carryall.core.net.process import STDERR, STDIN, STDOUT, ProcessProtocol
from tests.contract.support import Failures, new_loop, settle, until
from tests.support import interpreter

pytestmark = pytest.mark.skipif(os.sep != '/',
                                reason='the programs started here are those of a Unix system')

MIB = 1 << 20


class Recording(ProcessProtocol):
    """Keeps what it is told; ``calls`` has no entry for data."""

    def __init__(self):
        self.calls = []
        self.data = {STDOUT: [], STDERR: []}
        self.size = 0
        self.paused = False

    def connection_made(self, transport):
        ProcessProtocol.connection_made(self, transport)
        self.calls.append('made')

    def pipe_data_received(self, fd, data):
        assert 'over' not in self.calls and ('end', fd) not in self.calls
        self.data[fd].append(data)
        self.size += len(data)

    def pipe_connection_lost(self, fd, exc):
        self.calls.append(('end', fd))

    def process_exited(self):
        self.calls.append('exited')

    def connection_lost(self, exc):
        assert exc is None
        self.calls.append('over')

    def pause_writing(self):
        self.paused = True

    def resume_writing(self):
        self.paused = False

    def said(self, fd):
        return b''.join(self.data[fd])


def start(machine, *argv, **kwargs):
    transport, protocol = machine.run_until(
        machine.spawn(kwargs.pop('factory', Recording), argv, **kwargs))
    assert protocol.transport is transport and transport.get_pid() > 0
    return protocol


def ended(machine, protocol):
    until(machine, lambda: 'over' in protocol.calls, 'the program is over')
    settle(machine, 2)
    assert protocol.calls[0] == 'made' and protocol.calls[-1] == 'over'
    assert [protocol.calls.count(each) for each in ('made', 'exited', 'over', ('end', STDOUT),
                                                    ('end', STDERR))] == [1] * 5
    return protocol.transport.get_returncode()


def by_signal(number):
    """The return code of a program that a signal ended."""
    return 128 + number if interpreter.JYTHON else -number


def test_there_and_back(machine):
    protocol = start(machine, 'cat')
    assert protocol.calls == ['made'] and protocol.transport.get_returncode() is None
    protocol.transport.write(b'one ')
    until(machine, lambda: protocol.said(STDOUT) == b'one ')
    protocol.transport.write(b'two')
    protocol.transport.write_eof()
    protocol.transport.write(b'too late')
    assert ended(machine, protocol) == 0
    assert protocol.said(STDOUT) == b'one two' and protocol.said(STDERR) == b''
    protocol.transport.write(b'nobody is there')
    protocol.transport.write_eof()
    protocol.transport.close()
    settle(machine, 2)
    assert protocol.calls[-1] == 'over'


def test_a_process_takes_bytes_alone(machine):
    protocol = start(machine, 'cat')
    with pytest.raises(TypeError):
        protocol.transport.write(u'text')
    protocol.transport.close()
    ended(machine, protocol)


def test_both_outputs_and_the_status(machine):
    protocol = start(machine, 'sh', '-c', 'echo out; echo err >&2; exit 3')
    assert ended(machine, protocol) == 3
    assert protocol.said(STDOUT) == b'out\n' and protocol.said(STDERR) == b'err\n'


def test_folder_and_environment(machine, tmpdir):
    protocol = start(machine, '/bin/sh', '-c', 'pwd; echo $CARRYALL_WORD', cwd=str(tmpdir),
                     env={'CARRYALL_WORD': 'seen'})
    assert ended(machine, protocol) == 0
    where, word = protocol.said(STDOUT).decode('utf-8').splitlines()
    assert os.path.realpath(where) == os.path.realpath(str(tmpdir)) and word == u'seen'


def test_arguments_are_passed_as_they_are(machine):
    protocol = start(machine, 'printf', '%s|', 'a b', '$HOME', '"', '')
    ended(machine, protocol)
    assert protocol.said(STDOUT) == b'a b|$HOME|"||'


@pytest.mark.parametrize('way, number', [('terminate', 15), ('kill', 9), ('close', 9)])
def test_ended_by_us(machine, way, number):
    protocol = start(machine, 'sleep', '600')
    getattr(protocol.transport, way)()
    assert ended(machine, protocol) == by_signal(number)
    getattr(protocol.transport, way)()


def test_a_missing_program_is_an_error(machine, tmpdir):
    with pytest.raises(SpawnFailed) as caught:
        start(machine, str(tmpdir.join('nothing here')))
    assert 'nothing here' in str(caught.value)
    with pytest.raises(SpawnFailed):
        start(machine, 'cat', cwd=str(tmpdir.join('no folder')))


def test_a_program_that_does_not_read_pauses_the_writer(machine, tmpdir):
    go_on = tmpdir.join('go on')
    protocol = start(machine, 'sh', '-c', 'while [ ! -e "$0" ]; do sleep 0.05; done; exec cat',
                     str(go_on))
    block = bytes(bytearray(range(256))) * 1024
    sent = 0
    while not protocol.paused:
        protocol.transport.write(block)
        sent += len(block)
        assert sent < 64 * MIB, 'nobody told the writer to stop'
    settle(machine)
    assert protocol.paused
    go_on.write('')
    until(machine, lambda: not protocol.paused)
    protocol.transport.write_eof()
    assert ended(machine, protocol) == 0
    assert protocol.said(STDOUT) == block * (sent // len(block))


def test_a_paused_reader_stops_the_program(machine):
    protocol = start(machine, 'head', '-c', str(16 * MIB), '/dev/zero')
    protocol.transport.pause_reading()
    settle(machine, 100)
    held = protocol.size
    assert held <= MIB, 'output came though it was not wanted'
    assert 'exited' not in protocol.calls
    settle(machine, 20)
    assert protocol.size == held
    protocol.transport.resume_reading()
    assert ended(machine, protocol) == 0
    assert protocol.size == 16 * MIB


def test_paused_from_within(machine):
    class Once(Recording):
        def pipe_data_received(self, fd, data):
            Recording.pipe_data_received(self, fd, data)
            self.transport.pause_reading()
            machine.call_later(0.001, self.transport.resume_reading)

    protocol = start(machine, 'head', '-c', str(MIB), '/dev/zero', factory=Once)
    assert ended(machine, protocol) == 0
    assert protocol.size == MIB


def test_a_program_that_closes_its_input(machine):
    protocol = start(machine, 'sh', '-c', 'exec <&-; echo closed; exec sleep 600')
    until(machine, lambda: protocol.said(STDOUT) == b'closed\n')
    protocol.transport.write(b'x' * MIB)
    until(machine, lambda: ('end', STDIN) in protocol.calls)
    protocol.transport.write(b'dropped')
    protocol.transport.kill()
    ended(machine, protocol)


def test_over_is_not_before_the_outputs_are(machine):
    """A grandchild still writes when the program itself has ended."""
    protocol = start(machine, 'sh', '-c', '{ sleep 0.3; echo late; } & exit 0')
    until(machine, lambda: 'exited' in protocol.calls)
    assert ended(machine, protocol) == 0
    # Java closes the pipes with the program; only a read that has begun goes on.
    if interpreter.JYTHON:
        assert protocol.said(STDOUT) in (b'late\n', b'')
    else:
        assert protocol.said(STDOUT) == b'late\n'


@pytest.mark.parametrize('name', ['connection_made', 'pipe_data_received', 'process_exited'])
def test_a_callback_that_fails_ends_the_program(machine, name):
    def fail(self, *args):
        if name == 'connection_made':
            Recording.connection_made(self, *args)
        raise ZeroDivisionError(name)

    failures = Failures(machine)
    protocol = start(machine, 'sh', '-c',
                     'echo one; [ %s = process_exited ] || exec sleep 600' % name,
                     factory=type('Broken', (Recording,), {name: fail}))
    until(machine, lambda: 'over' in protocol.calls)
    assert [type(exc) for _where, exc in failures.seen] == [ZeroDivisionError]


def test_many_at_once(machine):
    protocols = [start(machine, 'cat') for _ in range(8)]
    for number, protocol in enumerate(protocols):
        protocol.transport.write(str(number).encode('ascii'))
        protocol.transport.write_eof()
    for number, protocol in enumerate(protocols):
        assert ended(machine, protocol) == 0
        assert protocol.said(STDOUT) == str(number).encode('ascii')


def test_a_loop_that_is_closed_leaves_none_behind(backend):
    machine = new_loop(backend)
    protocol = start(machine, 'sleep', '600')
    pid = protocol.transport.get_pid()
    machine.close()
    with pytest.raises(LoopClosed):
        machine.call_soon_threadsafe(list)
    other = new_loop(backend)
    try:
        def gone():
            watch = start(other, 'sh', '-c', 'kill -0 %d 2>/dev/null' % pid)
            return ended(other, watch) != 0
        for _ in range(100):
            if gone():
                break
        else:
            raise AssertionError('the program outlives the loop')
    finally:
        other.close()
