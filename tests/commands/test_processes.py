# Copyright the carryall authors.  See LICENSE.
"""The commands as real processes, from bin/, on the interpreter that runs the tests."""
from __future__ import absolute_import, division, print_function

import os
import signal
import socket

import pytest

from carryall.app.application import Application, load, save
from carryall.app.servicetypes import Registry
from carryall.runtimes.host import systemfiles as files
from carryall.runtimes.host.pidfile import is_alive
from tests.commands import sample
from tests.commands.processes import LIMIT, Child, exchange, port_of, run, until

pytestmark = [pytest.mark.limit(LIMIT),
              pytest.mark.skipif(os.name == 'nt', reason='these processes are ended by signals')]


def make_registry():
    """A registry with the type of these tests alone."""
    registry = Registry([], path=[], environ={})
    registry.add(sample.SampleType())
    return registry


def make_tap(folder, *words):
    """Writes sample.tap."""
    application = Application(u'sample')
    application.add('sample', words, make_registry())
    save(application, str(folder.join('sample.tap')), files)


def names(folder):
    """The names in the folder."""
    return sorted(os.listdir(str(folder)))


def test_carryall_serves_until_ctrl_c(tmpdir):
    """The first line says where; Ctrl-C ends it with status 0 and no traceback;
    stdout has that line alone."""
    with Child('carryall', 'sample', cwd=tmpdir) as child:
        line = child.line()
        assert line.startswith('listening: sample on 127.0.0.1:'), line
        assert exchange(port_of(line), b'hello') == b'hello'
        child.process.send_signal(signal.SIGINT)
        status, output, errors = child.finish()
    assert (status, output) == (0, ''), (status, output, errors)
    assert 'Traceback' not in errors and errors.rstrip().endswith('run: stopped'), errors
    assert names(tmpdir) == []


def test_twistd_runs_in_the_background_until_term(tmpdir):
    """twistd comes back when the port is bound; the pid file has the pid; signals do what they say;
    TERM ends it all."""
    reloads = tmpdir.join('reloads')
    make_tap(tmpdir, '--reloads', str(reloads))
    status, output, errors = run('twistd', '-f', 'sample.tap', cwd=tmpdir)
    assert (status, errors) == (0, ''), (status, output, errors)
    pid = int(tmpdir.join('twistd.pid').read())
    try:
        # No waiting here: a client that comes after twistd finds the port bound.
        assert exchange(port_of(output.rstrip('\n')), b'hello') == b'hello'
        assert tmpdir.join('twistd.log').stat().mode & 0o777 == 0o600
        if hasattr(os, 'getsid'):
            assert os.getsid(pid) != os.getsid(0), 'it is still in the session of the terminal'
        os.kill(pid, signal.SIGHUP)
        until(lambda: reloads.check() and reloads.read(), 'it does not reload')
        assert reloads.read().startswith('%d ' % pid)
        os.kill(pid, signal.SIGUSR1)
        until(tmpdir.join('twistd.log.1').check, 'it does not rotate its log')
        status, output, errors = run('twistd', '-f', 'sample.tap', cwd=tmpdir)
        assert (status, output) == (1, '') and errors.startswith(
            'twistd: it runs already, as process %d (' % pid), errors
    finally:
        os.kill(pid, signal.SIGTERM)
        until(lambda: not is_alive(pid), 'it does not end')
    assert names(tmpdir) == ['reloads', 'sample.tap', 'twistd.log', 'twistd.log.1']
    assert tmpdir.join('twistd.log').read().rstrip().endswith('run: stopped')


def test_a_port_that_is_taken(tmpdir):
    """twistd in the background says which port, with status 1, and nothing is left but the log."""
    taken = socket.socket()
    try:
        taken.bind(('127.0.0.1', 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        make_tap(tmpdir, '-p', '127.0.0.1:%d' % port)
        status, output, errors = run('twistd', '-f', 'sample.tap', cwd=tmpdir)
    finally:
        taken.close()
    assert (status, output) == (1, ''), (status, output, errors)
    assert errors.startswith('twistd: cannot listen on 127.0.0.1:%d: ' % port), errors
    assert names(tmpdir) == ['sample.tap', 'twistd.log']


def test_a_killed_server_does_not_block_the_next(tmpdir):
    """kill -9 leaves the pid file; the next start replaces it.

    Ctrl-C ends it in the foreground.
    """
    make_tap(tmpdir)
    words = ['-nf', 'sample.tap', '--pidfile=my.pid']
    with Child('twistd', *words, cwd=tmpdir) as child:
        child.line()
        child.process.kill()
        child.process.wait()
    assert names(tmpdir) == ['my.pid', 'my.pid.lock', 'sample.tap']
    with Child('twistd', *words, cwd=tmpdir) as child:
        child.line()
        assert is_alive(int(tmpdir.join('my.pid').read()))
        child.process.send_signal(signal.SIGINT)
        assert child.finish()[0] == 0
    assert names(tmpdir) == ['sample.tap']


def test_another_process_loads_the_tap(tmpdir):
    """The tap that one process writes another loads."""
    status, output, errors = run('mktap', 'sample', '-p', '7', cwd=tmpdir)
    assert (status, output, errors) == (0, 'saved sample.tap: sample on tcp:7\n', '')
    assert load(str(tmpdir.join('sample.tap')), make_registry()).services[0].values[u'port'] \
        == u'tcp:7'
