# Copyright the carryall authors.  See LICENSE.
"""Calls on paths that are octets, whatever the locale:
`system` has the names and meanings of the module `os`.

    names = octetpaths.system.listdir(b'/srv/pub')
    status = octetpaths.system.stat(b'/srv/pub/caf\\xe9.txt')

On CPython and PyPy `system` is `os` itself.  On a JVM, names are text in the encoding of the
locale: what that cannot spell could be neither listed nor opened, and under `LC_ALL=C` this is
every name beyond ASCII.  There `carryall.runtimes` provides calls that reach every name.

Tests:    tests/core/files/test_octetpaths.py
"""
from __future__ import absolute_import, division, print_function

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['provide', 'system']

system = os                     # type: Any


def provide(calls):
    # type: (Any) -> None
    """Lets *calls* stand for `os`; for `carryall.runtimes`."""
    global system
    system = calls
