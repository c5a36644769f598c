# Copyright the carryall authors.  See LICENSE.
"""Whether root may work on a mailbox: only where nobody else can put a link, for root would follow it.

A user who owns his maildir can make ``new`` a link to any folder of the machine, or ``new/x`` a link to any file: root would
write his mail there, and let him fetch that file by POP3.  To look before each step would not do, for he can be quicker.  So
root works on what belongs to root alone; a store of others is served by their user (``--uid``), whom the system holds back.

Tests:    tests/services/mail/test_ownership.py
"""
from __future__ import absolute_import, division, print_function

import os
import stat

from carryall.core.compat import FAILURES

__all__ = ['as_root', 'danger']

_FOLDERS = ('tmp', 'new', 'cur')


def as_root():
    # type: () -> bool
    """Whether this process may do everything."""
    return getattr(os, 'geteuid', lambda: 1)() == 0


def danger(folder, mailbox, uid):
    # type: (str, str, int) -> Optional[str]
    """What keeps *uid* from working on a maildir or mbox file, a sentence; None for nothing.

    Args:     folder: of the domain, in which the mailbox lies.
              mailbox: its path, which need not be there yet: we make it then.
    """
    found = _stat(folder)
    if found is not None and found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX:
        return u'everybody may write to %s' % folder
    for path in [mailbox] + [os.path.join(mailbox, name) for name in _FOLDERS]:
        found = _stat(path)
        if found is None:
            continue
        if stat.S_ISLNK(found.st_mode):
            return u'%s is a symbolic link' % path
        if found.st_uid != uid:
            return u'%s belongs to another user' % path
        if found.st_mode & stat.S_IWOTH:
            return u'everybody may write to %s' % path
    found = _stat(folder, os.stat)          # the administrator may have made this one a link
    if found is not None and found.st_uid != uid:
        return u'%s belongs to another user' % folder
    return None


def _stat(path, look=os.lstat):
    # type: (str, Any) -> Any
    try:
        return look(path)
    except FAILURES:
        return None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
