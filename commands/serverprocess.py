# Copyright the carryall authors.  See LICENSE.
"""From an Application to a running server and back: folder, log, pid file, ports, privileges,
first line, end.

The order matters, and is the same in the foreground and in the background:
    1. the services and the loop are made; where rights will be given up,
       all code that may be needed is loaded;
    2. the root folder is changed, then the current folder; the log is opened;
    3. the pid file is claimed;
    4. the ports are bound;
    5. the user and group are changed;
    6. the report: the first line is printed, the parent of a daemon ends with status 0,
       systemd is told.
What fails before 6 is told to the report, and undone.

Tests:    tests/commands/test_serverprocess.py
"""
from __future__ import absolute_import, division, print_function

import logging
import os
import sys
import traceback
from functools import partial

from carryall.commands.console import FAILED, say
from carryall.commands.logoutput import (FILE_BYTES, FILES_KEPT, FileTarget, LogOutput,
                                         StreamTarget, SystemTarget)
from carryall.commands.servicerun import DRAIN_SECONDS, Running
from carryall.core.compat import FAILURES
from carryall.core.errors import CarryallError
from carryall.core.files.fileuser import SAME
from carryall.core.logs import ShortFormatter, get_logger
from carryall.core.metrics import metrics_of
from carryall.runtimes.host import daemon, signals, systemd, systemfiles as files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional

__all__ = ['CRASH_FILE', 'Foreground', 'Settings', 'serve']

CRASH_FILE = 'TWISTD-CRASH.log'

# In which the launcher of a frozen program of one file passes on what both got from a terminal.
ECHO_SECONDS = 0.5

log = get_logger('run')


class Settings(object):
    """The way a server is run; every attribute has the default of a run in the foreground.

    backend:    name for runtimes.choose, None for the best
    drain:      seconds for connections to finish
    level:      of the log (logging.INFO ...)
    json:       log as JSON
    log_file:   path, '-' for stdout, '' for stderr
    log_bytes:  size at which a log file is rotated, 0: never
    log_keep:   number of rotated files
    syslog:     prefix of the lines in the system's log; None: the log goes to log_file
    pid_file:   path; '': none
    folder:     the folder of the server; the log, the pid file and the crash file lie there
    root:       new root folder (chroot)
    umask:      number; None: as it is
    uid, gid:   those to change to once the ports are bound; None: no change
    account:    name of the account whose groups to take; None: that of uid
    effective:  become them in a way that can be undone
    terminal:   a person reads the log beside the first line: it says neither where the server
                listens nor what the loop is
    activity:   an Activity that is told of requests, transfers and messages; None for none
    debug:      a debugger for uncaught exceptions
    profile:    path of a file for a profile of the run
    """

    def __init__(self, **given):
        # type: (**Any) -> None
        self.backend = None         # type: Optional[str]
        self.drain = DRAIN_SECONDS
        self.level = logging.INFO
        self.json = False
        self.log_file = ''
        self.log_bytes = FILE_BYTES
        self.log_keep = FILES_KEPT
        self.syslog = None          # type: Optional[str]
        self.pid_file = ''
        self.folder = None          # type: Optional[str]
        self.root = None            # type: Optional[str]
        self.umask = None           # type: Optional[int]
        self.uid = None             # type: Optional[int]
        self.gid = None             # type: Optional[int]
        self.account = None         # type: Optional[str]
        self.effective = False
        self.terminal = False
        self.activity = None        # type: Any
        self.debug = False
        self.profile = None         # type: Optional[str]
        for name, value in given.items():
            if not hasattr(self, name):
                raise TypeError(name)
            setattr(self, name, value)


class _ForPeople(logging.Filter):
    """Leaves out what the loop says of itself, unless it is a warning.

    Args:     told: also leave out what an Activity is told.
    """

    def __init__(self, told=False):
        # type: (bool) -> None
        logging.Filter.__init__(self)
        self._told = told

    def filter(self, record):
        if record.levelno >= logging.WARNING:
            return True
        told = self._told and getattr(record, 'told', False)
        return not record.name.endswith('runtimes') and not told


class Foreground(object):
    """The report of a run in the foreground: its first line goes to stdout,
    its failure to the caller.

    Args:     more: lines after those of the listeners; an attribute too.
    """

    def __init__(self, more=()):
        # type: (Sequence[str]) -> None
        self.more = list(more)

    def ready(self, lines):
        # type: (List[str]) -> None
        """It serves."""
        for line in lines + self.more:
            say(line)

    def failed(self, lines):
        # type: (List[str]) -> None
        """The exception that is on its way says it."""


def serve(make_service, settings, report):
    # type: (Callable[[], Any], Settings, Any) -> int
    """Runs the service that `make_service()` gives until a signal ends it; the status.

    Raises:   CarryallError: it could not be started; the report was told.
    """
    output = LogOutput(settings.level, settings.json)
    if settings.terminal:
        output.addFilter(_ForPeople(settings.activity is not None))
        if not settings.json:
            output.setFormatter(ShortFormatter())
    try:
        server = _Server(settings, output)
        try:
            lines = server.begin(make_service)
        except FAILURES as exc:
            fault = exc if isinstance(exc, CarryallError) else CarryallError(
                u'it crashed while starting: %s (see %s)' % (exc.__class__.__name__,
                                                             server.write_crash()), exc)
            if output.is_terminal():
                output.forget()         # the user sees the one sentence, and not the log around it
            else:
                log.error('%s', fault.message)
            server.end()  # first, as the reader of the report may look at once for files left over
            report.failed([fault.message])
            raise fault
        try:
            report.ready(lines)
        except FAILURES:  # stdout cannot be written: the terminal is gone (EIO), the disk is full
            server.end()
            raise
        server.tell_systemd(lines)
        output.let_go()
        return server.run()
    finally:
        output.close()


class _Server(object):
    """One server in this process, between its steps."""

    def __init__(self, settings, output):
        # type: (Settings, LogOutput) -> None
        self._settings = settings
        self._output = output
        self._running = None        # type: Any
        self._pid_file = None       # type: Any
        self._groups = []           # type: List[int]  # of the user to become

    def begin(self, make_service):
        # type: (Callable[[], Any]) -> List[str]
        """Steps 1 to 5; the lines for the report."""
        from carryall import runtimes
        settings = self._settings
        service = make_service()
        loop = runtimes.choose(settings.backend or service.backend)
        metrics_of(loop).activity = settings.activity
        has_terminal = None
        if settings.terminal:
            from carryall.runtimes.host.terminal import is_terminal
            has_terminal = partial(is_terminal, sys.stderr)
        echo = 0.0
        if daemon.UNPACKED:
            # Once the loop has given the signal back, the launcher's may still be on its way.
            signals.ignore('INT')
            echo = ECHO_SECONDS
        self._running = Running(service, loop, self._output, settings.drain, has_terminal, echo)
        self._running.take_signals()
        self._prepare_for_fewer_rights(loop)
        if settings.syslog is not None:         # before the root changes: its socket lies outside
            self._output.send_to(SystemTarget(settings.syslog))
        self._enter_folder()
        self._open_log()
        if settings.pid_file:
            from carryall.runtimes.host.pidfile import PidFile
            pid_file = PidFile(settings.pid_file)
            pid_file.claim()
            self._pid_file = pid_file
        lines = self._running.start()
        loop.file_user = SAME
        self._drop_privileges()
        if not settings.terminal:
            for line in lines:
                log.info('listening: %s', line)
        return [u'listening: %s' % line for line in lines] or [u'running, and listening nowhere']

    def _prepare_for_fewer_rights(self, loop):
        # type: (Any) -> None
        """Loads what later could not be read any more,
        and learn what is in files outside the new root."""
        settings = self._settings
        if settings.root is None and not self._changes_user():
            return
        from carryall.runtimes.host import lateimports, privileges
        self._groups = privileges.groups_of(settings.uid, settings.gid, settings.account)
        lateimports.load_all(settings.debug or settings.profile is not None)
        if self._changes_user() and privileges.may_switch():
            loop.file_user = privileges.FileUser(settings.uid, settings.gid, self._groups)

    def _changes_user(self):
        # type: () -> bool
        uid = self._settings.uid
        gid = self._settings.gid
        if uid is None and gid is None:
            return False
        from carryall.runtimes.host import privileges
        return (uid, gid) != privileges.current_ids()

    def _enter_folder(self):
        # type: () -> None
        settings = self._settings
        if settings.umask is not None:
            from carryall.runtimes.host.privileges import set_umask
            set_umask(settings.umask)
        if settings.root is not None:
            from carryall.runtimes.host.privileges import change_root
            change_root(settings.root)
        if settings.folder is not None:
            try:
                os.chdir(settings.folder)
            except (IOError, OSError) as exc:
                raise CarryallError(u'cannot run in %s: %s'
                                    % (settings.folder, exc.strerror or exc))

    def _open_log(self):
        # type: () -> None
        settings = self._settings
        if settings.syslog is not None:
            return
        if settings.log_file == '-':
            self._output.send_to(StreamTarget(sys.stdout))
        elif settings.log_file:
            try:
                self._output.send_to(FileTarget(settings.log_file, settings.log_bytes,
                                                settings.log_keep))
            except (IOError, OSError) as exc:
                raise CarryallError(u'the log %s cannot be written: %s' % (
                    os.path.abspath(settings.log_file), exc.strerror or exc))

    def _drop_privileges(self):
        # type: () -> None
        if not self._changes_user():
            return
        from carryall.runtimes.host import privileges
        uid = self._settings.uid
        gid = self._settings.gid
        owner = -1 if uid is None else uid, -1 if gid is None else gid
        self._output.give_to(*owner)
        if self._pid_file is not None:
            self._pid_file.give_to(*owner)
        privileges.become(uid, gid, self._settings.effective, self._groups)
        daemon.end_with_loader()
        self._output.check_rotation()
        log.info('running as uid %s, gid %s, groups %s', uid, gid,
                 ' '.join('%d' % group for group in self._groups))

    def tell_systemd(self, lines):
        # type: (List[str]) -> None
        """The same to the service manager, where there is one that wants to know."""
        self._running.notifier = systemd.notifier(self._running.loop)
        if self._running.notifier is not None:
            self._running.notifier.ready(lines)
        systemd.warn_of_unused()

    def run(self):
        # type: () -> int
        """Serves until a signal comes, and cleans up; returns the status."""
        status = 0
        try:
            self._run_profiled(self._running.run)
            log.info('stopped')
        except FAILURES as exc:
            log.critical('crashed: %s; see %s', exc.__class__.__name__, self.write_crash())
            status = FAILED
            if self._settings.debug:
                import pdb
                pdb.post_mortem(sys.exc_info()[2])
        finally:
            self.end()
        return status

    def _run_profiled(self, run):
        # type: (Callable[[], None]) -> None
        if self._settings.profile is None:
            run()
            return
        try:
            from cProfile import Profile
        except ImportError:             # jython: it has the slow one
            from profile import Profile     # type: ignore
        import pstats
        profile = Profile()
        try:
            profile.runcall(run)
        finally:
            with open(self._settings.profile, 'w') as target:
                pstats.Stats(profile, stream=target).sort_stats('cumulative').print_stats(60)
            log.info('the profile is in %s', self._settings.profile)

    def end(self):
        # type: () -> None
        """Undoes what `begin` did, as far as it came."""
        if self._running is not None:
            self._running.close()
        if self._pid_file is not None:
            self._pid_file.release()
            self._pid_file = None

    def write_crash(self):
        # type: () -> str
        """Writes the traceback of the exception at hand; the name of the file."""
        data = ''.join(traceback.format_exception(*sys.exc_info()))
        path = os.path.abspath(CRASH_FILE)
        try:
            with files.append_private(path) as target:
                target.write(data if isinstance(data, bytes)
                             else data.encode('utf-8', 'backslashreplace'))
        except (IOError, OSError):
            log.critical('%s cannot be written; it would say: %s', path, data)
        return path
