# Copyright the carryall authors.  See LICENSE.
"""Making the runtimes ready in a thread: the first is tested while others are being made.

The Python that runs the command comes first: it needs nothing but its pytest.  Tools, PyPy and
Jython are installed meanwhile.  A test that needs one of them waits for the file that
CARRYALL_TEST_READY names (tests/support/otherruntimes.py): it exists once everything is installed.
"""
import os
import queue
import sys
import threading

from admin.suite import LOGS
from admin.suite import interpreters, pins, setup

READY_FILE = os.path.join(LOGS, 'ready')
VARIABLE = 'CARRYALL_TEST_READY'
TOOLS_FROM = {'types': (3, 10), 'docs': (3, 10)}     # the first Python that they run on


class Preparation:
    """The work of ``--setup``; ``take()`` gives each runtime as soon as it can be tested."""

    def __init__(self, found, missing, selected, say):
        self.found = found              # all runtimes; the new ones once it is over
        self._missing = missing         # kinds to install
        self._selected = selected       # called with all runtimes: those of this run
        self._say = say
        self._ready = queue.Queue()
        self._failures = []
        self._thread = threading.Thread(target=self._guarded, args=(self._work,), daemon=True)

    def start(self):
        """Begins, in another thread."""
        os.makedirs(LOGS, exist_ok=True)
        if os.path.exists(READY_FILE):
            os.unlink(READY_FILE)
        os.environ[VARIABLE] = READY_FILE
        self._thread.start()

    def join(self):
        """Waits for the end; raises what went wrong."""
        self._thread.join()
        self.check()

    def check(self):
        """Raises what went wrong so far."""
        if self._failures:
            raise self._failures[0]

    def over(self):
        """True if everything is installed and has been taken."""
        return not self._thread.is_alive() and self._ready.empty()

    def take(self):
        """The runtimes that have become ready since the last call."""
        taken = []
        while not self._ready.empty():
            taken.append(self._ready.get())
        return taken

    def _work(self):
        apt = threading.Thread(target=self._guarded, args=(self._install_runtimes,), daemon=True)
        tools = threading.Thread(target=self._guarded, args=(self._install_tools,), daemon=True)
        first = [each for each in self._selected(self.found) if each.name == 'cpython']
        tools.start()
        apt.start()
        for runtime in first:
            setup.install_pytest(runtime, self._say)
        # Python compiles what it imports: the first runtime need not wait for all of it.
        self._offer(first)
        apt.join()
        tools.join()
        if self._failures:
            return
        others = [each for each in self._selected(self.found) if each.name != 'cpython']
        for runtime in slowest_first(others):
            setup.install_pytest(runtime, self._say)
            runtime = setup.shorten_starts(runtime, self._say)
            setup.compile_source(runtime, self._say)
            self._offer([runtime])
        with open(READY_FILE, 'w'):
            pass

    def _offer(self, runtimes):
        if not self._failures:
            for runtime in runtimes:
                self._ready.put(runtime)

    def _install_tools(self):
        for name in pins.TOOLS:
            if sys.version_info >= TOOLS_FROM.get(name, (3, 8)):
                setup.install_tools(name, self._say)

    def _install_runtimes(self):
        if setup.install_runtimes(self._missing, self._say):
            self.found = interpreters.find()
        if any(each.kind == 'jython' for each in self._selected(self.found)):
            setup.install_drivers(self._say)

    def _guarded(self, step):
        try:
            step()
        except BaseException as exc:        # raised again in the main thread, by check()
            self._failures.append(exc)


def slowest_first(runtimes):
    """In the order in which they are started, so that the longest does not run alone at the end."""
    order = ('jython', 'pypy', 'cpython')
    return sorted(runtimes, key=lambda each: order.index(each.kind))
