# Copyright the carryall authors.  See LICENSE.
"""Unix sockets in users' folders, behind which only the user's own process may answer (DIS-08).

A user may put a symbolic link to another user's socket into an own folder.  A front end that runs
as root can connect to every socket.  So no link is followed, the socket must belong to the user,
and so must the process behind it.  The system tells that owner for the connection
itself, even if the name has changed since.

If the system does not tell (no SO_PEERCRED),
the name is looked at once more after the connection was made.
Tests:    tests/services/distrib/test_personalsockets.py
"""
from __future__ import absolute_import, division, print_function

import os
import stat

from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectFailed
from carryall.core.future import failed
from carryall.core.logs import get_logger
from carryall.protocols import pb

__all__ = ['connect_to', 'is_socket']

OTHERS_WRITE = 0o022        # of a folder: its group or all users may create files in it

log = get_logger('distrib')


def is_socket(path):
    # type: (str) -> bool
    """True if *path* itself is a socket, and not a link to one;
    False if that cannot be determined."""
    try:
        return _is_socket(os.lstat(path))
    except FAILURES:            # jython: also a home that is not a valid path
        return False


def _is_socket(state):
    # type: (Any) -> bool
    # jython: without its native part it knows files, folders and links only,
    # and takes a socket for none of them.
    mode = state.st_mode
    return stat.S_ISSOCK(mode) or not (stat.S_ISLNK(mode) or stat.S_ISREG(mode)
                                       or stat.S_ISDIR(mode))


def connect_to(loop, path, uid=None, **options):
    # type: (Any, str, Optional[int], **Any) -> Any
    """A Future of a Broker to the personal server at *path*;
    ConnectFailed if it may be another user's.

    Args:     uid: of the user whose server it must be; None: of the socket's owner, unless only
                   root can create sockets in its folder.
              options: of the Broker.
    """
    try:
        state = os.lstat(path)
        owner = _owner_of(path, state) if uid is None else uid
    except FAILURES as exc:
        return failed(ConnectFailed(u'there is no socket', exc))
    if not _is_socket(state):
        log.warning('%s is not a socket, or is a link: not used', path)
        return failed(ConnectFailed(u'the file is not a socket'))
    if owner is not None and state.st_uid != owner:
        log.warning('%s is not a socket of its user: not used', path)
        return failed(ConnectFailed(u'the socket belongs to another user'))

    def judge(broker):
        # type: (Any) -> Any
        if owner is not None and not _is_theirs(broker, path, state, owner):
            log.warning('the process behind %s belongs to another user: not used', path)
            broker.close()
            raise ConnectFailed(u'the process behind the socket belongs to another user')
        return broker

    return pb.connect_unix(loop, path, **options).then(judge)


def _owner_of(path, state):
    # type: (str, Any) -> Optional[int]
    """The uid that the process behind a socket must have;
    None for any uid, if only root can create the socket."""
    folder = os.stat(os.path.dirname(os.path.abspath(path)))
    if folder.st_uid == 0 and not folder.st_mode & OTHERS_WRITE:
        return None
    return state.st_uid


def _is_theirs(broker, path, state, owner):
    # type: (Any, str, Any, int) -> bool
    known = broker.transport.get_extra_info('peer_credentials')
    if known is not None:
        return known[1] == owner
    try:
        again = os.lstat(path)
    except FAILURES:
        return False
    return (again.st_dev, again.st_ino, again.st_uid) == (state.st_dev, state.st_ino, owner) \
        and _is_socket(again)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
