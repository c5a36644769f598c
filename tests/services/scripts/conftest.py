# Copyright the carryall authors.  See LICENSE.
"""The fixture of the tests of scripts."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import VirtualLoop
from tests.services.scripts.scriptkit import Folder


@pytest.fixture
def folder(tmpdir):
    """A Folder on a virtual loop."""
    made = Folder(tmpdir, VirtualLoop())
    yield made
    made.close()
