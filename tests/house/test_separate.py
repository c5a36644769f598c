# Copyright the carryall authors.  See LICENSE.
"""Servers in processes of their own, started as another runtime or an artifact is (TST-09)."""
from __future__ import absolute_import, division, print_function

import os
import sys

import pytest

from carryall.core.errors import Unsupported, UsageError
from carryall.core.net.protocol import Protocol
from carryall import separate
from carryall.separate import SeparateServers, command_of, program_of
from tests.house.test_pytest_plugin import get


def launcher(path, text):
    """Writes a program."""
    path.write(text)
    path.chmod(0o755)
    return str(path)


def test_jython_of_debian_is_started_with_flags_for_java(tmpdir):
    jar = str(tmpdir.join('jython.jar'))
    tmpdir.join('jython.jar').write('')
    program = launcher(tmpdir.mkdir('bin').join('jython'),
                       '#!/bin/sh\nexec java -jar %s \\\n  "$@"\n' % jar)
    words = command_of(program, str(tmpdir))[0]
    assert words[:4] == ['java', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx256m']
    assert words[4:6] == ['-jar', jar]
    assert '-Dpython.home=' + os.path.realpath(str(tmpdir)) in words
    assert words[-2:] == ['-m', 'carryall']


@pytest.mark.parametrize('text', ['#!/bin/sh\nexec java -jar /nonexistent.jar "$@"\n',
                                  '#!/bin/sh\nexec something "$@"\n'])
def test_another_launcher_of_jython_is_started_as_it_is(tmpdir, text):
    program = launcher(tmpdir.join('jython'), text)
    assert command_of(program, str(tmpdir))[0] == [program, '-m', 'carryall']


@pytest.mark.limit(120)
def test_on_this_interpreter(tmpdir):
    """A folder and a service are served by another process, which is gone afterwards."""
    tmpdir.join('a.txt').write('from afar.\n')
    with SeparateServers(sys.executable) as servers:
        url = servers.http(path=str(tmpdir))
        assert get(url, '/a.txt').endswith(b'from afar.\n')
        first, second = servers.start('web', '--path', str(tmpdir), '-p', 'tcp:0', '-p', 'tcp:0')
        assert first != second
        assert get('http://' + second, '/a.txt').endswith(b'from afar.\n')
    with pytest.raises(Exception) as refused:
        get(url, '/a.txt')
    assert 'refused' in str(refused.value).lower() or 'Refused' in type(refused.value).__name__, \
        refused.value


@pytest.mark.limit(60)
def test_a_failing_process_shows_its_words():
    """The error has the process's own words."""
    with SeparateServers(sys.executable) as servers:
        with pytest.raises(UsageError) as fault:
            servers.start('nonsense')
    assert 'there is no service type' in str(fault.value)


def test_a_protocol_cannot_move_to_another_process(tmpdir):
    """A protocol and an application cannot be carried over."""
    with SeparateServers(sys.executable) as servers:
        with pytest.raises(Unsupported):
            servers.tcp(Protocol)
        with pytest.raises(Unsupported):
            servers.http(app=lambda request: None)


def test_a_command_is_path_or_name(tmpdir, monkeypatch):
    """An artifact by its path, an interpreter by its name or path,
    and a word for what is neither."""
    for name in ('carryall.jar', 'carryall', 'jython', 'pypy3'):
        tmpdir.join(name).write('#!/bin/sh\n')
        tmpdir.join(name).chmod(0o755)
    monkeypatch.setenv('PATH', str(tmpdir))
    folder = str(tmpdir.mkdir('links'))
    jar, extra = command_of(str(tmpdir.join('carryall.jar')), folder)
    assert jar[0] == 'java' and jar[-2:] == ['-jar', str(tmpdir.join('carryall.jar'))] and not extra
    assert command_of(str(tmpdir.join('carryall')), folder) == ([str(tmpdir.join('carryall'))], {})
    words, extra = command_of('jython', folder)
    assert words == [str(tmpdir.join('jython')), '-m', 'carryall'] and list(extra) == ['JYTHONPATH']
    words, extra = command_of('pypy', folder)
    assert words == [str(tmpdir.join('pypy3')), '-m', 'carryall'] and list(extra) == ['PYTHONPATH']
    assert os.path.isdir(os.path.join(extra['PYTHONPATH'], 'carryall'))
    for nothing in ('nothing', str(tmpdir.join('nothing.jar')), str(tmpdir.join('nothing'))):
        with pytest.raises(UsageError):
            command_of(nothing, folder)


class Package(object):
    """A carryall that is installed elsewhere."""

    def __init__(self, *folders):
        self.__path__ = [str(folder) for folder in folders]


@pytest.fixture
def installed(monkeypatch, tmpdir):
    """Call it to be installed in these folders, with an empty working folder."""
    monkeypatch.delenv('CARRYALL_JAR', raising=False)
    monkeypatch.chdir(str(tmpdir.mkdir('work')))
    return lambda *folders: monkeypatch.setattr(separate, 'carryall', Package(*folders))


def test_a_jar_is_named_by_the_environment(installed, monkeypatch, tmpdir):
    installed('somewhere')
    tmpdir.join('mine.jar').write('')
    monkeypatch.setenv('CARRYALL_JAR', str(tmpdir.join('mine.jar')))
    assert program_of('jar') == str(tmpdir.join('mine.jar'))


def test_a_jar_that_the_environment_names_must_be_there(installed, monkeypatch, tmpdir):
    installed('somewhere')
    monkeypatch.setenv('CARRYALL_JAR', str(tmpdir.join('mine.jar')))
    with pytest.raises(UsageError):
        program_of('jar')


def test_a_jar_is_found_in_the_working_folder(installed, tmpdir):
    installed('somewhere')
    tmpdir.join('work', 'carryall.jar').write('')
    assert os.path.realpath(program_of('jar')) == os.path.realpath(
        str(tmpdir.join('work', 'carryall.jar')))


def test_a_jar_of_the_checkout_is_found(installed, tmpdir):
    installed('somewhere', tmpdir)
    made = tmpdir.mkdir('build').mkdir('artifacts').join('carryall.jar')
    made.write('')
    assert command_of('jar', str(tmpdir))[0][-2:] == ['-jar', str(made)]


def test_a_jar_of_a_checkout_with_links_is_found(installed, tmpdir):
    installed(tmpdir.mkdir('carryall'))
    made = tmpdir.mkdir('build').mkdir('artifacts').join('carryall.jar')
    made.write('')
    assert program_of('jar') == str(made)


def test_a_jar_is_made_by_the_checkout(installed, tmpdir):
    installed('somewhere', tmpdir)
    tmpdir.mkdir('admin').join('freeze').write(
        'import os, sys\n'
        'folder = os.path.join(%r, "build", "artifacts")\n'
        'os.makedirs(folder)\n'
        'open(os.path.join(folder, "carryall." + sys.argv[1]), "w").close()\n' % str(tmpdir))
    assert program_of('jar') == str(tmpdir.join('build', 'artifacts', 'carryall.jar'))


def test_a_jar_that_cannot_be_made_says_why(installed, tmpdir):
    installed('somewhere', tmpdir)
    tmpdir.mkdir('admin').join('freeze').write('import sys\nsys.exit("no Jython is installed")\n')
    with pytest.raises(UsageError) as caught:
        program_of('jar')
    assert u'no Jython is installed' in caught.value.message


def test_a_missing_jar_is_told(installed):
    installed('somewhere')
    with pytest.raises(UsageError) as caught:
        program_of('jar')
    assert u'CARRYALL_JAR' in caught.value.message
