# Copyright the carryall authors.  See LICENSE.
"""Fixtures of the tests of the house."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from tests.support.otherruntimes import wait_for_other_runtimes


@pytest.fixture
def house_runtime():
    """Call it to skip a test that is about the tools, not about the interpreter,
    on all runtimes but one."""
    def require():
        if os.environ.get('CARRYALL_TEST_RUNTIME', 'cpython') != 'cpython':
            pytest.skip('it is about the tools of the house: the runtime cpython runs it')
        wait_for_other_runtimes()
    return require
