# Copyright the carryall authors.  See LICENSE.
"""Settings of servers and clients."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.ftp import PORT, TLS_PORT, ClientSettings, Settings


def test_a_chosen_value_leaves_the_others_at_their_defaults():
    settings = Settings(idle_seconds=5.0)
    assert settings.idle_seconds == 5.0
    assert settings.replace(idle_seconds=300.0) == Settings()


@pytest.mark.parametrize('settings', [Settings, ClientSettings])
def test_an_unknown_name_is_refused(settings):
    with pytest.raises(TypeError):
        settings(idel_seconds=5.0)


def test_times_of_listings_may_be_behind_utc():
    assert Settings(list_offset=-3600).list_offset == -3600


@pytest.mark.parametrize('wrong', [{'idle_seconds': -1.0}, {'tls_required': 'sometimes'}])
def test_an_impossible_value_is_refused(wrong):
    with pytest.raises(ValueError):
        Settings(**wrong)


def test_every_setting_says_what_it_means():
    for row in Settings.rows + ClientSettings.rows:
        assert len(row) == 3
        assert row[2]


def test_the_ports_are_those_of_the_registry():
    assert (PORT, TLS_PORT) == (21, 990)
