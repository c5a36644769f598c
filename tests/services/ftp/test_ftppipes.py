# Copyright the carryall authors.  See LICENSE.
"""A named pipe in the place of a file of FTP is an error at once."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.protocols.ftp import FileFault
from carryall.services.ftp.jail import Jail
from carryall.services.ftp.otpfile import OTPFile
from tests.support.pipes import make_pipe


@pytest.fixture
def pipe(tmpdir):
    """A named pipe to which no one writes."""
    return make_pipe(str(tmpdir), 'pipe')


def test_a_pipe_is_no_file_of_one_time_passwords(pipe):
    with pytest.raises(UsageError):
        OTPFile(pipe)


@pytest.mark.parametrize(
    'act', [lambda jail: jail.open((b'pipe',)), lambda jail: jail.store((b'pipe',)),
            lambda jail: jail.store((b'pipe',), 'append')], ids=['open', 'store', 'append'])
def test_a_pipe_is_neither_read_nor_written(tmpdir, pipe, act):
    with pytest.raises(FileFault):
        act(Jail(str(tmpdir)))
