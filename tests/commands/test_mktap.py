# Copyright the carryall authors.  See LICENSE.
"""mktap, in this process: what it writes, says and refuses."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.commands import mktap
from carryall.app.application import load
from carryall.app.servicetypes import Registry
from carryall.runtimes.host import privileges
from tests.commands import sample


@pytest.fixture(autouse=True)
def folder(tmpdir, monkeypatch):
    """The folder to write into, and a registry with one type."""
    monkeypatch.chdir(tmpdir)
    monkeypatch.setattr(mktap, 'known_types', make_registry)
    return tmpdir


def make_registry():
    """A registry with the type of these tests alone."""
    registry = Registry([], path=[], environ={})
    registry.add(sample.SampleType())
    return registry


def read(path, key=None):
    """The application in a tap."""
    return load(str(path), make_registry(), key)


def test_makes_a_tap(folder, capsys):
    """TYPE.tap is readable by its owner alone, and names the account that made it as the user."""
    assert mktap.main(['sample', '-p', '127.0.0.1:80']) == 0
    assert capsys.readouterr() == ('saved sample.tap: sample on tcp:80:interface=127.0.0.1\n', '')
    assert os.listdir(str(folder)) == ['sample.tap']
    assert folder.join('sample.tap').stat().mode & 0o777 == 0o600
    application = read('sample.tap')
    assert application.name == u'sample' and (application.uid, application.gid) \
        == privileges.current_ids()
    assert application.services[0].values[u'port'] == u'tcp:80:interface=127.0.0.1'


def test_paths_are_absolute(folder):
    """The tap means the same wherever it is run."""
    folder.mkdir('site')
    assert mktap.main(['sample', '--path', 'site']) == 0
    assert read('sample.tap').services[0].values[u'path'] == u'%s' % folder.join('site')


def test_append_adds_a_service_and_keeps_a_backup(folder, capsys):
    """Another service in the same tap; the old tap is kept."""
    assert mktap.main(['sample']) == 0
    assert mktap.main(['--append', 'sample.tap', 'sample', '-p', '7']) == 0
    assert mktap.main(['-a', 'sample.tap', 'sample', '-p', '8']) == 0
    assert capsys.readouterr()[0].splitlines()[1:] == [
        'saved sample.tap: sample-2 on tcp:7', 'saved sample.tap: sample-3 on tcp:8']
    assert [service.name for service in read('sample.tap').services] \
        == [u'sample', u'sample-2', u'sample-3']
    assert len(read('sample.tap.1').services) == 2
    assert mktap.main(['--append', 'sample.tap', '-o', 'other.tap', '--backups=0', 'sample']) == 0
    assert len(read('other.tap').services) == 4 and len(read('sample.tap').services) == 3


def test_names_of_the_application_and_of_the_file_can_be_set(folder):
    """-n names the application and the file; -o the file alone."""
    assert mktap.main(['-n', 'site', 'sample']) == 0
    assert mktap.main(['--appname=site', '-o', 'x.tap', 'sample']) == 0
    assert sorted(os.listdir(str(folder))) == ['site.tap', 'x.tap']
    assert read('x.tap').name == u'site'


def test_user_and_group(folder):
    """By number, or by name."""
    assert mktap.main(['-u', '12345', '-g', '54321', 'sample']) == 0
    assert (read('sample.tap').uid, read('sample.tap').gid) == (12345, 54321)
    assert mktap.main(['-u', 'no-such-user', 'sample']) == 2


def test_a_user_without_a_group(folder, capsys):
    """A user number without an account does not get the group of the account that makes the tap."""
    pytest.importorskip('pwd')
    assert mktap.main(['-u', '3999999999', 'sample']) == 2
    assert 'no account has the number 3999999999' in capsys.readouterr()[1]
    assert os.listdir(str(folder)) == []


def test_signed_and_compressed(folder):
    """--key and --gzip."""
    folder.join('key').write('0123456789abcdef')
    assert mktap.main(['--key', 'key', '--gzip', 'sample']) == 0
    assert folder.join('sample.tap').read_binary()[:2] == b'\x1f\x8b'
    assert read('sample.tap', b'0123456789abcdef').name == u'sample'
    assert mktap.main(['--append', 'sample.tap', 'sample']) == 2, 'not without the key'
    assert mktap.main(['--append', 'sample.tap', '--key', 'key', 'sample']) == 0


def test_former_words_are_still_read(folder):
    """1.2's -t pickle, -d and -p, 0.19's and 1.2's --help TYPE."""
    assert mktap.main(['-t', 'pickle', '-p', 'sample']) == 0
    assert mktap.main(['-d', 'sample']) == 0
    assert os.path.exists('sample.tap')


@pytest.mark.parametrize('words, sentence', [
    ([], 'which type? "mktap TYPE options"; the types are sample'),
    (['nope'], 'there is no service type "nope"; there are: sample'),
    (['sample', '--nope'],
     'mktap sample: there is no option --nope (mktap sample --help lists them)\n'),
    (['sample', '--port=x'], 'mktap sample: option --port: "x" is not an endpoint'),
    (['sample', 'x'], 'mktap sample: what is "x"?'),
    (['--nope', 'sample'], 'mktap: there is no option --nope (mktap --help lists them)\n'),
    (['-x', 'sample'], 'not there yet'), (['-s', 'sample'], 'not there yet'),
    (['-t', 'xml', 'sample'], 'not there yet'), (['-t', 'source', 'sample'], 'not there yet'),
    (['-t', 'json', 'sample'], 'none of tap'),
    (['-e', 'sample'], 'cannot be encrypted'),
    (['-n', 'a/b', 'sample'], 'cannot name an application'),
    (['--append', 'none.tap', 'sample'], 'cannot be read'),
    (['--append', 'notes', 'sample'], 'notes: this is not a tap'),
    (['--append', 'sample.tap', '-n', 'x', 'sample'], 'are those of the tap'),
    (['--key', 'none', 'sample'], 'cannot be read'),
    (['-o', os.path.join('none', 'x.tap'), 'sample'], 'cannot be written'),
])
def test_wrong_words_are_refused_with_status_2(folder, capsys, words, sentence):
    """One sentence on stderr, status 2, nothing written."""
    folder.join('notes').write('hello')
    assert mktap.main(words) == 2
    output, errors = capsys.readouterr()
    assert output == '' and errors.startswith('mktap') and sentence in errors, errors
    assert errors.count('\n') == 1
    assert os.listdir(str(folder)) == ['notes']


def test_warns_of_what_is_not_there(folder, capsys):
    """A tap may be made before its folder; it is said all the same."""
    assert mktap.main(['sample', '--path', 'none']) == 0
    assert capsys.readouterr()[1] \
        == 'mktap sample: warning: option --path: there is no folder %s\n' % folder.join('none')


@pytest.mark.parametrize('words', [['--help'], ['-h']])
def test_help_lists_options_and_types(capsys, words):
    """The options of mktap, and the types."""
    assert mktap.main(words) == 0
    output = capsys.readouterr()[0]
    assert output.startswith('usage: mktap [options] TYPE [options of TYPE]\n'), output
    assert '  sample       echo and count, for the tests of the commands\n' in output, output


@pytest.mark.parametrize(
    'words', [['sample', '--help'], ['--help', 'sample'], ['sample', '-p', '7', '-h']])
def test_help_of_a_type(capsys, words):
    """The options of the type."""
    assert mktap.main(words) == 0
    output = capsys.readouterr()[0]
    assert output.startswith('usage: mktap sample [options]\n'), output
    line = '-p, --port ENDPOINT     where to listen (default: tcp:0:interface=127.0.0.1)\n'
    assert line in output, output


def test_same_options_same_bytes(folder):
    """However the options are written."""
    for words in (['-p7', '--refuse'], ['--refuse', '--port=tcp:7', '--no-crash']):
        assert mktap.main(['sample'] + words) == 0
        folder.join('sample.tap').move(folder.join('%d.tap' % len(words)))
    assert folder.join('2.tap').read_binary() == folder.join('3.tap').read_binary()


@pytest.mark.parametrize('words', [['sample', '--nope'], ['sample', '-p', 'x'], ['none'],
                                   ['--append', 'old.tap', 'sample', '-p', 'x'],
                                   ['--gid', 'no-such-group', 'sample']])
def test_a_refused_command_line_leaves_the_old_tap(tmpdir, capsys, words):
    with tmpdir.as_cwd():
        assert mktap.main(['-o', 'old.tap', 'sample']) == 0
        before = tmpdir.join('old.tap').read_binary()
        assert mktap.main(['-o', 'old.tap'] + words) == 2
        assert tmpdir.join('old.tap').read_binary() == before
        assert [each.basename for each in tmpdir.listdir()] == ['old.tap']


def test_a_disk_that_fails_leaves_the_old_tap(tmpdir, capsys, monkeypatch):
    from carryall.runtimes.host import systemfiles

    def fail(*_):
        raise IOError(28, 'No space left on device')

    with tmpdir.as_cwd():
        assert mktap.main(['-o', 'old.tap', 'sample']) == 0
        before = tmpdir.join('old.tap').read_binary()
        monkeypatch.setattr(systemfiles, 'sync', fail)
        assert mktap.main(['-o', 'old.tap', 'sample', '-p', '81']) == 2
        assert tmpdir.join('old.tap').read_binary() == before
