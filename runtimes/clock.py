# Copyright the carryall authors.  See LICENSE.
"""Seconds that never go back, on every runtime; and the time of day.

Tests:    tests/runtimes/test_clock.py
"""
from __future__ import absolute_import, division, print_function

import time
from time import time as wall       # seconds since 1970 in UTC

__all__ = ['monotonic', 'wall']

try:
    from time import monotonic
except ImportError:
    try:
        # jython: no time.monotonic, and time.time() moves in steps of 1 ms
        from java.lang import System

        def monotonic():
            # type: () -> float
            """Seconds on the JVM's own clock."""
            return System.nanoTime() * 1e-9
    except ImportError:
        _latest = [time.time()]

        def monotonic():
            # type: () -> float
            """Wall-clock seconds that stand still while the clock is set back."""
            now = time.time()  # py2: the system's monotonic clock cannot be reached without ctypes
            if now > _latest[0]:
                _latest[0] = now
            return _latest[0]
