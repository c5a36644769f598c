# Copyright the carryall authors.  See LICENSE.
"""The limits of a server."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.ftp.settings import Limits


def test_those_given_replace_the_others():
    limits = Limits(idle_seconds=5.0)
    assert limits.idle_seconds == 5.0 and limits.login_attempts == 3, 'one of them'
    with pytest.raises(TypeError):
        Limits(idel_seconds=5.0)
