# Copyright the carryall authors.  See LICENSE.
"""The other runtimes of this machine, for tests that need one beside their own."""
from __future__ import absolute_import, division, print_function

import os
import time

__all__ = ['wait_for_other_runtimes']

WAIT_SECONDS = 600.0        # for the installation of Debian packages on a new machine
LOOK_SECONDS = 0.1


def wait_for_other_runtimes():
    """Waits while ``admin/runtests --setup`` still installs runtimes; returns at once otherwise."""
    ready = os.environ.get('CARRYALL_TEST_READY')
    if not ready:
        return
    end = time.time() + WAIT_SECONDS
    while not os.path.exists(ready):
        assert time.time() < end, 'the other runtimes do not become ready'
        time.sleep(LOOK_SECONDS)
