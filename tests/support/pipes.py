# Copyright the carryall authors.  See LICENSE.
"""Named pipes for tests, on every runtime."""
from __future__ import absolute_import, division, print_function

import os
import subprocess

__all__ = ['make_pipe']


def make_pipe(folder, name):
    """Makes a named pipe; its path."""
    path = os.path.join(folder, name)
    if hasattr(os, 'mkfifo'):
        os.mkfifo(path)
    else:
        subprocess.check_call(['mkfifo', path])     # jython: os.mkfifo is missing
    return path
