# Copyright the carryall authors.  See LICENSE.
"""A tap of this runtime, in the hands of another one: it loads, shows the same,
and is saved as the same bytes.

Each runtime asks one other: CPython asks PyPy, PyPy asks Jython, Jython asks CPython.  The runs of
all three close the ring.  The golden bytes in tests/app/test_application.py are the same on each of
them anyway.
"""
from __future__ import absolute_import, division, print_function

import os
import subprocess

import pytest

from carryall.app.application import Application, dump, save
from carryall.app.servicetypes import Registry
from carryall.runtimes.host import systemfiles as files
from tests.commands import sample
from tests.commands.processes import LIMIT, ROOT, environment
from tests.support import interpreter
from tests.support.otherruntimes import wait_for_other_runtimes

NEXT = {'cpython': 'pypy3', 'pypy': 'jython', 'jython': 'python3'}

SCRIPT = '''\
import sys
from carryall.app.application import Application, dump, load, save
from carryall.commands.catalogue import known_types
from carryall.runtimes.host import systemfiles as files
registry = known_types()
application = load(sys.argv[1], registry)
save(application, sys.argv[2], files)
fresh = Application(u'demo', 1000, 100)
fresh.add('sample', [b'--path=/gr\\xc3\\xbcn', '-p', '[::1]:80'], registry)
fresh.add('sample', ['--refuse'], registry)
save(fresh, sys.argv[3], files)
with open(sys.argv[4], 'wb') as target:
    target.write(dump(application, registry).encode('utf-8'))
'''


def on_path(name):
    """The path of a program, None if there is none."""
    for folder in os.environ.get('PATH', '').split(os.pathsep):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


@pytest.mark.limit(2 * LIMIT)
def test_another_runtime_agrees(tmpdir):
    """Loaded and saved, made from the same words, and shown: the same each time."""
    wait_for_other_runtimes()
    name = NEXT[interpreter.NAME]
    program = on_path(name)
    if program is None:
        pytest.skip('there is no %s here' % name)
    registry = Registry([], path=[], environ={})
    registry.add(sample.SampleType())
    application = Application(u'demo', 1000, 100)
    application.add('sample', [u'--path=/gr\xfcn', '-p', '[::1]:80'], registry)
    application.add('sample', ['--refuse'], registry)
    paths = [str(tmpdir.join(each)) for each in ('ours.tap', 'again.tap', 'theirs.tap', 'dump')]
    save(application, paths[0], files)
    script = tmpdir.join('script.py')
    script.write(SCRIPT)
    child = subprocess.Popen([program, str(script)] + paths, env=environment(), cwd=ROOT,
                             stderr=subprocess.PIPE)
    errors = child.communicate()[1]
    assert child.returncode == 0, errors
    ours, again, theirs, shown = [tmpdir.join(os.path.basename(path)).read_binary()
                                  for path in paths]
    assert again == ours, 'saved again by %s it is another tap' % name
    assert theirs == ours, '%s makes another tap of the same words' % name
    assert shown.decode('utf-8') == dump(application, registry)
