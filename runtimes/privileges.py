# Copyright the carryall authors.  See LICENSE.
"""Who the process is, and becoming somebody with fewer rights.

Tests:    tests/runtimes/test_privileges.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.compat import FAILURES, native
from carryall.core.endpoints import decimal_text
from carryall.core.errors import CarryallError, UsageError
from carryall.runtimes.platform import ON_JVM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple

__all__ = ['become', 'change_root', 'current_ids', 'find_group', 'find_user', 'may_switch', 'set_umask']

MAX_ID = 2 ** 32 - 2        # the last number means "none" to the system


def current_ids():
    # type: () -> Tuple[Optional[int], Optional[int]]
    """(uid, gid) of this process; None each where there are no such numbers (Windows)."""
    try:
        return int(os.getuid()), int(os.getgid())
    except (AttributeError, NotImplementedError, OSError):
        return None, None


def may_switch():
    # type: () -> bool
    """Whether this process may become any user."""
    try:
        return os.geteuid() == 0
    except (AttributeError, NotImplementedError, OSError):
        return False


def find_user(text):
    # type: (str) -> Tuple[int, Optional[int]]
    """(uid, its group) of a user's name or number; the group is None for a number that no user has."""
    number = decimal_text(text, MAX_ID)
    try:
        import pwd
        entry = pwd.getpwuid(number) if number is not None else pwd.getpwnam(native(text))
        return int(entry.pw_uid), int(entry.pw_gid)
    except ImportError:
        raise UsageError(u'this system has no numbered users')
    except FAILURES:            # KeyError, and on Jython what Java throws; UnicodeError for a name that none can have
        if number is not None:
            return number, None
        raise UsageError(u'there is no user "%s"' % text)


def find_group(text):
    # type: (str) -> int
    """The gid of a group's name or number."""
    number = decimal_text(text, MAX_ID)
    if number is not None:
        return number
    try:
        import grp
        return int(grp.getgrnam(native(text)).gr_gid)
    except ImportError:
        raise UsageError(u'this system has no numbered groups')
    except FAILURES:
        raise UsageError(u'there is no group "%s"' % text)


def become(uid, gid, effective_only=False):
    # type: (Optional[int], Optional[int], bool) -> None
    """Become that user and group for good, or with `effective_only` in a way that can be undone.

    The groups that root was in are given up first; then the group, for after the user changed it could not be.

    Raises:   CarryallError: the system refuses; the process may be half changed and should end.
    """
    calls = _calls()
    try:
        if uid is not None or gid is not None:
            calls.setgroups(gid)
        if gid is not None:
            (calls.setegid if effective_only else calls.setgid)(gid)
        if uid is not None:
            (calls.seteuid if effective_only else calls.setuid)(uid)
    except FAILURES as exc:
        raise CarryallError(u'cannot become uid %s, gid %s: %s' % (uid, gid, getattr(exc, 'strerror', None) or exc))
    if uid is not None and os.geteuid() != uid or gid is not None and os.getegid() != gid:
        raise CarryallError(u'cannot become uid %s, gid %s' % (uid, gid))


def change_root(path):
    # type: (str) -> None
    """Make this folder the root of all paths."""
    try:
        _calls().chroot(path)
        os.chdir('/')
    except FAILURES as exc:
        raise CarryallError(u'cannot make %s the root folder: %s' % (path, getattr(exc, 'strerror', None) or exc))


def set_umask(mask):
    # type: (int) -> None
    """Takes these permission bits away from files that are made from now on.

    Raises:   CarryallError: this Java cannot, and the process has another umask.
    """
    if hasattr(os, 'umask'):
        os.umask(mask)
        return
    # jython: without the native part of jffi nothing changes the umask.
    if _umask_of_process() != mask:
        raise CarryallError(u'this Java cannot change the umask, for jffi has no native part here: set it in the shell, '
                            u'by "umask %03o", and leave --umask out' % mask)


def _umask_of_process():
    # type: () -> Optional[int]
    """The umask as proc(5) tells it since Linux 4.7; None elsewhere."""
    try:
        with open('/proc/self/status') as source:
            found = [line.split()[1] for line in source if line.startswith('Umask:')]
        return int(found[0], 8) if found else None
    except (IOError, ValueError):
        return None


def _calls():
    # type: () -> Any
    return _JavaCalls() if ON_JVM else _Calls()


class _Calls(object):
    """The system's calls through the os module."""

    def __init__(self):
        # type: () -> None
        if not hasattr(os, 'setuid'):
            raise CarryallError(u'this system cannot change the user of a process')
        self.setgid, self.setuid = os.setgid, os.setuid
        self.setegid, self.seteuid, self.chroot = os.setegid, os.seteuid, os.chroot

    def setgroups(self, gid):
        # type: (Optional[int]) -> None
        """Be in that group alone."""
        if os.geteuid() == 0:
            os.setgroups([] if gid is None else [gid])


class _JavaCalls(object):
    """The same for a JVM: jnr-posix, which Jython brings along, and for two calls the C library itself."""

    def __init__(self):
        # type: () -> None
        if not hasattr(os, 'umask'):
            raise CarryallError(u'this Java cannot change its user or its root folder: the native part of jffi is '
                                u'missing (Debian: libjffi-jni); start it as that user instead')
        # jython: os has no setuid; jnr changes all threads of the JVM.
        from jnr.posix import POSIXFactory
        self._posix = POSIXFactory.getPOSIX()
        self._library = None        # type: Any

    def _done(self, result):
        # type: (int) -> None
        if result != 0:
            raise OSError(self._posix.errno(), os.strerror(self._posix.errno()))

    def setgid(self, gid):
        # type: (int) -> None
        """Become that group."""
        self._done(self._posix.setgid(gid))

    def setuid(self, uid):
        # type: (int) -> None
        """Become that user."""
        self._done(self._posix.setuid(uid))

    def setegid(self, gid):
        # type: (int) -> None
        """Become that group for now."""
        self._done(self._posix.setegid(gid))

    def seteuid(self, uid):
        # type: (int) -> None
        """Become that user for now."""
        self._done(self._posix.seteuid(uid))

    def setgroups(self, gid):
        # type: (Optional[int]) -> None
        """Be in no other group; jnr has no call that leaves one of them."""
        if self._posix.geteuid() == 0:
            import ctypes
            call = ctypes.CDLL('libc.so.6').setgroups
            # jython: without these two lines ctypes takes the function for one with any number of arguments.
            call.argtypes = [ctypes.c_long, ctypes.c_void_p]
            call.restype = ctypes.c_int
            self._done(call(0, None))

    def chroot(self, path):
        # type: (str) -> None
        """Change the root folder."""
        import ctypes
        call = ctypes.CDLL('libc.so.6').chroot
        call.argtypes = [ctypes.c_char_p]
        call.restype = ctypes.c_int
        self._done(call(path))      # jython: ctypes encodes text as UTF-8, and bytes once more
