# Copyright the carryall authors.  See LICENSE.
"""Going into the background: the parent's view, and the child's."""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import sys

import pytest

from carryall.runtimes.host import daemon, pidfile
from carryall.runtimes.host.daemon import (DETACHED, Report, finished, is_detached, own_command,
                                           parse_report)
from tests.commands.processes import LIMIT, argv, environment, run, until

SCRIPT = '''\
# -*- coding: utf-8 -*-
import os, sys
from carryall.runtimes.host import daemon


def note(text):
    with open(sys.argv[1] + '.part', 'w') as target:
        target.write(text)
    os.rename(sys.argv[1] + '.part', sys.argv[1])


def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def work(report):
    if sys.argv[2] == 'dies':
        sys.stderr.write('last words\\n')
        sys.exit(3)
    report.ready([u'listening: x', u'caf\\xe9'])
    sys.stdout.write('nobody reads this\\n')
    sys.stdout.flush()
    sys.stderr.write('for the log\\n')
    sys.stderr.flush()
    report.failed([u'too late'])
    session = os.getsid(0) if hasattr(os, 'getsid') else 0
    kept = 'none'
    if sys.argv[5:] and not daemon.is_detached(sys.argv):
        kept = ' '.join(number for number in sys.argv[5:] if is_open(int(number)))
    note('%d %d %d %s\\n%s' % (os.getpid(), session, os.getppid(), os.getcwd(), kept))
    return 0


if daemon.is_detached(sys.argv):
    daemon.begin_session()
    sys.exit(work(daemon.detached_report()))
words = [sys.executable] + sys.argv
unwanted = daemon.inherited()
if len(sys.argv) > 5:
    own = os.open(sys.argv[0], os.O_RDONLY)     # what the program itself opens stays open
    sys.argv.append('%d' % own)
if sys.argv[3] == 'start':
    outcome = daemon.detach_by_start(words, sys.argv[4])
else:
    outcome = daemon.detach(work, words, sys.argv[4], unwanted=unwanted)
lines = [line.encode('utf-8') for line in outcome.lines]
sys.stdout.write('%s %d %r\\n' % (outcome.ready, os.getpid(), lines))
'''

# With fork, the other way is tried as well.
WAYS = ['detach'] + (['start'] if daemon.CAN_FORK else [])


@pytest.fixture
def script(tmpdir):
    """The script that detaches."""
    path = tmpdir.join('script.py')
    path.write(SCRIPT)
    return str(path)


def listed(*lines):
    """How the script prints lines."""
    return repr([line.encode('utf-8') for line in lines])


@pytest.mark.limit(LIMIT)
@pytest.mark.parametrize('way', WAYS)
def test_a_ready_child_reports_its_lines(script, tmpdir, way):
    """The parent hears the lines; the child is another process, in a session of its own,
    in the same folder."""
    notes = tmpdir.join('notes')
    log = tmpdir.join('log')
    status, output, errors = run(script, notes, 'serves', way, log, cwd=tmpdir)
    assert (status, errors) == (0, ''), (status, output, errors)
    ready, parent, lines = output.rstrip('\n').split(' ', 2)
    assert (ready, lines) == ('True', listed(u'listening: x', u'caf\xe9')), output
    until(notes.exists, 'the child left no note')
    pid, session, its_parent, folder = notes.read().split(' ', 3)
    assert pid != parent
    assert folder.split('\n')[0] == str(tmpdir)
    if session != '0':
        assert int(session) != os.getsid(0), 'it is still in the session of the terminal'
    assert log.read() == 'for the log\n', log.read()
    assert log.stat().mode & 0o777 == 0o600


@pytest.mark.skipif(not daemon.CAN_FORK, reason='a child that is started gets no descriptor but '
                                                'the first three')
@pytest.mark.limit(LIMIT)
def test_the_descriptors_of_the_starter_are_closed(script, tmpdir):
    """A lock or pipe that the starter left open is not held by the daemon; a file that the program
    opened stays open."""
    notes = tmpdir.join('notes')
    held = os.open(str(tmpdir.join('lock')), os.O_WRONLY | os.O_CREAT)
    high = os.dup(held)
    try:
        for number in (held, high):
            if hasattr(os, 'set_inheritable'):
                os.set_inheritable(number, True)
        environ = environment()
        command = argv(script, notes, 'serves', 'detach', tmpdir.join('log'), held, high)
        shell = ['sh', '-c', 'exec "$@"', 'sh'] + command
        child = subprocess.Popen(shell, env=environ, close_fds=False, stdout=subprocess.PIPE)
        assert child.communicate()[0].startswith(b'True ')
    finally:
        os.close(held)
        os.close(high)
    until(notes.exists, 'the child left no note')
    kept = notes.read().split('\n')[1].split()
    assert kept and '%d' % held not in kept and '%d' % high not in kept


@pytest.mark.skipif(not daemon.CAN_FORK, reason='of systems with fork')
def test_sockets_of_systemd_are_kept(monkeypatch):
    """LISTEN_FDS of this very process is meant for it; of another process it is not."""
    reader, writer = os.pipe()
    fcntl = pytest.importorskip('fcntl')
    try:
        for number in (reader, writer):
            fcntl.fcntl(number, fcntl.F_SETFD, 0)
        monkeypatch.setenv('LISTEN_FDS', '%d' % (writer - 3))
        monkeypatch.setenv('LISTEN_PID', '%d' % os.getpid())
        assert writer in daemon.inherited()
        assert reader not in daemon.inherited()
        monkeypatch.setenv('LISTEN_PID', '1')
        assert reader in daemon.inherited()
        fcntl.fcntl(reader, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
        assert reader not in daemon.inherited()
    finally:
        os.close(reader)
        os.close(writer)


@pytest.mark.limit(LIMIT)
@pytest.mark.parametrize('way', WAYS)
def test_a_child_that_ends_early_is_not_ready(script, tmpdir, way):
    """The child ends without a word; its last ones are in the log.  (That it says why is tested
    with twistd.)"""
    status, output, _ = run(script, tmpdir.join('notes'), 'dies', way, tmpdir.join('log'),
                            cwd=tmpdir)
    assert status == 0 and output.startswith('False ') and output.rstrip('\n').endswith(' []'), \
        output
    until(lambda: tmpdir.join('log').read() == 'last words\n', 'the log is not as it should be')


def test_a_report_ends_with_one_of_two_words():
    """Lines, then one of two last words."""
    assert parse_report(b'') == (None, [])
    assert parse_report(b'a\nb') == (None, [u'a', u'b'])
    assert parse_report(b'a\n\0ready\nrest\n') == (True, [u'a'])
    assert parse_report(b'\0failed\n') == (False, [])
    assert parse_report(b'ready\n') == (None, [u'ready'])
    assert parse_report(b'caf\xc3\xa9\n\xff\n\0ready\n') == (True, [u'caf\xe9', u'\ufffd'])
    assert finished(b'a\n').ready is False
    assert finished(b'a\n\0ready\n').lines == [u'a']


def test_report_tells_once():
    """The first word counts; a line cannot forge the last one."""
    written = []
    closed = []
    report = Report(written.append, lambda: closed.append(True))
    report.ready([u'a\n\0failed', u'b'])
    report.failed([u'too late'])
    assert written == [b'a  failed\nb\n\0ready\n'] and closed == [True] and report.told


def test_a_killed_parent_does_not_end_the_server():
    """A parent that was killed does not matter to the server."""
    def broken(_):
        raise OSError(32, 'Broken pipe')

    closed = []
    report = Report(broken, lambda: closed.append(True))
    report.ready([u'a'])
    assert closed == [True] and report.told


def test_the_own_command_is_found(monkeypatch):
    """A script, a frozen program, and what pip installs on Windows."""
    monkeypatch.setattr(sys, 'executable', '/bin/python')
    monkeypatch.setattr(sys, 'argv', ['bin/twistd', '-f', 'x'])
    assert own_command() == ['/bin/python', 'bin/twistd', '-f', 'x']
    monkeypatch.setattr(sys, 'frozen', True, raising=False)
    assert own_command() == ['bin/twistd', '-f', 'x']      # whatever file that name leads to
    monkeypatch.delattr(sys, 'frozen')
    monkeypatch.setattr(sys, 'argv', ['C:\\Scripts\\twistd.EXE', '-f', 'x'])
    assert own_command() == ['C:\\Scripts\\twistd.EXE', '-f', 'x']


def test_only_the_last_word_marks_a_detached_child():
    """Only the last word counts."""
    assert is_detached(['twistd', '-f', 'x', DETACHED])
    assert not is_detached(['twistd', DETACHED, '-f'])
    assert not is_detached([])


LOADED = """\
import os, sys, time
from carryall.runtimes.host import daemon
daemon.UNPACKED = True
daemon.end_with_loader()
with open(sys.argv[1] + '.part', 'w') as target:
    target.write('%d' % os.getpid())
os.rename(sys.argv[1] + '.part', sys.argv[1])
time.sleep(60)
"""


@pytest.mark.skipif(not daemon.CAN_FORK or not os.path.exists('/proc/self/stat'), reason='of Linux')
@pytest.mark.limit(LIMIT)
def test_a_program_of_one_file_ends_with_its_first_process(tmpdir):
    """kill -9 of the loader does not leave the server behind."""
    script = tmpdir.join('loaded.py')
    notes = tmpdir.join('notes')
    script.write(LOADED)
    loader = subprocess.Popen(['sh', '-c', '"$@" & wait', 'sh'] + argv(str(script), notes),
                              env=environment())
    until(notes.exists, 'it did not start')
    pid = int(notes.read())
    loader.kill()
    loader.wait()
    until(lambda: not pidfile.is_alive(pid), 'it lives on')
