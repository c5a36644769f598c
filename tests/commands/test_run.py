# Copyright the carryall authors.  See LICENSE.
"""`carryall run`: a program of one's own inside any artifact."""
from __future__ import absolute_import, division, print_function

import sys

import pytest

from carryall.commands.main import main, words_of


@pytest.fixture(autouse=True)
def put_back(monkeypatch):
    """The words, the path and the main module are the process's."""
    monkeypatch.setattr(sys, 'argv', sys.argv)
    monkeypatch.setattr(sys, 'path', list(sys.path))
    monkeypatch.setitem(sys.modules, '__main__', sys.modules['__main__'])


def test_a_program_runs_as_main(tmpdir, capsys):
    """It has its words, is __main__, and finds what lies beside it."""
    tmpdir.join('beside_it.py').write('WORD = "beside"\n')
    tmpdir.join('it.py').write('import sys, beside_it\nfrom carryall import runtimes\n'
                               'print(sys.argv[1:], __name__, beside_it.WORD, '
                               'sys.modules["__main__"].__file__ == __file__)\n')
    assert main(['run', str(tmpdir.join('it.py')), 'a', '--b']) == 0
    del sys.modules['beside_it']
    out = capsys.readouterr()[0]
    assert "['a', '--b']" in out and '__main__' in out and 'beside' in out and 'True' in out


def test_the_status_of_the_program_is_passed_on(tmpdir):
    """A program that ends with a status ends the command with it."""
    tmpdir.join('it.py').write('import sys\nsys.exit(7)\n')
    with pytest.raises(SystemExit) as ended:
        main(['run', str(tmpdir.join('it.py'))])
    assert ended.value.code == 7


def test_a_failing_program_shows_its_traceback(tmpdir, capsys):
    """Its own traceback, and 1."""
    tmpdir.join('it.py').write('{}["absent"]\n')
    assert main(['run', str(tmpdir.join('it.py'))]) == 1
    assert 'KeyError' in capsys.readouterr()[1]


@pytest.mark.parametrize('words', [[], ['--nonsense'], ['nothing.py'], ['BROKEN']])
def test_a_missing_program_is_refused(words, tmpdir, capsys):
    """No file, no such file, no Python: a sentence and 2."""
    tmpdir.join('broken.py').write('def :\n')
    words = [str(tmpdir.join('broken.py')) if word == 'BROKEN' else word for word in words]
    assert main(['run'] + words) == 2
    said = capsys.readouterr()[1]
    assert said.startswith('carryall run: ') and 'Traceback' not in said


def test_help_teaches_the_command(capsys):
    """It teaches."""
    assert main(['run', '--help']) == 0
    assert 'usage: carryall run FILE' in capsys.readouterr()[0]


@pytest.mark.parametrize('name, first', [
    ('carryall', []), ('/usr/bin/mktap', ['mktap']), ('twistd', ['twistd']),
    ('carryalld', ['twistd']), ('carryall-web', ['web']),
    ('carryall-get', ['get']), ('web', []), ('C:carryall.exe', []), ('mktap.exe', ['mktap']),
    ('carryall.pyz', []),
    ('twistd.pyz', ['twistd']), ('carryall-0.1.0', []), ('__main__.py', []), ('', [])])
def test_the_program_name_selects_the_command(name, first):
    """The name of the program chooses the command."""
    assert words_of([name, 'a', 'b']) == first + ['a', 'b']


def test_no_name_at_all():
    """An embedding Java program may leave it empty."""
    assert words_of([]) == []
