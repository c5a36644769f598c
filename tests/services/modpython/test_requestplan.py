# Copyright the carryall authors.  See LICENSE.
"""Plans: what is remembered of a path."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.services.modpython.handlerpace import Paces
from carryall.services.modpython.requestplan import FRESH_SECONDS, MAX_PATH, MAX_PLANS, Plans


class Place(object):
    """A request whose place is known."""

    uri = '/a'
    path_info = ''

    def __init__(self, filename, **configured):
        self.filename = filename
        self.configured = configured


class Clock(object):
    """Seconds that a test sets."""

    now = 5.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def plans(clock):
    return Plans(Paces(4), clock)


def test_a_plan_is_fresh_for_a_moment(plans, clock):
    plan = plans.add('host', '/a', Place('/nonexistent'))
    assert plans.fresh('host', '/a') is plan
    clock.now += FRESH_SECONDS
    assert plans.fresh('host', '/a') is None
    assert plans.known('host', '/a') is plan


def test_hosts_have_plans_of_their_own(plans):
    plans.add('host', '/a', Place('/nonexistent'))
    assert plans.known('other', '/a') is None


@pytest.mark.parametrize('values, is_direct', [
    ({}, True), ({'PythonHandler': []}, True), ({'PythonAccessHandler': []}, False),
    ({'Require': [['all', 'granted']]}, True), ({'Require': [['all', 'denied']]}, False),
    ({'Require': [['valid-user']]}, False), ({'Deny': [['from', 'all']]}, False)])
def test_a_path_is_direct_if_nothing_comes_first(plans, values, is_direct):
    assert plans.add('host', '/a', Place('/nonexistent', **values)).is_direct == is_direct


def test_files_of_the_configuration_are_not_direct(plans):
    assert not plans.add('host', '/a', Place('/nonexistent/.htpasswd')).is_direct


def test_a_folder_without_a_slash_is_not_direct(plans, tmpdir):
    assert not plans.add('host', '/a', Place(str(tmpdir))).is_direct


def test_long_paths_are_not_remembered(plans):
    plans.add('host', '/' * (MAX_PATH + 1), Place('/nonexistent'))
    assert plans.known('host', '/' * (MAX_PATH + 1)) is None


def test_the_number_of_plans_is_bounded(plans):
    for number in range(MAX_PLANS + 1):
        plans.add('host', '/%d' % number, Place('/nonexistent'))
    assert plans.known('host', '/0') is None
    assert plans.known('host', '/%d' % MAX_PLANS) is not None
