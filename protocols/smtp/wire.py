# Copyright the carryall authors.  See LICENSE.
"""Replies of an SMTP server, as its client reads them (RFC 5321 section 4.2, RFC 2034, RFC 3463).

    reader = ReplyReader()
    reader.line(b'250-mail.example')            None: there is more
    reader.line(b'250 SIZE 1000')               Reply 250

Tests:    tests/protocols/smtp/test_wire.py
"""
from __future__ import absolute_import, division, print_function

import re

from carryall.core.errors import RemoteProtocolError
from carryall.core.codec.numbers import decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional

__all__ = ['Refused', 'Reply', 'ReplyReader', 'SMTPError', 'TransientError']

# -- limits ------------------------------------------------------------------
MAX_LINES = 500             # of one reply; ours
# octets of a line; RFC 5321 section 4.5.3.1.5 has 512, real ones are longer
MAX_LINE = 2048

_LINE = re.compile(br'([2-5][0-9]{2})(?:([ -])(.*))?\Z', re.DOTALL)
_ENHANCED = re.compile(br'([245])\.([0-9]{1,3})\.([0-9]{1,3})(?: |\Z)')


class Reply(object):
    """One reply.

    Attributes:
        code: 200 to 599.
        lines: its text, without codes, a list of bytes.
        enhanced: the enhanced code, ``b'5.1.1'``; b'' if it has none.
    """

    __slots__ = ('code', 'lines', 'enhanced')

    def __init__(self, code, lines, enhanced=b''):
        # type: (int, List[bytes], bytes) -> None
        self.code = code
        self.lines = lines
        self.enhanced = enhanced

    @property
    def good(self):
        # type: () -> bool
        """2yz or 3yz."""
        return self.code < 400

    @property
    def permanent(self):
        # type: () -> bool
        """5yz: to try again makes no sense."""
        return self.code >= 500

    def wire(self):
        # type: () -> bytes
        """On one line, for a report or the log."""
        words = [b'%d' % self.code, self.enhanced] + self.lines
        return b' '.join(word for word in words if word)

    def __repr__(self):
        return 'Reply(%r)' % (self.wire(),)


class SMTPError(RemoteProtocolError):
    """The server refused.

    Attributes:
        reply: the Reply; None if there was none.
    """

    permanent = True


class TransientError(SMTPError):
    """It refused for now: 4yz, or the connection broke."""

    permanent = False


class Refused(SMTPError):
    """It refused for good: 5yz."""


def failure(reply):
    # type: (Reply) -> SMTPError
    """The error that a reply stands for."""
    kind = Refused if reply.permanent else TransientError
    return kind(u'the server said: %s' % reply.wire().decode('utf-8', 'replace'), reply)


class ReplyReader(object):
    """Puts the lines of replies together."""

    __slots__ = ('_code', '_lines')

    def __init__(self):
        # type: () -> None
        self._code = None           # type: Optional[bytes]
        self._lines = []            # type: List[bytes]

    def line(self, line):
        # type: (bytes) -> Optional[Reply]
        """Take a line; the Reply when it is whole, else None.  RemoteProtocolError: this is no
        reply."""
        match = _LINE.match(line)
        if not match or self._code not in (None, match.group(1)):
            raise RemoteProtocolError(u'this is no SMTP reply: %r' % line[:80])
        self._lines.append(match.group(3) or b'')
        if match.group(2) == b'-':
            self._code = match.group(1)
            if len(self._lines) > MAX_LINES:
                raise RemoteProtocolError(u'a reply of more than %d lines' % MAX_LINES)
            return None
        lines, self._lines, self._code = self._lines, [], None
        return _made(decimal(match.group(1), 599) or 0, lines)


def _made(code, lines):
    # type: (int, List[bytes]) -> Reply
    """Take the enhanced code off the lines that have it."""
    found = _ENHANCED.match(lines[0])
    if not found or found.group(1) != (b'%d' % code)[:1]:
        return Reply(code, lines)
    enhanced = found.group().rstrip(b' ')
    return Reply(code,
                 [line[found.end():] if line.startswith(enhanced) else line for line in lines],
                 enhanced)
