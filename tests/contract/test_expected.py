# Copyright the carryall authors.  See LICENSE.
"""The backends that this interpreter must have are there, and a loop of each can be made."""
from __future__ import absolute_import, division, print_function

import sys

import pytest

from carryall import runtimes
from tests.contract.expected import expected


@pytest.mark.skipif(sys.platform not in ('linux', 'linux2') and not sys.platform.startswith('java'),
                    reason='what must be there is written down for Linux')
@pytest.mark.parametrize('name', expected())
def test_backend_must_not_be_missing(name):
    found = dict((each.name, each) for each in runtimes.backends())
    assert found[name].available, 'the backend %s is missing: %s' % (name, found[name].reason)
    loop = runtimes.choose(name)
    assert loop.backend == name
    loop.close()
