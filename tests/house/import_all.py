# Copyright the carryall authors.  See LICENSE.
"""Import every module of carryall and write what came of it as one JSON line;
started by test_imports.py.

Usage:    python import_all.py CHECKOUT, from any other folder
"""
from __future__ import absolute_import, division, print_function

import json
import logging
import os
import sys
import threading

TREES = ('core', 'runtimes', 'protocols', 'app', 'services', 'apps', 'commands')
PY2 = sys.version_info[0] == 2


def modules(root):
    """The names of all modules whose syntax this interpreter reads."""
    for tree in TREES:
        for folder, _, names in os.walk(os.path.join(root, tree)):
            for name in sorted(names):
                if name.endswith('.py') and not (PY2 and name.endswith('_py3.py')):
                    path = os.path.relpath(os.path.join(folder, name), root)[:-len('.py')]
                    yield 'carryall.' + path.replace(os.sep, '.').replace('.__init__', '')


def main(root):
    """Imports all, watched."""
    sys.path.insert(0, root)
    import carryall.core.net.loop
    made = []
    failed = {}
    first = carryall.core.net.loop.LoopSkeleton.__init__

    def noted(self, *args, **kwargs):
        made.append(type(self).__name__)
        first(self, *args, **kwargs)

    carryall.core.net.loop.LoopSkeleton.__init__ = noted
    done = list(modules(root))
    for name in done:
        try:
            __import__(name)
        except ImportError as exc:
            failed[name] = str(exc)
    print(json.dumps({
        'modules': done, 'failed': failed, 'loops': made, 'where': carryall.core.net.loop.__file__,
        'threads': [thread.name for thread in threading.enumerate()
                    if thread is not threading.current_thread()],
        'logging': [str(each) for each in logging.getLogger().handlers],
        'second copies': sorted(name for name in sys.modules if name.split('.')[0] in TREES
                                and sys.modules[name])}))


main(os.path.abspath(sys.argv[1]))
