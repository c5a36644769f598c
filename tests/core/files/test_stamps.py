# Copyright the carryall authors.  See LICENSE.
"""How a file that was read is known to be the same still."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.files.stamps import SETTLING_SECONDS, stamp_of


class State(object):
    """The result of os.stat."""

    st_size = 100
    st_ino = 7

    def __init__(self, mtime, ctime):
        self.st_mtime = mtime
        self.st_ctime = ctime


@pytest.mark.parametrize('mtime, ctime',
                         [(1000.0, 500.0), (500.0, 1000.0), (1000.0 + SETTLING_SECONDS, 500.0),
                          (1000.0 - SETTLING_SECONDS, 500.0)])
def test_a_file_of_this_moment_has_no_stamp(mtime, ctime):
    assert stamp_of(State(mtime, ctime), 1000.0) is None


@pytest.mark.parametrize('mtime, ctime', [(500.0, 500.0), (5000.0, 500.0), (500.0, 5000.0),
                                          (5000.0, 5000.0)])
def test_a_file_dated_elsewhere_has_one(mtime, ctime):
    assert stamp_of(State(mtime, ctime), 1000.0) == stamp_of(State(mtime, ctime), 1001.0)


def test_a_change_changes_the_stamp(tmpdir):
    path = str(tmpdir.join('file'))
    now = 4e9
    tmpdir.join('file').write_binary(b'one')
    former = stamp_of(os.stat(path), now)
    tmpdir.join('file').write_binary(b'three')
    assert former is not None
    assert stamp_of(os.stat(path), now) != former
