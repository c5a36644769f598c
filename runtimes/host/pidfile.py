# Copyright the carryall authors.  See LICENSE.
"""The pid file: it admits one process at a time, and recognises a pid that is used again after a
crash.

`twistd.pid` holds the pid alone, because users write `kill $(cat twistd.pid)`.  In the same folder
is `twistd.pid.lock`:

- it is locked while the process lives; the system releases the lock at any end of the process
- its owner alone may open it: anyone who may read a file can lock it, and so keep a server from
  starting
- it holds one line, `PID START BOOT`: the pid, the start of that process, and the boot of the
  machine

Locks do not work in some network folders.  There the line shows that another process with the same
pid is not ours.

    pid_file = PidFile('twistd.pid')
    # AlreadyRunning if it is in use; a file left by a crash is replaced
    pid_file.claim()
    ...
    pid_file.release()          # removes both files

The lock is one of `fcntl.lockf`, which Java's FileChannel takes too:
Jython and CPython keep each other out.

Tests:    tests/runtimes/host/test_pidfile.py
"""
from __future__ import absolute_import, division, print_function

import binascii
import errno
import os

from carryall.core.compat import int2byte
from carryall.core.errors import CarryallError
from carryall.core.files.plainfile import open_plain, read_plain
from carryall.core.codec.numbers import decimal
from carryall.runtimes.host import systemfiles as files
from carryall.runtimes.platform import ON_JVM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple

__all__ = ['AlreadyRunning', 'PidFile', 'PidFileError', 'is_alive', 'start_of']

# -- limits ------------------------------------------------------------------
MAX_PID = 2 ** 31 - 1
MAX_FILE = 200              # bytes of either file that are looked at
MAX_TRIES = 10              # times that another process may take the lock file away under our hands

PUBLIC = 0o644  # of the pid file: anyone who may signal the process may also want its pid
OTHERS = 0o077              # of a lock file: with these bits other accounts can lock it


class PidFileError(CarryallError):
    """The pid file cannot be used; one sentence says why."""


class AlreadyRunning(PidFileError):
    """The process that the pid file names is alive."""


class PidFile(object):
    """One pid file and the lock beside it."""

    def __init__(self, path):
        # type: (str) -> None
        self.path = os.path.abspath(path)
        self.lock_path = self.path + '.lock'
        self._lock = None       # type: Any

    def claim(self):
        # type: () -> None
        """Takes it for this process.

        Raises:   AlreadyRunning: its process is alive.
                  PidFileError: it is not a pid file, or cannot be written.
        """
        try:
            self._lock = self._take_lock()
            try:
                self._check_former()
                self._write_record()
                self._write_pid()
            except BaseException:
                lock, self._lock = self._lock, None
                if lock.record()[0] in (None, os.getpid()):
                    # It tells of no one else, so no one misses it.
                    lock.close_and_remove(self.lock_path)
                else:
                    lock.close()
                raise
        except (IOError, OSError) as exc:
            raise PidFileError(u'the pid file %s cannot be written: %s'
                               % (self.path, exc.strerror or exc), exc)

    def check(self):
        # type: () -> None
        """AlreadyRunning if another process holds the lock; a quick look,
        before anything is started."""
        if os.path.exists(self.lock_path):
            try:
                self._take_lock().close()
            except (IOError, OSError):      # anyone who claims it will say why
                pass

    def release(self):
        # type: () -> None
        """Removes both files and lets go of the lock."""
        if self._lock is None:
            return
        # In this order: while we hold the lock no one else can have written a pid.
        files.remove(self.path)
        if os.path.exists(self.path):  # the folder is not ours any more, since we changed our user
            try:
                open_plain(self.path, 'wb').close()
            except (IOError, OSError):
                pass
        self._lock.close_and_remove(self.lock_path)
        self._lock = None

    def give_to(self, uid, gid):
        # type: (int, int) -> None
        """Makes the files those of the user that the process will run as,
        so that it can remove them."""
        for path in (self.path, self.lock_path):
            files.give_to(path, uid, gid)

    def owner(self):
        # type: () -> Optional[int]
        """The pid that stands in it, None if there is none."""
        return _pid_in(_read(self.path))

    # -- steps of claim ----------------------------------------------------------------------------

    def _take_lock(self):
        # type: () -> Any
        for _ in range(MAX_TRIES):
            lock = _make_lock(self.lock_path)
            if lock is None and self._is_held_by_a_reader():
                files.remove(self.lock_path)
                continue
            if lock is None:
                raise AlreadyRunning(u'it runs already, as process %s (%s)'
                                     % (self.owner() or u'?', self.path))
            if lock.is_at(self.lock_path):
                _make_private(self.lock_path)
                return lock
            # The one who held it has removed the file meanwhile;
            # anyone who comes next would lock another file.
            lock.close()
        raise PidFileError(u'the lock file %s keeps vanishing' % self.lock_path)

    def _is_held_by_a_reader(self):
        # type: () -> bool
        """True if another account holds the lock, which older versions let everybody read;
        their server is gone."""
        try:
            readable = os.stat(self.lock_path).st_mode & OTHERS
        except OSError:
            return False
        pid, started = _parse_record(_read(self.lock_path) or b'')
        return bool(readable) and pid is not None \
            and not (is_alive(pid) and started == start_of(pid))

    def _check_former(self):
        # type: () -> None
        """AlreadyRunning if the process that wrote the pid file is alive although it has no
        lock."""
        data = _read(self.path)
        if data is None or not data.strip():  # an empty file is what a full disk or a crash leaves
            return
        pid = _pid_in(data)
        if pid is None:
            raise PidFileError(u'%s does not hold a pid, so it is left alone' % self.path)
        if pid == os.getpid() or not is_alive(pid):
            return
        former, started = self._lock.record()
        if former == pid and started != start_of(pid):
            return                              # another process has the pid now
        if former == pid and started == u'':
            return  # ours, and no way to tell here: then the lock decides
        raise AlreadyRunning(u'process %d, named in %s, is alive; if it is not this server, remove '
                             u'the file'
                             % (pid, self.path))

    def _write_record(self):
        # type: () -> None
        pid = os.getpid()
        self._lock.write((u'%d %s\n' % (pid, start_of(pid))).encode('ascii'))

    def _write_pid(self):
        # type: () -> None
        """In one step: anyone who polls for the file finds the whole number."""
        target, name = files.create_private(self.path + '.new')
        try:
            with target:
                target.write(b'%d\n' % os.getpid())
            os.chmod(name, PUBLIC)
            files.replace(name, self.path)
        except BaseException:
            files.remove(name)
            raise


def is_alive(pid):
    # type: (int) -> bool
    """True if there is a process of that number;
    one that has ended and only waits for its parent does not count."""
    if os.name == 'nt':
        return False            # os.kill(pid, 0) would end it there; the lock alone decides
    try:
        os.kill(pid, 0)
    except OSError as exc:
        if exc.errno != errno.EPERM:
            return False
    return not start_of(pid) == u'ended'


def start_of(pid):
    # type: (int) -> str
    """When that process started and in which boot, as one word; '' where the system does not tell.

    Source:   proc(5): /proc/PID/stat, field 22, in clock ticks since the boot.
    """
    data = _read('/proc/%d/stat' % pid, 4096)
    if data is None:
        return u''
    fields = data[data.rfind(b')') + 1:].split()        # the name before it may hold anything
    if len(fields) < 20:
        return u''
    if fields[0] == b'Z':
        return u'ended'
    boot = _read('/proc/sys/kernel/random/boot_id') or b'?'
    return u'%s.%s' % (fields[19].decode('ascii'), boot.strip().decode('ascii', 'replace'))


def _read(path, size=MAX_FILE):
    # type: (str, int) -> Optional[bytes]
    try:
        return read_plain(path, size)
    except (IOError, OSError):
        return None


def _pid_in(data):
    # type: (Optional[bytes]) -> Optional[int]
    return decimal((data or b'').strip(), MAX_PID) or None


# -- locks -------------------------------------------------------------------

def _make_lock(path):
    # type: (str) -> Any
    """The lock on a file, which is made if it is not there; None if another process has it."""
    if os.path.islink(path):        # it would be written to, wherever somebody has it lead
        raise PidFileError(u'the lock file %s is a symbolic link, so it is left alone' % path)
    try:
        files.make_private(path)
        return _JavaLock.take(path) if ON_JVM else _Lock.take(path)
    except (IOError, OSError) as exc:
        if exc.errno in (errno.EACCES, errno.EPERM):
            raise PidFileError(u'the lock file %s cannot be opened: %s'
                               % (path, exc.strerror or exc), exc)
        raise


def _make_private(path):
    # type: (str) -> None
    """Takes the rights of other accounts away from a lock file that an older version made."""
    try:
        if os.stat(path).st_mode & OTHERS:
            os.chmod(path, files.PRIVATE)
    except (IOError, OSError):      # it is somebody else's, or (Windows) has no such rights
        pass


class _Lock(object):
    """A file that is open and locked."""

    def __init__(self, handle):
        # type: (Any) -> None
        self._handle = handle

    @classmethod
    def take(cls, path):
        # type: (str) -> Optional[_Lock]
        """Locks it, or None."""
        handle = open_plain(path, 'r+b', follow=False)
        try:
            if os.name == 'nt':
                # The checker of types runs if there is none.
                msvcrt = __import__('msvcrt')  # type: Any
                handle.seek(1 << 30)        # beyond the text, which stays readable
                msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl
                fcntl.lockf(handle.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (IOError, OSError):
            handle.close()
            return None
        return cls(handle)

    def is_at(self, path):
        # type: (str) -> bool
        """True if the locked file is the one of that name."""
        mine = os.fstat(self._handle.fileno())
        try:
            there = os.stat(path)
        except OSError:
            return False
        return (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino)

    def record(self):
        # type: () -> Tuple[Optional[int], str]
        """(pid, start) that stand in it, (None, '') if none do."""
        return _parse_record(self._get())

    def _get(self):
        # type: () -> bytes
        self._handle.seek(0)
        return self._handle.read(MAX_FILE)

    def write(self, data):
        # type: (bytes) -> None
        """Replaces its text."""
        self._handle.seek(0)
        self._handle.truncate()
        self._handle.write(data)
        self._handle.flush()

    def close(self):
        # type: () -> None
        """Lets go of it."""
        self._handle.close()

    def close_and_remove(self, path):
        # type: (str) -> None
        """Removes the file while the lock is held,
        so that no one gets the lock on a file that goes away unseen."""
        files.remove(path)
        self._handle.close()


class _JavaLock(_Lock):
    """The same over a FileChannel."""

    @classmethod
    def take(cls, path):
        # type: (str) -> Optional[_Lock]
        """Locks it, or None."""
        from java.io import RandomAccessFile
        from java.nio.channels import OverlappingFileLockException
        handle = RandomAccessFile(path, 'rw')
        lock = None
        try:
            lock = handle.getChannel().tryLock()
        except OverlappingFileLockException:        # this very process has it
            pass
        finally:
            if lock is None:
                handle.close()
        return None if lock is None else cls(handle)

    def is_at(self, path):
        # type: (str) -> bool
        """As above.

        Java does not tell the inode of an open file.  So the file gets an odd size for a moment,
        and the size of the name is compared.  The name cannot be opened to read a mark: closing any
        handle of a file drops the process's locks.
        """
        size = self._handle.length()
        mark = 1024 + int(binascii.hexlify(os.urandom(3)), 16)
        self._handle.setLength(mark)
        try:
            return os.stat(path).st_size == mark
        except OSError:
            return False
        finally:
            self._handle.setLength(size)

    def _get(self):
        # type: () -> bytes
        self._handle.seek(0)
        size = min(int(self._handle.length()), MAX_FILE)
        return b''.join([int2byte(self._handle.read()) for _ in range(size)])

    def write(self, data):
        # type: (bytes) -> None
        """Replaces its text."""
        self._handle.setLength(0)
        self._handle.seek(0)
        self._handle.writeBytes(data)


def _parse_record(data):
    # type: (bytes) -> Tuple[Optional[int], str]
    pid, _, start = data.strip().partition(b' ')
    return _pid_in(pid), start.decode('ascii', 'replace')


