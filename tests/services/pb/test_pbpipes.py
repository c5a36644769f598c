# Copyright the carryall authors.  See LICENSE.
"""A named pipe in the place of a file of the PB service is an error at once."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.services.pb.service import read_accounts
from tests.support.pipes import make_pipe


@pytest.fixture
def pipe(tmpdir):
    """A named pipe to which no one writes."""
    return make_pipe(str(tmpdir), 'pipe')


def test_a_pipe_is_no_file_of_accounts(pipe):
    with pytest.raises(UsageError):
        read_accounts(pipe)
