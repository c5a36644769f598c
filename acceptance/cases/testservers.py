# Copyright the carryall authors.  See LICENSE.
"""The fixtures of pytest: a user's project on three versions of pytest, in four processes, with
servers on other runtimes; all servers end with pytest."""
import os
import shutil
import signal

from acceptance import pytestpeer
from acceptance.artifacts import NotMade, path_of
from acceptance.stage import ROOT

PROVES = ['TST-09']
NEEDS = []
PYTHON = ['pytest']
LONG = True
EACH_RUNTIME = False

PROJECT = os.path.join(ROOT, 'doc', 'examples', 'testservers-project')
# For the project on a busy machine, where it takes four cold JVMs longest.
SECONDS = 600.0

HANGING = b'''
import time


def test_it_hangs(tcp_server):
    print('serving on %s:%d' % tcp_server.address, flush=True)
    time.sleep(600)
'''


def run(stage):
    """Every generation alone and in four processes, then one with each runtime, then the
    signals."""
    count = collected(stage)
    for version in sorted(pytestpeer.PINS):
        tested(stage, count, version)
        tested(stage, count, version, '-n', '4')
    for where in elsewhere():
        tested(stage, count, 9, '--carryall-runtime=' + where)
        tested(stage, count, 9, '--carryall-runtime=' + where, '-n', '4')
    stage.write('test_hanging.py', HANGING)
    for name in ('TERM', 'HUP', 'KILL'):
        for words in ((), ('--carryall-runtime=python3',)):
            ended(stage, name, *words)


def elsewhere():
    """The other runtimes that are here, and the jar if it has been made."""
    found = [name for name in ('pypy3', 'jython') if shutil.which(name)]
    try:
        found.append(path_of('jar'))
    except NotMade:
        pass                    # the cases of the jar say that it is missing
    return found


def collected(stage):
    """How many tests the project has."""
    listed = stage.foreign(*pytestpeer.command(9, PROJECT, '--collect-only'))
    count = sum(b'::' in line for line in listed.splitlines())
    stage.demand(count > 30, 'the project has %d tests', count)
    return count


def tested(stage, count, version, *words):
    """All *count* tests of the project pass."""
    process = stage.launch(pytestpeer.command(version, PROJECT, *words), foreign=True)
    process.seconds = SECONDS
    status = process.wait()
    stage.demand(status == 0 and '%d passed' % count in process.output,
                 'pytest %d %s ended with status %s:\n%s', version, ' '.join(words), status,
                 process.output)


def ended(stage, name, *words):
    """A signal ends pytest, and its server with it."""
    process = stage.launch(pytestpeer.command(9, '-s', stage.path('test_hanging.py'), *words),
                           foreign=True)
    port = int(process.wait_for(r'serving on 127\.0\.0\.1:(\d+)').group(1))
    os.kill(process.pid, getattr(signal, 'SIG' + name))
    stage.until(lambda: not listens(stage, port), 'the server outlives SIG%s of pytest' % name)


def listens(stage, port):
    """True if a connection is taken."""
    try:
        stage.connect(('127.0.0.1', port), 1.0).close()
    except OSError:
        return False
    return True
