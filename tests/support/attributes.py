# Copyright the carryall authors.  See LICENSE.
"""Jython looks through the whole path for an attribute that a module does not have; pytest asks that of each conftest.

It asks for each hook of each test, whether a conftest elsewhere has that hook: a third of the time of a run.
"""
from __future__ import absolute_import, division, print_function

from tests.support import interpreter


def pytest_configure(config):
    """On Jython, answer from the namespaces of the conftest modules."""
    if not interpreter.JYTHON:
        return
    manager = config.pluginmanager
    thorough = manager.subset_hook_caller

    def subset_hook_caller(name, remove_plugins):
        return thorough(name, [each for each in remove_plugins if name in vars(each)])

    manager.subset_hook_caller = subset_hook_caller         # jython: see above
