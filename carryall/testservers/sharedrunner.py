# Copyright the carryall authors.  See LICENSE.
"""The runner that servers share if none is given to them; it ends with the last of them.

``CARRYALL_RUNTIME`` names another runtime or an artifact to run them on.

Tests:    tests/house/testservers/test_runners.py
"""
from __future__ import absolute_import, division, print_function

import os
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['give_back', 'make', 'take']

VARIABLE = 'CARRYALL_RUNTIME'


class _Shared(object):
    """The one of this process, while it is in use."""

    def __init__(self):
        # type: () -> None
        self.lock = threading.Lock()
        self.runner = None          # type: Any
        self.users = 0
        self.pid = 0


_shared = _Shared()


def make(where='', certificates=None):
    # type: (str, Any) -> Any
    """A runner on the runtime or artifact *where*; in this process if it is empty."""
    if where:
        from carryall.testservers.childrunner import ChildRunner
        return ChildRunner(where, certificates)
    from carryall.testservers.localrunner import LocalRunner
    return LocalRunner(certificates)


def take():
    # type: () -> Any
    """The shared runner, for one server more."""
    with _shared.lock:
        # After a fork the loop's thread is the parent's.
        if _shared.runner is None or _shared.pid != os.getpid():
            _shared.runner = make(os.environ.get(VARIABLE, ''))
            _shared.pid = os.getpid()
            _shared.users = 0
        _shared.users += 1
        return _shared.runner


def give_back():
    # type: () -> None
    """One server less."""
    with _shared.lock:
        _shared.users -= 1
        runner = None
        if _shared.users <= 0:
            runner = _shared.runner
            _shared.runner = None
    if runner is not None:
        runner.close()
