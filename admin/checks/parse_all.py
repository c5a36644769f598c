# Copyright the carryall authors.  See LICENSE.
"""Every file compiles, without a warning, on 2.7, the oldest and the newest CPython 3,
PyPy and Jython.

One process an interpreter.  A kind of runtime that this machine lacks is said on standard error;
what must be there is the business of ``admin/runtests --require``.
"""
import json
import os
import subprocess
import sys

from admin.checks.tree import PORTABLE, Finding
from admin.suite import interpreters

WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'compile_all.py')
SECONDS = 300.0


def check(tree):
    """Compiles everything everywhere."""
    found = interpreters.default(interpreters.find())
    for kind in set(interpreters.KINDS) - {each.kind for each in found}:
        print('parse_all: there is no %s here' % kind, file=sys.stderr)
    for runtime in sorted(found, key=lambda each: each.name):
        paths = [path for path in tree.files(*PORTABLE) if runtime.version >= (3,)
                 or not path.endswith('_py3.py')]
        for path, line, message in _compile(runtime, tree, paths):
            yield Finding(path, line, '%s: %s' % (runtime.name, message))


def _compile(runtime, tree, paths):
    """The interpreter's complaint about each of *paths*: (path, line, message)."""
    done = subprocess.run(runtime.command + [WORKER], input='\n'.join(paths).encode('ascii'),
                          cwd=tree.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=SECONDS, check=False)
    if done.returncode:
        return [('admin/checks/compile_all.py', 1, done.stderr.decode('utf-8', 'replace'))]
    return json.loads(done.stdout.decode('ascii'))
