# Copyright the carryall authors.  See LICENSE.
"""Progress: one line that tells how far a transfer is, written again and again.

Tests:    tests/apps/test_progress.py
"""
from __future__ import absolute_import, division, print_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['Progress']

LINE_SECONDS = 0.2          # between two lines
COLUMNS = 60                # of a line
UNITS = ((u'GiB', 1 << 30), (u'MiB', 1 << 20), (u'KiB', 1 << 10))


class Progress(object):
    """The progress of one transfer.

    Args:     now:   called without arguments, gives monotonic seconds.
              write: called with text; None if no progress is shown.
    """

    def __init__(self, now, write):
        # type: (Any, Any) -> None
        self._now = now
        self._write = write
        self._before = 0
        self._whole = None          # type: Optional[int]
        self._next = 0.0
        self._any = False

    def expect(self, before, length):
        # type: (int, Optional[int]) -> None
        """Says how many octets exist already, and how many will come; None if that is unknown."""
        self._before = before
        self._whole = None if length is None else before + length

    def moved(self, sent, received):
        # type: (int, int) -> None
        """Tells how many octets of the bodies went over the wire."""
        if sent and not received:
            self.show(u'sent', sent, None)
        else:
            self.show(u'received', self._before + received, self._whole)

    def show(self, what, octets, whole):
        # type: (str, int, Optional[int]) -> None
        """Writes a line, unless the last one is too recent.

        Args:     whole: octets of the whole file; None if that is unknown.
        """
        if self._write is None or self._now() < self._next:
            return
        self._next = self._now() + LINE_SECONDS
        self._any = True
        text = u'%s %s' % (_size(octets), what)
        if whole:
            text += u' of %s, %d %%' % (_size(whole), 100 * octets // whole)
        self._write(u'\r' + text.ljust(COLUMNS))

    def end(self):
        # type: () -> None
        """Clears the line."""
        if self._any:
            self._write(u'\r%s\r' % u''.ljust(COLUMNS))


def _size(octets):
    # type: (int) -> str
    for unit, factor in UNITS:
        if octets >= factor:
            return u'%.1f %s' % (octets / factor, unit)
    return u'%d B' % octets
