# Copyright the carryall authors.  See LICENSE.
"""The user of the process, and changing to one with fewer rights.

Tests:    tests/runtimes/host/test_privileges.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall.core.files import fileuser
from carryall.core.compat import FAILURES, native
from carryall.core.codec.numbers import decimal_text
from carryall.core.errors import CarryallError, UsageError
from carryall.runtimes.platform import ON_JVM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence, Tuple

__all__ = ['FileUser', 'become', 'change_root', 'current_ids', 'find_group', 'find_user',
           'groups_of', 'may_switch', 'set_umask', 'why_no_chroot']

MAX_ID = 2 ** 32 - 2        # the last number means "none" to the system


def current_ids():
    # type: () -> Tuple[Optional[int], Optional[int]]
    """(uid, gid) of this process; (None, None) on a system without them (Windows)."""
    try:
        return int(os.getuid()), int(os.getgid())
    except (AttributeError, NotImplementedError, OSError):
        return None, None


def may_switch():
    # type: () -> bool
    """True if this process may become any user."""
    try:
        return os.geteuid() == 0
    except (AttributeError, NotImplementedError, OSError):
        return False


def find_user(text):
    # type: (str) -> Tuple[int, Optional[int]]
    """(uid, its group) of a user's name or number;
    the group is None for a number that no user has."""
    number = decimal_text(text, MAX_ID)
    try:
        import pwd
        entry = pwd.getpwuid(number) if number is not None else pwd.getpwnam(native(text))
        return int(entry.pw_uid), int(entry.pw_gid)
    except ImportError:
        raise UsageError(u'this system has no numbered users')
    except FAILURES:
        # KeyError, and on Jython what Java throws; UnicodeError for a name that none can have.
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


def groups_of(uid, gid, name=None):
    # type: (Optional[int], Optional[int], Optional[str]) -> List[int]
    """The groups of a user's account, with *gid* as the first;
    *gid* alone for a number that no account has.

    Ask before chroot(2): the answer is in the system's files.
    Args:     name: of the account, where several have this uid.
    """
    own = [] if gid is None else [gid]
    if uid is None:
        return own
    try:
        import pwd
        entry = pwd.getpwuid(uid) if name is None else pwd.getpwnam(native(name))
        first = int(entry.pw_gid) if gid is None else gid
        found = _listed_groups(entry.pw_name, first)
    except FAILURES:            # no account, or a system without them
        return own
    return [first] + sorted(set(found) - set([first]))


def _listed_groups(name, gid):
    # type: (str, int) -> Sequence[int]
    if ON_JVM:
        # jython: os has no call for it; groups that the system's database does not enumerate are
        # missed.
        import grp
        from jnr.posix import POSIXFactory
        # jython: only the first getgrall() of a process finds anything
        POSIXFactory.getPOSIX().setgrent()
        return [int(entry.gr_gid) for entry in grp.getgrall() if name in entry.gr_mem]
    if hasattr(os, 'getgrouplist'):
        return os.getgrouplist(name, gid)
    # py2: the list can be had from the process alone.
    if os.geteuid() != 0:
        return []
    former = os.getgroups()
    os.initgroups(name, gid)
    try:
        return os.getgroups()
    finally:
        os.setgroups(former)


def become(uid, gid, effective_only=False, groups=None):
    # type: (Optional[int], Optional[int], bool, Optional[Sequence[int]]) -> None
    """Becomes that user and group for good, or with `effective_only` in a way that can be undone.

    The groups that root was in are given up first; then the group,
    for after the user changed it could not be.

    Args:     groups: all groups to be in, as `groups_of` gives them; *gid* alone unless given.
    Raises:   CarryallError: the system refuses; the process may be half changed and should end.
    """
    calls = _calls()
    try:
        if (uid is not None or gid is not None) and may_switch():
            if groups is None:
                groups = [] if gid is None else [gid]
            calls.setgroups(groups)
        if gid is not None:
            (calls.setegid if effective_only else calls.setgid)(gid)
        if uid is not None:
            (calls.seteuid if effective_only else calls.setuid)(uid)
    except FAILURES as exc:
        raise CarryallError(u'cannot become uid %s, gid %s: %s'
                            % (uid, gid, getattr(exc, 'strerror', None) or exc))
    if uid is not None and os.geteuid() != uid or gid is not None and os.getegid() != gid:
        raise CarryallError(u'cannot become uid %s, gid %s' % (uid, gid))


class FileUser(fileuser.SameUser):
    """Root becomes this user as effective user while the block runs; for `loop.file_user`.

    Raises:   CarryallError: the system refuses.
    """

    def __init__(self, uid, gid, groups):
        # type: (Optional[int], Optional[int], Sequence[int]) -> None
        self._row = uid, gid, groups

    def __enter__(self):
        # type: () -> FileUser
        self._former = _calls().getgroups()
        self._gid = os.getegid()
        uid, gid, groups = self._row
        become(uid, gid, True, groups)
        return self

    def __exit__(self, *_exc_info):
        # type: (*Any) -> None
        calls = _calls()
        try:
            calls.seteuid(0)
            calls.setegid(self._gid)
            calls.setgroups(self._former)
        except FAILURES as exc:
            raise CarryallError(u'cannot become root again: %s'
                                % (getattr(exc, 'strerror', None) or exc))


def why_no_chroot():
    # type: () -> Optional[str]
    """The reason why this runtime cannot run with another root folder; None if it can."""
    if ON_JVM:
        return (u'a JVM loads its classes and libraries while it runs, and would not find them any '
                u'more')
    if not hasattr(os, 'chroot'):
        return u'this system has no chroot'
    return None


def change_root(path):
    # type: (str) -> None
    """Makes this folder the root of all paths;
    what is loaded later on must have been loaded before (lateimports)."""
    reason = why_no_chroot()
    if reason is not None:
        raise CarryallError(u'cannot make %s the root folder: %s' % (path, reason))
    chance = _open_chance()
    try:
        os.chroot(path)
        os.chdir('/')
    except FAILURES as exc:
        raise CarryallError(u'cannot make %s the root folder: %s'
                            % (path, getattr(exc, 'strerror', None) or exc))
    try:
        os.urandom(1)
    except FAILURES as exc:
        # pypy: os.urandom() opens /dev/urandom each time, and does not call getrandom(2).
        if chance is None:
            raise CarryallError(u'there is no source of random numbers in %s: it needs a '
                                u'dev/urandom' % path, exc)
        _take_chance_from(chance)
    else:
        if chance is not None:
            chance.close()


def _open_chance():
    # type: () -> Any
    try:
        return open('/dev/urandom', 'rb', 0)
    except (IOError, OSError):
        return None


def _take_chance_from(source):
    # type: (Any) -> None
    """Lets os.urandom, and all who imported it by name, read an open file."""
    former = os.urandom

    def urandom(size):
        # type: (int) -> bytes
        data = b''
        while len(data) < size:
            data += source.read(size - len(data))
        return data
    for module in list(sys.modules.values()):
        for name, value in list(getattr(module, '__dict__', {}).items()):
            if value is former:
                setattr(module, name, urandom)


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
        raise CarryallError(u'this Java cannot change the umask, for jffi has no native part here: '
                            u'set it in the shell, '
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
        self.setgid = os.setgid
        self.setuid = os.setuid
        self.setegid = os.setegid
        self.seteuid = os.seteuid
        self.setgroups = os.setgroups
        self.getgroups = os.getgroups


class _JavaCalls(object):
    """The same for a JVM: jnr-posix, which Jython brings along,
    and for one call the C library itself."""

    def __init__(self):
        # type: () -> None
        if not hasattr(os, 'umask'):
            raise CarryallError(u'this Java cannot change its user: the native part of jffi is '
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
        """Becomes that group."""
        self._done(self._posix.setgid(gid))

    def setuid(self, uid):
        # type: (int) -> None
        """Becomes that user."""
        self._done(self._posix.setuid(uid))

    def setegid(self, gid):
        # type: (int) -> None
        """Becomes that group for now."""
        self._done(self._posix.setegid(gid))

    def seteuid(self, uid):
        # type: (int) -> None
        """Becomes that user for now."""
        self._done(self._posix.seteuid(uid))

    def getgroups(self):
        # type: () -> List[int]
        """The groups that it is in."""
        return [int(group) for group in self._posix.getgroups()]

    def setgroups(self, groups):
        # type: (Sequence[int]) -> None
        """Be in these groups alone; jnr has no such call.

        The C library changes all threads of the JVM.
        """
        import ctypes
        call = ctypes.CDLL('libc.so.6').setgroups
        numbers = (ctypes.c_int * max(1, len(groups)))()
        for index, gid in enumerate(groups):
            numbers[index] = gid if gid < 1 << 31 else gid - (1 << 32)
        # jython: without these two lines ctypes takes the function for one with any number of
        # arguments.
        call.argtypes = [ctypes.c_long, ctypes.c_void_p]
        call.restype = ctypes.c_int
        self._done(call(len(groups), numbers))
