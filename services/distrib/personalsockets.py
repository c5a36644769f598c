# Copyright the carryall authors.  See LICENSE.
"""Unix sockets in folders of their users, of which nobody but the user may be behind (DIS-08).

Whoever owns a folder may put a symbolic link into it that leads to somebody else's socket, and a
front end that runs as root reaches every socket.  So the socket itself is looked at and no link is
followed, it must be its user's, and so must the process behind it: the system tells who that is
only of the connection that was made, whatever has become of the name.

Where the system does not tell (no SO_PEERCRED),
the name is looked at once more behind the connection.
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

OTHERS_WRITE = 0o022        # of a folder: its group or everybody may put something there

log = get_logger('distrib')


def is_socket(path):
    # type: (str) -> bool
    """Whether there is a socket at *path* itself, and not behind a link;
    False if nobody can tell."""
    try:
        return _is_socket(os.lstat(path))
    except FAILURES:            # jython: also a home that is no path
        return False


def _is_socket(state):
    # type: (Any) -> bool
    # jython: without its native part it knows files, folders and links,
    # and takes a socket for none of them.
    mode = state.st_mode
    return stat.S_ISSOCK(mode) or not (stat.S_ISLNK(mode) or stat.S_ISREG(mode)
                                       or stat.S_ISDIR(mode))


def connect_to(loop, path, uid=None, **options):
    # type: (Any, str, Optional[int], **Any) -> Any
    """A Future of a Broker to the personal server at *path*;
    ConnectFailed if somebody else's could be there.

    Args:     uid: of the user whose server it must be; None: of whoever owns the socket, unless its
                   folder is one that root alone can put sockets into.
              options: of the Broker.
    """
    try:
        state = os.lstat(path)
        owner = _owner_of(path, state) if uid is None else uid
    except FAILURES as exc:
        return failed(ConnectFailed(u'there is no socket', exc))
    if not _is_socket(state):
        log.warning('%s is no socket, or a link: not used', path)
        return failed(ConnectFailed(u'there is something else than a socket'))
    if owner is not None and state.st_uid != owner:
        log.warning('%s is no socket of its user: not used', path)
        return failed(ConnectFailed(u'the socket belongs to somebody else'))

    def judge(broker):
        # type: (Any) -> Any
        if owner is not None and not _is_theirs(broker, path, state, owner):
            log.warning('the process behind %s is not of its user: not used', path)
            broker.close()
            raise ConnectFailed(u'the process behind the socket belongs to somebody else')
        return broker

    return pb.connect_unix(loop, path, **options).then(judge)


def _owner_of(path, state):
    # type: (str, Any) -> Optional[int]
    """Who must be behind a socket that was named by its path;
    None for whoever root lets be there."""
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
