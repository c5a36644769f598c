# Copyright the carryall authors.  See LICENSE.
"""The tests that ``--quick`` leaves out of the files that run; admin/suite/quick.py has the rule.

Files that ``--whole`` names are not narrowed, but for the chunkings of dialogues.
"""
from __future__ import absolute_import, division, print_function

from carryall.core.testing import dialogue

SIZES = (1,)                # whole, one byte at a time, and at random places once
RANDOM_CUTS = 1


def pytest_addoption(parser):
    """--quick and --whole FILE."""
    group = parser.getgroup('carryall')
    group.addoption('--quick', action='store_true',
                    help='one backend, few chunkings, no test with the marker limit')
    group.addoption('--whole', action='append', default=[], metavar='FILE',
                    help='with --quick: run all tests of this file (may be given again)')


def pytest_configure(config):
    """Fewer ways of cutting a dialogue."""
    if config.getoption('--quick'):
        dialogue.SIZES = SIZES
        dialogue.RANDOM_CUTS = RANDOM_CUTS


def backends_of(metafunc, names):
    """The backends of *names*, best first, that the tests of this file run on."""
    return names[:1] if _is_narrowed(metafunc.config, metafunc.definition.nodeid) else names


def pytest_collection_modifyitems(config, items):
    """Leaves out the tests that claim more time than others."""
    left_out = [item for item in items
                if item.get_closest_marker('limit') and _is_narrowed(config, item.nodeid)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def _is_narrowed(config, nodeid):
    whole = config.getoption('--whole')
    return config.getoption('--quick') and nodeid.split('::')[0] not in whole
