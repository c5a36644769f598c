# Copyright the carryall authors.  See LICENSE.
"""``--quick`` selects by its rule, ``--setup`` tests what is ready, ``--slowest`` shows time."""
import os
import threading
import time

import pytest

from admin.suite import ROOT, Trouble, classarchive, interpreters, options, preparation, quick
from admin.suite import results, setup, times
from tests.support import otherruntimes


def test_a_changed_module_selects_the_tests_that_its_docstring_names():
    assert quick.affected(['core/testing/dialogue.py']) == ['tests/core/testing/test_dialogue.py']


def test_a_changed_module_without_named_tests_selects_the_mirrored_file(tmp_path, monkeypatch):
    monkeypatch.setattr(quick, 'ROOT', str(tmp_path))
    for path in ('core/a.py', 'tests/core/test_a.py'):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text('"""Nothing is named."""\n')
    assert quick.affected(['core/a.py', 'core/gone.py', 'README.md']) == ['tests/core/test_a.py']


def test_a_changed_test_selects_itself_once():
    path = 'tests/core/test_future.py'
    changed = [path, path, 'tests/support/limits.py', 'tests/core/test_gone.py']
    assert quick.affected(changed) == [path]


def test_the_affected_files_come_first_and_no_file_comes_twice():
    path = 'tests/protocols/smtp/test_server.py'
    first, files = quick.selection([path])
    assert first == [path]
    assert files[0] == path
    assert len(files) == len(set(files))


def test_the_selection_has_the_core_the_contract_and_one_file_for_each_protocol():
    files = quick.selection([])[1]
    for folder in quick.FOLDERS:
        assert quick._test_files(folder)
        assert set(quick._test_files(folder)) <= set(files)
    for name in os.listdir(os.path.join(ROOT, quick.PROTOCOLS)):
        folder = '%s/%s' % (quick.PROTOCOLS, name)
        if quick._test_files(folder):
            chosen = [path for path in files if path.startswith(folder + '/')]
            assert len(chosen) == 1, chosen
    assert 'tests/protocols/ftp/test_server.py' in files


def test_an_unknown_revision_is_refused():
    if not os.path.exists(os.path.join(ROOT, '.git')):
        pytest.skip('this is no checkout')
    with pytest.raises(Trouble):
        quick.changed_files('no-such-revision')


@pytest.mark.parametrize('words', [['--quick', 'tests/core'], ['--quick', '--rerun-failed'],
                                   ['--since', 'HEAD']])
def test_quick_refuses_another_selection(words, capsys):
    with pytest.raises(SystemExit):
        options.parse(words)
    assert '--quick' in capsys.readouterr().err


def report():
    """A report with two tests in one folder, and what went before them."""
    made = results.Report('cpython')
    made.take({'event': 'collected', 'count': 2, 'seconds': 3.0, 'cpu': 2.5})
    for name, seconds, cpu in (('test_a', 1.0, 0.5), ('test_b', 4.0, 0.1)):
        made.take({'event': 'test', 'test': 'tests/core/test_x.py::' + name, 'outcome': 'passed',
                   'seconds': seconds, 'cpu': cpu, 'backend': '-', 'reason': '', 'text': ''})
    return made


def test_time_is_added_by_folder_and_runtime():
    assert times.by_folder([report()]) == {'collecting': {'cpython': [0, 3.0, 2.5]},
                                           'core': {'cpython': [2, 5.0, 0.6]}}


def test_the_slowest_test_is_shown_first():
    shown = times.lines([report()], 1)
    assert [line.split() for line in shown if '::' in line] == [
        ['4.0', '(0.1)', 'cpython', 'tests/core/test_x.py::test_b']]


def test_a_run_is_read_as_it_was_saved(tmp_path):
    path = str(tmp_path / 'last.json')
    results.save([report()], path)
    again = results.load(path)
    assert [each.results for each in again] == [report().results]
    assert times.by_folder(again) == times.by_folder([report()])


def test_a_test_that_ran_in_one_of_two_runs_is_named():
    before = report()
    after = report()
    after.results.pop()
    assert results.differences([before], [before]) == []
    assert results.differences([before], [after]) == [
        'only before cpython     tests/core/test_x.py::test_b']


def test_a_test_that_is_skipped_in_one_of_two_runs_is_named():
    skipped = report()
    skipped.results[0] = skipped.results[0]._replace(outcome='skipped')
    assert results.differences([skipped], [report()]) == [
        'only after cpython     tests/core/test_x.py::test_a']


class Steps:
    """Takes the place of the steps of an installation: each waits until it may go on."""

    def __init__(self, monkeypatch, tmp_path):
        self.done = []
        self.go_on = threading.Event()
        monkeypatch.setattr(preparation, 'READY_FILE', str(tmp_path / 'ready'))
        monkeypatch.setenv(preparation.VARIABLE, '')
        for name in ('install_pytest', 'compile_source'):
            monkeypatch.setattr(setup, name, self.step(name))
        monkeypatch.setattr(setup, 'shorten_starts', lambda runtime, say: runtime)
        monkeypatch.setattr(setup, 'install_tools', lambda name, say: None)
        monkeypatch.setattr(setup, 'install_runtimes', self.install_runtimes)

    def step(self, name):
        return lambda runtime, say: self.done.append((name, runtime.name))

    def install_runtimes(self, missing, say):
        assert self.go_on.wait(10)
        return False


def runtimes(*names):
    return [interpreters.Runtime(name, name.rstrip('0123456789.'), (3, 9), []) for name in names]


def test_the_first_runtime_is_ready_while_others_are_being_installed(monkeypatch, tmp_path):
    steps = Steps(monkeypatch, tmp_path)
    made = preparation.Preparation(runtimes('cpython', 'cpython3.8', 'pypy', 'jython'), ['jython'],
                                   lambda found: found, print)
    made.start()
    taken = []
    end = time.monotonic() + 10
    while not taken and time.monotonic() < end:
        taken = made.take()
        time.sleep(0.01)
    assert [each.name for each in taken] == ['cpython']
    assert not made.over()
    assert not os.path.exists(preparation.READY_FILE)
    steps.go_on.set()
    made.join()
    assert os.path.exists(preparation.READY_FILE)
    assert [each.name for each in made.take()] == ['jython', 'pypy', 'cpython3.8']
    assert made.over()


def test_a_failed_installation_is_raised(monkeypatch, tmp_path):
    steps = Steps(monkeypatch, tmp_path)
    steps.go_on.set()

    def fail(runtime, say):
        raise Trouble('there is no network')
    monkeypatch.setattr(setup, 'install_pytest', fail)
    made = preparation.Preparation(runtimes('cpython'), [], lambda found: found, print)
    made.start()
    with pytest.raises(Trouble):
        made.join()
    assert made.take() == []
    assert not os.path.exists(preparation.READY_FILE)


def test_a_test_waits_until_the_other_runtimes_are_ready(monkeypatch, tmp_path):
    path = tmp_path / 'ready'
    monkeypatch.setenv('CARRYALL_TEST_READY', str(path))
    monkeypatch.setattr(otherruntimes, 'WAIT_SECONDS', 0.1)
    with pytest.raises(AssertionError):
        otherruntimes.wait_for_other_runtimes()
    path.write_text('')
    otherruntimes.wait_for_other_runtimes()


def test_only_one_of_two_commands_installs_at_a_time(monkeypatch, tmp_path):
    monkeypatch.setattr(setup, 'ENVIRONMENTS', str(tmp_path))
    entered = []

    def enter():
        with setup.alone('it'):
            entered.append(True)
    other = threading.Thread(target=enter)
    with setup.alone('it'):
        other.start()
        time.sleep(0.1)
        assert entered == []
    other.join(10)
    assert entered == [True]


def test_an_archive_for_another_java_is_not_used(monkeypatch, tmp_path):
    monkeypatch.setattr(classarchive, 'FOLDER', str(tmp_path))
    java = tmp_path / 'bin' / 'java'
    java.parent.mkdir()
    for path in (java, tmp_path / 'java'):
        path.write_text('#!/bin/sh\n')
        path.chmod(0o755)
    monkeypatch.setenv('PATH', '%s:%s' % (tmp_path, java.parent))
    assert classarchive.java() is None
    (tmp_path / classarchive.STAMP).write_text(classarchive._stamp(str(java)))
    assert classarchive.java() == str(tmp_path / 'java')
    java.write_text('#!/bin/sh\n# a newer one\n')
    assert classarchive.java() is None
