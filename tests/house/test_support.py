# Copyright the carryall authors.  See LICENSE.
"""The suite's additions to pytest do what they promise, on this interpreter and its pytest.

A scratch suite with one test for each promise is run once;
the tests look at the JSON lines that it wrote.
"""
from __future__ import absolute_import, division, print_function

import json
import logging
import os
import shutil
import subprocess
import sys

import pytest

from tests.support import logwatch

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRATCH = '''
import logging
import threading
import time
import warnings

import pytest

log = logging.getLogger('carryall.scratch')

@pytest.mark.parametrize('data', ['y' * 100])
def test_long_name(data):
    assert len(data) == 100

def test_passes():
    log.info('nobody minds')

def test_fails():
    assert False, 'on purpose'

@pytest.mark.skip(reason='not today')
def test_skips():
    pass

def test_warns():
    warnings.warn('something is old')

def test_logs():
    log.warning('a surprise')

def test_logs_as_expected(expect_log):
    seen = expect_log('sur+prise')
    log.warning('a surprise')
    assert len(seen) == 1

def test_does_not_log_as_expected(expect_log):
    expect_log('surprise')

@pytest.mark.parametrize('backend', ['one'])
def test_with_a_backend(backend):
    pass

def test_on_each_backend(backend):
    pass

@pytest.fixture
def broken():
    yield
    assert False, 'while cleaning up'

def test_with_a_broken_fixture(broken):
    pass

@pytest.mark.limit(0.2)
def test_zz_hangs():
    thread = threading.Thread(target=time.sleep, args=(600,), name='the other thread')
    thread.daemon = True
    thread.start()
    time.sleep(600)
'''


@pytest.fixture(scope='module')
def events(tmpdir_factory):
    """The events of one run of the scratch suite, in order; and the end of what it wrote, as an
    event of its own."""
    folder = tmpdir_factory.mktemp('scratch')
    shutil.copytree(os.path.join(ROOT, 'tests', 'support'), str(folder.join('tests', 'support')),
                    ignore=shutil.ignore_patterns('__pycache__', '*.pyc', '*.class'))
    for name in ('tox.ini', 'tests/__init__.py', 'tests/conftest.py'):
        shutil.copy(os.path.join(ROOT, name), str(folder.join(name)))
    folder.join('tests', 'test_scratch.py').write(SCRATCH)
    folder.join('tests', 'test_broken.py').write('import no_such_module\n')
    folder.join('tests', 'test_new_py3.py').write('async def new(): pass\ndef test_new(): pass\n')
    name = 'JYTHONPATH' if 'java' in sys.platform else 'PYTHONPATH'
    path = os.pathsep.join(filter(None, [ROOT, os.environ.get(name)]))
    process = subprocess.Popen(
        [sys.executable, '-m', 'pytest', '--results=' + str(folder.join('results')),
         '--continue-on-collection-errors', 'tests'],
        cwd=str(folder), env=dict(os.environ, CARRYALL_TEST_SCALE='1', **{name: path}),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = process.communicate()[0].decode('utf-8', 'replace')
    assert folder.join('results').check(), said
    found = [json.loads(line) for line in folder.join('results').read().splitlines()]
    return found + [{'event': 'process', 'status': process.returncode, 'said': said}]


def of(events, kind, test=''):
    """The one event of that kind about that test."""
    found = [each for each in events if each['event'] == kind and each.get('test', '').endswith(
        test)]
    assert len(found) == 1, '%d events %s of %s' % (len(found), kind, test)
    return found[0]


@pytest.mark.limit(60)
@pytest.mark.parametrize('test, outcome, text', [
    ('::test_passes', 'passed', ''),
    ('::test_fails', 'failed', 'on purpose'),
    ('::test_long_name[%s...100]' % ('y' * 40), 'passed', ''),
    ('::test_skips', 'skipped', ''),
    ('::test_warns', 'failed', 'something is old'),
    ('::test_logs', 'failed', 'unexpected log record: WARNING carryall.scratch: a surprise'),
    ('::test_logs_as_expected', 'passed', ''),
    ('::test_does_not_log_as_expected', 'failed', 'no log record matched'),
    ('::test_with_a_broken_fixture', 'failed', 'while cleaning up'),
    ('test_broken.py', 'failed', 'no_such_module')])
def test_each_test_has_one_line(events, test, outcome, text):
    """One line a test, with the worst of its phases and the text of the failure."""
    event = of(events, 'test', test)
    assert event['outcome'] == outcome, '%s: %s' % (test, event)
    assert text in event['text'], event['text']


def test_reason_of_a_skip(events):
    """The reason is the plain one."""
    assert of(events, 'test', '::test_skips')['reason'] == 'not today'


def test_a_test_runs_on_each_backend(events):
    """A test that asks for a backend runs once on each that is here, but for the loops of toolkits;
    the result says which."""
    here = [each['name'] for each in of(events, 'session')['backends']
            if each['available'] and not each['guest']]
    seen = [each['backend'] for each in events if each['event'] == 'test'
            and '::test_on_each_backend' in each['test']]
    assert here and sorted(seen) == sorted(here), 'there are %s, tested were %s' % (here, seen)
    assert of(events, 'test', '::test_with_a_backend[one]')['backend'] == 'one'
    assert of(events, 'test', '::test_passes')['backend'] == '-'


def test_python_3_files(events):
    """A file whose syntax is Python 3 only is run there, and elsewhere counted as skipped,
    with that reason."""
    event = of(events, 'test', 'test_new_py3.py' if sys.version_info[0] == 2
               else 'test_new_py3.py::test_new')
    expected = ('skipped', 'its syntax is Python 3 only') if sys.version_info[0] == 2 \
        else ('passed', '')
    assert (event['outcome'], event['reason']) == expected


def test_a_hanging_test_ends_the_run(events):
    """A test that takes too long ends the run,
    with the stacks of all threads in the results and on standard error."""
    event = of(events, 'hang', '::test_zz_hangs')
    assert 'took longer than' in event['text'] and 'in test_zz_hangs' in event['text'], \
        event['text']
    assert 'the other thread' in event['text'], event['text']
    assert of(events, 'process')['status'] == 70
    assert 'in test_zz_hangs' in of(events, 'process')['said'], 'nothing on standard error'
    assert [each for each in events if each['event'] == 'end'] == []


def test_records_of_the_level_that_a_test_sets_are_kept(caplog):
    log = logging.getLogger('carryall.scratch')
    caplog.set_level(logging.INFO, 'carryall.scratch')
    log.info('one')
    log.debug('two')
    assert caplog.text == 'one'
    caplog.clear()
    assert caplog.records == []


def test_the_level_of_a_logger_is_set_back():
    records = logwatch.Records()
    logger = logging.getLogger('carryall.scratch')
    before = logger.level
    records.set_level(logging.DEBUG, 'carryall.scratch')
    records.restore()
    assert logger.level == before
