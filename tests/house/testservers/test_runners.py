# Copyright the carryall authors.  See LICENSE.
"""Servers run in this process or in another, and end with it."""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import sys

import pytest

from carryall.core.errors import Unsupported, UsageError
from carryall.core.net.protocol import Protocol
from carryall import testservers
from carryall.testservers import (ChildRunner, HTTPServer, LocalRunner, TCPServer, TypeServer,
                                  childrunner, sharedrunner)
from tests.commands.processes import LIMIT, environment
from tests.house.testservers.clients import Client, fetched
from tests.support import interpreter

pytestmark = pytest.mark.limit(2 * LIMIT)


@pytest.fixture(scope='module')
def runner():
    """Another process on this interpreter."""
    with ChildRunner(sys.executable) as made:
        yield made


def test_http_is_controlled_from_afar(runner):
    with HTTPServer(runner) as server:
        server.respond('/a', b'\x01\xc3', delay=0.01)
        assert fetched(server.url, b'/a') == (200, b'\x01\xc3')
        assert server.assert_requested('/a', times=1)[0].expected


def test_a_wait_in_another_process_ends(runner):
    with TCPServer(runner) as server:
        with pytest.raises(AssertionError):
            server.wait(1, timeout=0.05)


def test_objects_of_this_process_are_refused(runner):
    with pytest.raises(Unsupported):
        TCPServer(runner, factory=Protocol).start()
    with pytest.raises(Unsupported):
        HTTPServer(runner, app=lambda request: None).start()


def test_a_relative_path_means_the_callers_folder(runner, tmpdir):
    tmpdir.mkdir('site').join('a.txt').write('a')
    with tmpdir.as_cwd():
        with HTTPServer(runner, path='site') as server:
            assert fetched(server.url, b'/a.txt') == (200, b'a')
        with TypeServer(runner, type='web', words=['--path', 'site']) as server:
            assert fetched('http://' + server.netloc, b'/a.txt') == (200, b'a')


def test_a_missing_folder_is_told(runner, tmpdir):
    with pytest.raises(UsageError):
        HTTPServer(runner, path=str(tmpdir.join('none'))).start()


def test_a_runtime_that_is_not_there_is_told():
    with pytest.raises(UsageError):
        ChildRunner('nonsense')


def test_a_child_that_is_killed_is_told(tmpdir):
    runner = ChildRunner(sys.executable)
    server = TCPServer(runner).start()
    runner._child.kill()
    with pytest.raises(RuntimeError):
        server.received
    with pytest.raises(RuntimeError):
        runner.close()


def test_a_new_kind_of_server_may_take_as_long_as_the_start(monkeypatch):
    """It loads modules, which takes many seconds on a JVM that shares its processor."""
    with ChildRunner(sys.executable) as runner:
        with TCPServer(runner):
            monkeypatch.setattr(childrunner, 'ANSWER_SECONDS', 0.0)
            number = runner.begin('http', {})[0]
            monkeypatch.setattr(childrunner, 'ANSWER_SECONDS', 60.0)
            runner.end(number)


def test_the_environment_names_the_runtime(monkeypatch):
    monkeypatch.setenv('CARRYALL_RUNTIME', sys.executable)
    runner = sharedrunner.make(os.environ['CARRYALL_RUNTIME'])
    try:
        assert isinstance(runner, ChildRunner)
    finally:
        runner.close()


def test_a_local_runner_can_have_another_backend():
    with LocalRunner(backend='threads') as runner:
        with TCPServer(runner) as server:
            with Client(server.address) as client:
                assert client.ask(b'hello') == b'hello\r\n'


# Signals are ignored in a suite that runs in the background of a shell.
PARENT = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from carryall.testservers import ChildRunner, TCPServer
runner = ChildRunner(sys.executable)
server = TCPServer(runner).start()
sys.stdout.write('%d %d\\n' % (runner.pid, server.port))
sys.stdout.flush()
time.sleep(600)
"""


@pytest.mark.skipif(interpreter.JYTHON, reason='the signals of a JVM are tested by the others')
@pytest.mark.parametrize('name', ['TERM', 'HUP', 'KILL', 'INT'])
def test_the_servers_end_with_their_parent(name):
    import signal
    parent = subprocess.Popen([sys.executable, '-c', PARENT], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=environment())
    try:
        pid, port = [int(word) for word in parent.stdout.readline().split()]
        with Client(('127.0.0.1', port)) as client:
            assert client.ask(b'hello') == b'hello\r\n'
            parent.send_signal({'TERM': signal.SIGTERM, 'HUP': signal.SIGHUP,
                                'KILL': signal.SIGKILL, 'INT': signal.SIGINT}[name])
            parent.wait()
            assert client.rest() == b'', 'the server has closed'
        with pytest.raises(Exception):
            Client(('127.0.0.1', port))
    finally:
        if parent.poll() is None:
            parent.kill()
            parent.wait()
        parent.stdout.close()
        parent.stderr.close()


@pytest.mark.limit(3 * LIMIT)
def test_many_servers_leave_no_thread_or_descriptor():
    import threading
    kinds = own_kinds()
    with LocalRunner() as runner:
        for kind in kinds:
            with kind(runner):          # what is loaded on first use
                pass
        threads = threading.active_count()
        before = descriptors()
        for number in range(500):
            with kinds[number % len(kinds)](runner) as server:
                if number % 50 == 0:
                    Client(server.address).__exit__()
        assert threading.active_count() == threads
        assert descriptors() <= before + 2, 'a connection may still be closing'


def own_kinds():
    """A class of each kind of server that needs no type of service."""
    found = {}
    for name in testservers.__all__:
        kind = getattr(getattr(testservers, name), 'kind', None)
        if kind not in (None, '', 'type'):
            found[kind] = getattr(testservers, name)
    return [cls for _, cls in sorted(found.items())]


def descriptors():
    """How many descriptors this process has; 0 where no one can tell."""
    folder = '/proc/self/fd'
    return len(os.listdir(folder)) if os.path.isdir(folder) else 0
