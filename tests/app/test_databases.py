# Copyright the carryall authors.  See LICENSE.
"""Locations of databases, and the drivers behind them."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.app.databases import (DatabaseLocation, absolute_location, database_driver,
                                    shown_location)
from carryall.core.errors import Unsupported, UsageError
from carryall.core.testing.fakeloop import VirtualLoop


@pytest.mark.parametrize('location', [u'memory:', u'jdbc:h2:mem:', u'sqlite:/a/b.db'])
def test_a_location_stays_as_it_is(location):
    assert absolute_location(location) == location


@pytest.mark.parametrize('location', [u'sqlite:b.db', u'sqlite://b.db'])
def test_a_path_becomes_absolute(location):
    assert absolute_location(location) == u'sqlite:' + os.path.abspath(u'b.db')


@pytest.mark.parametrize('location', [u'', u'b.db', u'sqlite:', u'nosuch://host/name'])
def test_a_location_that_is_none_is_refused(location):
    with pytest.raises(UsageError):
        DatabaseLocation().parse(location)


def test_a_password_is_not_shown():
    assert shown_location(u'x://anna:secret@host/app') == u'x://anna@host/app'


def test_a_refused_location_does_not_show_its_password():
    with pytest.raises(UsageError) as caught:
        absolute_location(u'x://anna:secret@host/app')
    assert u'secret' not in caught.value.message


def test_an_option_holds_the_absolute_location():
    kind = DatabaseLocation()
    assert kind.parse(u'sqlite:b.db') == u'sqlite:' + os.path.abspath(u'b.db')


def test_an_option_that_is_not_absolute_is_refused():
    with pytest.raises(UsageError):
        DatabaseLocation().check(u'sqlite:b.db')


def test_a_loop_without_databases_says_so():
    with pytest.raises(Unsupported):
        database_driver(VirtualLoop(), u'memory:')
