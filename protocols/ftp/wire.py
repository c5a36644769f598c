# Copyright the carryall authors.  See LICENSE.
"""Replies: three digits and text, on one line or several (RFC 959 section 4.2).

Wire:     123 text CRLF
          123-first CRLF  any lines  123 last CRLF
Tests:    tests/protocols/ftp/test_wire.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError
from carryall.core.logs import escape

__all__ = ['Refused', 'Reply', 'ReplyParser', 'several', 'single']

# -- limits ------------------------------------------------------------------
MAX_REPLY_LINE = 8192       # octets of one line of a reply; ours: a path of the server's may be in it
MAX_REPLY_LINES = 5000      # lines of one reply; STAT of a folder lists it on the control connection
MAX_REPLY_BYTES = 1 << 20   # octets of one reply; ours


# -- grammar -----------------------------------------------------------------

def single(code, text):
    # type: (int, bytes) -> bytes
    """A reply of one line, without its end."""
    return b'%03d %s' % (code, text)


def several(code, first, middle, last):
    # type: (int, bytes, Iterable[bytes], bytes) -> bytes
    """A reply of several lines, without the last one's end.

    A line in the middle begins with a blank, so that none can be taken for the last (RFC 959 section 4.2).
    """
    inside = [b' ' + line for line in middle]
    return b'\r\n'.join([b'%03d-%s' % (code, first)] + inside + [b'%03d %s' % (code, last)])


class Reply(object):
    """One whole reply.

    Attributes:
        code: 100 to 659.
        lines: the text of each line, bytes, without the code of the first and the last.
    """

    __slots__ = ('code', 'lines')

    def __init__(self, code, lines):
        # type: (int, List[bytes]) -> None
        self.code = code
        self.lines = lines

    @property
    def text(self):
        # type: () -> bytes
        """The text of the last line."""
        return self.lines[-1]

    @property
    def kind(self):
        # type: () -> int
        """The first digit: 1 more will come, 2 done, 3 go on, 4 not now, 5 no."""
        return self.code // 100

    def __repr__(self):
        return 'Reply(%d, %r)' % (self.code, self.lines)


class Refused(RemoteProtocolError):
    """The server answered with 4xx or 5xx, or not with what the command calls for.

    Attributes:
        refusal: the Reply.
        passing: whether the same command may work later (4xx).
    """

    def __init__(self, reply):
        # type: (Reply) -> None
        RemoteProtocolError.__init__(self, u'the server said: %d %s' % (reply.code, escape(
            reply.text.decode('utf-8', 'replace'))))
        self.refusal = reply
        self.passing = reply.kind == 4


class ReplyParser(object):
    """Lines in, replies out."""

    __slots__ = ('_code', '_lines', '_bytes')

    def __init__(self):
        # type: () -> None
        self._code = b''            # of a reply of several lines that is under way
        self._lines = []            # type: List[bytes]
        self._bytes = 0

    def feed(self, line):
        # type: (bytes) -> Optional[Reply]
        """The reply that *line* completes, or None.

        Raises:   RemoteProtocolError: it is no line of a reply, or the reply is too long.
        """
        self._bytes += len(line)
        if self._bytes > MAX_REPLY_BYTES or len(self._lines) >= MAX_REPLY_LINES:
            raise RemoteProtocolError(u'a reply of more than %d lines or %d octets' % (MAX_REPLY_LINES, MAX_REPLY_BYTES))
        code, mark = line[:3], line[3:4]
        if self._code:
            if code == self._code and mark in (b' ', b''):
                return self._finish(code, line[4:])
            # peer: some repeat the code with a dash on every line (RFC 1123 section 4.1.2.2 wants this understood).
            self._lines.append(line[4:] if code == self._code and mark == b'-' else line)
            return None
        if not code.isdigit() or len(code) != 3 or not b'1' <= code[:1] <= b'6' or mark not in (b' ', b'-', b''):
            raise RemoteProtocolError(u'this is no reply of an FTP server: %s' % escape(line[:80]))
        if mark == b'-':
            self._code = code
            self._lines = [line[4:]]
            return None
        return self._finish(code, line[4:])

    def _finish(self, code, text):
        # type: (bytes, bytes) -> Reply
        lines = self._lines + [text]
        self._code, self._lines, self._bytes = b'', [], 0
        number = 0
        for place in (0, 1, 2):
            number = number * 10 + b'0123456789'.index(code[place:place + 1])
        return Reply(number, lines)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable, List, Optional
