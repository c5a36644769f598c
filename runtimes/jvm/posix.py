# Copyright the carryall authors.  See LICENSE.
"""Completes Jython's `os`, `pwd` and `grp` on a Java without the native part of jffi.

Jython calls the system through jffi.  Debian's Java finds its native part; other builds of Java do
not, and neither does the jar on a machine other than x86-64 Linux.  Then the following fail:

- `os.getpid`, `getppid`, `getuid`, `getgid`, `kill`, `lchown`, `umask` and `isatty` are missing
- `os.chown` keeps the group
- `os.chmod` drops the bits that are not the same for all or the owner's alone
- `os.mkdir` raises error numbers that no system has
- `pwd` and `grp` raise NotImplementedError

`complete()` replaces these by means of the JDK (ProcessHandle, the attribute view "unix") and the
system's programs.  It is called once, when the package is imported.  `os.umask` stays missing:
Java cannot change it.

Tests:    tests/runtimes/test_jython_posix.py
"""
from __future__ import absolute_import, division, print_function

import errno
import io
import os
import signal
from collections import namedtuple

from java.io import IOException
from java.lang import IllegalArgumentException, Integer, ProcessBuilder, ProcessHandle
from java.lang import UnsupportedOperationException
from java.nio.file import FileAlreadyExistsException, Files, NoSuchFileException
from java.nio.file import AccessDeniedException, FileSystemException, LinkOption, Path
from java.nio.file.attribute import PosixFilePermissions

from carryall.core.codec.numbers import decimal
from carryall.runtimes.jvm.nionames import to_path
from carryall.runtimes.jvm.octets import from_java

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, List, Optional, Sequence

__all__ = ['chmod', 'chown', 'complete', 'getpid', 'getppid', 'isatty', 'kill', 'lchown', 'mkdir']

PASSWD = '/etc/passwd'
GROUP = '/etc/group'
MAX_ANSWER = 4096           # octets of one line of getent(1) that are read
MAX_ID = 2 ** 32 - 2        # the last number means "none" to the system

struct_passwd = namedtuple('struct_passwd',
                           'pw_name pw_passwd pw_uid pw_gid pw_gecos pw_dir pw_shell')
struct_group = namedtuple('struct_group', 'gr_name gr_passwd gr_gid gr_mem')


def complete():
    # type: () -> None
    """Adds to `os`, `pwd` and `grp` what this Java lacks; does nothing if jffi works."""
    if hasattr(os, 'getpid'):
        return
    for function in (getpid, getppid, isatty, kill, lchown):
        setattr(os, function.__name__, function)
    # The JVM never changes its user, so real and effective numbers are the same.
    os.getuid = os.geteuid
    os.getgid = os.getegid
    os.chmod = chmod        # type: ignore
    os.chown = chown        # type: ignore
    os.mkdir = mkdir        # type: ignore
    import grp
    import pwd
    pwd.getpwnam = getpwnam
    pwd.getpwuid = getpwuid
    pwd.getpwall = getpwall
    grp.getgrnam = getgrnam     # type: ignore
    grp.getgrgid = getgrgid     # type: ignore
    grp.getgrall = getgrall     # type: ignore


# -- processes ---------------------------------------------------------------

def getpid():
    # type: () -> int
    """The number of this process."""
    return int(ProcessHandle.current().pid())


def getppid():
    # type: () -> int
    """The number of the process that started this one; 1 if that one has ended."""
    parent = ProcessHandle.current().parent()
    return int(parent.get().pid()) if parent.isPresent() else 1


def kill(pid, number):
    # type: (int, int) -> None
    """Sends a signal, or with 0 only checks that the process exists.

    Raises: OSError: ESRCH for an unknown process; EPERM if the signal is refused.  EINVAL for a
            signal other than TERM and KILL on a system without kill(1).
    """
    handle = ProcessHandle.of(pid)
    if not handle.isPresent():
        raise OSError(errno.ESRCH, os.strerror(errno.ESRCH))
    if number == 0:
        return
    try:
        status = ProcessBuilder(['kill', '-%d' % number, '%d' % pid]).start().waitFor()
    except IOException:                     # Windows, or an image with nothing but a Java in it
        end = {signal.SIGTERM: ProcessHandle.destroy,
               signal.SIGKILL: ProcessHandle.destroyForcibly}       # type: Any
        if number not in end:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        status = not end[number](handle.get())
    if status:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))


def isatty(descriptor):
    # type: (int) -> bool
    """True if that descriptor of the process is a terminal;
    False also if the system has no /proc."""
    try:
        return os.readlink('/proc/self/fd/%d' % descriptor).startswith(('/dev/pts/', '/dev/tty'))
    except OSError:
        return False


# -- files -------------------------------------------------------------------

def _path(path):
    # type: (Any) -> Path
    return to_path(path if isinstance(path, bytes) else path.encode('utf-8'))


def _fault(exc, path):
    # type: (Any, Any) -> OSError
    """The OSError for what Java threw."""
    kinds = ((FileAlreadyExistsException, errno.EEXIST), (NoSuchFileException, errno.ENOENT),
             (AccessDeniedException, errno.EACCES))
    number = next((number for kind, number in kinds if isinstance(exc, kind)), None)
    if number is None:
        reason = exc.getReason() if isinstance(exc, FileSystemException) else None
        number = next((number for number in (errno.EPERM, errno.EROFS, errno.ENOSPC, errno.ENOTDIR,
                                             errno.ENAMETOOLONG, errno.EMLINK, errno.EDQUOT)
                       if os.strerror(number) == reason), errno.EIO)
    return OSError(number, os.strerror(number), path)


def chmod(path, mode):
    # type: (Any, int) -> None
    """Sets all permission bits of a file, the set-id and sticky ones too; follows links.

    Raises: OSError: the file is missing or not ours; EINVAL if files have no such bits.
    """
    _set(path, 'mode', mode & 0o7777, [])


def chown(path, uid, gid, options=()):
    # type: (Any, int, int, Sequence[Any]) -> None
    """Gives a file to that user and group (-1: as it is); follows links.

    Raises: OSError: the file is missing or not ours; EINVAL if files have no owners.
    """
    for name, number in (('gid', gid), ('uid', uid)):
        if number != -1:
            _set(path, name, number, list(options))


def lchown(path, uid, gid):
    # type: (Any, int, int) -> None
    """As `chown`, but of a link the link itself."""
    chown(path, uid, gid, [LinkOption.NOFOLLOW_LINKS])


def _set(path, name, number, options):
    # type: (Any, str, int, List[Any]) -> None
    try:
        Files.setAttribute(_path(path), 'unix:' + name, Integer(number), options)
    except IOException as exc:
        raise _fault(exc, path)
    except (UnsupportedOperationException, IllegalArgumentException):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)


def mkdir(path, mode=0o777):
    # type: (Any, int) -> None
    """Makes a folder with that mode less the umask.

    Raises: OSError: with the number that mkdir(2) has for it.
    """
    letters = ''.join(letter if mode & 1 << 8 - place else '-' for place, letter in enumerate(
        'rwxrwxrwx'))
    try:
        permissions = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(letters))
        try:
            Files.createDirectory(_path(path), [permissions])
        except UnsupportedOperationException:       # Windows
            Files.createDirectory(_path(path), [])
    except IOException as exc:
        raise _fault(exc, path)


# -- accounts ----------------------------------------------------------------

def getpwnam(name):
    # type: (str) -> Any
    """The account of that name; KeyError if it is unknown."""
    return _account(_entry('passwd', PASSWD, name, 0), name)


def getpwuid(uid):
    # type: (int) -> Any
    """The account with that number; KeyError if it is unknown."""
    return _account(_entry('passwd', PASSWD, '%d' % uid, 2), uid)


def getpwall():
    # type: () -> List[Any]
    """The accounts of /etc/passwd."""
    return [_account(fields, None) for fields in _lines(PASSWD) if len(fields) == 7]


def getgrnam(name):
    # type: (str) -> Any
    """The group of that name; KeyError if it is unknown."""
    return _group(_entry('group', GROUP, name, 0), name)


def getgrgid(gid):
    # type: (int) -> Any
    """The group with that number; KeyError if it is unknown."""
    return _group(_entry('group', GROUP, '%d' % gid, 2), gid)


def getgrall():
    # type: () -> List[Any]
    """The groups of /etc/group."""
    return [_group(fields, None) for fields in _lines(GROUP) if len(fields) == 4]


def _account(fields, asked):
    # type: (Optional[List[bytes]], Any) -> Any
    if fields is None or len(fields) != 7:
        raise KeyError('unknown account: %s' % asked)
    return struct_passwd(fields[0], fields[1], _number(fields[2]), _number(fields[3]), *fields[4:])


def _group(fields, asked):
    # type: (Optional[List[bytes]], Any) -> Any
    if fields is None or len(fields) != 4:
        raise KeyError('unknown group: %s' % asked)
    return struct_group(fields[0], fields[1], _number(fields[2]),
                        [name for name in fields[3].split(b',') if name])


def _number(text):
    # type: (bytes) -> int
    number = decimal(text, MAX_ID)
    if number is None:
        raise KeyError('no number: %r' % text)
    return number


def _lines(path):
    # type: (str) -> Iterator[List[bytes]]
    with io.open(path, 'rb') as source:
        for line in source:
            yield line.rstrip(b'\r\n').split(b':')


def _entry(database, path, wanted, place):
    # type: (str, str, Any, int) -> Optional[List[bytes]]
    """The fields of the first line of *path* with *wanted* at *place*;
    else what getent(1) knows."""
    try:
        for fields in _lines(path):
            if len(fields) > place and fields[place] == wanted:
                return fields
    except IOError:
        pass
    if not wanted or wanted.startswith('-'):
        return None
    try:
        # Accounts may come from a directory service, which only the C library asks.
        child = ProcessBuilder(['getent', database, wanted]).start()
        answer = child.getInputStream().readNBytes(MAX_ANSWER)
        line = from_java(answer, len(answer))
        child.waitFor()
    except IOException:
        return None
    fields = line.split(b'\n')[0].split(b':')
    return fields if len(fields) > place and fields[place] == wanted else None
