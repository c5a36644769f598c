# Copyright the carryall authors.  See LICENSE.
"""Process groups: a program that is ended with all that it has started.

A Unix system starts a program in a session of its own, and a signal reaches the group.  Java cannot
do that: there the program ``setsid`` starts the program, if the system has one.  Without it, and on
Windows, the signal reaches the program and those of its descendants that can still be found.

Tests:    tests/contract/test_processes.py
"""
from __future__ import absolute_import, division, print_function

import os
import signal

from carryall.core.compat import FAILURES, ON_JYTHON, PY2

__all__ = ['arguments', 'send', 'send_one', 'words']

SETSID = [path for path in ('/usr/bin/setsid', '/bin/setsid') if os.access(path, os.X_OK)]


def words(argv, group):
    # type: (Sequence[str], bool) -> List[str]
    """The command line that starts *argv*, as the leader of a group if *group*."""
    # setsid(1) replaces itself by the program, for Java starts no leader of a group.
    return (SETSID[:1] if group and ON_JYTHON else []) + list(argv)


def arguments(group):
    # type: (bool) -> Dict[str, Any]
    """The arguments of Popen for that."""
    if not group or ON_JYTHON or os.name != 'posix':
        return {}
    return {'preexec_fn': os.setsid} if PY2 else {'start_new_session': True}


def send(pid, name):
    # type: (int, str) -> None
    """Sends the signal 'TERM' or 'KILL' to the group that *pid* leads; harmless if it is gone."""
    try:
        if ON_JYTHON:
            _send_by_java(pid, name)
        elif os.name == 'posix':
            os.killpg(pid, getattr(signal, 'SIG' + name))
        else:
            os.kill(pid, signal.SIGTERM)
    except FAILURES:                # it ended this very moment
        pass


def send_one(pid, name):
    # type: (int, str) -> None
    """Sends the signal 'TERM' or 'KILL' to one program; harmless if it is gone."""
    try:
        os.kill(pid, getattr(signal, 'SIG' + name))
    except OSError:                 # it ended this very moment
        pass


def _send_by_java(pid, name):
    # type: (int, str) -> None
    from java.lang import ProcessBuilder, ProcessHandle
    handle = ProcessHandle.of(pid)
    if handle.isPresent():
        for each in [handle.get()] + list(handle.get().descendants().iterator()):
            if name == 'KILL':
                each.destroyForcibly()
            else:
                each.destroy()
    if SETSID:
        ProcessBuilder(['kill', '-' + name, '--', '-%d' % pid]).start()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Sequence
