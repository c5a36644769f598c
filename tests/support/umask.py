# Copyright the carryall authors.  See LICENSE.
"""The umask in tests; a Java without the native part of jffi cannot change it."""
from __future__ import absolute_import, division, print_function

import os

import pytest

__all__ = ['needs_umask', 'set_umask']

needs_umask = pytest.mark.skipif(not hasattr(os, 'umask'),
                                 reason='nothing changes the umask on this Java')


def set_umask(mask):
    """Sets the umask and returns the former one; does nothing if *mask* is None or nothing can."""
    if mask is None or not hasattr(os, 'umask'):
        return None
    return os.umask(mask)
