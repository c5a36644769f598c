# Copyright the carryall authors.  See LICENSE.
"""The name of the system, for a person to read.

Tests:    tests/commands/test_listing.py
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall.runtimes.platform import ON_JVM

__all__ = ['system']


def system():
    # type: () -> str
    """'linux', 'win32' ..., and on a JVM its version too."""
    if not ON_JVM:
        return sys.platform
    from java.lang import System
    return 'Java %s, %s' % (System.getProperty('java.version'), System.getProperty('os.name'))
