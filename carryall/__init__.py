# Copyright the carryall authors.  See LICENSE.
"""carryall: a portable suite of internet servers and clients.

This package holds the import name.  In a checkout its parts (``core/``, ``runtimes/`` ...) are
links to the folders beside it, which every tool follows.  Where links do not exist (a zip archive,
Git without them) the folder above is appended to its path.  In an installed copy, a jar or a frozen
program the parts lie inside it.
"""
from __future__ import absolute_import, division, print_function

import os as _os

__version__ = '0.1.0'


def _extend(path):
    inside = path[0]
    beside = _os.path.dirname(_os.path.abspath(inside))
    if _os.path.isdir(_os.path.join(beside, 'core')) and not _os.path.isdir(
            _os.path.join(inside, 'core')):
        path.append(beside)


_extend(__path__)

from carryall import formernames as _formernames      # noqa: E402  the path has to be set first
_formernames.install()

if not hasattr(_os, 'getpid'):
    # jython: a Java without the native part of jffi, from which os gets half of its functions
    from carryall.runtimes.jvm import posix as _posix
    _posix.complete()
