# Copyright the carryall authors.  See LICENSE.
"""Progress: a line tells how far a transfer is."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.apps.transfers import Progress


class Screen(object):
    """The lines that are shown, under a clock that stands still."""

    def __init__(self):
        self.now = 1.0
        self.lines = []
        self.progress = Progress(lambda: self.now, self.lines.append)

    def last(self):
        return self.lines[-1].strip()


@pytest.mark.parametrize('octets, shown', [(0, '0 B'), (1023, '1023 B'), (1536, '1.5 KiB'),
                                           (5 << 20, '5.0 MiB'), (3 << 30, '3.0 GiB')])
def test_octets_are_shown_in_the_largest_unit_that_fits(octets, shown):
    screen = Screen()
    screen.progress.show(u'received', octets, None)
    assert screen.last() == shown + ' received'


def test_a_known_length_is_shown_with_the_share():
    screen = Screen()
    screen.progress.expect(0, 2048)
    screen.progress.moved(0, 1024)
    assert screen.last() == '1.0 KiB received of 2.0 KiB, 50 %'


def test_octets_of_a_resumed_part_count():
    screen = Screen()
    screen.progress.expect(1024, 1024)
    screen.progress.moved(0, 0)
    assert screen.last() == '1.0 KiB received of 2.0 KiB, 50 %'


def test_a_body_that_is_sent_is_shown_as_sent():
    screen = Screen()
    screen.progress.moved(10, 0)
    assert screen.last() == '10 B sent'


def test_a_line_that_comes_too_soon_is_left_out():
    screen = Screen()
    screen.progress.moved(0, 1)
    screen.progress.moved(0, 2)
    screen.now += 1.0
    screen.progress.moved(0, 3)
    assert [line.strip() for line in screen.lines] == ['1 B received', '3 B received']


def test_the_end_clears_the_line():
    screen = Screen()
    screen.progress.moved(0, 1)
    screen.progress.end()
    assert screen.lines[-1] == '\r' + ' ' * 60 + '\r'


def test_without_a_reader_nothing_is_written():
    progress = Progress(lambda: 1.0, None)
    progress.moved(0, 1)
    progress.end()


def test_the_end_of_a_transfer_that_showed_nothing_writes_nothing():
    screen = Screen()
    screen.progress.end()
    assert screen.lines == []
