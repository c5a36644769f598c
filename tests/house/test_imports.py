# Copyright the carryall authors.  See LICENSE.
"""Importing carryall does nothing but import (RT-18), and works from a bare checkout.

One process of this interpreter, started in an empty folder, imports everything;
the tests look at what it reports.
"""
from __future__ import absolute_import, division, print_function

import json
import os
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


@pytest.fixture(scope='module')
def report(tmpdir_factory):
    """The output of import_all.py."""
    environment = dict((name, value) for name, value in os.environ.items()
                       if name not in ('PYTHONPATH', 'JYTHONPATH'))
    process = subprocess.Popen([sys.executable, os.path.join(HERE, 'import_all.py'), ROOT],
                               env=environment,
                               cwd=str(tmpdir_factory.mktemp('elsewhere')), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    said, wrong = process.communicate()
    assert process.returncode == 0, wrong.decode('utf-8', 'replace')
    return json.loads(said.decode('utf-8').strip().split('\n')[-1])


@pytest.mark.limit(40)
def test_from_the_checkout(report):
    """``carryall.core`` is the checkout's ``core/``."""
    assert os.path.dirname(os.path.realpath(report['where'])) == os.path.join(
        os.path.realpath(ROOT), 'core', 'net')
    assert len(report['modules']) > 20, 'hardly anything was imported: %s' % report['modules']


def test_every_module_imports(report):
    """Only a backend may be of no use here, and it says so by ImportError."""
    failed = dict((name, why) for name, why in report['failed'].items() if not name.startswith(
        'carryall.runtimes.'))
    assert failed == {}, 'these do not import: %s' % failed


def test_no_loop_is_made(report):
    """No import makes a loop (design 4, L15)."""
    assert report['loops'] == [], 'loops were made: %s' % report['loops']


def test_no_thread_is_started(report):
    """No import starts a thread."""
    assert report['threads'] == [], 'threads run: %s' % report['threads']


def test_logging_is_left_alone(report):
    """A library does not configure logging."""
    assert report['logging'] == [], 'the root logger was given: %s' % report['logging']


def test_no_second_copies(report):
    """Nothing is imported as ``core.x`` beside ``carryall.core.x``."""
    assert report['second copies'] == [], 'imported twice: %s' % report['second copies']
