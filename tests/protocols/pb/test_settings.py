# Copyright the carryall authors.  See LICENSE.
"""Settings of a broker as a record; the tests of each part show what a limit does."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols import pb
from carryall.protocols.pb.settings import BEFORE_LOGIN, ROWS, SIZE_LIMIT, Settings


def test_the_defaults_are_what_peers_expect():
    settings = Settings()
    assert settings.string_bytes == SIZE_LIMIT
    assert settings.list_items == SIZE_LIMIT
    assert settings.prefix_bytes == 64
    assert settings.references == 1024
    assert settings.caches == 1024
    assert settings.strikes == 3


def test_each_row_has_a_text():
    assert all(text for _, _, text in ROWS)


def test_values_are_chosen_by_name():
    assert Settings(references=5).references == 5
    assert Settings().replace(depth=9).depth == 9


@pytest.mark.parametrize('chosen, error', [({'nothing': 1}, TypeError),
                                           ({'depth': -1}, ValueError)])
def test_a_name_or_value_that_is_wrong_is_refused(chosen, error):
    with pytest.raises(error):
        Settings(**chosen)


def test_before_a_login_the_smaller_limit_holds():
    before = Settings(references=5).before_login()
    assert before.references == 5
    assert before.string_bytes == BEFORE_LOGIN['string_bytes']
    assert before.handshake_seconds == Settings().handshake_seconds


# -- former names ----------------------------------------------------------------------------------


def test_limits_warn_and_are_settings():
    with pytest.warns(DeprecationWarning):
        limits = pb.Limits(references=5)
    assert isinstance(limits, Settings)
    assert limits.before_login().references == 5


def test_a_broker_with_limits_warns_and_has_them():
    with pytest.warns(DeprecationWarning):
        broker = pb.Broker(None, limits=Settings(references=5))
    assert broker.settings.references == 5


def test_error_is_another_name_of_pberror():
    assert pb.Error is pb.PBError
