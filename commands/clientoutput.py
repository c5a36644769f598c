# Copyright the carryall authors.  See LICENSE.
"""The output of the client commands: stdout or a file, and the progress on stderr.

Tests:    tests/commands/test_get.py, tests/commands/test_ftp.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall.app.optiontypes import Path
from carryall.apps.transfers import PartFile, Progress
from carryall.commands.console import unwritten, write_all
from carryall.core.errors import UsageError
from carryall.runtimes.clock import monotonic
from carryall.runtimes.host import systemfiles as files
from carryall.runtimes.host.stdout import octets_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['StandardOutput', 'check_output', 'is_terminal', 'progress_of', 'target_of']


def is_terminal(stream):
    # type: (Any) -> bool
    """If a stream is a terminal."""
    return bool(getattr(stream, 'isatty', bool)())


def check_output(output):
    # type: (Optional[str]) -> None
    """Raises UsageError if the file of ``--output`` cannot be made, before anything is fetched."""
    if output not in (None, u'-'):
        for problem in Path('new').problems(os.path.abspath(output)):
            raise UsageError(u'option --output: %s' % problem)


def target_of(output):
    # type: (str) -> Any
    """The target that ``--output`` names: a PartFile, or stdout."""
    if output == u'-':
        return StandardOutput()
    return PartFile(output, files)


def progress_of(output):
    # type: (str) -> Progress
    """The progress on stderr; none if that is no terminal, or the body goes to the same one."""
    shown = is_terminal(sys.stderr) and not (output == u'-' and is_terminal(sys.stdout))
    return Progress(monotonic, _write_progress if shown else None)


def _write_progress(text):
    # type: (str) -> None
    write_all(sys.stderr, text)


class StandardOutput(object):
    """Stdout as the target of a transfer, in the shape of a PartFile; nothing can be resumed."""

    tag = None          # type: Optional[bytes]
    size = 0

    def __init__(self):
        # type: () -> None
        self._octets = None         # type: Any

    def begin(self, at, tag):
        # type: (int, Optional[bytes]) -> None
        """Opens it.

        Raises:   CarryallError or IOError: see `failure`.
        """
        try:
            self._octets = octets_of(sys.stdout)
        except (IOError, OSError) as exc:
            raise self.failure(exc)

    def write(self, data):
        # type: (bytes) -> None
        """Writes the next octets."""
        try:
            self._octets.write(data)
        except (IOError, OSError) as exc:
            raise self.failure(exc)

    def complete(self):
        # type: () -> None
        """Lets go of what is buffered."""
        try:
            self._octets.flush()
        except (IOError, OSError) as exc:
            raise self.failure(exc)

    def failure(self, exc):
        # type: (Any) -> Exception
        """The error to raise for an IOError of stdout."""
        return unwritten(sys.stdout, exc)

    def close(self):
        # type: () -> None
        """Leaves stdout open."""
