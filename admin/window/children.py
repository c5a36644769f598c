# Copyright the carryall authors.  See LICENSE.
"""The processes that run the tests for a window.

A thread reads what a child writes into a bounded queue: a view takes from that and never waits.
A child is asked to end by the end of its input and by SIGTERM.  If it does not end within
``GRACE_SECONDS``, it is killed, with the process groups of the runtimes that it has started.
"""
from __future__ import absolute_import, division, print_function

import json
import os
import signal
import subprocess
import sys
import threading

from carryall.core.compat import PY2, Queue

GRACE_SECONDS = 12.0        # for a Java to write its stacks, and for all to be ended
QUEUED = 20000              # events that wait for the view; then the child waits
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def python():
    """The Python 3 that runs the child: this one, or the one on the path."""
    return 'python3' if PY2 else sys.executable


def command(words):
    """The command line of a child that runs the tests that *words* choose."""
    return [python(), os.path.join(ROOT, 'admin', 'runtests'), '--events'] + list(words)


def decoded(line):
    """The event of one line; a line that is none becomes a ``said`` event."""
    text = line.decode('utf-8', 'replace').rstrip('\r\n')
    try:
        event = json.loads(text)
    except ValueError:
        event = None
    return event if isinstance(event, dict) else {'event': 'said', 'text': text}


class Child(object):
    """One process that writes events.

    Attributes:  pid: its process; groups: the process groups of the runs that go on below it.
    """

    def __init__(self, argv, variables=()):
        self._queue = Queue(QUEUED)
        self._stopped = None            # when it was asked to end
        self._over = False              # its last event has been taken
        self.groups = {}                # runtime -> pid of the leader
        # Line by line, whatever the output is.
        environment = dict(os.environ, PYTHONUNBUFFERED='1', **dict(variables))
        self._process = subprocess.Popen(argv, cwd=ROOT, env=environment, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.pid = int(self._process.pid)
        reader = threading.Thread(target=self._read)
        reader.daemon = True
        reader.start()

    def _read(self):
        for line in iter(self._process.stdout.readline, b''):
            self._queue.put(line)
        self._process.stdout.close()
        self._queue.put(None)

    def events(self, most):
        """Up to *most* events that have come; never waits."""
        found = []
        while len(found) < most and not self._queue.empty():
            line = self._queue.get()
            if line is None:
                self._over = True
                self._close_input()
                break
            event = decoded(line)
            self._note(event)
            found.append(event)
        return found

    def _note(self, event):
        if event.get('event') == 'started':
            self.groups[event['runtime']] = event['pid']
        elif event.get('event') == 'finished':
            self.groups.pop(event['runtime'], None)

    @property
    def over(self):
        """True once it has ended and its last event has been taken."""
        return self._over and self._process.poll() is not None

    @property
    def status(self):
        """Its exit status; None while it runs."""
        return self._process.poll()

    def stop(self, now):
        """Asks it to end; a second call does nothing."""
        if self._stopped is not None:
            return
        self._stopped = now
        self._close_input()
        self._send(self.pid, signal.SIGTERM)

    def press(self, now):
        """Kills it if it was asked to end and has had its time."""
        if self._stopped is not None and now - self._stopped > GRACE_SECONDS:
            self.kill()

    def kill(self):
        """Ends it and the process groups below it, at once."""
        for leader in self.groups.values():
            end_group(leader)
        self.groups.clear()
        self._close_input()
        self._send(self.pid, signal.SIGKILL)

    def _close_input(self):
        try:
            self._process.stdin.close()
        except (IOError, OSError):
            pass                        # it has just ended

    def _send(self, pid, number):
        if self._process.poll() is None:
            try:
                os.kill(pid, number)
            except OSError:
                pass                    # it has ended meanwhile


def end_group(leader):
    """Kills a process group by the pid of its leader."""
    if hasattr(os, 'killpg'):
        try:
            os.killpg(leader, signal.SIGKILL)
        except OSError:
            pass                        # it has ended
        return
    # jython: os has no killpg
    subprocess.call(['kill', '-KILL', '--', '-%d' % leader])
