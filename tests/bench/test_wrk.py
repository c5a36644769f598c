# Copyright the carryall authors.  See LICENSE.
"""Understanding what wrk prints."""
from __future__ import absolute_import, division, print_function

import pytest

from bench.process import parse_wrk

TEXT = """Running 2s test @ http://127.0.0.1:1/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.66ms  148.96us   3.54ms   91.99%
  {0} requests in {1}, 11.20MB read
{2}Requests/sec:  38619.00
"""


@pytest.mark.parametrize('time, seconds', [('2.00s', 2.0), ('500.00ms', 0.5), ('1.50m', 90.0)])
def test_count_and_time(time, seconds):
    assert parse_wrk(TEXT.format(77238, time, '')) == {'count': 77238, 'seconds': seconds, 'bad': 0}


def test_errors_are_counted():
    errors = ('  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: '
              '5\n')
    assert parse_wrk(TEXT.format(10, '2.00s', errors))['bad'] == 15


def test_anything_else_is_said():
    with pytest.raises(RuntimeError) as caught:
        parse_wrk('unable to connect to 127.0.0.1:1 Connection refused')
    assert 'Connection refused' in str(caught.value)
