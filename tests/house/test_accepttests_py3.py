# Copyright the carryall authors.  See LICENSE.
"""admin/accepttests: sides, turns, deadlines, stacks of what hangs, the matrix, and -i (TST-03)."""
import io
import argparse
import os
import sys
import threading
import types

import pytest

from acceptance import foreign, interactive, runner, steps
from acceptance.artifacts import ARTIFACTS, _MAKERS, Side
from acceptance.stage import Failed, Missing, Process, Stage


@pytest.fixture(autouse=True)
def only_once(house_runtime):
    """About the tools, not about the interpreter."""
    house_runtime()


def side(name, artifact=None, kind='cpython'):
    """One that runs this Python."""
    return Side(artifact or name, kind, [sys.executable], lambda program: [sys.executable, program],
                name=name, inherit=True)


def case(name, run, **more):
    """A module as a case is."""
    module = types.ModuleType('acceptance.cases.' + name)
    module.__doc__ = 'Shows %s.\n\nMore.' % name
    module.PROVES = ['X-01']
    module.NEEDS = []
    module.run = run
    for key, value in more.items():
        setattr(module, key, value)
    return module


def test_cases_are_as_they_say():
    """Each has what the contract asks for."""
    for each in runner.all_cases():
        assert each.__doc__ and each.PROVES and isinstance(each.NEEDS, list) and callable(
            each.run), each
        packages = dict(runner.PROGRAMS, **getattr(each, 'PACKAGES', {}))
        unknown = [program for program in each.NEEDS + list(getattr(each, 'TAKES', ()))
                   if program not in packages and program != 'sh']
        assert not unknown, '%s needs %s: which package has it?' % (runner.name_of(each), unknown)
        assert set(getattr(each, 'PYTHON', ())) <= set(foreign.PINS) | {
            'peer-suites', 'pytest', 'twisted'}, each
    assert set(_MAKERS) == set(ARTIFACTS)


@pytest.mark.parametrize('there, lacking, expected', [
    ((), (), ['one', 'two', 'curl']), (('uno', 'curl'), ['two'], ['two']),
    (('uno', 'curl'), [], [])])
def test_the_packages_of_a_case_are_those_that_are_missing(monkeypatch, there, lacking, expected):
    """A program may need several, and lack one though it is there itself."""
    monkeypatch.setattr(runner.shutil, 'which', lambda name: name in there)
    monkeypatch.setattr(foreign, 'missing', lambda names: [each for each in names
                                                           if each in lacking])
    sample = case('sample', None, NEEDS=['uno', 'curl', 'sh'], PACKAGES={'uno': ('one', 'two')})
    assert runner.packages_of(sample) == expected


def test_setup_of_what_cannot_be_installed(monkeypatch):
    """Packages that exclude each other are unpacked, with the libraries that they lack installed;
    and Python's are had."""
    done = []
    for place, name in ((runner, 'install_runtimes'), (runner, 'apt_install'), (foreign, 'unpack'),
                        (foreign, 'install_python')):
        monkeypatch.setattr(place, name,
                            lambda *args: done.append(args[:-1] if callable(args[-1]) else args))
    monkeypatch.setattr(foreign, 'missing',
                        lambda packages: [name for name in packages if name != 'libthere'])
    one = case('one', None, UNPACKED={'no-such-program': (('a', 'b'), ('libthere', 'libnot'))},
               PYTHON=('aiosmtpd', 'pyftpdlib'))
    two = case('two', None, UNPACKED={'sh': (('c',), ('libc',))})
    runner.set_up(types.SimpleNamespace(artifact=None), [one, two])
    assert done[1:] == [(['libnot'],), ('no-such-program', ('a', 'b')), ('aiosmtpd',),
                        ('pyftpdlib',)], done


def test_a_program_not_unpacked_is_missing(monkeypatch, tmp_path):
    monkeypatch.setattr(foreign, 'FOLDER', str(tmp_path))
    monkeypatch.setattr(foreign, 'BENCHES', str(tmp_path / 'none'))
    for ask in (foreign.python_path, foreign.unpacked):
        with pytest.raises(Missing):
            ask('pyftpdlib')
    with foreign._new_folder('pyftpdlib') as folder:
        os.makedirs(os.path.join(folder, 'usr'))
        os.makedirs(os.path.join(folder, 'pyftpdlib'))
    assert foreign.python_path('pyftpdlib') == foreign.unpacked('pyftpdlib') == str(
        tmp_path / 'pyftpdlib')
    with pytest.raises(ZeroDivisionError):
        with foreign._new_folder('other'):
            raise ZeroDivisionError
    assert os.listdir(str(tmp_path)) == ['pyftpdlib'], 'what went wrong is left behind'


def test_cases_take_turns_on_each_side():
    """Each case on each side; one that goes through the sides has one run an artifact, and meets
    the next artifact."""
    plain = case('plain', None)
    crossing = case('crossing', None, EACH_RUNTIME=False)
    a = side('cpython', 'source')
    b = side('pypy', 'source')
    c = side('jar', 'jar', 'jython')
    found = runner.turns([plain, crossing], {'source': [a, b], 'jar': [c]})
    assert found == [(plain, a, [a, b, c]), (plain, b, [a, b, c]), (plain, c, [c, a]),
                     (crossing, a, [a, b, c]), (crossing, c, [c, a])]
    assert runner.turns([plain], {'jar': [c]}) == [(plain, c, [c])]


@pytest.mark.parametrize('fault, outcome', [(None, 'passed'), (Failed('not so'), 'failed'),
                                            (Missing('curl'), 'skipped'),
                                            (ZeroDivisionError('oh'), 'failed')])
def test_an_exception_decides_the_outcome(fault, outcome):
    """An exception of a case decides its outcome; the folder is removed in any case."""
    folders = []

    def run(stage):
        folders.append(stage.folder)
        if fault:
            raise fault

    got, why = runner.run_one(case('it', run), side('cpython'), [side('cpython')])
    assert got == outcome and (not fault or str(fault) in why)
    assert not os.path.exists(folders[0])


def test_a_missing_program_is_a_skip():
    """A foreign program that is not there is a skip that names it."""
    got = runner.run_one(case('it', None, NEEDS=['no-such-program']), side('cpython'),
                         [side('cpython')])
    assert got == ('skipped', 'no-such-program is not installed')


@pytest.mark.limit(60)
def test_two_at_the_same_time():
    """Each waits for the other to have begun, so one after the other would not do."""
    both = threading.Barrier(2, timeout=20.0)
    runs = [(case(name, lambda stage: both.wait()), side('cpython'), []) for name in ('one', 'two')]
    assert runner.run_all(runs, True, jobs=2) == {('one', 'cpython'): ('passed', ''),
                                                  ('two', 'cpython'): ('passed', '')}


@pytest.mark.limit(60)
def test_a_fixed_port_is_for_one_at_a_time():
    """The third has no such port, and overtakes."""
    running = []
    most = []
    order = []

    def run(stage):
        running.append(stage)
        most.append(len(running))
        other_ran.wait(20.0)
        running.remove(stage)
        order.append('fixed')

    def other(stage):
        order.append('other')
        other_ran.set()

    other_ran = threading.Event()
    runs = [(case('one', run, PORTS=[8080]), side('cpython'), []),
            (case('two', run, PORTS=[8080, 1]), side('cpython'), []),
            (case('three', other), side('cpython'), [])]
    results = runner.run_all(runs, True, jobs=3)
    assert sorted(outcome for outcome, _ in results.values()) == ['passed'] * 3
    assert most == [1, 1] and order == ['other', 'fixed', 'fixed']


@pytest.mark.limit(60)
def test_an_interrupt_ends_started_processes():
    """Started processes end, and the case has failed."""
    over = threading.Event()
    started = []

    def run(stage):
        started.append(stage.launch([sys.executable, '-c', 'import time; time.sleep(60)']))
        over.set()
        held.wait(30.0)

    held = threading.Event()
    assert runner.run_one(case('it', run), side('cpython'), [side('cpython')],
                          over) == ('failed', 'it was interrupted')
    assert started[0].popen.poll() == -9
    held.set()


@pytest.mark.parametrize('word', ['0', '17', '-1', 'two', ''])
def test_jobs_that_are_none(word):
    with pytest.raises(argparse.ArgumentTypeError, match='from 1 to 16'):
        runner._positive(word)


@pytest.mark.limit(60)
def test_case_that_hangs(monkeypatch):
    """Its deadline ends it, and says where it stands and where its processes stand."""
    monkeypatch.setattr(runner, 'CASE_SECONDS', 6.0)
    held = threading.Event()

    def run(stage):
        process = stage.launch([sys.executable, '-c', 'import time\ndef waits_for_ever():\n '
                                                      'print("up", flush=True)\n time.sleep(60)\n'
                                'waits_for_ever()'])
        process.wait_for('up')
        held.wait(30.0)

    got, why = runner.run_one(case('it', run), side('cpython'), [side('cpython')])
    held.set()
    assert got == 'failed' and 'held.wait(30.0)' in why and 'waits_for_ever' in why, why


@pytest.mark.limit(60)
def test_step_that_hangs(tmp_path):
    """A process that does not end in time shows its threads."""
    environ = dict(os.environ, PYTHONFAULTHANDLER='1')
    process = Process([sys.executable, '-c', 'import time\ndef busy():\n '
                                             'time.sleep(60)\nprint("up", flush=True)\nbusy()'],
                      str(tmp_path), environ, 5.0)
    try:
        process.wait_for('up')
        process.seconds = 0.1
        with pytest.raises(Failed) as fault:
            process.wait()
        assert 'does not end' in str(fault.value) and 'in busy' in str(fault.value)
    finally:
        process.end()


def test_child_processes_are_counted_too(tmp_path):
    """A process and those that it started count as one."""
    process = Process(['sh', '-c', 'sleep 30 & echo up; wait'], str(tmp_path), dict(os.environ),
                      5.0, '')
    try:
        process.wait_for('up')
        assert len(process.family()) == 2 and process.resident_bytes() > 0
    finally:
        process.end()
    for pid in process.family()[1:]:
        assert not os.path.exists('/proc/%d' % pid)


def test_the_matrix_shows_differences(capsys):
    """Differences between the artifacts are printed, and a failure is the status."""
    both = case('both', None)
    torn = case('torn', None)
    by_artifact = {'source': [side('cpython', 'source')], 'jar': [side('jar')]}
    good = {('both', 'cpython'): ('passed', ''), ('both', 'jar'): ('passed', ''),
            ('torn', 'cpython'): ('passed', '')}
    assert runner.summary([both, torn], by_artifact, good | {('torn', 'jar'): ('passed', '')},
                          1.0) == 0
    assert 'the same for all 2 artifacts' in capsys.readouterr()[0]
    assert runner.summary([both, torn], by_artifact, good | {('torn', 'jar'): ('failed', 'x')},
                          1.0) == 1
    said = capsys.readouterr()[0]
    assert 'not the same for every artifact: torn: jar: failed; source: passed' in said
    assert '3 passed, 1 failed, 0 skipped' in said


@pytest.mark.parametrize('answers, outcome', [
    ('\ny\n\n', 'passed'), ('\nperhaps\ny\n\n', 'passed'), ('\nn\n\n', 'failed'),
    ('n\n', 'skipped'), ('q\n', None), ('', None), ('\n', 'failed')])
def test_an_interactive_case_asks_the_person(answers, outcome, monkeypatch, capsys):
    """A person is asked before, shown, and asked after."""
    monkeypatch.delenv('WEBBROWSER', raising=False)
    monkeypatch.setattr(sys, 'stdin', io.StringIO(answers))
    one = case('it', lambda stage: None, show=lambda stage: 'http://127.0.0.1:1/ should be blue')
    results = interactive.run([(one, side('cpython'), [])], runner.name_of, runner.run_one)
    assert {key: value[0] for key, value in results.items()} == ({('it', 'cpython'): outcome}
                                                                 if outcome else {})
    said = capsys.readouterr()[0]
    assert '[1/1] it on cpython\nShows it.' in said
    assert ('should be blue' in said) == (outcome in ('passed', 'failed'))


def test_comments_stand_in_the_summary(monkeypatch, capsys):
    """Comments are asked for after each case, and printed at the end."""
    monkeypatch.setattr(sys, 'stdin', io.StringIO('\ny\nA bit Dark\n\nn\nnot blue\n'))
    one = case('one', lambda stage: None, show=lambda stage: 'blue', AS_OF_OLD='basicWebTest')
    two = case('two', lambda stage: None, show=lambda stage: 'blue')
    results = interactive.run([(each, side('cpython'), []) for each in (one, two)],
                              runner.name_of, runner.run_one)
    assert results == {('one', 'cpython'): ('passed', 'A bit Dark'),
                       ('two', 'cpython'): ('failed', 'you said it did not work\nnot blue')}
    summary = capsys.readouterr()[0].split('\nSummary\n')[1]
    assert summary == ('passed  basicWebTest on cpython\n        A bit Dark\n'
                       'failed  two on cpython\n        not blue\n')


def test_a_case_that_fails_its_own_checks_is_not_shown(monkeypatch, capsys):
    """A person need not judge what the checks have refused; comments are asked for."""
    def run(stage):
        raise Failed('it is red')

    monkeypatch.setattr(sys, 'stdin', io.StringIO('\nindeed\n'))
    one = case('it', run, show=lambda stage: 'should be blue')
    results = interactive.run([(one, side('cpython'), [])], runner.name_of, runner.run_one)
    assert results == {('it', 'cpython'): ('failed', 'it is red\nindeed')}
    assert 'should be blue' not in capsys.readouterr()[0]


def test_the_steps_of_2002_come_first_in_their_order():
    """Cases that replace a step have the order of the steps, the others that of their names."""
    cases = [case('a', None), case('b', None, AS_OF_OLD='runMailTest'),
             case('c', None, AS_OF_OLD='basicWebTest'), case('d', None, AS_OF_OLD='runMailTest')]
    assert [runner.name_of(each) for each in steps.in_order(cases)] == ['c', 'b', 'd', 'a']
    assert [runner.name_of(each) for each in steps.of_steps(cases)] == ['c', 'b', 'd']


def test_a_step_without_a_case_is_named():
    """Each step that no case replaces is told, with what it shows."""
    missing = steps.without_case([case('b', None, AS_OF_OLD='runMailTest')])
    assert [name for name, _what in missing] == steps.NAMES[:-1]


def test_each_case_of_a_step_names_a_step_that_exists():
    """A name with a slip would never be run as a step."""
    for each in steps.of_steps(runner.all_cases()):
        assert each.AS_OF_OLD in steps.NAMES


def test_each_case_of_a_step_can_be_shown():
    """A person judges what the original showed."""
    for each in steps.of_steps(runner.all_cases()):
        assert hasattr(each, 'show'), each.__name__


def test_a_step_names_all_its_cases():
    """The name of a step on the command line stands for each of its cases."""
    cases = [case('b', None, AS_OF_OLD='runMailTest'), case('d', None, AS_OF_OLD='runMailTest')]
    options = types.SimpleNamespace(cases=['runMailTest'], steps=False, quick=False)
    assert runner.chosen(options, cases) == cases


def test_scratch_is_outside(tmp_path):
    """A case works away from the checkout, and an artifact's processes get an environment of their
    own."""
    stage = Stage(side('cpython'), [])
    try:
        assert not stage.folder.startswith(runner.ROOT)
        assert stage.write('a/b', b'c') == stage.path('a', 'b') and stage.read('a/b') == b'c'
    finally:
        stage.clear()
    alone = Side('binary', 'cpython', [], None)
    assert sorted(alone.environ('/home')) == ['HOME', 'LANG', 'PATH', 'PYTHONFAULTHANDLER']
