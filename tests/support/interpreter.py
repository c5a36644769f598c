# Copyright the carryall authors.  See LICENSE.
"""Which runtime the suite runs on, in the words of ``admin/runtests``."""
from __future__ import absolute_import, division, print_function

import os
import platform
import sys

__all__ = ['BARE', 'JYTHON', 'NAME', 'PY2', 'VERSION', 'describe']

NAME = platform.python_implementation().lower()          # cpython, pypy or jython
VERSION = platform.python_version()
JYTHON = NAME == 'jython'
BARE = JYTHON and not hasattr(os, 'umask')              # a Java without the native part of jffi
PY2 = sys.version_info[0] == 2                           # files named *_py3.py cannot be read here


def _system():
    """The operating system; on Jython the Java below it too."""
    if not JYTHON:
        return sys.platform
    from java.lang import System
    return '%s, Java %s' % (System.getProperty('os.name').lower(),
                            System.getProperty('java.version'))


def describe():
    """One line: interpreter, version, system."""
    return '%s %s on %s' % (NAME, VERSION, _system())
