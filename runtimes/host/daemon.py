# Copyright the carryall authors.  See LICENSE.
"""Daemons: runs a process in the background, with the same visible behaviour with fork and without.

For example::

    # main(report) runs in the background; it calls report.ready(...)
    outcome = detach(main)
    # the parent goes on when that was called, or when it cannot be any more
    sys.exit(outcome)

The parent waits for the child's report and ends with status 0 only then.  So a script that starts a
server may use it on its next line.  The child is made in one of two ways:

- with fork: fork, setsid, fork; the child is this very process with its loaded code
- without fork: the same command line is started again, with the word `DETACHED` at its end.  That
  process finds the word (`is_detached`), begins a session of its own and does the work.

There is no fork on a JVM, on Windows, and in a frozen program that removes its unpacked files at
its end.

Wire:     from child to parent through a pipe, UTF-8 lines.  A line `\\0ready` or `\\0failed` is the
          last; lines before it are for the user, on stdout or stderr.
Tests:    tests/runtimes/host/test_daemon.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall.core.compat import FAILURES, text_type
from carryall.core.codec.numbers import decimal
from carryall.runtimes.platform import ON_JVM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Sequence, Tuple

__all__ = ['CAN_FORK', 'DETACHED', 'Outcome', 'Report', 'begin_session', 'detach',
           'detached_report', 'end_with_loader', 'inherited',
           'is_detached', 'own_command']

# A frozen program of one file runs from a temporary folder,
# which goes when the process that was started ends.
UNPACKED = getattr(sys, 'frozen', False) and not getattr(sys, '_MEIPASS', '').startswith(
    os.path.dirname(sys.executable))
CAN_FORK = hasattr(os, 'fork') and not UNPACKED
DETACHED = '--detached-child'

# -- limits ------------------------------------------------------------------
# From the start of the child to its word; a cold JVM on a busy machine takes 10.
START_SECONDS = 120.0
MAX_REPORT = 65536          # bytes of a child's words
MAX_DESCRIPTORS = 4096      # that are looked at where the system does not list the open ones

_PR_SET_PDEATHSIG = 1       # <linux/prctl.h>
_READY = b'\0ready'
_FAILED = b'\0failed'


class Report(object):
    """The child's end: tells the parent what became of it, once."""

    def __init__(self, write, close):
        # type: (Callable[[bytes], Any], Callable[[], Any]) -> None
        self._write = write
        self._close = close
        self.told = False

    def ready(self, lines=()):
        # type: (Sequence[str]) -> None
        """All is well; the parent prints these lines on stdout and ends with status 0."""
        self._tell(lines, _READY)

    def failed(self, lines=()):
        # type: (Sequence[str]) -> None
        """It did not come up; the parent prints these lines on stderr and ends with status 1."""
        self._tell(lines, _FAILED)

    def _tell(self, lines, last):
        # type: (Sequence[str], bytes) -> None
        if self.told:
            return
        self.told = True
        texts = [line.replace(u'\n', u' ').replace(u'\0', u' ').encode('utf-8') for line in lines]
        try:
            self._write(b'\n'.join(texts + [last]) + b'\n')
        except FAILURES:        # the parent was ended meanwhile; the server need not care
            pass
        self._close()


class Outcome(object):
    """The outcome for the parent: whether the child is ready, and the lines it said."""

    def __init__(self, ready, lines):
        # type: (bool, List[str]) -> None
        self.ready = ready
        self.lines = lines


def is_detached(words):
    # type: (Sequence[Any]) -> bool
    """True if this process was started by `detach` of another; its last word says so."""
    return bool(words) and words[-1] == DETACHED


def own_command():
    # type: () -> List[str]
    """The words that start this program again."""
    # The name it was called by may mean a command; _start knows the file.
    if getattr(sys, 'frozen', False):
        return list(sys.argv)
    # Windows: what pip installs as a command is a program of its own.
    if sys.argv[0].lower().endswith('.exe'):
        return list(sys.argv)
    return [sys.executable] + list(sys.argv)


def end_with_loader():
    # type: () -> None
    """Has Linux send TERM to this process when the first process of a one-file program is killed
    with -9.

    No one could stop a server by its pid otherwise.  A change of the user takes the setting back,
    so it is called again then.
    Source:   prctl(2), PR_SET_PDEATHSIG
    """
    if not UNPACKED:
        return
    try:
        import ctypes
        import signal
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    except FAILURES:            # another system
        pass


def begin_session():
    # type: () -> None
    """Leaves the terminal's session, so that its Ctrl-C and its end do not reach us."""
    try:
        os.setsid()
    except (AttributeError, OSError):   # Windows; or we lead a session already
        pass


def detached_report():
    # type: () -> Report
    """The report of a process for which `is_detached` holds; its stdout is the pipe."""
    if ON_JVM:
        from carryall.runtimes.host import daemon_jvm
        return Report(daemon_jvm.write_out, daemon_jvm.close_out)
    return Report(lambda data: os.write(1, data), lambda: _point_at_nothing([1]))


def inherited():
    # type: () -> List[int]
    """The descriptors above 2 that anyone who started this process left open;
    ask before anything is opened.

    An inherited descriptor lacks the flag that closes it when a program is started; those of Python
    3 have it.  The sockets that systemd handed over to this process are not among them:
    they are meant for us.
    """
    try:
        import fcntl
    except ImportError:                 # Windows and the JVM start a child, which gets none
        return []
    first = 3
    if os.environ.get('LISTEN_PID') == str(os.getpid()):
        first += decimal(os.environ.get('LISTEN_FDS', '').encode('ascii', 'replace'),
                         MAX_DESCRIPTORS) or 0
    found = []                  # type: List[int]
    for number in _open_descriptors():
        try:
            if number >= first and not fcntl.fcntl(number, fcntl.F_GETFD) & fcntl.FD_CLOEXEC:
                found.append(number)
        except (IOError, OSError):      # that of the listing itself
            pass
    return found


def _open_descriptors():
    # type: () -> Sequence[int]
    for folder in ('/proc/self/fd', '/dev/fd'):
        try:
            return sorted(int(name) for name in os.listdir(folder) if name.isdigit())
        except OSError:
            pass
    return range(3, MAX_DESCRIPTORS)


def detach(work,                # type: Callable[[Report], int]
           words,               # type: Sequence[str]
           error_log=None,      # type: Optional[str]
           umask=None,          # type: Optional[int]
           unwanted=()          # type: Sequence[int]
           ):
    # type: (...) -> Outcome
    """Runs `work(report)` in the background and waits for its report.

    Args:     words:     command line of this process, with the program, for systems without fork.
              error_log: file where the child's stderr goes,
                         text of a crashing interpreter say; None: nowhere.
              unwanted:  descriptors that the child closes, as `inherited` tells them: a lock of the
                         starter's would be held for as long as the server runs,
                         and a pipe never end.
              umask:     the umask that the child will ask for,
                         given to it at its start if it cannot set one.
    Returns:  in the parent alone: the child ends in here, with the status that `work` returns.
    """
    if CAN_FORK:
        return _detach_by_fork(work, error_log, unwanted)
    return detach_by_start(words, error_log, umask)


# -- fork --------------------------------------------------------------------

def _detach_by_fork(work, error_log, unwanted):
    # type: (Callable[[Report], int], Optional[str], Sequence[int]) -> Outcome
    sys.stdout.flush()
    sys.stderr.flush()
    reader, writer = os.pipe()
    starter = os.getpid()
    first = os.fork()
    if first == 0:
        status = 70             # EX_SOFTWARE, should anything below raise
        try:
            os.close(reader)
            begin_session()
            # Not the leader of the session any more,
            # and so it never gets a terminal again by opening one.
            if os.fork() == 0:
                _close(unwanted)
                # What systemd handed over is now the child's.
                if os.environ.get('LISTEN_PID') == str(starter):
                    os.environ['LISTEN_PID'] = str(os.getpid())
                status = _child(work, writer, error_log)
            else:
                status = 0
        finally:
            os._exit(status)
    os.close(writer)
    os.waitpid(first, 0)
    try:
        return _listen(reader)
    finally:
        os.close(reader)


def _child(work, writer, error_log):
    # type: (Callable[[Report], int], int, Optional[str]) -> int
    _point_at_nothing([0, 1])
    _point_at_log(error_log)
    report = Report(lambda data: os.write(writer, data), lambda: os.close(writer))
    try:
        status = work(report)
    except SystemExit as exc:
        status = exc.code if isinstance(exc.code, int) else 1
    except FAILURES:
        import traceback
        traceback.print_exc()
        status = 70
    if not report.told:
        report.failed()
    # os._exit below skips what the exit of an interpreter does; of that,
    # only what is buffered matters.
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except FAILURES:
            pass
    return status


def _close(numbers):
    # type: (Sequence[int]) -> None
    for number in numbers:
        try:
            os.close(number)
        except OSError:
            pass


def _point_at_nothing(numbers):
    # type: (Sequence[int]) -> None
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in numbers:
        os.dup2(nothing, number)
    if nothing > 2:
        os.close(nothing)


def _point_at_log(error_log):
    # type: (Optional[str]) -> None
    """stderr into the log: what a crashing interpreter prints is not lost."""
    if error_log is None:
        _point_at_nothing([2])
        return
    from carryall.runtimes.host import systemfiles as files
    try:
        target = files.append_private(error_log)
    except (IOError, OSError):
        # That the log cannot be written is told by anyone who opens it as such.
        _point_at_nothing([2])
        return
    os.dup2(target.fileno(), 2)
    target.close()


def _listen(reader):
    # type: (int) -> Outcome
    """Reads the child's words until the last one, the end, or the deadline."""
    import select
    from carryall.runtimes.clock import monotonic
    deadline = monotonic() + START_SECONDS
    data = b''
    while len(data) < MAX_REPORT:
        left = deadline - monotonic()
        if left <= 0 or not select.select([reader], [], [], left)[0]:
            return Outcome(False, parse_report(data)[1]
                           + [u'it was not ready after %d seconds' % START_SECONDS])
        more = os.read(reader, 4096)
        data += more
        if not more or parse_report(data)[0] is not None:
            break
    return finished(data)


# -- without fork ------------------------------------------------------------

def detach_by_start(words, error_log, umask=None):
    # type: (Sequence[str], Optional[str], Optional[int]) -> Outcome
    """Starts the same command again, in the background."""
    if ON_JVM:
        from carryall.runtimes.host import daemon_jvm
        return finished(daemon_jvm.start(DETACHED, error_log, umask, START_SECONDS, MAX_REPORT,
                                         _last_word))
    return finished(_start(list(words) + [DETACHED], error_log))


def _start(words, error_log):
    # type: (List[str], Optional[str]) -> bytes
    import subprocess
    from threading import Timer
    from carryall.runtimes.host import systemfiles as files
    extra = {}      # type: Any
    if getattr(sys, 'frozen', False):
        extra['executable'] = sys.executable
    if os.name == 'nt':
        # DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP: no console, and no Ctrl-C of ours
        extra['creationflags'] = 0x00000008 | 0x00000200
    with open(os.devnull, 'r+b') as nothing:
        errors = nothing if error_log is None else files.append_private(error_log)
        child = subprocess.Popen(words, stdin=nothing, stdout=subprocess.PIPE, stderr=errors,
                                 **extra)
    pipe = child.stdout         # type: Any
    alarm = Timer(START_SECONDS, child.kill)
    alarm.daemon = True
    alarm.start()
    data = b''
    while len(data) < MAX_REPORT and parse_report(data)[0] is None:
        line = pipe.readline(MAX_REPORT)
        if not line:
            break
        data += line
    alarm.cancel()
    alarm.join()                # py2: a thread that is left at the exit complains
    pipe.close()
    child.returncode = 0        # it lives on; Popen need not warn that no one waited for it
    return data


# -- the words ---------------------------------------------------------------

def _last_word(line):
    # type: (bytes) -> bool
    return line.rstrip(b'\r\n') in (_READY, _FAILED)


def parse_report(data):
    # type: (bytes) -> Tuple[Optional[bool], List[str]]
    """(ready or failed, None if neither was said yet; the lines before it)."""
    lines = []      # type: List[str]
    for line in data.split(b'\n'):
        if line in (_READY, _FAILED):
            return line == _READY, lines
        if line:
            lines.append(text_type(line.decode('utf-8', 'replace')))
    return None, lines


def finished(data):
    # type: (bytes) -> Outcome
    """The outcome of all that a child said."""
    ready, lines = parse_report(data)
    return Outcome(bool(ready), lines)
