# Copyright the carryall authors.  See LICENSE.
"""Figures of the process, as the machine tells them."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.runtimes.clock import wall
from carryall.runtimes.host.processfigures import figures

needs_proc = pytest.mark.skipif(not os.path.exists('/proc/self/status'),
                                reason='a system without the /proc of Linux')


def test_processor_seconds_grow():
    before = figures()['cpu_seconds_total']
    end = wall() + 0.3
    while wall() < end:
        sum(range(1000))
    assert figures()['cpu_seconds_total'] > before


@needs_proc
def test_a_linux_machine_tells_all():
    found = figures()
    assert sorted(found) == ['cpu_seconds_total', 'max_fds', 'open_fds', 'resident_memory_bytes',
                             'start_time_seconds', 'virtual_memory_bytes']
    assert wall() - 3600 * 24 < found['start_time_seconds'] < wall() + 1.5, 'started within a day'
    assert 1 << 20 < found['resident_memory_bytes'] < found['virtual_memory_bytes']


@needs_proc
def test_an_open_file_is_one_descriptor_more(tmpdir):
    before = figures()['open_fds']
    with open(str(tmpdir.join('x')), 'wb'):
        assert figures()['open_fds'] == before + 1
    assert os.path.exists(str(tmpdir.join('x')))
