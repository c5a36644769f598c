# Copyright the carryall authors.  See LICENSE.
"""wsgi.errors: lines for the log (PEP 3333, "Input and Error Streams").

Tests:    tests/services/wsgi/test_pep3333.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import text_type, thread_local
from carryall.core.logs import get_logger

__all__ = ['ErrorLog']

MAX_LINE = 8192             # characters of a line that are kept until its end comes

log = get_logger('wsgi.errors')


class _Begun(thread_local):
    """The line that a thread has begun; those of several threads do not mix."""

    def __init__(self):
        # type: () -> None
        self.text = ''


class ErrorLog(object):
    """A file to write to; each line is one record of the log."""

    def __init__(self):
        # type: () -> None
        self._begun = _Begun()

    def write(self, text):
        # type: (str) -> int
        """Adds *text*; the rest behind the last line end waits."""
        written = len(text)
        if not isinstance(text, str):
            # py2: text is encoded; 3.x: only text is allowed
            if not isinstance(text, text_type):
                raise TypeError('wsgi.errors takes text, not %s' % type(text).__name__)
            text = text.encode('utf-8')
        lines = (self._begun.text + text).split('\n')
        self._begun.text = lines.pop()
        if len(self._begun.text) > MAX_LINE:
            lines.append(self._begun.text)
            self._begun.text = ''
        for line in lines:
            log.error('%s', line)
        return written

    def writelines(self, lines):
        # type: (Iterable[str]) -> None
        """Adds all *lines*."""
        for line in lines:
            self.write(line)

    def flush(self):
        # type: () -> None
        """Writes the begun line, if any."""
        text, self._begun.text = self._begun.text, ''
        if text:
            log.error('%s', text)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable
