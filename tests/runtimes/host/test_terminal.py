# Copyright the carryall authors.  See LICENSE.
"""Asking for a secret: at a terminal without an echo, and never anywhere else.  What a terminal
is."""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import sys

import pytest

from tests.commands.processes import DEADLINE, ROOT, environment

ASK = ('from carryall.runtimes.host.terminal import read_secret; import sys; '
       'sys.stdout.write(repr(read_secret(u"Word: ")) + "\\n")')

TELL = ('from carryall.commands.firstline import on_a_terminal; import sys; '
        'sys.stdout.write("on a terminal: %s\\n" % on_a_terminal())')


@pytest.mark.limit(60)
def test_without_a_terminal():
    """In a session of its own the process has no /dev/tty."""
    child = subprocess.Popen(['setsid', sys.executable, '-c', ASK], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, env=environment(), cwd=ROOT)
    out, err = child.communicate(b'hidden-word\n')
    assert child.returncode != 0 and b'hidden' not in out and b'there is no terminal' in err


@pytest.mark.limit(60)
@pytest.mark.skipif(os.name == 'nt', reason='there are no pseudo terminals')
def test_at_a_terminal(tmpdir):
    shown = played(tmpdir, ASK)
    assert shown.count(b'Word: ') == 1 and shown.count(b'hidden-word') == 1, 'typed %r' % shown
    assert b"'hidden-word'" in shown, 'only what the program itself prints: %r' % shown


@pytest.mark.limit(60)
@pytest.mark.skipif(os.name == 'nt', reason='there are no pseudo terminals')
def test_a_server_knows_the_terminal_that_it_is_started_on(tmpdir):
    assert b'on a terminal: True' in played(tmpdir, TELL)


@pytest.mark.limit(60)
def test_a_server_knows_that_a_program_reads_its_output():
    child = subprocess.Popen([sys.executable, '-c', TELL], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, env=environment(), cwd=ROOT)
    out = child.communicate()[0]
    assert b'on a terminal: False' in out


def played(tmpdir, program):
    """The output of a program on a pseudo terminal, made by a CPython 3, whatever runtime is
    asked."""
    script = tmpdir.join('play.py')
    script.write(PLAY)
    try:
        player = subprocess.Popen(['python3', str(script), str(DEADLINE), sys.executable, '-c',
                                   program], stdout=subprocess.PIPE,
                                  env=environment(), cwd=ROOT)
    except OSError:
        pytest.skip('there is no python3 to make a pseudo terminal with')
    shown = player.communicate()[0]
    assert player.returncode == 0, shown
    return shown


PLAY = '''
import os, pty, select, sys, time
end, argv = time.time() + float(sys.argv[1]), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(argv[0], argv)
shown, typed = b'', False
while time.time() < end:
    if select.select([terminal], [], [], 0.2)[0]:
        try:
            data = os.read(terminal, 4096)
        except OSError:
            break
        shown += data
    elif b'Word: ' in shown and not typed:          # quiet for a moment: the echo is off by now
        typed = True
        os.write(terminal, b'hidden-word\\n')
sys.stdout.write(shown.decode('utf-8', 'replace'))
'''
