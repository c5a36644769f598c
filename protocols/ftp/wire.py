# Copyright the carryall authors.  See LICENSE.
"""Replies: three digits and text, on one line or several (RFC 959 section 4.2).

Wire:     123 text CRLF
          123-first CRLF  any lines  123 last CRLF
Tests:    tests/protocols/ftp/test_wire.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError
from carryall.core.logs import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable, List, Optional

__all__ = ['Reply', 'ReplyParser', 'several', 'single', 'syntax_error']

# -- limits ------------------------------------------------------------------
MAX_REPLY_LINE = 8192       # octets of one line; default: a path of the server may be in it
MAX_REPLY_LINES = 5000      # of one reply; STAT lists a directory on the control connection
MAX_REPLY_BYTES = 1 << 20   # of one reply; default

# -- replies in the words of RFC 959 section 4.2.2 and 5.4 -------------------
OKAY = b'200 Command okay.'
SUPERFLUOUS = b'202 Command not implemented, superfluous at this site.'
READY = b'220 Service ready for new user.'
CLOSING = b'221 Service closing control connection.'
TRANSFERRED = b'226 Closing data connection. Requested file action successful.'
LOGGED_IN = b'230 User logged in, proceed.'
COMPLETED = b'250 Requested file action okay, completed.'
NEED_ACCOUNT = b'332 Need account for login.'
PENDING = b'350 Requested file action pending further information.'
NOT_AVAILABLE = b'421 Service not available, closing control connection.'
CANNOT_OPEN = b"425 Can't open data connection."
ABORTED = b'426 Connection closed; transfer aborted.'
LOCAL_ERROR = b'451 Requested action aborted: local error in processing.'
NO_SPACE = b'552 Requested file action aborted. Exceeded storage allocation.'
UNRECOGNIZED = b'500 Syntax error, command unrecognized.'
SYNTAX_ERROR = b'501 Syntax error in parameters or arguments'
NOT_IMPLEMENTED = b'502 Command not implemented.'
BAD_SEQUENCE = b'503 Bad sequence of commands'
BAD_PARAMETER = b'504 Command not implemented for that parameter'
NOT_LOGGED_IN = b'530 Not logged in.'
NOT_TAKEN = b'Requested action not taken. '
FORBIDDEN = b'550 ' + NOT_TAKEN + b'Permission denied.'

# RFC 2228 section 4.1
DENIED = b'534 Request denied for policy reasons'


# -- grammar -----------------------------------------------------------------

def single(code, text):
    # type: (int, bytes) -> bytes
    """A reply of one line, without its end."""
    return b'%03d %s' % (code, text)


def several(code, first, middle, last):
    # type: (int, bytes, Iterable[bytes], bytes) -> bytes
    """A reply of several lines, without the last one's end.

    A line in the middle begins with a blank, so it cannot look like the last (RFC 959 section 4.2).
    """
    inside = [b' ' + line for line in middle]
    return b'\r\n'.join([b'%03d-%s' % (code, first)] + inside + [b'%03d %s' % (code, last)])


def syntax_error(syntax):
    # type: (bytes) -> bytes
    """The reply to arguments that are not of this *syntax*."""
    return SYNTAX_ERROR + b': ' + syntax


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
        """The first digit: 1 started, 2 done, 3 more is needed, 4 failed for now, 5 failed."""
        return self.code // 100

    def __repr__(self):
        return 'Reply(%d, %r)' % (self.code, self.lines)


class ReplyParser(object):
    """Joins lines to replies."""

    __slots__ = ('_code', '_lines', '_bytes')

    def __init__(self):
        # type: () -> None
        self._code = b''            # of a reply of several lines that is not complete
        self._lines = []            # type: List[bytes]
        self._bytes = 0

    def feed(self, line):
        # type: (bytes) -> Optional[Reply]
        """The Reply that *line* completes, or None.

        Raises:   RemoteProtocolError: this is not a line of a reply, or the reply is too long.
        """
        self._bytes += len(line)
        if self._bytes > MAX_REPLY_BYTES or len(self._lines) >= MAX_REPLY_LINES:
            raise RemoteProtocolError(u'a reply of more than %d lines or %d octets'
                                      % (MAX_REPLY_LINES, MAX_REPLY_BYTES))
        code = line[:3]
        mark = line[3:4]
        if self._code:
            if code == self._code and mark in (b' ', b''):
                return self._finish(code, line[4:])
            # peer: some repeat the code and a dash on every line (RFC 1123 section 4.1.2.2).
            self._lines.append(line[4:] if code == self._code and mark == b'-' else line)
            return None
        is_code = code.isdigit() and len(code) == 3 and b'1' <= code[:1] <= b'6'
        if not is_code or mark not in (b' ', b'-', b''):
            raise RemoteProtocolError(u'not a reply of an FTP server: %s' % escape(line[:80]))
        if mark == b'-':
            self._code = code
            self._lines = [line[4:]]
            return None
        return self._finish(code, line[4:])

    def _finish(self, code, text):
        # type: (bytes, bytes) -> Reply
        lines = self._lines + [text]
        self._code = b''
        self._lines = []
        self._bytes = 0
        number = 0
        for place in (0, 1, 2):
            number = number * 10 + b'0123456789'.index(code[place:place + 1])
        return Reply(number, lines)
