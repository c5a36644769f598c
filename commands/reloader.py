# Copyright the carryall authors.  See LICENSE.
"""`--reload` of `carryall wsgi` and `carryall asgi`: the server in a child process, which is
started again when a Python file changes.

The files are those with `.py` below the folder of the application.  A child that ends by itself, as
by an error in a file, is started again after the next change.

Tests:    tests/commands/test_reloader.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall.core.errors import CarryallError, Unsupported
from carryall.core.logs import get_logger
from carryall.core.net.process import STDOUT, ProcessProtocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Sequence, Tuple

__all__ = ['Reloader', 'changed', 'is_child', 'snapshot', 'watch']

# -- limits ------------------------------------------------------------------
MAX_FILES = 20000           # that are looked at
LOOK_SECONDS = 0.5          # between two looks at the files
KILL_SECONDS = 20.0         # that a child may take to end

MARK = 'CARRYALL_RELOADS'   # variable of the environment of a child

log = get_logger('run')


def is_child(environ=os.environ):
    # type: (Any) -> bool
    """True if this process was started by `watch`."""
    return bool(environ.get(MARK))


def snapshot(folder):
    # type: (str) -> Dict[str, Tuple[float, int]]
    """{path: (time of change, size)} of the Python files below *folder*."""
    found = {}                  # type: Dict[str, Tuple[float, int]]
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name[:1] != '.' and name != '__pycache__']
        for name in names:
            if not name.endswith('.py') or len(found) >= MAX_FILES:
                continue
            path = os.path.join(place, name)
            try:
                status = os.stat(path)
            except (IOError, OSError):      # gone since
                continue
            found[path] = status.st_mtime, status.st_size
    return found


def changed(before, after):
    # type: (Dict[str, Tuple[float, int]], Dict[str, Tuple[float, int]]) -> Optional[str]
    """The path of a file that has changed, come or gone; None if there is none."""
    for path in sorted(set(before) | set(after)):
        if before.get(path) != after.get(path):
            return path
    return None


class _Output(ProcessProtocol):
    """Passes the output of a child on."""

    def __init__(self, reloader):
        # type: (Reloader) -> None
        self._reloader = reloader

    def pipe_data_received(self, fd, data):
        self._reloader.said(fd, data)

    def connection_lost(self, exc):
        self._reloader.ended(self.transport.get_returncode())


class Reloader(object):
    """Runs one child after the other.

    Args:     loop: the loop.
              command: the words that start the child.
              folder: the folder to watch.
              output: called with STDOUT or STDERR and octets.
    """

    def __init__(self, loop, command, folder, output):
        # type: (Any, Sequence[str], str, Any) -> None
        self._loop = loop
        self._command = list(command)
        self._folder = folder
        self._output = output
        self._child = None          # type: Any     # its transport
        self._files = snapshot(folder)
        self._stopping = False
        self._killer = None         # type: Any
        self.status = 0

    def start(self):
        # type: () -> None
        """Starts the child, and watches."""
        self._spawn()
        self._loop.call_later(LOOK_SECONDS, self._look)

    def stop(self):
        # type: () -> None
        """Ends the child, and then the loop."""
        self._stopping = True
        if self._child is None:
            self._loop.stop()
        else:
            self._end_child()

    def said(self, fd, data):
        # type: (int, bytes) -> None
        """Output of the child has come."""
        self._output(fd, data)

    def ended(self, status):
        # type: (Optional[int]) -> None
        """The child has ended."""
        asked = self._killer is not None
        if asked:
            self._killer.cancel()
        self._child = None
        self._killer = None
        self.status = status or 0
        if self._stopping:
            self._loop.stop()
        elif asked:
            self._spawn()
        else:
            log.warning('the server ended with status %s; it starts again when a file changes',
                        status)

    def _spawn(self):
        # type: () -> None
        env = dict(os.environ)
        env[MARK] = '1'
        self._loop.spawn(lambda: _Output(self), self._command, env=env).add_done_callback(
            self._spawned)

    def _spawned(self, future):
        # type: (Any) -> None
        if future.exception() is not None:
            log.error('%s', future.exception())
            self.status = 1
            self._loop.stop()
            return
        self._child = future.result()[0]
        if self._stopping:
            self._end_child()

    def _look(self):
        # type: () -> None
        """Starts the child again if a file has changed."""
        if self._stopping:
            return
        files = snapshot(self._folder)
        path = changed(self._files, files)
        self._files = files
        if path is not None:
            log.info('%s has changed', os.path.relpath(path, self._folder))
            if self._child is None:
                self._spawn()
            elif self._killer is None:
                self._end_child()
        self._loop.call_later(LOOK_SECONDS, self._look)

    def _end_child(self):
        # type: () -> None
        self._child.terminate()
        self._killer = self._loop.call_later(KILL_SECONDS, self._child.kill)


def watch(folder):
    # type: (Optional[str]) -> int
    """Serves in children until a signal comes; the status."""
    import logging
    from carryall import runtimes
    from carryall.commands.logoutput import LogOutput
    from carryall.runtimes.host.daemon import own_command
    from carryall.runtimes.host.stdout import octets_of
    records = LogOutput(logging.INFO, False)
    records.let_go()
    loop = runtimes.choose()

    def output(fd, data):
        # type: (int, bytes) -> None
        stream = octets_of(sys.stdout if fd == STDOUT else sys.stderr)
        stream.write(data)
        stream.flush()

    reloader = Reloader(loop, own_command(), os.path.abspath(folder or os.curdir), output)
    for name in ('INT', 'TERM'):
        try:
            loop.add_signal_handler(name, reloader.stop)
        except (Unsupported, ValueError) as exc:
            log.debug('signal %s: %s', name, exc)
    try:
        reloader.start()
        loop.run()
    except CarryallError as exc:
        log.error('%s', exc)
        return 1
    finally:
        loop.close()
        records.close()
    return 0
