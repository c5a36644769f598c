# Copyright the carryall authors.  See LICENSE.
"""No two modules of the product share a base name, except those that every package may have.

Packages are not compared: ``core/tls`` and ``runtimes/tls`` are the two sides of one contract.
"""
import collections

from admin.checks.tree import PRODUCT, Finding

SHARED = ('__init__', '__main__', 'wire', 'server', 'client', 'session', 'settings', 'errors',
          'options', 'service', 'manifest')


def check(tree):
    """Gathers the files by base name; each file of a group of two or more is a finding."""
    named = collections.defaultdict(list)
    for path in tree.files(*PRODUCT):
        named[path.rpartition('/')[2][:-len('.py')]].append(path)
    for name, paths in sorted(named.items()):
        for path in paths if len(paths) > 1 and name not in SHARED else ():
            others = [each for each in paths if each != path]
            yield Finding(path, 1, 'shares its base name with %s' % ', '.join(others))
