# Copyright the carryall authors.  See LICENSE.
"""File systems of a bounded size, for cases that fill one."""
import os
import subprocess

from acceptance.stage import Missing

__all__ = ['small_disk']


def small_disk(stage, name, options):
    """A file system of a bounded size in the scratch folder; Missing if this machine lets us have
    none."""
    path = stage.path(name)
    os.mkdir(path, 0o700)
    done = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'mode=700,' + options, 'tmpfs', path],
                          stderr=subprocess.PIPE)
    if done.returncode:
        raise Missing('the right to mount a tmpfs')
    return path
