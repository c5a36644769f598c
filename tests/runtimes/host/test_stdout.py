# Copyright the carryall authors.  See LICENSE.
"""stdout for octets, as a process of its own has it: whole and in order,
and what cannot be written is raised."""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import sys

import pytest

from carryall.runtimes.host.stdout import octets_of
from tests.commands.processes import LIMIT, environment

PROGRAM = '''\
import sys
from carryall.runtimes.host.stdout import octets_of
sys.stdout.write('first\\n')
sys.stdout.flush()
out = octets_of(sys.stdout)
try:
    for _ in range(100):
        out.write(b'\\x00\\xff\\r\\n' * 1000)
    out.flush()
    sys.stdout.write('last\\n')
    sys.stdout.flush()
except (IOError, OSError) as exc:
    sys.stderr.write('%d %s' % (exc.errno, exc.strerror))
    sys.stderr.flush()
    sys.stdout = sys.__stdout__ = None
'''


def start(tmpdir, *shell):
    """The program above as a process; begun by a shell, if words for that are given."""
    script = tmpdir.join('program.py')
    script.write(PROGRAM)
    return subprocess.Popen(list(shell) + [sys.executable, str(script)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env=environment())


@pytest.mark.limit(LIMIT)
def test_octets_are_not_changed(tmpdir):
    output, errors = start(tmpdir).communicate()
    assert output.replace(os.linesep.encode('ascii'), b'\n') == (
        b'first\n' + b'\x00\xff\r\n'.replace(os.linesep.encode('ascii'), b'\n') * 100000
        + b'last\n'), errors


@pytest.mark.limit(LIMIT)
def test_a_reader_that_goes_away(tmpdir):
    process = start(tmpdir)
    assert process.stdout.read(3) == b'fir'
    process.stdout.close()
    errors = process.stderr.read().decode('utf-8', 'replace')
    process.stderr.close()
    process.wait()
    assert errors.startswith('32 Broken pipe'), errors


@pytest.mark.limit(LIMIT)
@pytest.mark.skipif(not os.path.exists('/dev/full'), reason='this system has no /dev/full')
def test_a_full_disk(tmpdir):
    # jython: its subprocess hands no file down, but copies what comes.
    errors = start(tmpdir, 'sh', '-c', 'exec "$0" "$1" >/dev/full').communicate()[1].decode(
        'utf-8', 'replace')
    assert 'No space left on device' in errors


def test_other_streams_stay_as_they_are(tmpdir):
    with open(str(tmpdir.join('x')), 'wb') as other:
        assert octets_of(other) is other
    with pytest.raises(IOError) as caught:
        octets_of(None)
    assert caught.value.strerror == 'Bad file descriptor'
