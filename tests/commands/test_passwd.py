# Copyright the carryall authors.  See LICENSE.
"""`carryall passwd`: set, check, delete, list; statuses, and what is never shown."""
from __future__ import absolute_import, division, print_function

import io
import os
import signal
import stat

import pytest

from carryall.commands import console, passwd
from carryall.commands import main as umbrella
from carryall.core.auth import verifiers
from carryall.core.auth.passwordfile import load_table
from carryall.core.crypto import STANDARD
from carryall.core.errors import UsageError
from tests.commands.processes import LIMIT, Child, run, until

SECRET = b'hidden-word'


class Input(object):
    """A stdin of bytes, on every version."""

    encoding = 'utf-8'

    def __init__(self, data):
        self.buffer = io.BytesIO(data)


class Output(object):
    encoding = 'utf-8'

    def __init__(self):
        self.text = b''

    def write(self, data):
        self.text += data if isinstance(data, bytes) else data.encode('utf-8')

    def flush(self):
        pass


class Streams(object):
    """Stands for the module sys."""

    def __init__(self):
        self.stdin = Input(b'')
        self.stdout = Output()
        self.stderr = Output()


@pytest.fixture
def streams(monkeypatch):
    """Output streams and typed passwords; hashing is replaced by a cheap function."""
    streams = Streams()
    for module in (passwd, console, umbrella):
        monkeypatch.setattr(module, 'sys', streams)
    monkeypatch.setattr(verifiers, 'ITERATIONS', 10)
    monkeypatch.setattr(verifiers, 'ITERATIONS_SHA1', 10)
    monkeypatch.setattr(verifiers, 'SCRYPT_LN', 4)
    return streams


@pytest.fixture
def typed(monkeypatch):
    """The lines typed at the terminal, in turn."""
    answers = []

    def read_secret(prompt):
        if not answers:
            raise UsageError(u'there is no terminal')
        return answers.pop(0)

    monkeypatch.setattr('carryall.runtimes.host.terminal.read_secret', read_secret)
    return answers


def call(streams, *words, **extra):
    streams.stdin = Input(extra.pop('stdin', b''))
    status = umbrella.main(['passwd'] + [word if word.startswith('-') else word for word in words])
    assert SECRET not in streams.stdout.text + streams.stderr.text \
        and b'Traceback' not in streams.stderr.text
    return status


@pytest.fixture
def path(tmpdir):
    return str(tmpdir.join('users'))


def test_set_check_list_delete(streams, typed, path):
    assert call(streams, '--stdin', path, 'anna', stdin=SECRET + b'\n') == 0
    assert streams.stdout.text == b'anna was added\n'
    assert load_table(path).get(u'anna').verify(SECRET, STANDARD)
    with open(path, 'rb') as source:
        assert SECRET not in source.read()
    if os.name != 'nt':
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert call(streams, '--check', '--stdin', path, 'anna', stdin=SECRET + b'\r\n') == 0
    for name, data in (('anna', b'wrong\n'), ('bob', SECRET)):
        assert call(streams, '--check', '--stdin', path, name, stdin=data) == 1
    assert call(streams, '--stdin', path, 'anna', stdin=b'other') == 0
    assert streams.stdout.text.endswith(b'anna has a new password\n')
    assert call(streams, '--stdin', '--scheme', 'scram-sha-256', path, 'bob', stdin=SECRET) == 0
    streams.stdout.text = b''
    assert call(streams, '--list', path) == 0
    assert [line.split() for line in streams.stdout.text.splitlines()] \
        == [[b'anna', b'pbkdf2-sha256'],
                                                                          [b'bob',
                                                                           b'scram-sha-256']]
    assert call(streams, '--delete', path, 'anna') == 0 and load_table(path).names() == [u'bob']
    assert call(streams, '--delete', path, 'anna') == 1


def test_asked_at_the_terminal(streams, typed, path):
    typed[:] = [SECRET, SECRET]
    assert call(streams, path, 'anna') == 0 and not typed
    typed[:] = [SECRET]
    assert call(streams, '--check', path, 'anna') == 0 and not typed, 'asked once'
    typed[:] = [SECRET, b'other']
    assert call(streams, path, 'anna') == 2 and b'not the same' in streams.stderr.text
    assert call(streams, path, 'anna') == 2 and b'no terminal' in streams.stderr.text
    assert load_table(path).get(u'anna').verify(SECRET, STANDARD)


def test_wrong_words_are_refused(streams, typed, path, tmpdir):
    wrong = [((), b''), ((path,), b''), ((path, 'an:na', '--stdin'), SECRET),
             ((path, '#x', '--stdin'), SECRET),
             ((path, '', '--stdin'), SECRET), ((path, 'x' * 300, '--stdin'), SECRET),
             ((path, 'anna', '--stdin'), b''),
             ((path, 'anna', '--stdin'), b'\n'), ((path, 'anna', '--stdin'), b'x' * 1025),
             ((path, 'anna', '--stdin'), b'a\0b'),
             ((path, 'anna', '--scheme', 'md5', '--stdin'), SECRET),
             (('--list', path, 'anna'), b''),
             (('--list', '--check', path), b''), (('--delete', '--check', path, 'anna'), b''),
             ((str(tmpdir.join('no', 'users')), 'anna', '--stdin'), SECRET),
             ((str(tmpdir), 'anna', '--stdin'), SECRET)]
    for words, data in wrong:
        streams.stderr.text = b''
        assert call(streams, *words, stdin=data) == 2, words
        assert streams.stderr.text.count(b'\n') == 1, words
    assert os.listdir(str(tmpdir)) == [], 'something was made'


def test_a_missing_file_or_account_is_status_1(streams, path, tmpdir):
    for words in (('--list', path), ('--check', '--stdin', path, 'anna'),
                  ('--delete', path, 'anna')):
        assert call(streams, *words, stdin=SECRET) == 1
    assert os.listdir(str(tmpdir)) == []


def test_bad_lines_are_told_and_kept(streams, path):
    with open(path, 'wb') as out:
        out.write(b'hidden-word\n')
    assert call(streams, '--stdin', path, 'anna', stdin=SECRET) == 0
    assert b'line 1' in streams.stderr.text
    with open(path, 'rb') as source:
        assert source.readline() == b'hidden-word\n'
    assert call(streams, '--list', path) == 1


def test_help_names_every_option(streams):
    assert call(streams, '--help') == 0
    for word in (b'--stdin', b'--delete', b'--check', b'--list', b'--scheme', b'FILE'):
        assert word in streams.stdout.text


@pytest.mark.limit(LIMIT)
def test_two_at_the_same_time_lose_nothing(tmpdir):
    """Processes that change one file: each line is there in the end, and nothing else."""
    path = str(tmpdir.join('users'))
    children = [Child('carryall', 'passwd', '--stdin', path, 'user%d' % number)
                for number in range(3)]
    for child in children:
        child.process.stdin.write(SECRET + b'\n')
        child.process.stdin.close()
    for child in children:
        with child:
            status, said, errors = child.finish()
            assert status == 0 and SECRET.decode('ascii') not in said + errors, errors
    assert sorted(load_table(path).names()) == [u'user0', u'user1', u'user2']
    assert sorted(os.listdir(str(tmpdir))) == ['users', 'users.lock']


@pytest.mark.limit(LIMIT)
@pytest.mark.skipif(os.name == 'nt', reason='there is no kill -9')
def test_killed_at_any_moment(tmpdir):
    """kill -9 while it works: the old file or the new one, whole;
    and the next one gets the lock."""
    path = str(tmpdir.join('users'))
    assert run('carryall', 'passwd', '--list', path)[0] == 1
    with open(path, 'wb') as out:
        out.write(b'# old\n')
    for moment in (lambda: True, lambda: os.path.exists(path + '.lock')):
        with Child('carryall', 'passwd', '--stdin', path, 'anna') as child:
            child.process.stdin.write(SECRET + b'\n')
            child.process.stdin.close()
            until(lambda: moment() or child.process.poll() is not None, 'it never gets there')
            os.kill(child.process.pid, signal.SIGKILL)
            child.process.wait()
            table = load_table(path)
            assert not table.problems and table.to_bytes().startswith(b'# old\n')
            assert table.names() in ([], [u'anna'])
    with Child('carryall', 'passwd', '--stdin', path, 'anna') as child:
        child.process.stdin.write(SECRET + b'\n')
        child.process.stdin.close()
        until(lambda: child.process.poll() is not None, 'it hangs')
        assert child.finish()[0] == 0
    assert load_table(path).names() == [u'anna']
