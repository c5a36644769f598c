# Copyright the carryall authors.  See LICENSE.
"""Replies of an SMTP server, as its client reads them (RFC 5321 section 4.2, RFC 2034, RFC 3463).

    reader = ReplyReader()
    reader.line(b'250-mail.example')            None: more lines follow
    reader.line(b'250 SIZE 1000')               Reply 250

Tests:    tests/protocols/smtp/test_wire.py
"""
from __future__ import absolute_import, division, print_function

import re

from carryall.core.codec.numbers import decimal
from carryall.core.errors import RemoteProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional

__all__ = ['MAX_LINE', 'Reply', 'ReplyReader']

# -- limits ------------------------------------------------------------------
MAX_LINES = 500             # of one reply; default, the RFC is silent
# Octets of a line; RFC 5321 section 4.5.3.1.5 has 512, but servers send longer ones.
MAX_LINE = 2048

_LINE = re.compile(br'([2-5][0-9]{2})(?:([ -])(.*))?\Z', re.DOTALL)
_ENHANCED = re.compile(br'([245])\.([0-9]{1,3})\.([0-9]{1,3})(?: |\Z)')


class Reply(object):
    """One reply.

    Attributes:
        code: 200 to 599.
        lines: its text without codes, a list of bytes.
        enhanced: the enhanced status code, as ``b'5.1.1'``; b'' if it has none.
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
        """True for 2yz and 3yz."""
        return self.code < 400

    @property
    def permanent(self):
        # type: () -> bool
        """True for 5yz: a retry would fail too."""
        return self.code >= 500

    def wire(self):
        # type: () -> bytes
        """The reply on one line, for a report or the log."""
        words = [b'%d' % self.code, self.enhanced] + self.lines
        return b' '.join(word for word in words if word)

    def __repr__(self):
        return 'Reply(%r)' % (self.wire(),)


class ReplyReader(object):
    """Joins the lines of replies."""

    __slots__ = ('_code', '_lines')

    def __init__(self):
        # type: () -> None
        self._code = None           # type: Optional[bytes]
        self._lines = []            # type: List[bytes]

    def line(self, line):
        # type: (bytes) -> Optional[Reply]
        """Takes one line; returns the Reply that it completes, or None.

        Raises:   RemoteProtocolError: the line is not one of a reply.
        """
        match = _LINE.match(line)
        if not match or self._code not in (None, match.group(1)):
            raise RemoteProtocolError(u'not an SMTP reply: %r' % line[:80])
        self._lines.append(match.group(3) or b'')
        if match.group(2) == b'-':
            self._code = match.group(1)
            if len(self._lines) > MAX_LINES:
                raise RemoteProtocolError(u'a reply of more than %d lines' % MAX_LINES)
            return None
        lines = self._lines
        self._lines = []
        self._code = None
        return _reply(decimal(match.group(1), 599) or 0, lines)


def _reply(code, lines):
    # type: (int, List[bytes]) -> Reply
    """The reply, with the enhanced code taken off the lines that have it."""
    found = _ENHANCED.match(lines[0])
    if not found or found.group(1) != (b'%d' % code)[:1]:
        return Reply(code, lines)
    enhanced = found.group().rstrip(b' ')
    texts = [line[found.end():] if line.startswith(enhanced) else line for line in lines]
    return Reply(code, texts, enhanced)
