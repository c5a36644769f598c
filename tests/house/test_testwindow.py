# Copyright the carryall authors.  See LICENSE.
"""The window of admin/runtests without a display: its model, words, session and terminal view
(TST-02)."""
from __future__ import absolute_import, division, print_function

import os
import time

import pytest

from admin.window import children, looks, texts, textview
from admin.window.model import AGAIN, FAILED, FIXED, RUNNING, STOPPED, Model
from admin.window.session import Session

BAD = 'tests/core/test_a.py::test_bad'
TEXT = 'def test_bad():\n>   assert 1 == 2\nE   assert 1 == 2\n'


def outcome(result, test='tests/core/test_a.py::test_it', runtime='cpython', text=''):
    """The event of one result."""
    return {'event': 'test', 'runtime': runtime, 'test': test, 'outcome': result, 'seconds': 0.1,
            'backend': '-', 'reason': '', 'text': text}


RUN = [
    {'event': 'plan', 'runtimes': ['cpython', 'pypy']},
    {'event': 'started', 'runtime': 'cpython', 'pid': 11},
    {'event': 'collected', 'runtime': 'cpython', 'count': 4},
    {'event': 'running', 'runtime': 'cpython', 'test': 'tests/core/test_a.py::test_it'},
    outcome('passed'),
    outcome('failed', BAD, text=TEXT),
    outcome('skipped', 'tests/app/test_b.py::test_it'),
]
END = [
    {'event': 'finished', 'runtime': 'cpython', 'seconds': 61.0},
    {'event': 'started', 'runtime': 'pypy', 'pid': 12},
    {'event': 'finished', 'runtime': 'pypy', 'seconds': 2.0},
    {'event': 'over', 'status': 1, 'text': ''},
]


@pytest.fixture
def model():
    """A model in the middle of a run."""
    found = Model()
    found.begin(100.0)
    for event in RUN:
        found.take(event, 101.0)
    return found


def finished(model):
    """The same model at the end of its run."""
    for event in END:
        model.take(event, 170.0)
    return model


def test_counts_are_the_sum_over_all_runtimes(model):
    assert model.counts() == [1, 1, 1]


def test_a_runtime_that_has_started_is_running(model):
    assert [run.state for run in model.runtimes.values()] == [RUNNING, 'waiting']


def test_remaining_guesses_for_a_runtime_that_has_not_collected(model):
    assert model.remaining() == (1 + 4, False)
    assert texts.remaining(model) == '~5'


def test_remaining_is_nothing_at_the_end(model):
    assert finished(model).remaining() == (0, True)


def test_the_matrix_has_a_cell_for_each_folder_and_runtime(model):
    assert model.folders == ['app', 'core']
    assert model.matrix == {('core', 'cpython'): [1, 1, 0], ('app', 'cpython'): [0, 0, 1]}


def test_a_failure_keeps_its_traceback(model):
    failure, = model.failures
    assert (failure.test, failure.runtime, failure.text) == (BAD, 'cpython', TEXT)


def test_changes_are_told_once(model):
    assert 'matrix' in model.changes()
    assert model.changes() == set()
    model.take({'event': 'said', 'text': 'hello'}, 101.0)
    assert model.changes() == {'said'}


def test_an_unknown_event_changes_nothing(model):
    model.changes()
    model.take({'event': 'of a later version'}, 101.0)
    model.take({}, 101.0)
    assert model.changes() == set()


def test_a_problem_of_a_whole_run_counts_as_a_failure(model):
    model.take({'event': 'problem', 'runtime': 'pypy', 'text': 'it ended with status 9'}, 101.0)
    assert model.counts() == [1, 2, 1]
    assert texts.failure(model.failures[-1]) == 'the whole run on pypy: failed'


def test_a_new_run_forgets_the_last(model):
    model.begin(200.0)
    assert model.counts() == [0, 0, 0]
    assert not model.failures
    assert model.active


def test_a_stop_ends_what_runs_and_what_waits(model):
    model.stop(130.0)
    assert [run.state for run in model.runtimes.values()] == [STOPPED, STOPPED]
    assert model.seconds(999.0) == 30.0
    assert texts.headline(model) == 'Stopped'


def test_a_failure_that_passes_again_is_fixed(model):
    finished(model)
    model.run_again(model.failures)
    assert model.failures[0].state == AGAIN
    model.take_again(outcome('passed', BAD), model.failures)
    assert model.failures[0].state == FIXED
    assert model.counts() == [2, 0, 1]
    assert model.matrix['core', 'cpython'] == [2, 0, 0]
    assert texts.headline(model) == 'All passed'


def test_a_failure_that_fails_again_has_its_new_traceback(model):
    model.run_again(model.failures)
    model.take_again(outcome('failed', BAD, text='E   other'), model.failures)
    assert model.failures[0].state == FAILED
    assert model.failures[0].text == 'E   other'
    assert model.counts() == [1, 1, 1]


def test_a_fixed_failure_that_fails_again_counts_again(model):
    for result in ('passed', 'failed'):
        model.run_again(model.failures)
        model.take_again(outcome(result, BAD, text='E'), model.failures)
    assert model.failures[0].state == FAILED
    assert model.counts() == [1, 1, 1]


def test_a_second_run_without_a_result_is_a_failure(model):
    model.run_again(model.failures)
    model.take_again({'event': 'over', 'status': 2, 'text': 'there is no pypy'}, model.failures)
    assert model.failures[0].state == FAILED
    assert model.failures[0].text == 'there is no pypy'


# -- words -----------------------------------------------------------------------------------------

@pytest.mark.parametrize('value, text', [(0, '0'), (999, '999'), (1000, '1,000'),
                                         (1234567, '1,234,567')])
def test_numbers_have_commas(value, text):
    assert texts.number(value) == text


def test_the_title_tells_the_result(model):
    assert texts.title(model) == 'carryall tests: running, 1 passed, 1 failed, 1 skipped'
    assert texts.title(finished(model)) == 'carryall tests: 1 passed, 1 failed, 1 skipped'


def test_the_headline_follows_the_run(model):
    assert texts.headline(Model()) == 'Ready'
    assert texts.headline(model) == 'Running, 1 failed'
    assert texts.headline(finished(model)) == '1 failed'


def test_the_shares_of_the_bar_never_exceed_the_whole(model):
    assert texts.shares(model) == [1 / 8.0] * 3
    assert sum(texts.shares(finished(model))) == pytest.approx(1.0)


@pytest.mark.parametrize('counts, expected', [
    (None, ('', 'none')), ([3, 0, 0], ('3', 'passed')), ([3, 0, 2], ('3', 'passed')),
    ([0, 0, 2], ('2 skipped', 'skipped')), ([3, 1, 0], ('1 of 4 failed', 'failed'))])
def test_a_cell_says_its_result_in_words(counts, expected):
    assert texts.cell(counts) == expected


def test_the_gist_of_a_failure_is_the_line_of_its_error(model):
    assert texts.gist(model.failures[0]) == 'assert 1 == 2'


def test_each_thing_is_told_in_one_sentence_once(model):
    lines, heard = texts.sentences({}, model)
    assert lines == ['cpython: started.',
                     '1. core/test_a.py::test_bad on cpython: failed: assert 1 == 2']
    lines, heard = texts.sentences(heard, finished(model))
    assert lines == ['cpython: finished, 1 passed, 1 failed, 1 skipped.',
                     'pypy: finished, 0 passed, 0 failed, 0 skipped.',
                     '1 failed. 1 passed, 1 failed, 1 skipped.']
    assert texts.sentences(heard, model)[0] == []


def test_the_table_for_a_terminal_has_the_matrix(model):
    assert texts.table(model) == ['      cpython        pypy', 'app   1 skipped      .',
                                  'core  1 of 2 failed  .']


def luminance(colour):
    """The relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[index:index + 2], 16) / 255.0 for index in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
              for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize('name', sorted(looks.PALETTES))
@pytest.mark.parametrize('front, back', [
    ('text', 'page'), ('text', 'card'), ('quiet', 'page'), ('quiet', 'card'),
    ('on_accent', 'accent'), ('passed', 'card'), ('failed', 'card'), ('skipped', 'card'),
    ('passed', 'passed_tint'), ('failed', 'failed_tint'), ('skipped', 'skipped_tint'),
    ('text', 'selected')])
def test_every_text_can_be_read(name, front, back):
    """WCAG 2.2, 1.4.3: a contrast of 4.5 to 1."""
    palette = looks.PALETTES[name]
    dark, light = sorted([luminance(palette[front]), luminance(palette[back])])
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_first_font_that_is_there_is_taken():
    assert looks.chosen(('Inter', 'Cantarell', 'Fixed'), ['cantarell', 'Other']) == 'cantarell'
    assert looks.chosen(('Inter', 'Fixed'), ['Other']) == 'Fixed'


# -- the session -----------------------------------------------------------------------------------

class FakeChild(object):
    """A child that a test feeds."""

    made = []
    pid = 1

    def __init__(self, argv, variables):
        self.argv = argv
        self.variables = variables
        self.waiting = []
        self.over = False
        self.status = None
        self.stopped = False
        self.killed = False
        self.made.append(self)

    def events(self, most):
        """Returns the events that wait."""
        found = self.waiting[:most]
        del self.waiting[:most]
        return found

    def stop(self, now):
        """As Child.stop."""
        self.stopped = True

    def press(self, now):
        """As Child.press."""

    def kill(self):
        """As Child.kill."""
        self.killed = True

    def ends(self, *events):
        """Its last events."""
        self.waiting.extend(events)
        self.over = True
        self.status = 1


@pytest.fixture
def session():
    """A session that has begun, with a fake child."""
    FakeChild.made = []
    found = Session(['tests/core'], FakeChild, lambda: 100.0)
    found.run_all()
    return found


def test_a_session_runs_what_the_command_line_chose(session):
    assert FakeChild.made[0].argv[1:] == [os.path.join(children.ROOT, 'admin', 'runtests'),
                                          '--events', 'tests/core']


def test_events_reach_the_model(session):
    FakeChild.made[0].waiting.extend(RUN)
    session.poll()
    assert session.model.counts() == [1, 1, 1]
    assert session.busy


def test_one_failed_test_is_run_again_on_its_runtime(session):
    FakeChild.made[0].ends(*(RUN + END))
    session.poll()
    assert not session.busy
    session.run_again(session.model.failures)
    again = FakeChild.made[1]
    assert again.argv[-3:] == ['--runtime', 'cpython', BAD]
    assert again.variables['CARRYALL_TEST_LOGS'].endswith('again')
    again.ends(outcome('passed', BAD), {'event': 'over', 'status': 0})
    session.poll()
    assert session.model.failures[0].state == FIXED
    assert session.exit_status() == 0


def test_failures_of_two_runtimes_are_run_again_one_after_the_other(session):
    FakeChild.made[0].ends(*(RUN + [outcome('failed', BAD, 'pypy', 'E')] + END))
    session.poll()
    session.run_failed_again()
    assert len(FakeChild.made) == 2
    FakeChild.made[1].ends(outcome('passed', BAD))
    session.poll()
    assert [child.argv[-2] for child in FakeChild.made[1:]] == ['cpython', 'pypy']


def test_a_test_that_runs_again_is_not_started_twice(session):
    FakeChild.made[0].waiting.extend(RUN)
    session.poll()
    session.run_again(session.model.failures)
    session.run_again(session.model.failures)
    assert len(FakeChild.made) == 2


def test_a_second_order_to_run_all_is_dropped_while_it_runs(session):
    session.run_all()
    assert len(FakeChild.made) == 1


def test_stop_stops_both_children(session):
    FakeChild.made[0].waiting.extend(RUN)
    session.poll()
    session.run_failed_again()
    session.stop()
    assert [child.stopped for child in FakeChild.made] == [True, True]
    assert not session.model.active


def test_a_child_that_breaks_off_ends_the_run(session):
    FakeChild.made[0].ends()
    session.poll()
    assert not session.model.active
    assert 'ended with status 1' in session.model.said[-1]


def test_a_session_is_closed_when_its_children_have_ended(session):
    session.ask_to_close()
    session.poll()
    assert FakeChild.made[0].stopped
    assert not session.closed
    FakeChild.made[0].ends()
    session.poll()
    assert session.closed


def test_a_child_that_never_ends_does_not_keep_a_window_open():
    now = [100.0]
    FakeChild.made = []
    session = Session([], FakeChild, lambda: now[0])
    session.run_all()
    session.close()
    now[0] += 60.0
    assert session.closed
    session.kill()
    assert FakeChild.made[0].killed


def test_no_python_is_a_sentence():
    def start(argv, variables):
        raise OSError(2, 'no such file')

    session = Session([], start)
    session.run_all()
    assert not session.busy
    assert 'needs Python 3.8 or newer' in session.model.said[-1]
    assert session.exit_status() == 2


# -- child processes -------------------------------------------------------------------------------

def until(test):
    """Waits for what must come soon."""
    end = time.time() + 30.0
    while not test():
        assert time.time() < end
        time.sleep(0.01)


def child_of(script):
    """A real child that runs a shell script."""
    return children.Child(['sh', '-c', script])


@pytest.mark.limit(60)
def test_a_child_gives_its_events_and_ends():
    child = child_of('echo \'{"event": "said", "text": "hello"}\'; echo no event; exit 3')
    found = []
    until(lambda: found.extend(child.events(10)) or child.over)
    assert found == [{'event': 'said', 'text': 'hello'}, {'event': 'said', 'text': 'no event'}]
    assert child.status == 3


@pytest.mark.limit(60)
def test_a_child_that_says_nothing_keeps_no_one_waiting():
    child = child_of('exec cat')
    began = time.time()
    assert child.events(10) == []
    assert time.time() - began < 2.0
    child.stop(0.0)
    until(lambda: child.events(10) == [] and child.over)


@pytest.mark.limit(60)
def test_a_child_that_ignores_a_stop_is_killed():
    child = child_of('trap "" TERM; echo up; while :; do sleep 1; done')
    until(lambda: child.events(10))
    child.stop(0.0)
    child.press(children.GRACE_SECONDS - 1.0)
    assert child.status is None
    child.press(children.GRACE_SECONDS + 1.0)
    until(lambda: child.status is not None)


@pytest.mark.limit(60)
def test_the_groups_below_a_child_are_killed_with_it():
    started = '{"event": "started", "runtime": "x", "pid": %s}'
    child = child_of('setsid sh -c \'echo "%s"; exec sleep 60\' & wait' % started.replace(
        '"', '\\"').replace('%s', '$$'))
    until(lambda: child.events(10))
    leader = child.groups['x']
    assert leader != child.pid
    child.kill()
    until(lambda: not alive(leader))
    until(lambda: child.status is not None)


def alive(pid):
    """True if that process runs."""
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    with open('/proc/%d/stat' % pid) as file:
        return file.read().rpartition(')')[2].split()[0] != 'Z'


# -- the terminal ----------------------------------------------------------------------------------

class Out(object):
    """Keeps what is written."""

    def __init__(self):
        self.text = ''

    def write(self, text):
        """As a file's."""
        self.text += text

    def flush(self):
        """As a file's."""


@pytest.fixture
def terminal(session):
    """The terminal view of a session in the middle of its run."""
    FakeChild.made[0].waiting.extend(RUN)
    view = textview.View(session, commands=object(), out=Out())
    view.turn()
    return view


def test_a_terminal_is_told_of_a_failure(terminal):
    assert '1. core/test_a.py::test_bad on cpython: failed: assert 1 == 2\n' in terminal._out.text


@pytest.mark.parametrize('line, expected', [
    ('t 1\n', 'E   assert 1 == 2'), ('t 2\n', 'Which failure?  There are 1'),
    ('t\n', 'Which failure?'), ('m\n', 'core  1 of 2 failed  .'),
    ('n\n', 'Running, 1 failed. 1 passed, 1 failed, 1 skipped, ~5 remaining.'),
    ('h\n', 'q          end all and leave'), ('x\n', 'There is no command x')])
def test_a_command_is_answered(terminal, line, expected):
    terminal.obey(line)
    assert expected in terminal._out.text


def test_r_runs_one_test_again(terminal):
    terminal.obey('r 1\n')
    assert FakeChild.made[1].argv[-1] == BAD


@pytest.mark.parametrize('line', ['q\n', None])
def test_q_or_the_end_of_the_input_ends_all(terminal, line):
    terminal.obey(line)
    assert FakeChild.made[0].stopped


def test_without_commands_the_view_ends_with_the_run(session):
    FakeChild.made[0].ends(*(RUN + END))
    view = textview.View(session, out=Out())
    view.run()
    assert view._out.text.endswith('1 failed. 1 passed, 1 failed, 1 skipped.\n')
