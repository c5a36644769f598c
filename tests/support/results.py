# Copyright the carryall authors.  See LICENSE.
"""Write one JSON line for each thing that happens in a run, to the file named by ``--results``.

Events, in the order in which they come:
    session     runtime, version, backends (name, available, guest, reason)
    collected   count, seconds, cpu (spent on it)
    start       test (its node id)
    test        test, outcome (passed, failed, skipped), seconds, cpu, backend ('-' if none),
                reason (of a skip), text
    hang        test, text (the stacks of all threads); nothing follows, the process ends
    end         status (pytest's exit status)

``seconds`` is the time of a clock, ``cpu`` the time of the processors.  ``cpu`` is that of this
process and, except on Jython, of its processes that have ended.  A test that waits has little of
it.

A fault outside of a test (a file that does not import) is a ``test`` whose name is the file.
"""
from __future__ import absolute_import, division, print_function

import io
import json
import os
import time

from tests.support import backends, interpreter

MAX_TEXT = 20000            # characters kept of one failure's text
LANGUAGE = 'its syntax is Python 3 only'


def _system_clock():
    """A function for the processor seconds that this process has used so far."""
    if not interpreter.JYTHON:
        return lambda: sum(os.times()[:4])
    from java.lang.management import ManagementFactory      # jython: os.times counts one thread
    system = ManagementFactory.getOperatingSystemMXBean()
    return lambda: system.getProcessCpuTime() / 1e9


_cpu_seconds = _system_clock()


def pytest_addoption(parser):
    """--results FILE."""
    parser.getgroup('carryall').addoption('--results', metavar='FILE',
                                          help='append one JSON line for each result')


def pytest_configure(config):
    """Starts to write when a file is named."""
    if interpreter.PY2:
        config.args[:] = [arg for arg in config.args if not arg.split('::')[0].endswith('_py3.py')]
    if config.getoption('--results'):
        config.pluginmanager.register(Writer(config), 'carryall-results')


class Writer(object):
    """The plugin: holds the phases of the test that runs,
    writes them as one result after its last."""

    def __init__(self, config):
        self._file = io.open(config.getoption('--results'), 'ab')
        self._backend = '-'
        self._reports = []
        self._begun = (time.time(), _cpu_seconds())

    def write(self, event, **fields):
        """Appends one line, at once."""
        fields['event'] = event
        self._file.write(json.dumps(fields, sort_keys=True).encode('ascii') + b'\n')
        self._file.flush()

    def pytest_sessionstart(self):
        """Says which runtime this is."""
        found = [{'name': each.name, 'available': bool(each.available),
                  'guest': bool(each.guest), 'reason': _text(each.reason)}
                 for each in backends.known()]
        self.write('session', runtime=interpreter.NAME, version=interpreter.VERSION,
                   about=interpreter.describe(), backends=found)

    def pytest_collection_finish(self, session):
        """Says how many tests there are, and which files this language cannot read."""
        began, cpu = self._begun
        self.write('collected', count=len(session.items), seconds=round(time.time() - began, 2),
                   cpu=round(_cpu_seconds() - cpu, 2))
        if interpreter.PY2 and not session.config.option.keyword:
            for path in _unreadable(session.config):
                self._result(path, 'skipped', reason=LANGUAGE)

    def pytest_collectreport(self, report):
        """A file that failed, or that skipped itself as a whole."""
        if report.failed:
            self._result(report.nodeid, 'failed', text=_failure(report))
        elif report.skipped:
            self._result(report.nodeid, 'skipped', reason=_reason(report))

    def pytest_runtest_protocol(self, item):
        """Notes which backend the next reports are about."""
        callspec = getattr(item, 'callspec', None)
        self._backend = str(callspec.params.get('backend', '-')) if callspec else '-'
        self._reports = []
        self._begun = (time.time(), _cpu_seconds())

    def pytest_runtest_logstart(self, nodeid):
        """Says which test runs, in case nothing more is heard."""
        self.write('start', test=nodeid)

    def pytest_runtest_logreport(self, report):
        """Collects setup, calls and teardown; the worst of them is the result."""
        self._reports.append(report)
        if report.when != 'teardown':
            return
        seconds = sum(each.duration for each in self._reports)
        bad = [each for each in self._reports if each.failed]
        skipped = [each for each in self._reports if each.skipped]
        if bad:
            self._result(report.nodeid, 'failed', seconds,
                         text=u'\n'.join(_failure(each) for each in bad))
        elif skipped:
            self._result(report.nodeid, 'skipped', seconds, reason=_reason(skipped[0]))
        else:
            self._result(report.nodeid, 'passed', seconds)

    def _result(self, test, outcome, seconds=None, reason=u'', text=u''):
        cpu = 0.0 if seconds is None else _cpu_seconds() - self._begun[1]
        self.write('test', test=test, outcome=outcome, seconds=round(seconds or 0.0, 4),
                   cpu=round(cpu, 4), backend=self._backend, reason=reason, text=text[:MAX_TEXT])

    def pytest_sessionfinish(self, exitstatus):
        """The last line of a run that ended by itself."""
        self.write('end', status=int(exitstatus))


def _text(value):
    """*value* as text that JSON can carry."""
    return value.decode('utf-8', 'replace') if isinstance(value, bytes) else u'%s' % (value,)


def _reason(report):
    """The reason of a skip, in the test's own words."""
    if hasattr(report, 'wasxfail'):
        return u'expected to fail: ' + _text(report.wasxfail)
    longrepr = report.longrepr
    said = _text(longrepr[2] if isinstance(longrepr, tuple) else longrepr)
    return said[len(u'Skipped: '):] if said.startswith(u'Skipped: ') else said


def _failure(report):
    """The traceback and what the test wrote."""
    parts = [_text(report.longreprtext)]
    parts.extend(u'--- %s\n%s' % (_text(title), _text(body)) for title, body in report.sections
                 if body.strip())
    return u'\n'.join(parts)


def _unreadable(config):
    """The test files below the arguments whose syntax is Python 3 only, as node ids."""
    root = str(config.rootdir)
    for arg in config.args:
        for folder, _, names in os.walk(os.path.join(root, str(arg).split('::')[0])):
            for name in sorted(names):
                if name.startswith('test_') and name.endswith('_py3.py'):
                    yield os.path.relpath(os.path.join(folder, name), root).replace(os.sep, '/')
