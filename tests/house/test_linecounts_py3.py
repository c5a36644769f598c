# Copyright the carryall authors.  See LICENSE.
"""``admin/runtests --coverage``: what coverage.py has written becomes one table."""
import collections
import os
import sys

import pytest

from admin.suite import ROOT, Trouble, linecounts, pins
from admin.suite.interpreters import Runtime


def test_data_of_the_last_version_for_2_7_is_read_by_path_in_the_tree(tmp_path):
    path = tmp_path / 'jython.data'
    linked = os.path.join(ROOT, 'carryall', 'core', 'errors.py')
    plain = os.path.join(ROOT, 'core', 'errors.py')
    path.write_text('%s{"lines":{"%s":[1,2],"%s":[2,3]}}' % (linecounts.OLD_FORMAT, linked, plain))
    assert linecounts.executed(str(path), None) == {os.path.join('core', 'errors.py'): {1, 2, 3}}


def test_each_part_of_protocols_has_a_row_and_core_has_one():
    assert linecounts._row_of(os.path.join('protocols', 'http', 'client', 'x.py')) == \
        'protocols/http'
    assert linecounts._row_of(os.path.join('core', 'net', 'x.py')) == 'core'
    assert linecounts._row_of(os.path.join('services', 'x.py')) == 'services'


def test_the_table_ends_with_the_sum_and_with_what_ran_anywhere():
    rows = collections.OrderedDict([('core', [10, 5, 8, 9]), ('app', [30, 0, 15, 15])])
    text = list(linecounts.lines(linecounts.Table(rows, ['cpython', 'pypy'])))
    assert text[1].split() == ['statements', 'cpython', 'pypy', 'any']
    assert text[2].split() == ['core', '10', '50.0', '80.0', '90.0']
    assert text[-1].split() == ['all', '40', '12.5', '57.5', '60.0']


def test_code_for_type_checkers_is_no_statement(tmp_path):
    lines = []

    class Measure:
        def __init__(self, **_):
            pass

        def exclude(self, pattern):
            lines.append(pattern)

        def analysis2(self, path):
            return path, [1, 2], [], [2], ''

    module = type(sys)('coverage')
    module.Coverage = Measure
    assert linecounts.statements('x.py', module) == {1, 2}
    assert lines == [linecounts.EXCLUDED]


def test_a_jython_that_starts_otherwise_cannot_be_measured():
    runtime = Runtime('jython-bare', 'jython', (2, 7), ['java'])
    runtime.start_pytest = ['-c', 'pass']
    with pytest.raises(Trouble):
        linecounts.words(runtime)


@pytest.mark.parametrize('version, pin', [
    ((2, 7), 'coverage==4.5.4'), ((3, 8), 'coverage==7.6.1'), ((3, 14), 'coverage==7.17.5')])
def test_each_version_of_python_has_a_coverage_that_it_takes(version, pin):
    assert pins.coverage_for(version) == pin
