# Copyright the carryall authors.  See LICENSE.
"""Policies of servers that are talked to by TLS alone."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.protocols.irc import STSPolicies, parse_sts
from carryall.protocols.irc.stspolicies import MAX_POLICIES


@pytest.mark.parametrize('value, expected', [
    (b'port=6697', (6697, None)), (b'duration=10,port=1', (1, 10)), (b'port=0', (None, None)),
    (b'port=65536', (None, None)), (b'duration=-1', (None, None)), (b'', (None, None))])
def test_a_value_is_parsed(value, expected):
    assert parse_sts(value) == expected


def test_a_policy_holds_for_its_time():
    policies = STSPolicies()
    policies.note('IRC.example', 6697, 10, 100.0)
    assert [policies.port_of('irc.EXAMPLE', now) for now in (109.0, 110.0)] == [6697, None]


def test_no_seconds_end_a_policy():
    policies = STSPolicies()
    policies.note('irc.example', 6697, 10, 100.0)
    policies.note('irc.example', 6697, 0, 101.0)
    assert policies.port_of('irc.example', 102.0) is None


def test_policies_are_kept_in_a_file(tmpdir):
    path = os.path.join(str(tmpdir), 'policies')
    STSPolicies(path).note('irc.example', 6697, 10, 100.0)
    assert STSPolicies(path).port_of('irc.example', 105.0) == 6697


def test_lines_that_are_no_policy_are_left_out(tmpdir):
    path = os.path.join(str(tmpdir), 'policies')
    with open(path, 'w') as target:
        target.write('one\na b c\nirc.example 6697 110\n')
    assert STSPolicies(path).port_of('irc.example', 105.0) == 6697


def test_a_file_that_cannot_be_written_is_told(tmpdir, expect_log):
    expect_log('cannot be kept')
    policies = STSPolicies(os.path.join(str(tmpdir), 'no', 'policies'))
    policies.note('irc.example', 6697, 10, 100.0)
    assert policies.port_of('irc.example', 105.0) == 6697


def test_the_policies_are_bounded():
    policies = STSPolicies()
    for number in range(MAX_POLICIES + 1):
        policies.note('host%d.example' % number, 6697, 10 + number, 0.0)
    assert [policies.port_of('host%d.example' % number, 1.0) for number in (0, 1)] == [None, 6697]
