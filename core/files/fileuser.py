# Copyright the carryall authors.  See LICENSE.
"""The user that owns the files of a service which root starts.

`twistd --uid` starts the services as root, because their ports need it, and then becomes the user.
Files that a service makes at its start must belong to that user, or it cannot write them later:

    # the user, as effective user; nothing happens without another user
    with loop.file_user:
        make_folder(spool)
    log = opened(loop, lambda: append_to(path))     # as the user if allowed, else as root

Not here: the choice of the user (runtimes/host/privileges.py).
Tests:    tests/core/files/test_fileuser.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

__all__ = ['SAME', 'SameUser', 'opened']


class SameUser(object):
    """The process stays who it is."""

    def __enter__(self):
        # type: () -> SameUser
        return self

    def __exit__(self, *_exc_info):
        # type: (*Any) -> None
        pass


SAME = SameUser()


def opened(loop, opening):
    # type: (Any, Callable[[], Any]) -> Any
    """The result of *opening* as the files' user, or else as the user that starts the service.

    The second serves a log in a folder of root.
    """
    user = loop.file_user
    if user is not SAME:
        try:
            with user:
                return opening()
        except FAILURES:
            pass                # the second attempt raises the error
    return opening()
