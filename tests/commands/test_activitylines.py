# Copyright the carryall authors.  See LICENSE.
"""The lines of a server on a terminal."""
from __future__ import absolute_import, division, print_function

import io
import time

import pytest

from carryall.commands.activitylines import (ActivityLines, in_colours, shown_octets,
                                             shown_seconds)

NOON = time.struct_time((2002, 7, 7, 12, 0, 5, 6, 188, 0))


class Screen(object):
    """A stream of text, of 3.x and of 2.7."""

    encoding = 'utf-8'

    def __init__(self):
        self.said = u''
        self.fault = None

    def write(self, data):
        if self.fault is not None:
            raise self.fault
        self.said += data.decode('utf-8') if isinstance(data, bytes) else data

    def flush(self):
        pass


@pytest.fixture
def screen():
    return Screen()


def _lines(screen, colours=False):
    return ActivityLines(screen, u'web', colours, lambda: NOON)


def test_a_line_has_time_source_what_result_octets_and_duration(screen):
    _lines(screen).record(u'web', u'192.0.2.1', u'GET /a', u'200', 1480, 0.0021)
    assert screen.said == u'12:00:05 192.0.2.1 GET /a: 200, 1480 octets, 2 ms\n'


def test_another_listener_than_that_of_the_type_is_named(screen):
    _lines(screen).record(u'smtp', u'192.0.2.1', u'login ann', u'failure')
    assert screen.said == u'12:00:05 192.0.2.1 smtp login ann: failure\n'


@pytest.mark.parametrize('well, colour', [(True, u'32'), (None, u'33'), (False, u'31')])
def test_the_colour_tells_good_from_bad(screen, well, colour):
    _lines(screen, True).record(u'web', u'h', u'w', u'r', well=well)
    assert screen.said == u'\x1b[2m12:00:05\x1b[0m h w: \x1b[%smr\x1b[0m\n' % colour


def test_octets_of_a_peer_cannot_move_the_cursor(screen):
    _lines(screen).record(u'web', u'h\x1b[2J', u'GET /\x9b2J\n', u'\x07')
    assert screen.said == u'12:00:05 h\\x1b[2J GET /\\x9b2J\\n: \\x07\n'


def test_a_long_line_of_a_peer_is_cut(screen):
    _lines(screen).record(u'web', u'h', u'x' * 5000, u'200')
    assert len(screen.said) < 400


def test_a_terminal_that_is_gone_does_not_stop_the_server(screen):
    lines = _lines(screen)
    screen.fault = IOError(5, 'gone')
    lines.record(u'web', u'h', u'w', u'r')
    screen.fault = None
    lines.record(u'web', u'h', u'w', u'r')
    assert screen.said == u''


@pytest.mark.parametrize('environ, terminal, colours', [
    ({}, True, True), ({}, False, False), ({'NO_COLOR': '1'}, True, False),
    ({'NO_COLOR': ''}, True, True), ({'NO_COLOR': '1', 'FORCE_COLOR': '1'}, True, False),
    ({'FORCE_COLOR': '1'}, False, True), ({'FORCE_COLOR': '0'}, False, False),
    ({'CLICOLOR_FORCE': '1'}, False, True), ({'CLICOLOR': '0'}, True, False),
    ({'TERM': 'dumb'}, True, False), ({'TERM': 'dumb', 'FORCE_COLOR': '3'}, True, True)])
def test_the_environment_decides_about_colours(environ, terminal, colours):
    assert in_colours(environ, terminal) is colours


@pytest.mark.parametrize('octets, text', [(0, u'0 octets'), (1, u'1 octet'), (9999, u'9999 octets'),
                                          (10000, u'9.8 KiB'), (3 << 20, u'3.0 MiB'),
                                          (5 << 40, u'5.0 TiB')])
def test_octets_are_shown_for_a_person(octets, text):
    assert shown_octets(octets) == text


@pytest.mark.parametrize('seconds, text', [(0.0, u'0 ms'), (0.25, u'250 ms'), (1.26, u'1.3 s'),
                                           (240.0, u'4 min')])
def test_time_spans_are_shown_for_a_person(seconds, text):
    assert shown_seconds(seconds) == text
