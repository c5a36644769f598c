# Copyright the carryall authors.  See LICENSE.
"""The packages of the distribution: each folder of the tree with an ``__init__.py``.

They lie beside ``carryall/``, not in it, so setuptools cannot find them by itself.  All other
metadata is in pyproject.toml.
"""
import os

from setuptools import setup

TREES = ('app', 'apps', 'commands', 'core', 'protocols', 'runtimes', 'services')


def packages():
    """The names of all packages."""
    found = ['carryall']
    for tree in TREES:
        for folder, _, names in os.walk(tree):
            if '__init__.py' in names:
                found.append('carryall.' + folder.replace(os.sep, '.'))
    return sorted(found)


setup(packages=packages())
