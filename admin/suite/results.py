# Copyright the carryall authors.  See LICENSE.
"""The report of a run (the JSON lines of ``tests/support/results.py``), counted;
and the file of the last run."""
import collections
import json
import os

from admin.suite import LOGS, Trouble, times

LAST = os.path.join(LOGS, 'last.json')
OUTCOMES = ('passed', 'failed', 'skipped')

Result = collections.namedtuple('Result', 'runtime test outcome seconds cpu backend reason text')


class Report:
    """All that one runtime's run said so far."""

    def __init__(self, runtime):
        self.runtime = runtime          # its name
        self.about = ''                 # interpreter, version, system
        self.interpreter = ''           # 'cpython3', as tests/contract/expected.py calls it
        self.backends = {}              # name -> None, or why it is not there; best first
        self.expected = None            # number of tests, once they are collected
        self.collecting = None          # [seconds, cpu] until then
        self.seconds = 0.0              # of the whole run
        self.results = []
        self.problems = []              # sentences: why the run as a whole is no good
        self.running = None             # the test that was started last and has not ended
        self.ended = False

    def take(self, event):
        """Counts one event."""
        kind = event['event']
        if kind == 'session':
            self.about = event['about']
            self.interpreter = event['runtime'] + event['version'][:1]
            self.backends = {each['name']: None if each['available'] else each['reason']
                             for each in event['backends']}
        elif kind == 'collected':
            self.expected = event['count']
            self.collecting = [event['seconds'], event['cpu']]
        elif kind == 'start':
            self.running = event['test']
        elif kind == 'test':
            self._add(*[event[field] for field in Result._fields[1:]])
        elif kind == 'hang':
            self._add(event['test'], 'failed', 0.0, 0.0, '-', '', event['text'])
        elif kind == 'end':
            self.ended = True

    def _add(self, test, *fields):
        self.running = None
        self.results.append(Result(self.runtime, test, *fields))

    def problem(self, sentence):
        """Notes why the run as a whole is no good; it counts as a failure."""
        self.problems.append(sentence)

    def count(self, outcome):
        """How many tests ended so."""
        return sum(result.outcome == outcome for result in self.results)

    def failed(self):
        """The results that failed."""
        return [result for result in self.results if result.outcome == 'failed']


def totals(reports):
    """(passed, failed, skipped) over all reports; each problem is a failure."""
    passed, failed, skipped = (sum(report.count(outcome) for report in reports)
                               for outcome in OUTCOMES)
    return passed, failed + sum(len(report.problems) for report in reports), skipped


def save(reports, path):
    """Writes everything as JSON."""
    passed, failed, skipped = totals(reports)
    document = {
        'totals': {'passed': passed, 'failed': failed, 'skipped': skipped},
        'runtimes': [{'name': report.runtime, 'about': report.about, 'backends': report.backends,
                      'problems': report.problems, 'seconds': round(report.seconds, 1),
                      'collecting': report.collecting} for report in reports],
        'folders': times.by_folder(reports),
        'tests': [result._asdict() for report in reports for result in report.results]}
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(document, file, indent=1, sort_keys=True)
        file.write('\n')


def load(path=LAST):
    """The reports of an earlier run, from what ``save`` wrote; earlier revisions wrote no times."""
    document = _document(path)
    reports = {}
    for runtime in document['runtimes']:
        report = Report(runtime['name'])
        reports[report.runtime] = report
        for name in ('about', 'backends', 'problems', 'seconds', 'collecting'):
            setattr(report, name, runtime.get(name, getattr(report, name)))
    for test in document['tests']:
        reports[test['runtime']].results.append(Result(**dict({'cpu': 0.0}, **test)))
    return list(reports.values())


def differences(before, after):
    """Lines that name the tests that ran, on a runtime, in one of two runs and not in the other."""
    runs = [{(result.runtime, result.test) for report in reports for result in report.results
             if result.outcome != 'skipped'} for reports in (before, after)]
    return ['%s %-11s %s' % (('only before' if run in runs[0] else 'only after',) + run)
            for run in sorted(runs[0] ^ runs[1])]


def _document(path):
    try:
        with open(path, encoding='utf-8') as file:
            return json.load(file)
    except OSError:
        raise Trouble('there is no earlier run (%s is missing).' % path)


def failed_last_time(path=LAST):
    """Runtime name -> the tests to run again.

    None stands for all of them, since that run did not come to its end.
    """
    document = _document(path)
    again = {}
    for test in document['tests']:
        if test['outcome'] == 'failed':
            again.setdefault(test['runtime'], []).append(test['test'])
    for runtime in document['runtimes']:
        if runtime['problems']:
            again[runtime['name']] = None
    return again
