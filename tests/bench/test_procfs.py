# Copyright the carryall authors.  See LICENSE.
"""Reading /proc, from texts."""
from __future__ import absolute_import, division, print_function

from bench import procfs

STAT = '4711 (a) b (c) S 1 4711 4711 0 -1 4194304 1 2 3 4 50 60 7 8 20 0 1 0 100 1000 10'


def test_a_command_name_may_hold_blanks_and_brackets():
    found = procfs.fields(STAT)
    assert found[0] == 'S' and found[1] == '1'
    assert [int(word) for word in found[11:15]] == [50, 60, 7, 8], 'utime, stime, cutime, cstime'


def test_figures_of_a_status_file_are_bytes():
    text = 'Name:\tx\nVmRSS:\t   12 kB\nRssAnon:\t       4 kB\n'
    assert procfs.rollup(text, 'VmRSS') == 12288
    assert procfs.rollup(text, 'RssAnon') == 4096
    assert procfs.rollup(text, 'Absent') == 0


def test_busy_is_all_but_idle_and_waiting():
    text = ('cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 100 0 50 1000 1000 0 0 0 0 0\ncpu1 200 0 0 1 1 0 0 100 '
            '0 0\nintr 5\n')
    assert [round(one * procfs.TICKS) for one in procfs.busy_seconds(text)] == [150, 300]
