# Copyright the carryall authors.  See LICENSE.
"""The targets of the log: a file that is rotated, a stream, the system's log.

The records come from the standard `logging` package and are formatted by core/logs.py.

Tests:    tests/commands/test_logoutput.py
"""
from __future__ import absolute_import, division, print_function

import logging
import os
import sys

from carryall.core.compat import FAILURES
from carryall.core.logs import JSONFormatter, LineFormatter, get_logger
from carryall.runtimes.host import stdout, systemfiles as files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional

__all__ = ['FileTarget', 'LogOutput', 'StreamTarget', 'SystemTarget', 'severity_of']

# -- limits ------------------------------------------------------------------
FILE_BYTES = 10 << 20       # of one log file, before it is rotated
FILES_KEPT = 9              # rotated files, NAME.1 (the newest) to NAME.9
MAX_HELD = 1000             # records held back until the first line was printed

log = get_logger('run')


# Level of a record and above: severity of RFC 5424 section 6.2.1; what is below is 7.
SEVERITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))


def severity_of(level):
    # type: (int) -> int
    """How syslog and the journal call a level of `logging`."""
    for lowest, number in SEVERITIES:
        if level >= lowest:
            return number
    return 7


class StreamTarget(object):
    """stdout or stderr; there is nothing to rotate.

    When it is the journal that reads, each line begins with its severity,
    as sd-daemon(3) has it: `<4>...`.
    """

    def __init__(self, stream, environ=os.environ):
        # type: (Any, Any) -> None
        self._stream = getattr(stream, 'buffer', stream)    # py2: the stream takes bytes itself
        self._journal = _is_journal(stream, environ.get('JOURNAL_STREAM'))

    def write(self, data, level):
        # type: (bytes, int) -> None
        """Writes one record."""
        if self._journal:
            mark = (u'<%d>' % severity_of(level)).encode('ascii')
            data = b''.join(mark + line for line in data.splitlines(True))
        self._stream.write(data)
        self._stream.flush()

    def reopen(self):
        # type: () -> None
        """Nothing to do."""

    rotate = reopen
    close = rotate

    def give_to(self, uid, gid):
        # type: (int, int) -> None
        """Nothing to do."""


def _is_journal(stream, named):
    # type: (Any, Optional[str]) -> bool
    """True if systemd connected this stream to the journal: JOURNAL_STREAM is its
    device and inode."""
    if not named:
        return False
    try:
        state = os.fstat(stream.fileno())
    except (AttributeError, IOError, OSError, TypeError, ValueError):
        # No file, or (jython) one without a descriptor.
        return False
    return named == '%d:%d' % (state.st_dev, state.st_ino)


class FileTarget(object):
    """A file, its owner's alone, that is put aside when it has grown large or when asked.

    Args:     maximum: bytes; 0: it grows for ever.
              keep:    number of former files.
    """

    def __init__(self, path, maximum=FILE_BYTES, keep=FILES_KEPT):
        # type: (str, int, int) -> None
        self.path = os.path.abspath(path)
        self._maximum = maximum
        self._keep = keep
        self._file = None       # type: Any
        self._has_stderr = False
        self._size = 0
        self.reopen()
        self._has_stderr = stdout.stderr_is(self.path)  # then it has that of each later file too

    def reopen(self):
        # type: () -> None
        """Opens the file of that name again, as the open one may have been moved away."""
        fresh = files.append_private(self.path)
        self.close()
        self._file = fresh
        self._size = os.path.getsize(self.path)
        if self._has_stderr:
            stdout.point_stderr_at(self.path)

    def give_to(self, uid, gid):
        # type: (int, int) -> None
        """Gives the file to the user who will open and rotate it from now on."""
        files.give_to(self.path, uid, gid)

    def check_rotation(self):
        # type: () -> None
        """Warns if it could not be rotated:
        the user whom the process has become may not write to the folder."""
        if not self._maximum:
            return
        try:
            probe, name = files.create_private(self.path + '.new')
            probe.close()
            files.remove(name)
        except (IOError, OSError) as exc:
            log.warning('the log %s cannot be rotated, and will grow beyond %d octets: its folder '
                        'is not writable (%s)',
                        self.path, self._maximum, exc.strerror or exc)

    def write(self, data, _level):
        # type: (bytes, int) -> None
        """Writes one record."""
        if self._maximum and self._size and self._size + len(data) > self._maximum:
            try:
                self.rotate()
            except (IOError, OSError) as exc:
                # Not our folder any more, say: the log goes on where it is.
                self._size = 0
                log.warning('the log %s cannot be rotated, and grows on: %s', self.path,
                            exc.strerror or exc)
        self._size += len(data)
        while data:  # 3.x: a file without a buffer may take a part, when the disk fills up
            data = data[self._file.write(data) or len(data):]

    def rotate(self):
        # type: () -> None
        """Renames the file to NAME.1, NAME.1 to NAME.2 and so on, and begins a new one."""
        for number in range(self._keep, 0, -1):
            older = '%s.%d' % (self.path, number)
            newer = '%s.%d' % (self.path, number - 1) if number > 1 else self.path
            if os.path.exists(newer):
                files.replace(newer, older)
        if not self._keep:
            files.remove(self.path)
        self.reopen()

    def close(self):
        # type: () -> None
        """Closes it."""
        if self._file is not None:
            self._file.close()


class SystemTarget(object):
    """The system's log; it adds the time and the pid itself."""

    def __init__(self, prefix):
        # type: (str) -> None
        from carryall.runtimes.host.systemlog import open_system_log
        self._write = open_system_log(prefix)

    def write(self, data, level):
        # type: (bytes, int) -> None
        """Writes one record, each of its lines on its own."""
        severity = severity_of(level)
        for line in data.decode('utf-8').splitlines():
            self._write(severity, line)

    def reopen(self):
        # type: () -> None
        """Nothing to do."""

    rotate = reopen
    close = rotate

    def give_to(self, uid, gid):
        # type: (int, int) -> None
        """Nothing to do."""


class LogOutput(logging.Handler):
    """Takes every record of the process, and hands it on to a target as bytes.

    The records are held back until `let_go()`: the target may not be open yet,
    and another line may be the first.

    Args:     level:  of the records that are written.
              json:   one JSON object a line instead of text.
    """

    def __init__(self, level=logging.INFO, json=False):
        # type: (int, bool) -> None
        logging.Handler.__init__(self)
        self._target = StreamTarget(sys.stderr)     # type: Any
        self._held = []                             # type: Optional[List[logging.LogRecord]]
        self.setFormatter(JSONFormatter() if json else LineFormatter())
        self.setLevel(level)
        root = logging.getLogger()
        self._former_level = root.level
        root.addHandler(self)
        root.setLevel(level)

    def emit(self, record):
        """Writes one record; a log that cannot be written must not end the server."""
        if self._held is not None:
            if len(self._held) < MAX_HELD:
                self._held.append(record)
            return
        try:
            self._target.write((self.format(record) + u'\n').encode('utf-8', 'replace'),
                               record.levelno)
        except FAILURES:
            self.handleError(record)

    def handleError(self, record):
        """One line on stderr, and on we go."""
        try:
            sys.stderr.write('carryall: the log cannot be written\n')
        except FAILURES:
            pass

    def send_to(self, target):
        # type: (Any) -> None
        """Writes to this StreamTarget, FileTarget or SystemTarget; stderr until now."""
        self._target = target

    def is_terminal(self):
        # type: () -> bool
        """True if the target is stdout or stderr, and not a log of its own."""
        return isinstance(self._target, StreamTarget)

    def let_go(self):
        # type: () -> None
        """Writes the records that were held back, and from now on each at once."""
        held, self._held = self._held, None
        for record in held or ():
            self.handle(record)

    def give_to(self, uid, gid):
        # type: (int, int) -> None
        """Tells the target the user that the process will become."""
        self._target.give_to(uid, gid)

    def check_rotation(self):
        # type: () -> None
        """Warns if it is a file that can grow without end."""
        if isinstance(self._target, FileTarget):
            self._target.check_rotation()

    def forget(self):
        # type: () -> None
        """Drops what was held back."""
        self._held = []

    def reopen(self):
        # type: () -> None
        """Opens the target again."""
        self._locked(self._target.reopen)

    def rotate(self):
        # type: () -> None
        """Puts the log so far aside."""
        self._locked(self._target.rotate)

    def _locked(self, action):
        # type: (Callable[[], None]) -> None
        """Between two records, whatever threads write them."""
        self.acquire()
        try:
            action()
        finally:
            self.release()

    def close(self):
        """Takes no more records."""
        self.let_go()
        root = logging.getLogger()
        root.removeHandler(self)
        root.setLevel(self._former_level)
        self._target.close()
        logging.Handler.close(self)
