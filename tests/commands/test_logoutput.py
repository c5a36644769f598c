# Copyright the carryall authors.  See LICENSE.
"""The log's way to files, streams and the system."""
from __future__ import absolute_import, division, print_function

import io
import json
import logging
import os

import pytest

from carryall.commands.logoutput import FileTarget, LogOutput, StreamTarget, SystemTarget
from carryall.core.logs import get_logger
from carryall.runtimes.host import systemlog
from tests.commands.processes import LIMIT, run
from tests.support import interpreter

log = get_logger('sample')


class Kept(object):
    """A target that keeps what it gets."""

    def __init__(self):
        self.lines = []
        self.done = []

    def write(self, data, level):
        self.lines.append((data, level))

    def reopen(self):
        self.done.append('reopen')

    def rotate(self):
        self.done.append('rotate')

    def close(self):
        self.done.append('close')


@pytest.fixture
def output():
    """A LogOutput that is taken away afterwards."""
    made = []

    def make(*args):
        made.append(LogOutput(*args))
        return made[-1]

    yield make
    for each in made:
        each.close()


def contents(tmpdir):
    """The contents of the files of a folder, by name."""
    return dict((path.basename, path.read_binary()) for path in tmpdir.listdir())


def test_held_back_until_let_go(output):
    """The records from before the target was there come first, in order."""
    handler = output()
    target = Kept()
    log.info('one')
    handler.send_to(target)
    log.info('two')
    assert target.lines == []
    handler.let_go()
    log.info('three')
    assert [line.rpartition(b': ')[2] for line, _ in target.lines] == [b'one\n', b'two\n',
                                                                       b'three\n']


def test_the_level_decides_what_is_written(output, expect_log):
    """Only what is asked for is written."""
    expect_log('louder')
    handler = output(logging.WARNING)
    target = Kept()
    handler.send_to(target)
    handler.let_go()
    log.info('quiet')
    log.warning('louder')
    assert [level for _, level in target.lines] == [logging.WARNING]


def test_json_writes_one_object_a_line(output):
    """One object a line."""
    handler = output(logging.INFO, True)
    target = Kept()
    handler.send_to(target)
    handler.let_go()
    log.info(u'caf\xe9 "x"')
    record = json.loads(target.lines[0][0].decode('utf-8'))
    assert record['message'] == u'caf\xe9 "x"' and record['logger'] == 'sample'


def test_closed_takes_no_more(output):
    """After close the root logger is as it was."""
    before = logging.getLogger().level
    handler = output(logging.DEBUG)
    target = Kept()
    handler.send_to(target)
    handler.close()
    assert target.done == ['close'] and logging.getLogger().level == before
    log.info('too late')
    assert target.lines == []


def test_a_broken_target_does_not_end_the_server(output, capsys):
    """A full disk: one line on stderr, no exception."""
    class Full(Kept):
        def write(self, data, level):
            raise IOError(28, 'No space left on device')

    handler = output()
    handler.send_to(Full())
    handler.let_go()
    log.info('x')
    assert capsys.readouterr()[1] == 'carryall: the log cannot be written\n'


def test_reopen_and_rotate_reach_the_target(output):
    """The signals reach the target of the log."""
    handler = output()
    target = Kept()
    handler.send_to(target)
    handler.reopen()
    handler.rotate()
    assert target.done == ['reopen', 'rotate']


def test_a_log_file_is_private_and_flushed(tmpdir):
    """Private, appended to, on the disk at once."""
    tmpdir.join('x.log').write_binary(b'old\n')
    os.chmod(str(tmpdir.join('x.log')), 0o600)
    target = FileTarget(str(tmpdir.join('x.log')))
    target.write(b'new\n', logging.INFO)
    assert contents(tmpdir) == {'x.log': b'old\nnew\n'}
    target.close()
    fresh = FileTarget(str(tmpdir.join('y.log')))
    assert os.stat(str(tmpdir.join('y.log'))).st_mode & 0o777 == 0o600
    fresh.close()


def test_rotation_by_size(tmpdir):
    """Before the record that would be too much; the oldest is dropped."""
    target = FileTarget(str(tmpdir.join('x.log')), maximum=8, keep=2)
    for data in (b'a\n', b'bbbbb\n', b'c\n', b'ddddddddddddd\n', b'e\n', b'f\n'):
        target.write(data, logging.INFO)
    target.close()
    assert contents(tmpdir) == {'x.log': b'e\nf\n', 'x.log.1': b'ddddddddddddd\n',
                                'x.log.2': b'c\n'}


def test_rotation_by_hand(tmpdir):
    """The log is rotated as SIGUSR1 asks; with no old logs to keep, the file is emptied."""
    target = FileTarget(str(tmpdir.join('x.log')), maximum=0, keep=3)
    for data in (b'a\n', b'b\n'):
        target.write(data, logging.INFO)
        target.rotate()
    target.close()
    assert contents(tmpdir) == {'x.log': b'', 'x.log.1': b'b\n', 'x.log.2': b'a\n'}
    target = FileTarget(str(tmpdir.join('x.log.1')), keep=0)
    target.rotate()
    target.close()
    assert contents(tmpdir)['x.log.1'] == b''


def test_rotation_that_fails(tmpdir, monkeypatch, expect_log):
    """A folder that is not ours any more: the log goes on in the file that is open, and says so."""
    expect_log('cannot be rotated, and grows on')
    target = FileTarget(str(tmpdir.join('x.log')), maximum=4, keep=1)
    target.write(b'abc\n', logging.INFO)

    def refuse(source, other):
        raise OSError(13, 'Permission denied')

    monkeypatch.setattr('carryall.runtimes.host.systemfiles.replace', refuse)
    target.write(b'def\n', logging.INFO)
    target.write(b'g\n', logging.INFO)
    target.close()
    assert contents(tmpdir) == {'x.log': b'abc\ndef\ng\n'}


def test_a_log_that_could_not_be_rotated(tmpdir, monkeypatch, output, expect_log):
    """It is said when the rights are given up, not when the disk is full; a log that is never
    rotated has no need."""
    def refuse(path):
        raise OSError(13, 'Permission denied')

    expect_log('will grow beyond 4 octets')
    handler = output()
    target = FileTarget(str(tmpdir.join('x.log')), maximum=4)
    handler.send_to(target)
    handler.let_go()
    handler.check_rotation()
    assert contents(tmpdir) == {'x.log': b''}
    monkeypatch.setattr('carryall.runtimes.host.systemfiles.create_private', refuse)
    handler.check_rotation()
    assert b'will grow beyond 4 octets' in contents(tmpdir)['x.log']
    target.close()
    other = FileTarget(str(tmpdir.join('y.log')), maximum=0)
    other.check_rotation()
    other.close()


STDERR = """\
import logging, os, sys
from carryall.commands.logoutput import FileTarget
from carryall.runtimes.host.stdout import point_stderr_at
path = sys.argv[1]
open(path, 'w').close()
if sys.argv[2] == 'log':
    point_stderr_at(path)
target = FileTarget(path, 4, 2)
for line in (b'one\\n', b'two\\n'):
    target.write(line, logging.INFO)
sys.stderr.write('last words\\n')
sys.stderr.flush()
target.close()
"""


@pytest.mark.limit(LIMIT)
@pytest.mark.skipif(interpreter.BARE, reason='nothing moves a descriptor on this Java')
def test_stderr_follows_the_log(tmpdir):
    """A daemon's descriptor 2 is its log, and not the first one for ever."""
    script = tmpdir.join('script.py')
    script.write(STDERR)
    log = tmpdir.join('x.log')
    status, _, errors = run(str(script), log, 'log')
    assert (status, errors) == (0, '')
    assert (tmpdir.join('x.log.1').read(), log.read()) == ('one\n', 'two\nlast words\n')


@pytest.mark.limit(LIMIT)
def test_stderr_that_is_no_log_stays_where_it_is(tmpdir):
    script = tmpdir.join('script.py')
    script.write(STDERR)
    status, _, errors = run(str(script), tmpdir.join('y.log'), 'terminal')
    assert (status, errors.strip()) == (0, 'last words')
    assert tmpdir.join('y.log').read() == 'two\n'


def test_reopen_after_a_move(tmpdir):
    """As logrotate(8) does it: move, then SIGHUP."""
    target = FileTarget(str(tmpdir.join('x.log')))
    target.write(b'a\n', logging.INFO)
    tmpdir.join('x.log').move(tmpdir.join('kept'))
    target.write(b'b\n', logging.INFO)
    target.reopen()
    target.write(b'c\n', logging.INFO)
    target.close()
    assert contents(tmpdir) == {'kept': b'a\nb\n', 'x.log': b'c\n'}


def test_a_stream_is_flushed_and_survives_rotation():
    """Bytes, flushed; nothing happens on rotation (SIGUSR1 used to end a server that logged to
    stdout)."""
    stream = io.BytesIO()
    target = StreamTarget(stream)
    target.write(u'caf\xe9\n'.encode('utf-8'), logging.INFO)
    target.rotate()
    target.reopen()
    target.close()
    assert stream.getvalue() == u'caf\xe9\n'.encode('utf-8')


def test_the_system_log_gets_severities(monkeypatch):
    """Severities of RFC 5424, one line each."""
    written = []
    monkeypatch.setattr(systemlog, 'open_system_log', lambda prefix: lambda *row: written.append(
        (prefix,) + row))
    target = SystemTarget('twistd')
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
        target.write(b'x\n', level)
    target.write(u'a\n    b\xe9\n'.encode('utf-8'), logging.ERROR)
    target.rotate()
    target.close()
    assert [row[1] for row in written] == [7, 6, 4, 3, 2, 3, 3]
    assert written[-2:] == [('twistd', 3, u'a'), ('twistd', 3, u'    b\xe9')]


def test_the_journal_is_told_the_severity(tmpdir):
    """sd-daemon(3): each line begins with it, when the journal is at the other end, and only then.

    The files of Jython have no descriptor to compare: there the journal is never told.
    """
    path = tmpdir.join('stdout')
    with io.open(str(path), 'wb') as stream:
        state = os.stat(str(path))
        named = '%d:%d' % (state.st_dev, state.st_ino)
        for environ in ({'JOURNAL_STREAM': named}, {'JOURNAL_STREAM': '1:2'}, {}):
            target = StreamTarget(stream, environ)
            target.write(b'a\n    b\n', logging.ERROR)
            target.write(b'c\n', logging.INFO)
    told = b'<3>a\n<3>    b\n<6>c\n' if not interpreter.JYTHON else b'a\n    b\nc\n'
    assert path.read_binary() == told + b'a\n    b\nc\n' * 2
    assert StreamTarget(io.BytesIO(), {'JOURNAL_STREAM': named})._journal is False


def test_a_disk_that_takes_half(tmpdir):
    """A short write goes on where it ended."""
    target = FileTarget(str(tmpdir.join('x.log')))
    taken = []

    class Short(object):
        def write(self, data):
            taken.append(data[:3])
            return len(data[:3])

        def close(self):
            pass

    target.close()
    target._file = Short()
    target.write(b'hello world\n', logging.INFO)
    assert b''.join(taken) == b'hello world\n'


def test_rotated_by_size_for_ever(tmpdir):
    """A thousand records through a file of 1000 bytes:
    nothing is lost but what is older than is kept."""
    target = FileTarget(str(tmpdir.join('x.log')), maximum=1000, keep=3)
    for number in range(1000):
        target.write(b'record %04d\n' % number, logging.INFO)
        if number % 250 == 100:
            target.reopen()         # logrotate(8) comes in between
    target.close()
    found = contents(tmpdir)
    assert sorted(found) == ['x.log', 'x.log.1', 'x.log.2', 'x.log.3']
    whole = b''.join(found[name] for name in ('x.log.3', 'x.log.2', 'x.log.1', 'x.log'))
    assert whole.endswith(b'record 0999\n') and all(len(data) <= 1000 for data in found.values())
    first = 1000 - whole.count(b'\n')
    assert whole == b''.join(b'record %04d\n' % number for number in range(first, 1000)) \
        and first < 750
