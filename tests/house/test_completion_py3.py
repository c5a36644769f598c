# Copyright the carryall authors.  See LICENSE.
"""Shells complete commands, options and values by the scripts of ``carryall completion``."""
import shlex
import shutil
import subprocess

import pytest

from carryall.commands.completion import script

COMPLETE = ('COMP_CWORD=$1; shift; COMP_WORDS=("$@"); _carryall; '
            'printf "%s\\n" "${COMPREPLY[@]}"')
ASK = {
    'bash': ['bash', '--norc', '-c', 'source "$1"; shift; ' + COMPLETE, 'ask'],
    'zsh': ['zsh', '-fc', 'autoload -U compinit; compinit -D; source "$1"; shift; emulate -L ksh; '
            + COMPLETE, 'ask'],
}
CASES = [
    ('carryall compl', {'completion'}),
    ('carryall cert ', {'make', 'show'}),
    ('carryall web --precomp', {'--precompressed'}),
    ('carryall --drain 5 web --precomp', {'--precompressed'}),
    ('carryall --backend web --log-f', {'--log-format'}),
    ('carryall twistd --log-format ', {'line', 'json'}),
    ('carryall mktap -n site web --precomp', {'--precompressed'}),
    ('mktap web --precomp', {'--precompressed'}),
    ('carryalld --no-sa', {'--no-save'}),
    ('twistd --log-format j', {'json'}),
    ('carryall completion f', {'fish'}),
]
FILES = [
    ('carryall web --path ', {'folder'}),
    ('carryall cert show ', set()),
    ('carryall twistd -f ', {'folder', 'a b.tap'}),
]


@pytest.fixture(autouse=True)
def only_once(house_runtime):
    """About the shells, not about the interpreter."""
    house_runtime()


def output(command, folder):
    """The lines that a command writes, in the folder with the files."""
    done = subprocess.run(command, cwd=str(folder / 'here'), stdout=subprocess.PIPE, check=True,
                          timeout=60)
    return done.stdout.decode().splitlines()


def ask(shell, line, folder):
    """The words that a shell offers at the end of a line."""
    if not shutil.which(shell):
        pytest.skip('%s is not installed' % shell)
    path = folder / ('carryall.' + shell)
    path.write_text(script(shell))
    if shell == 'fish':
        command = ['fish', '--no-config', '-c', 'source $argv[1]; complete -C $argv[2]']
        offered = output(command + [str(path), line], folder)
        return {each.partition('\t')[0] for each in offered}
    words = shlex.split(line) + ([''] if line.endswith(' ') else [])
    command = ASK[shell] + [str(path), str(len(words) - 1)] + words
    offered = set(output(command, folder)) - {''}
    # zsh itself drops the words that do not match; its compgen gives all of them.
    return {word for word in offered if word.startswith(words[-1])} if shell == 'zsh' else offered


@pytest.fixture
def folder(tmp_path):
    """A folder with a file and a folder in it."""
    (tmp_path / 'here' / 'folder').mkdir(parents=True)
    (tmp_path / 'here' / 'a b.tap').write_text('')
    return tmp_path


@pytest.mark.limit(60)
@pytest.mark.parametrize('line, expected', CASES)
@pytest.mark.parametrize('shell', ['bash', 'zsh', 'fish'])
def test_a_shell_completes_words(shell, line, expected, folder):
    assert ask(shell, line, folder) == expected


@pytest.mark.parametrize('line, expected', FILES)
def test_bash_completes_paths(line, expected, folder):
    assert ask('bash', line, folder) == expected


def test_bash_completes_a_value_after_an_equals_sign(folder):
    """bash makes a word of its own of the sign."""
    assert ask('bash', 'twistd --log-format = j', folder) == {'json'}
    assert ask('bash', 'carryall --drain = 5 web --precomp', folder) == {'--precompressed'}
