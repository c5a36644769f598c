# Copyright the carryall authors.  See LICENSE.
"""``admin/runtests`` counts right, fails when it must, and says why.

The command runs in a scratch checkout: the real ``admin`` and ``tests/support``,
and a suite of a few lines.
"""
import json
import os
import shutil
import subprocess
import sys

import pytest

from admin.suite import ROOT, ENVIRONMENTS, Trouble, interpreters, options, pins, results, setup

GOOD = '''
import pytest
def test_one(): pass
def test_backend(backend): pass
@pytest.mark.skip(reason='not today')
def test_skip(): pass
'''


class Checkout:
    """A scratch checkout and the command in it."""

    def __init__(self, folder):
        self.folder = folder
        for name in ('admin/suite', 'admin/window', 'tests/support', 'carryall', 'core',
                     'runtimes'):
            shutil.copytree(os.path.join(ROOT, name), str(folder / name),
                            ignore=shutil.ignore_patterns('__pycache__', '*.class'))
        for name in ('admin/__init__.py', 'admin/runtests', 'tox.ini', 'tests/__init__.py',
                     'tests/conftest.py'):
            shutil.copy(os.path.join(ROOT, name), str(folder / name))
        (folder / 'build').mkdir()
        (folder / 'build' / 'test-env').symlink_to(ENVIRONMENTS)

    def write(self, path, text):
        """Writes a file of the scratch suite."""
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)

    def command(self, *arguments):
        """The command line of admin/runtests on the runtime cpython."""
        return [sys.executable, str(self.folder / 'admin' / 'runtests'), '--runtime',
                'cpython'] + list(arguments)

    def run(self, *arguments):
        """(exit status, all that was written) of admin/runtests on the runtime cpython."""
        done = subprocess.run(self.command(*arguments), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              env=dict(os.environ, CARRYALL_TEST_SCALE='1'))
        return done.returncode, done.stdout.decode('utf-8')


@pytest.fixture
def checkout(tmp_path, house_runtime):
    """A scratch checkout with an empty suite."""
    house_runtime()
    if not setup.folder_for(interpreters.find()[0]):
        pytest.skip('there is no pytest in build/test-env: admin/runtests --setup')
    return Checkout(tmp_path)


@pytest.mark.limit(60)
def test_all_is_well(checkout):
    """Exit status 0, one matrix, the reasons of skips,
    and the closing line alone on the last line."""
    checkout.write('tests/core/test_a.py', GOOD)
    checkout.write('tests/protocols/http/test_b.py', GOOD)
    status, said = checkout.run('--json', str(checkout.folder / 'out.json'))
    assert status == 0, said
    lines = said.splitlines()
    row = next(line.split() for line in lines if line.startswith('all'))
    # A toolkit's loop, if there is one, has tests of its own, and a dot here.
    ran = row.count('2')
    assert row == ['all', '2/0/2'] + ['2'] * ran + ['.'] * (len(row) - 2 - ran), said
    assert ran >= 3, said
    assert [line.split()[0] for line in lines if '1/0/1' in line] == ['core', 'protocols/http'], \
        said
    assert 'skipped    2  cpython     not today' in lines, said
    assert lines[-1] == '%d passed, 0 failed, 2 skipped' % (2 + 2 * ran), said
    document = json.loads((checkout.folder / 'out.json').read_text())
    assert document['totals'] == {'passed': 2 + 2 * ran, 'failed': 0, 'skipped': 2}


@pytest.mark.limit(60)
def test_failure_and_again(checkout):
    """A failure is shown with its text; --rerun-failed runs that test alone,
    and nothing once it is mended."""
    checkout.write('tests/test_a.py',
                   'def test_good(): pass\ndef test_bad(): assert 1 == 2, "no"\n')
    status, said = checkout.run()
    assert (status, said.splitlines()[-1]) == (1, '1 passed, 1 failed, 0 skipped'), said
    assert 'tests/test_a.py::test_bad' in said and 'AssertionError: no' in said, said
    checkout.write('tests/test_a.py', 'def test_good(): pass\ndef test_bad(): pass\n')
    status, said = checkout.run('--rerun-failed')
    assert (status, said.splitlines()[-1]) == (0, '1 passed, 0 failed, 0 skipped'), said
    status, said = checkout.run('--rerun-failed')
    assert (status, said.splitlines()[-1]) == (0, '0 passed, 0 failed, 0 skipped'), said


@pytest.mark.limit(60)
def test_a_failure_of_a_plain_assert_shows_the_local_variables(checkout):
    """With --plain-asserts; --rerun-failed shows the values that the assert compared."""
    checkout.write('tests/test_a.py', 'def test_bad():\n    found = [1, 2]\n'
                                      '    assert len(found) == 3\n')
    status, said = checkout.run('--plain-asserts')
    assert status == 1, said
    assert 'found      = [1, 2]' in said, said
    assert 'assert 2 == 3' not in said, said
    said = checkout.run('--rerun-failed')[1]
    assert 'assert 2 == 3' in said, said


@pytest.mark.limit(60)
@pytest.mark.parametrize('body, deadline, words', [
    ('import os\n    os._exit(9)', '50', ('ended with status 9', 'test_it')),
    ('import os\n    os.abort()', '50', ('ended with status -6', 'test_it')),
    ('import time\n    time.sleep(99)', '4', ('deadline of 4 seconds',)),
    ('raise KeyboardInterrupt', '50', ('ended with status 2',))])
def test_a_run_that_breaks(checkout, body, deadline, words):
    """A run that does not come to its end fails, and names the test that was running."""
    checkout.write('tests/test_a.py', 'def test_it():\n    %s\n\ndef test_later(): pass\n' % body)
    status, said = checkout.run('--deadline', deadline)
    assert status == 1 and ' 0 failed' not in said.splitlines()[-1], said
    for word in words:
        assert word in said, said


@pytest.mark.limit(60)
def test_a_test_that_hangs(checkout):
    """It counts as failed with the stacks, and the tests behind it as not run."""
    checkout.write('tests/test_a.py',
                   'import time\nimport pytest\n\n@pytest.mark.limit(0.2)\ndef test_it():\n'
                                      '    time.sleep(99)\n\ndef test_later(): pass\n')
    status, said = checkout.run()
    assert status == 1 and 'took longer than 0.2 seconds' in said \
        and 'with 1 tests not run' in said, said
    assert said.splitlines()[-1] == '0 passed, 2 failed, 0 skipped', said


@pytest.mark.limit(60)
def test_a_required_runtime_must_run(checkout):
    """A required runtime that does not run, or a required backend without a test that passed,
    fails the run."""
    checkout.write('tests/test_a.py', GOOD)
    status, said = checkout.run('--require', 'cpython,jython', '-q')
    assert status == 1 and 'jython: is required and does not run' in said, said
    checkout.write('tests/contract/expected.py', 'EXPECTED = {"cpython3": ("select", "nio")}\n')
    status, said = checkout.run('-q')
    assert status == 1 and 'no test passed on the backend nio' in said \
        and 'on the backend select' not in said, said


@pytest.mark.parametrize('name, kind, version, expected', [
    ('cpython', 'cpython', (3, 11), False), ('cpython3.8', 'cpython', (3, 8), True),
    ('cpython2.7', 'cpython', (2, 7), False),
    ('pypy', 'pypy', (3, 9), False), ('jython', 'jython', (2, 7), False)])
def test_others_narrows_the_cpythons(name, kind, version, expected):
    """--others narrows the CPythons 3 beside the one that runs the command, and nothing else."""
    from admin.suite import main
    assert main._is_another(interpreters.Runtime(name, kind, version, [])) is expected


@pytest.mark.limit(60)
def test_x_stops_at_the_first_failure(checkout):
    """-x ends at the first failure."""
    checkout.write('tests/test_a.py', 'def test_1(): assert 0\ndef test_2(): assert 0\n')
    status, said = checkout.run('-x')
    assert (status, said.splitlines()[-1]) == (1, '0 passed, 1 failed, 0 skipped'), said


@pytest.mark.limit(60)
def test_events_tell_the_whole_run(checkout):
    """--events writes one JSON line for each event, and nothing else."""
    checkout.write('tests/test_a.py',
                   'def test_good(): pass\ndef test_bad(): assert 1 == 2, "no"\n')
    child = subprocess.Popen(checkout.command('--events'), stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    events = [json.loads(line) for line in child.stdout]
    child.stdin.close()
    child.stdout.close()
    assert child.wait(30.0) == 1
    kinds = [event['event'] for event in events if event['event'] not in ('plan', 'running')]
    assert kinds == ['started', 'collected', 'test', 'test', 'finished', 'over']
    failed = [event for event in events if event.get('outcome') == 'failed']
    assert [event['test'] for event in failed] == ['tests/test_a.py::test_bad']
    assert 'AssertionError: no' in failed[0]['text']
    assert events[-1]['status'] == 1


@pytest.mark.limit(60)
def test_the_end_of_the_input_ends_a_run_with_its_children(checkout):
    """A window that is gone leaves nothing behind."""
    checkout.write('tests/test_a.py', 'import time\ndef test_it(): time.sleep(50)\n')
    child = subprocess.Popen(checkout.command('--events'), stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
    leader = None
    for line in child.stdout:
        event = json.loads(line)
        if event['event'] == 'started':
            leader = event['pid']
        if event['event'] == 'running':
            break
    child.stdin.close()
    last = json.loads(child.stdout.read().splitlines()[-1])
    assert child.wait(30.0) == 130
    child.stdout.close()
    assert last == {'event': 'over', 'status': 130, 'text': ''}
    with pytest.raises(ProcessLookupError):
        os.killpg(leader, 0)


@pytest.mark.limit(60)
def test_plain_tells_the_run_in_sentences(checkout):
    """--plain without a terminal ends with the run and its status."""
    checkout.write('tests/test_a.py',
                   'def test_good(): pass\ndef test_bad(): assert 1 == 2, "no"\n')
    status, said = checkout.run('--plain')
    assert status == 1, said
    assert '1. test_a.py::test_bad on cpython: failed: AssertionError: no' in said
    assert said.splitlines()[-1] == '1 failed. 1 passed, 1 failed, 0 skipped.', said


@pytest.mark.limit(60)
def test_a_window_without_a_display_is_the_terminal(checkout, monkeypatch):
    """--window says why it opens none, and tells the run in sentences."""
    monkeypatch.delenv('DISPLAY', raising=False)
    checkout.write('tests/test_a.py', 'def test_good(): pass\n')
    status, said = checkout.run('--window')
    assert status == 0, said
    assert said.startswith('admin/runtests: no window, for '), said
    assert said.splitlines()[-1] == 'All passed. 1 passed, 0 failed, 0 skipped.', said


def test_no_window_is_opened_unasked_without_a_terminal(monkeypatch):
    """A window by default needs a terminal, a display and no option at all."""
    from admin.window import main
    assert not main.by_default([], {'DISPLAY': ':0'})
    monkeypatch.setattr(main.sys, 'stdin', _Terminal())
    monkeypatch.setattr(main.sys, 'stdout', _Terminal())
    assert not main.by_default([], {})
    assert not main.by_default(['-q'], {'DISPLAY': ':0'})


class _Terminal:
    """A file that is one."""

    def isatty(self):
        """Always."""
        return True


def test_a_node_id_keeps_what_stands_behind_its_file():
    """A parameter may look like a path, and is none."""
    given = options.parse(['tests/house/../house/test_layout.py::test_it[a//b/../c]'])
    assert options.tests_of(given) == ['tests/house/test_layout.py::test_it[a//b/../c]']


@pytest.mark.parametrize('arguments, words', [
    (['--runtime', 'cobol'], 'there is no runtime cobol'),
    (['tests/nothing'], 'there is no tests/nothing'),
    (['--others', 'tests/nothing'], 'there is no tests/nothing'),
    (['--require', 'cobol'], 'no kind of runtime called cobol'),
    (['--rerun-failed'], 'no earlier run'),
    (['--colour'], 'unrecognized arguments'), (['-v', '-q'], 'contradict'),
    (['-t', '--window'], 'contradicts'), (['--window', '--list'], 'show a run')])
def test_an_impossible_request_is_status_2(checkout, arguments, words):
    """An impossible request ends with status 2 and a sentence."""
    checkout.write('tests/test_a.py', GOOD)
    status, said = checkout.run(*arguments)
    assert status == 2 and words in said, said


def test_module_takes_the_module_or_its_test():
    """--module takes the module or its test."""
    here = ['tests/house/test_runtests_py3.py']
    assert options.tests_of(options.parse(['--module', 'tests.house.test_runtests_py3'])) == here
    assert options.tests_of(options.parse(['--module', 'carryall.house.runtests_py3'])) == here
    assert options.tests_of(options.parse(['--module', 'house'])) == ['tests/house']
    with pytest.raises(Trouble):
        options.tests_of(options.parse(['--module', 'carryall.core.nothing']))


def test_a_plain_run_takes_the_default_runtimes():
    """A plain run takes cpython, 2.7, the oldest, the newest, PyPy and Jython."""
    found = [interpreters.Runtime('cpython', 'cpython', (3, 11), [])]
    found += [interpreters.Runtime('cpython%d.%d' % version, 'cpython', version, [])
              for version in ((2, 7), (3, 8), (3, 9), (3, 12), (3, 13))]
    found += [interpreters.Runtime('pypy', 'pypy', (3, 9), []),
              interpreters.Runtime('jython', 'jython', (2, 7), [])]
    assert [each.name for each in interpreters.default(found)] == [
        'cpython', 'cpython2.7', 'cpython3.8', 'cpython3.13', 'pypy', 'jython']


def test_every_pin_is_exact():
    """Each Python gets the newest pytest that runs on it; every pin is exact."""
    assert [pins.pytest_for(version)[1][0] for version in ((2, 7), (3, 8), (3, 9), (3, 14))] == [
        'pytest==4.6.11', 'pytest==8.3.5', 'pytest==8.4.2', 'pytest==9.2.0']
    assert all('==' in pin for entry in pins.PYTEST for pin in entry[1])


def test_private_folder_is_made_whole(tmp_path, monkeypatch):
    """A folder whose making failed is not there; one whose pins changed is not ready."""
    monkeypatch.setattr(setup, 'ENVIRONMENTS', str(tmp_path))
    with pytest.raises(ZeroDivisionError):
        with setup.new_folder('it', ('a==1',)):
            raise ZeroDivisionError
    assert os.listdir(str(tmp_path)) == []
    with setup.new_folder('it', ('a==1',)) as folder:
        open(os.path.join(folder, 'module.py'), 'w').close()
    assert setup.ready('it', ('a==1',)) == str(tmp_path / 'it')
    assert setup.ready('it', ('a==2',)) is None
    assert sorted(os.listdir(str(tmp_path / 'it'))) == ['module.py', 'pins.txt']


def test_problems_count_as_failures():
    """The closing line never says 0 failed while the exit status is 1."""
    report = results.Report('cpython')
    report.problem('it broke')
    assert results.totals([report]) == (0, 1, 0)


QUICK = '''
import pytest
from carryall.core.testing import chunkings
def test_backend(backend): pass
@pytest.mark.limit(60)
def test_long(): pass
@pytest.mark.parametrize('way', [name for name, pieces in chunkings(b'ab')])
def test_ways(way): pass
'''


@pytest.mark.limit(120)
def test_quick_narrows_all_but_what_changed(checkout):
    """One backend, three chunkings and no long test; a changed file runs on each backend,
    and first."""
    checkout.write('tests/core/test_a.py', QUICK)
    checkout.write('tests/contract/test_b.py', 'def test_contract(): pass\n')
    checkout.write('tests/protocols/some/test_first.py', 'def test_left_out(): pass\n')
    checkout.write('tests/protocols/some/test_server.py', 'def test_server(): pass\n')
    checkout.write('tests/services/test_c.py', 'def test_unaffected(): pass\n')
    checkout.write('.gitignore', 'build\n__pycache__\n')
    git = ['git', '-C', str(checkout.folder), '-c', 'user.name=a', '-c',
           'user.email=a@example.invalid']
    for words in (['init', '-q'], ['add', '-A'], ['commit', '-q', '-m', 'all of it']):
        subprocess.run(git + words, check=True, stdin=subprocess.DEVNULL)
    status, said = checkout.run('--quick', '-v')
    assert status == 0, said
    names = [line.split()[2] for line in said.splitlines() if line.startswith('ok ')]
    assert [name.partition('::')[2].partition('[')[0] for name in names] == [
        'test_backend', 'test_ways', 'test_ways', 'test_ways', 'test_contract', 'test_server'], said
    checkout.write('tests/services/test_c.py', QUICK)
    status, said = checkout.run('--quick', '-v')
    assert status == 0, said
    changed = [line for line in said.splitlines() if line.startswith('ok ') and 'test_c.py' in line]
    assert len([line for line in changed if '::test_backend[' in line]) > 1, said
    assert len([line for line in changed if '::test_long' in line]) == 1, said
    assert 'test_c.py' in next(line for line in said.splitlines() if line.startswith('ok ')), said


@pytest.mark.limit(60)
def test_time_is_shown_after_a_run_and_again_later(checkout):
    """--slowest shows folders and tests, --last without a run; the first result is announced."""
    checkout.write('tests/core/test_a.py',
                   'import time\ndef test_slow(): time.sleep(0.3)\ndef test_fast(): pass\n')
    status, said = checkout.run('--slowest', '1')
    assert status == 0, said
    assert 'first result ' in said, said
    shown = [line.split()[2:] for line in said.splitlines() if '::test_' in line]
    assert shown == [['cpython', 'tests/core/test_a.py::test_slow']], said
    assert [line for line in said.splitlines() if line.startswith('core  ')], said
    status, again = checkout.run('--last', '--slowest', '1')
    assert status == 0, again
    assert 'started' not in again, again
    assert [line for line in again.splitlines() if '::test_slow' in line] == [
        line for line in said.splitlines() if '::test_slow' in line]
