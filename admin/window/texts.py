# Copyright the carryall authors.  See LICENSE.
"""The words of all views, so that a window and a terminal say the same.  Pure."""
from __future__ import absolute_import, division, print_function

from admin.window.model import AGAIN, FAILED, FIXED, OUTCOMES, RUNNING, WAITING

KEYS = (('F5', 'run all again'), ('Esc', 'stop'), ('Up, Down', 'choose a failure'),
        ('Enter or R', 'run the chosen test again'), ('F', 'run all failed again'),
        ('C', 'copy the traceback'), ('Tab', 'go to the next part'), ('T', 'light or dark'),
        ('P', 'plain text, for screen readers'), ('Ctrl+Q', 'end all and close'))
MARKS = {FAILED: 'failed', AGAIN: 'running again', FIXED: 'passes now'}


def number(value):
    """A number with commas: 12,345."""
    digits = '%d' % value
    parts = []
    while len(digits) > 3:
        parts.insert(0, digits[-3:])
        digits = digits[:-3]
    return ','.join([digits] + parts)


def clock(seconds):
    """A duration: 1:05."""
    return '%d:%02d' % divmod(int(seconds), 60)


def title(model):
    """The title of the window: the result so far, for a list of windows."""
    if model.began is None:
        return 'carryall tests'
    passed, failed, skipped = model.counts()
    word = 'running, ' if model.active else ''
    return 'carryall tests: %s%d passed, %d failed, %d skipped' % (word, passed, failed, skipped)


def headline(model):
    """The state of the run in a few words."""
    if model.began is None:
        return 'Ready'
    failed = model.counts()[OUTCOMES.index('failed')]
    if model.active:
        if not any(run.done for run in model.runtimes.values()):
            return 'Collecting tests'
        return 'Running, %s failed' % number(failed) if failed else 'Running'
    if model.status == 130 or model.status is None:
        return 'Stopped'
    if failed:
        return '%s failed' % number(failed)
    if not sum(model.counts()):
        return 'No tests were run'
    return 'All passed'


def remaining(model):
    """How many tests are still to come, ``~`` before a guess."""
    left, exact = model.remaining()
    if exact:
        return number(left)
    return '~' + number(left) if left else '?'


def tiles(model):
    """(label, text, kind) of the four big numbers."""
    found = [(word.capitalize(), number(count), word)
             for word, count in zip(OUTCOMES, model.counts())]
    return found + [('Remaining', remaining(model), 'remaining')]


def shares(model):
    """The shares of the progress bar that are passed, failed and skipped, from 0.0 to 1.0."""
    counts = model.counts()
    whole = sum(counts) + model.remaining()[0]
    if not whole:
        return [0.0, 0.0, 0.0]
    return [count / float(whole) for count in counts]


def progress(run):
    """A runtime's progress: ``1,200 of 3,400``."""
    if run.state == WAITING:
        return 'waiting'
    if run.expected is None:
        return 'collecting'
    if run.state == RUNNING:
        return '%s of %s' % (number(run.done), number(run.expected))
    return '%s tests in %s' % (number(run.done), clock(run.seconds)) if run.seconds else run.state


def short_test(test):
    """A test without the folder of all tests."""
    return test[len('tests/'):] if test.startswith('tests/') else test


def failure(each):
    """A failure in one line."""
    what = short_test(each.test) if each.test else 'the whole run'
    return '%s on %s: %s' % (what, each.runtime, MARKS[each.state])


def gist(each):
    """The message of a failure: pytest's first line that begins with E, or the first line."""
    lines = each.text.splitlines() or ['']
    found = [line[1:].strip() for line in lines if line.startswith('E ')]
    return found[0] if found else lines[0]


def detail(each):
    """The whole text of a failure, below its name."""
    return u'%s\n%s\n\n%s\n' % (each.test or 'the whole run', each.runtime, each.text.rstrip())


def cell(counts):
    """(text, kind) of a cell of the matrix."""
    if counts is None:
        return u'', 'none'
    passed, failed, skipped = counts
    if failed:
        return '%s of %s failed' % (number(failed), number(sum(counts))), 'failed'
    if not passed:
        return '%s skipped' % number(skipped), 'skipped'
    return number(passed), 'passed'


def sentences(before, model):
    """News since the last call, in sentences for a screen reader or a terminal.

    Args:  before: the dict that the last call returned, or {}.
    Returns:  (sentences, the dict for the next call).
    """
    lines = list(model.said[before.get('said', 0):])
    states = before.get('states', {})
    for run in model.runtimes.values():
        if states.get(run.name, WAITING) != run.state:
            lines.append(_changed(run))
    known = before.get('failures', {})
    for each in model.failures:
        if known.get(each.number) != each.state:
            lines.append('%d. %s%s' % (each.number, failure(each), (
                ': ' + gist(each)) if each.state == FAILED else ''))
    over = model.ended is not None
    if over and not before.get('over'):
        passed, failed, skipped = model.counts()
        lines.append('%s. %s passed, %s failed, %s skipped.' % (
            headline(model), number(passed), number(failed), number(skipped)))
    return lines, {'said': len(model.said), 'over': over,
                   'states': dict((run.name, run.state) for run in model.runtimes.values()),
                   'failures': dict((each.number, each.state) for each in model.failures)}


def foot(model, now):
    """The line at the foot of a window: the time, and what was said last or the keys."""
    said = model.said and (model.active or model.status not in (0, 1))
    keys = u'   '.join('%s: %s' % pair for pair in KEYS[:7])
    return u'%s   %s' % (clock(model.seconds(now)), model.said[-1] if said else keys)


def useful(model, busy):
    """(name of a button, True if pressing it would do something)."""
    return [('Run all', not busy), ('Stop', busy), ('Run failed again',
                                                    bool(model.open_failures()))]


def table(model):
    """The matrix as lines of a terminal."""
    names = list(model.runtimes)
    rows = [[''] + names]
    for folder in model.folders:
        rows.append([folder] + [cell(model.matrix.get((folder, name)))[0] or '.'
                                for name in names])
    widths = [max(len(row[column]) for row in rows) for column in range(len(names) + 1)]
    return ['  '.join(text.ljust(width) for text, width in zip(row, widths)).rstrip()
            for row in rows]


def _changed(run):
    if run.state == RUNNING:
        return '%s: started.' % run.name
    passed, failed, skipped = run.counts
    return '%s: %s, %s passed, %s failed, %s skipped.' % (
        run.name, run.state, number(passed), number(failed), number(skipped))
