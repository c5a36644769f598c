# Copyright the carryall authors.  See LICENSE.
"""A rule for root: it may work on a mailbox only if no other user can put a link there, because
root would follow it.

A user who owns a maildir can make ``new`` a link to any folder of the machine, or ``new/x`` a link
to any file.  Root would deliver mail there, or serve that file by POP3.  A check before each step
would not help, as the user may be quicker.  So root works only on files that belong to root alone.
A mail store of other users is served by their own user (``--uid``), with the rights of that user.
Tests:    tests/services/mail/test_ownership.py
"""
from __future__ import absolute_import, division, print_function

import os
import stat

from carryall.core.compat import FAILURES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional

__all__ = ['as_root', 'danger']

_FOLDERS = ('tmp', 'new', 'cur')
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def as_root():
    # type: () -> bool
    """True if this process has the rights of root."""
    return getattr(os, 'geteuid', lambda: 1)() == 0


def danger(folder, mailbox, uid):
    # type: (str, str, int) -> Optional[str]
    """The reason why *uid* must not work on a maildir or mbox file, as text; None if there is none.

    Args:     folder: of the domain, in which the mailbox lies; the administrator may have made it a
                      link.
              mailbox: its path, which need not exist yet: it is made then.
    """
    folder = os.path.realpath(folder)
    # True if other users may create missing files below the folder that was looked at last.
    shared = False
    for path in _from_the_root(folder):
        found = _stat(path)
        if found is None:
            if shared:
                return u'%s is missing, and other users may create it' % path
            continue
        if found.st_uid not in (0, uid):
            return u'%s belongs to another user' % path
        shared = bool(found.st_mode & _OTHERS_WRITE)
        if shared and not found.st_mode & stat.S_ISVTX:
            return u'other users may write to %s' % path
    found = _stat(mailbox)
    if found is None:
        return u'%s is missing, and other users may create it' % mailbox if shared else None
    if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
        return u'%s has another name' % mailbox
    for path in [mailbox] + [os.path.join(mailbox, name) for name in _FOLDERS]:
        found = _stat(path)
        if found is None:
            continue
        if stat.S_ISLNK(found.st_mode):
            return u'%s is a symbolic link' % path
        if found.st_uid != uid:
            return u'%s belongs to another user' % path
        if found.st_mode & _OTHERS_WRITE:
            return u'other users may write to %s' % path
    return None


def _from_the_root(path):
    # type: (str) -> List[str]
    """The folders above a path, the highest first, then the path."""
    found = [path]
    while os.path.dirname(found[-1]) != found[-1]:
        found.append(os.path.dirname(found[-1]))
    return found[::-1]


def _stat(path):
    # type: (str) -> Any
    try:
        return os.lstat(path)
    except FAILURES:
        return None
