# Copyright the carryall authors.  See LICENSE.
"""Makes carryall.jar in a checkout, for servers that run on it.

Tests:    tests/house/test_separate.py
"""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import sys

from carryall.core.errors import UsageError

__all__ = ['make_jar']


def make_jar(recipe, path):
    # type: (str, str) -> None
    """Runs ``admin/freeze jar`` at *recipe*, which takes half a minute.

    Raises:   UsageError: it has not made the file at *path*; with its last line.
    """
    making = subprocess.Popen([sys.executable, recipe, 'jar'], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, close_fds=True)
    said = making.communicate()[0]
    if making.returncode or not os.path.isfile(path):
        raise UsageError(u'carryall.jar could not be made: %s'
                         % said.decode('utf-8', 'replace').strip().rpartition(u'\n')[2])
