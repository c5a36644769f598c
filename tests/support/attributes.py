# Copyright the carryall authors.  See LICENSE.
"""Work that the old pytest of 2.7 and Jython repeats for each test, done once.

Jython searches the whole path for an attribute that a module lacks.  pytest asks each conftest for
each hook, for each test.  That took a third of the time of a run.  And for each hook of each test,
pytest collects again the plug-ins that have the hook for the test's folder.
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
    """Keeps the hooks of each file until another conftest is loaded."""
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
