# Copyright the carryall authors.  See LICENSE.
"""What the old pytest of 2.7 and Jython does again for each test, done once.

Jython looks through the whole path for an attribute that a module does not have; pytest asks that
of each conftest: whether it has a hook, for each hook of each test.  That was a third of the time
of a run.  And for each hook of each test, it collects anew which plug-ins have that hook for the
test's folder.
"""
from __future__ import absolute_import, division, print_function

import sys

from tests.support import interpreter

OLD = sys.version_info[0] == 2


def pytest_configure(config):
    """On Jython, answer from the namespaces of the conftest modules."""
    if not interpreter.JYTHON:
        return
    manager = config.pluginmanager
    thorough = manager.subset_hook_caller

    def subset_hook_caller(name, remove_plugins):
        return thorough(name, [each for each in remove_plugins if name in vars(each)])

    manager.subset_hook_caller = subset_hook_caller         # jython: see above


def pytest_sessionstart(session):
    """Keep the hooks of each file until another conftest is loaded."""
    if not OLD:
        return
    conftests = session.config.pluginmanager._conftest_plugins
    find = session.gethookproxy
    kept = {}

    def gethookproxy(fspath):
        key = str(fspath), len(conftests)
        if key not in kept:
            kept[key] = find(fspath)
        return kept[key]

    session.gethookproxy = gethookproxy
