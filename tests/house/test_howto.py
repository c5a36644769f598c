# Copyright the carryall authors.  See LICENSE.
"""The programs of doc/howto run on this runtime and print what the page says; commands end well."""
from __future__ import absolute_import, division, print_function

import io
import os
import re
import shlex

import pytest

from carryall.commands import main as umbrella

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HOWTO = os.path.join(ROOT, 'doc', 'howto')
PROGRAM = re.compile(r'^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?',
                     re.MULTILINE | re.DOTALL)

# Servers that a case of the acceptance tests runs on each runtime and backend, and which.
SERVERS = {
    'carryall web --path . --backend poll': 'artifact',
    'twistd --backend threads -f web.tap': 'tap_matrix',
    'carryall ftp --root pub --port tcp:2121': 'ftp_serve',
}


def pages():
    """(name, text) of each page whose programs are run here."""
    for name in sorted(os.listdir(HOWTO)):
        with io.open(os.path.join(HOWTO, name), encoding='utf-8') as source:
            yield name, source.read()


def programs():
    """(page, number, program, what it prints) of each program."""
    return [(name, number + 1, match.group(1), match.group(2)) for name, text in pages()
            for number, match in enumerate(PROGRAM.finditer(text)) if match.group(2) is not None]


def lines():
    """(page, line) of each command in a block for a shell."""
    return [(name, line) for name, text in pages()
            for block in re.findall(r'^```sh\n(.*?)^```', text, re.MULTILINE | re.DOTALL)
            for line in block.splitlines() if line]


@pytest.mark.limit(60)
@pytest.mark.parametrize('page, number, program, printed', programs(),
                         ids=['%s-%d' % row[:2] for row in programs()])
def test_a_program_prints_what_the_page_says(page, number, program, printed, capsys):
    code = compile(program.encode('utf-8'), '%s, program %d' % (page, number), 'exec', 0, True)
    exec(code, {'__name__': '__main__'})
    assert [line.rstrip() for line in capsys.readouterr()[0].splitlines()] == [
        line.rstrip() for line in printed.splitlines()]


@pytest.mark.limit(60)
def test_commands_that_end_by_themselves_end_well(tmpdir, monkeypatch, capsys):
    """In the order of the pages, in one folder: later commands need the files of earlier ones."""
    monkeypatch.chdir(tmpdir)
    for page, line in lines():
        if line not in SERVERS:
            assert umbrella.main(shlex.split(str(line))[1:]) == 0, line


@pytest.mark.parametrize('line', sorted(SERVERS))
def test_a_server_on_a_page_is_run_by_a_case(line):
    assert line in [each for _, each in lines()]
    assert os.path.exists(os.path.join(ROOT, 'acceptance', 'cases', SERVERS[line] + '.py'))


def test_the_programs_are_found():
    assert len(programs()) >= 8
