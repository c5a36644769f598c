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
    # Links lead from carryall/ to the trees; what else is there belongs to the package itself.
    found = ['carryall']
    for name in sorted(os.listdir('carryall')):
        folder = os.path.join('carryall', name)
        if not os.path.islink(folder) and os.path.exists(os.path.join(folder, '__init__.py')):
            found.append('carryall.' + name)
    for tree in TREES:
        for folder, _, names in os.walk(tree):
            if '__init__.py' in names:
                found.append('carryall.' + folder.replace(os.sep, '.'))
    return sorted(found)


setup(packages=packages())
