# Copyright the carryall authors.  See LICENSE.
"""A wall limit on every test (TST-10): past it the stacks of all threads are written and the run
ends.

The limit covers the fixtures too.  20 seconds, or what the marker ``limit(seconds)`` says; five
times that on Jython; and all of it times the environment's CARRYALL_TEST_SCALE,
for a slow or busy machine.

A thread of this module watches.  It needs the interpreter's lock, so behind it, where there is one,
stands ``faulthandler``, which does not.  To set its time costs a thread, so one setting serves many
tests.
"""
from __future__ import absolute_import, division, print_function

import os
import sys
import threading
import time
import traceback

import pytest

from tests.support import interpreter

try:
    import faulthandler
except ImportError:
    faulthandler = None     # CPython 2.7 and Jython

LIMIT_SECONDS = 20.0
JYTHON_SCALE = 5.0          # a JVM is five times slower until it is warm
WATCH_SECONDS = 0.5         # how often the watching thread looks
GRACE_SECONDS = 10.0        # how much later faulthandler acts
SLACK_SECONDS = 5.0         # how much later than that, so that a test need not set its time
EXIT_STATUS = 70            # what the process ends with; pytest's own end at 5
SCALE = float(os.environ.get('CARRYALL_TEST_SCALE') or 1) * (JYTHON_SCALE if interpreter.JYTHON
                                                             else 1.0)

_now = getattr(time, 'monotonic', time.time)


def pytest_configure(config):
    """Starts to watch."""
    config.addinivalue_line('markers', 'limit(seconds): let this test take longer than %d seconds'
                            % LIMIT_SECONDS)
    config.pluginmanager.register(Watch(config), 'carryall-limits')


class Watch(object):
    """The plugin and its thread."""

    def __init__(self, config):
        self._config = config
        self._stderr = _real_stderr()
        self._running = None  # (node id, seconds, when it must be over) of the test that runs
        self._set = None      # when faulthandler acts; None: never
        thread = threading.Thread(target=self._watch, name='wall limit of the tests')
        thread.daemon = True
        thread.start()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item):
        """Watches one test, fixtures included."""
        marker = item.get_closest_marker('limit')
        seconds = (marker.args[0] if marker else LIMIT_SECONDS) * SCALE
        end = _now() + seconds
        if faulthandler and not self._is_set_for(end):
            wait = seconds + GRACE_SECONDS + SLACK_SECONDS
            faulthandler.dump_traceback_later(wait, exit=True, file=self._stderr)
            self._set = end + GRACE_SECONDS + SLACK_SECONDS
        self._running = (item.nodeid, seconds, end)
        yield
        self._running = None

    def _is_set_for(self, end):
        """True if faulthandler acts soon after that time."""
        return self._set is not None \
            and GRACE_SECONDS <= self._set - end <= GRACE_SECONDS + SLACK_SECONDS

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtestloop(self):
        """Ends the watch of faulthandler behind the last test."""
        yield
        if faulthandler:
            faulthandler.cancel_dump_traceback_later()
            self._set = None

    def _watch(self):
        while True:
            time.sleep(WATCH_SECONDS)
            running = self._running
            if running and _now() > running[2]:
                self._end(running[0], running[1])

    def _end(self, nodeid, seconds):
        text = '%s\ntook longer than %g seconds; all threads:\n\n%s' \
            % (nodeid, seconds, all_stacks())
        writer = self._config.pluginmanager.getplugin('carryall-results')
        if writer:
            writer.write('hang', test=nodeid, text=text)
        self._stderr.write('\n' + text + '\n')
        self._stderr.flush()
        _exit(EXIT_STATUS)


def all_stacks():
    """The Python stack of each thread, and on Jython its Java stack too, as text."""
    names = dict((thread.ident, thread.name) for thread in threading.enumerate())
    parts = []
    for ident, frame in sorted(sys._current_frames().items()):
        lines = [line for line in traceback.format_stack(frame) if '_pytest' not in line
                 and 'pluggy' not in line]
        parts.append('thread %s (%s):\n%s' % (ident, names.get(ident, 'not one of ours'),
                                              ''.join(lines)))
    if interpreter.JYTHON:
        from java.lang import Thread
        for thread, frames in Thread.getAllStackTraces().items():
            parts.append('Java thread %s (%s):\n%s' % (thread.getName(), thread.getState(),
                                                      ''.join('    at %s\n' % frame
                                                              for frame in frames)))
    return '\n'.join(parts)


def _real_stderr():
    """The process's standard error; pytest does not capture yet while plugins are configured."""
    # jython: capture replaces sys.stderr alone
    return os.fdopen(os.dup(2), 'w') if hasattr(os, 'dup') else sys.__stderr__


def _exit(status):
    """Ends the process without waiting for anything."""
    if interpreter.JYTHON:
        from java.lang import Runtime
        Runtime.getRuntime().halt(status)
    os._exit(status)
