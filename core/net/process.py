# Copyright the carryall authors.  See LICENSE.
"""Child programs: what a protocol of one is told, and what it may do (the names are PEP 3156's).

    start -> connection_made -> pipe_data_received* -> ... -> process_exited,
    pipe_connection_lost -> connection_lost

``connection_lost`` comes when the program has ended *and* both its outputs are at their end.

Tests:    tests/contract/test_processes.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['ProcessProtocol', 'ProcessTransport', 'STDERR', 'STDIN', 'STDOUT']

STDIN = 0
STDOUT = 1
STDERR = 2


class ProcessProtocol(object):
    """The side that talks with a program."""

    transport = None            # type: Any

    def connection_made(self, transport):
        # type: (ProcessTransport) -> None
        """The program runs."""
        self.transport = transport

    def pipe_data_received(self, fd, data):
        # type: (int, bytes) -> None
        """The program wrote *data*, at least one byte, on STDOUT or STDERR."""

    def pipe_connection_lost(self, fd, exc):
        # type: (int, Optional[BaseException]) -> None
        """One of its files is at its end: an output that it closed,
        or STDIN that it reads no more."""

    def process_exited(self):
        # type: () -> None
        """It ended; ``transport.get_returncode()`` tells how.  Output may still come.

        On Jython what a program that it started itself writes from now on is lost:
        Java closes the pipes.
        """

    def connection_lost(self, exc):
        # type: (Optional[BaseException]) -> None
        """Everything is over."""

    def pause_writing(self):
        # type: () -> None
        """The program does not read what was written: produce no more for now."""

    def resume_writing(self):
        # type: () -> None
        """Goes on."""


class ProcessTransport(object):
    """A program that runs."""

    def get_pid(self):
        # type: () -> int
        """Its process id."""
        raise NotImplementedError

    def get_returncode(self):
        # type: () -> Optional[int]
        """Its exit status, negative the number of the signal that ended it; None while it runs.

        On Jython a signal N shows as 128 + N, for Java tells no more.
        """
        raise NotImplementedError

    def write(self, data):
        # type: (bytes) -> None
        """Sends *data* to its standard input; dropped when that is closed."""
        raise NotImplementedError

    def write_eof(self):
        # type: () -> None
        """Closes its standard input after what was written."""
        raise NotImplementedError

    def pause_reading(self):
        # type: () -> None
        """Takes no output for now: the program blocks when its pipes are full."""
        raise NotImplementedError

    def resume_reading(self):
        # type: () -> None
        """Takes output again."""
        raise NotImplementedError

    def terminate(self):
        # type: () -> None
        """Asks it to end (SIGTERM), and its group if it has one of its own (``Loop.spawn``)."""
        raise NotImplementedError

    def kill(self):
        # type: () -> None
        """Ends it (SIGKILL), and its group if it has one of its own."""
        raise NotImplementedError

    def close(self):
        # type: () -> None
        """Closes its input and kills it if it runs."""
        raise NotImplementedError


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
