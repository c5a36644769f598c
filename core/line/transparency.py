# Copyright the carryall authors.  See LICENSE.
"""Text that ends with a dot alone on a line: DATA of SMTP, multi-line responses of POP3 and NNTP.

Source: RFC 5321 section 4.5.2 and 2.3.8, RFC 1939 section 3, RFC 3977 section 3.1.1.

The end of the text is CRLF, dot, CRLF and nothing else.  A server that accepts less lets a sender
smuggle a second message into the first.  So does a server that relays such an end to another that
accepts it (CVE-2023-51764, -51765, -51766).  A lone carriage return or line feed is therefore
detected on receipt, and never sent.

    reader = DataReader(max_size)           reader.feed(data): what follows the end,
                                            or None before it
    stuffer = Stuffer()                     stuffer.feed(piece) ... stuffer.finish()

Tests:    tests/core/line/test_transparency.py
"""
from __future__ import absolute_import, division, print_function

import re

from carryall.core.codec.buffer import FEW_PIECES, join_small
from carryall.core.errors import LocalProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional

__all__ = ['DataReader', 'Stuffer', 'has_lone_ends', 'normalised', 'unstuffed']

END = b'\r\n.\r\n'
_LONE = re.compile(br'\r(?!\n)|(?<!\r)\n')


def has_lone_ends(data):
    # type: (bytes) -> bool
    """True if *data* has a carriage return or line feed that is not part of CRLF."""
    pairs = data.count(b'\r\n')
    return data.count(b'\r') != pairs or data.count(b'\n') != pairs


def normalised(data):
    # type: (bytes) -> bytes
    """*data* with CRLF in place of each lone carriage return or line feed."""
    return _LONE.sub(b'\r\n', data) if has_lone_ends(data) else data


def unstuffed(line):
    # type: (bytes) -> bytes
    """A line of such a text without the dot that the sender has put in front of it."""
    return line[1:] if line[:1] == b'.' else line


class DataReader(object):
    """Collects a text up to the dot that ends it, and takes the doubled dots off.

    Args:     max_size: octets of the text that are kept; doubled dots count once (RFC 1870 section
                        3).  Nothing is kept of a larger text, but its end is still found.

    Attributes:
        message: the text once its end has come; None before that, and if it is too large.
        too_big: true once it has more than ``max_size`` octets.
    """

    __slots__ = ('message', 'too_big', '_max_size', '_kept', '_parts', '_tail', '_dotted')

    def __init__(self, max_size):
        # type: (int) -> None
        self.message = None         # type: Optional[bytes]
        self.too_big = False
        self._max_size = max_size
        self._kept = 0
        self._parts = []            # type: List[bytes]
        # The end of the command counts as a line end, so that a dot alone ends an empty text too.
        self._tail = b'\r\n'
        self._dotted = False        # true once a line that is kept begins with a dot

    def feed(self, data):
        # type: (bytes) -> Optional[bytes]
        """Takes the next octets; returns those that follow the end of the text, None before the
        end."""
        if self._tail:
            data = self._tail + data
        dot = data.find(END[:3])
        end = dot
        if end >= 0 and data[end:end + len(END)] != END:
            self._dotted = True
            end = data.find(END, dot)
        if end >= 0:
            self._keep(data[:end + 2])      # the CRLF in front of the dot belongs to the text
            self._finish()
            return data[end + len(END):]
        held = 0
        for length in (4, 3, 2, 1):
            if data.endswith(END[:length]):
                held = length
                break
        cut = len(data) - held
        self._tail = data[cut:]
        self._keep(data[:cut])
        return None

    def _keep(self, data):
        # type: (bytes) -> None
        if self.too_big:
            return
        parts = self._parts
        parts.append(data)
        if len(parts) % FEW_PIECES == 0:
            join_small(parts)
        self._kept += len(data)
        # A line of one dot is sent as two dots and CRLF: no text grows by more than a third.
        if self._kept > self._max_size + self._max_size // 3 + 2:
            self._refuse()

    def _refuse(self):
        # type: () -> None
        self.too_big = True
        del self._parts[:]

    def _finish(self):
        # type: () -> None
        if self.too_big:
            return
        # The CRLF that ended the command is still in front, which makes a dot on the first line
        # visible.
        message = b''.join(self._parts)
        if self._dotted:
            message = message.replace(b'\r\n.', b'\r\n')
        message = message[2:]
        if len(message) > self._max_size:
            self._refuse()
        else:
            self.message = message
        del self._parts[:]


class Stuffer(object):
    """Doubles the dots of a text piece by piece, and ends it.

    Args:     mend: true to write CRLF for a lone carriage return or line feed.

    Raises:   LocalProtocolError: a carriage return or line feed stands alone, and *mend* is false.
    """

    __slots__ = ('_mend', '_last')

    def __init__(self, mend=False):
        # type: (bool) -> None
        self._mend = mend
        self._last = b'\n'          # the last octet that went out, or b'\r' that is still held back

    def feed(self, data):
        # type: (bytes) -> bytes
        """The next piece for the wire; a carriage return at its end is held back until the next
        call."""
        if not data:
            return b''
        if self._last == b'\r':
            data = b'\r' + data
            at_start = False
        else:
            at_start = self._last == b'\n'
        held = data.endswith(b'\r')
        if held:
            data = data[:-1]
        if has_lone_ends(data):
            if not self._mend:
                raise LocalProtocolError(u'the message has a lone carriage return or line feed')
            data = normalised(data)
        self._last = b'\r' if held else data[-1:]
        out = data.replace(b'\n.', b'\n..')
        return b'.' + out if at_start and out[:1] == b'.' else out

    def finish(self):
        # type: () -> bytes
        """The octets that end the text."""
        last = self._last
        self._last = b'\n'
        if last == b'\r':
            if not self._mend:
                raise LocalProtocolError(u'the message has a lone carriage return')
            return b'\r\n.\r\n'
        return b'.\r\n' if last == b'\n' else b'\r\n.\r\n'
