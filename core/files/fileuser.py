# Copyright the carryall authors.  See LICENSE.
"""The user whom files of a service belong to, while root still starts it.

`twistd --uid` starts the services as root, since their ports need it, and becomes the user
afterwards.  What a service makes at its start must be that user's,
or it cannot write there later on:

    # the user, as effective user; nothing happens if there is no other
    with loop.file_user:
        make_folder(spool)
    log = opened(loop, lambda: append_to(path))     # as the user if he may, else as root

Not here: who that is (runtimes/host/privileges.py).
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
    """What *opening* gives as the files' user; if he may not, as who starts the service: a log in a
    folder of root's."""
    user = loop.file_user
    if user is not SAME:
        try:
            with user:
                return opening()
        except FAILURES:
            pass                # the other way says what is wrong
    return opening()
