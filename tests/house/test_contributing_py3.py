# Copyright the carryall authors.  See LICENSE.
"""The commands of CONTRIBUTING.md run; tests and cases named there and in SECURITY.md exist."""
import os
import re
import shlex
import subprocess

import pytest

from admin.suite import ROOT

# Commands that another place runs because they take long, and which.
ELSEWHERE = {
    'admin/runtests --setup --list': '.ci/run',
    'admin/runtests --quick': 'tests/house/test_runtests_py3.py',
    'admin/runtests': '.ci/run',
    'admin/check --types': '.ci/run',
    'admin/accepttests readme': '.ci/run',
    'admin/apidocs --setup': '.ci/run',
    'admin/freeze wheel': '.ci/run',
}


def text_of(name):
    """The text of a page at the root."""
    with open(os.path.join(ROOT, name), encoding='utf-8') as file:
        return file.read()


def commands():
    """The lines of the blocks for a shell."""
    blocks = re.findall(r'^```sh\n(.*?)^```', text_of('CONTRIBUTING.md'), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


@pytest.fixture(autouse=True)
def only_once(house_runtime):
    """About the tools, not about the interpreter."""
    house_runtime()


@pytest.mark.limit(120)
@pytest.mark.parametrize('line', [line for line in commands() if line not in ELSEWHERE])
def test_a_command_of_the_page_ends_well(line, tmp_path):
    """A run on more than one runtime is only read, since the suite itself is such a run."""
    words = shlex.split(line)
    if line.count('--runtime') > 1:
        words.append('--list')
    environ = {name: value for name, value in os.environ.items()
               if not name.startswith('CARRYALL_TEST')}
    environ['CARRYALL_TEST_LOGS'] = str(tmp_path)  # those of this run are written at the moment
    done = subprocess.run([os.path.join(ROOT, words[0])] + words[1:], cwd=ROOT, env=environ,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0, done.stdout.decode('utf-8', 'replace')


@pytest.mark.parametrize('line, place', sorted(ELSEWHERE.items()))
def test_a_command_that_runs_elsewhere_is_on_the_page_and_there(line, place):
    program = line.split()[0]
    assert line in commands()
    assert program in text_of(place)


@pytest.mark.parametrize('page', ['CONTRIBUTING.md', 'SECURITY.md'])
def test_a_page_names_tests_and_cases_that_exist(page):
    text = text_of(page)
    for path in re.findall(r'`((?:tests|acceptance|core|doc|admin|\.ci|bin|dist)/[\w./-]*)`', text):
        assert os.path.exists(os.path.join(ROOT, path)), path
    for listed in re.findall(r'acceptance cases? ((?:`[a-z-]+`(?:, )?)+)', text):
        for case in re.findall('`([a-z-]+)`', listed):
            path = os.path.join(ROOT, 'acceptance', 'cases', case.replace('-', '_') + '.py')
            assert os.path.exists(path), case


def test_the_page_names_no_person():
    """Reports go through the host, so that no address can become wrong."""
    assert '@' not in text_of('SECURITY.md')
