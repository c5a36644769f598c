# Copyright the carryall authors.  See LICENSE.
"""The delays that the measuring client takes off a wait."""
from __future__ import absolute_import, division, print_function

import pytest

from bench import waits


class Asked(waits.Client):
    """A client whose clock, delays and server are those of a test."""

    def __init__(self, delays):
        self.delays = list(delays)
        self.closed = 0
        self._end = b'.'
        self._each = 50

    def _delays(self):
        return self.delays.pop(0)

    def _answer(self, sock):
        pass

    def _connected(self, old):
        return self

    def close(self):
        """The connection's end."""
        self.closed += 1


def taken_off(before, after):
    """Seconds by which the second kind of time is shorter."""
    client = Asked([before, after])
    on_the_clock, own = client.ask(1)
    return on_the_clock[0] - own[0]


def test_a_delay_of_the_server_is_taken_off():
    assert taken_off((1.0, 5.0), (1.5, 5.0)) == pytest.approx(0.5)


def test_a_delay_of_the_client_is_taken_off():
    assert taken_off((1.0, 5.0), (1.0, 5.25)) == pytest.approx(0.25)


def test_of_two_delays_the_longer_one_is_taken_off():
    assert taken_off((1.0, 5.0), (1.5, 5.25)) == pytest.approx(0.5)


def test_without_a_count_nothing_is_taken_off(tmp_path):
    assert waits.schedstat(str(tmp_path / 'missing')) == (0.0, 0.0)


def test_a_count_is_told_in_seconds(tmp_path):
    path = tmp_path / 'schedstat'
    path.write_bytes(b'2000000000 500000000 17\n')
    assert waits.schedstat(str(path)) == (2.0, 0.5)


def test_the_share_of_answers_is_the_time_of_the_slowest_among_them():
    assert waits.share(list(range(1000)), 0.99) == 990
