# Copyright the carryall authors.  See LICENSE.
"""Files that are made at the start belong to the later user."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.files.fileuser import SAME, SameUser, opened
from carryall.core.testing.fakeloop import VirtualLoop


class Other(SameUser):
    """Notes when it is entered and left."""

    def __init__(self):
        self.steps = []

    def __enter__(self):
        self.steps.append('enter')
        return self

    def __exit__(self, *exc_info):
        self.steps.append('exit')


def test_a_loop_has_no_other_user():
    """Unless a server says so."""
    assert VirtualLoop().file_user is SAME
    with SAME:
        pass
    assert opened(VirtualLoop(), lambda: 5) == 5


def test_opened_as_the_user():
    """The file is opened once, as that user."""
    loop = VirtualLoop()
    other = Other()
    loop.file_user = other
    assert opened(loop, lambda: list(other.steps)) == ['enter']
    assert other.steps == ['enter', 'exit']


def test_opened_where_the_user_may_not():
    """Then as the one who starts; what fails there too is raised."""
    loop = VirtualLoop()
    other = Other()
    loop.file_user = other

    def opening():
        if other.steps[-1] == 'enter':
            raise IOError(13, 'Permission denied')
        return 'as root'
    assert opened(loop, opening) == 'as root'

    def failing():
        raise ValueError(len(other.steps))
    with pytest.raises(ValueError):
        opened(loop, failing)
    assert other.steps[-2:] == ['enter', 'exit']
