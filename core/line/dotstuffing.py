# Copyright the carryall authors.  See LICENSE.
"""Messages on the wire: the end of DATA, dots, and line ends (RFC 5321 section 4.5.2 and 2.3.8).

The end of a message is CRLF, dot, CRLF and nothing else.  A server that takes less for it, or passes on what another takes
for it, lets a sender smuggle a second message into the first (CVE-2023-51764, -51765, -51766).  So a carriage return or
line feed that stands alone is found here on the way in, and never written on the way out.

    reader = DataReader(max_size)           reader.feed(data): what comes after the end, or None while it has not come
    stuffer = Stuffer()                     stuffer.feed(piece) ... stuffer.finish(): dots doubled, end marked

Tests:    tests/core/line/test_dotstuffing.py
"""
from __future__ import absolute_import, division, print_function

import re

from carryall.core.codec.buffer import FEW_PIECES, join_small
from carryall.core.errors import LocalProtocolError

__all__ = ['DataReader', 'Stuffer', 'has_lone_ends', 'normalised']

END = b'\r\n.\r\n'
_LONE = re.compile(br'\r(?!\n)|(?<!\r)\n')


def has_lone_ends(data):
    # type: (bytes) -> bool
    """Whether a carriage return or a line feed stands alone in *data*."""
    pairs = data.count(b'\r\n')
    return data.count(b'\r') != pairs or data.count(b'\n') != pairs


def normalised(data):
    # type: (bytes) -> bytes
    """*data* with CRLF for each carriage return or line feed that stands alone."""
    return _LONE.sub(b'\r\n', data) if has_lone_ends(data) else data


class DataReader(object):
    """Collects a message that ends with a dot.

    Args:     max_size: octets of the message that are kept (doubled dots count once; RFC 1870 section 3); of a larger
                        one none are, but its end is still found.

    Attributes:
        message: the message, its dots taken off again, when its end has come; None before, and if it is too big.
        too_big: whether it has more than ``max_size`` octets.
    """

    __slots__ = ('message', 'too_big', '_max_size', '_kept', '_parts', '_tail', '_dotted')

    def __init__(self, max_size):
        # type: (int) -> None
        self.message = None         # type: Optional[bytes]
        self.too_big = False
        self._max_size = max_size
        self._kept = 0
        self._parts = []            # type: List[bytes]
        self._tail = b'\r\n'        # the end of the command: so a dot alone ends an empty message too
        self._dotted = False        # whether a line that is kept begins with a dot

    def feed(self, data):
        # type: (bytes) -> Optional[bytes]
        """Take what came; what follows the end of the message, None while that has not come."""
        if self._tail:
            data = self._tail + data
        dot = end = data.find(END[:3])
        if end >= 0 and data[end:end + len(END)] != END:
            self._dotted = True
            end = data.find(END, dot)
        if end >= 0:
            self._keep(data[:end + 2])      # the CRLF in front of the dot belongs to the message
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
        # A line of one dot is sent as two and CRLF: no message grows by more than a third.
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
        # The CRLF that ended the command stands in front, so that the dot of the first line is seen.
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
    """Makes a message ready for DATA, piece by piece: dots doubled, lines ended by CRLF alone.

    Raises:   LocalProtocolError: a carriage return or line feed stands alone, unless ``mend`` is true: then it becomes
              CRLF.
    """

    __slots__ = ('_mend', '_last')

    def __init__(self, mend=False):
        # type: (bool) -> None
        self._mend = mend
        self._last = b'\n'          # the last octet that went out, or b'\r' that is still held back

    def feed(self, data):
        # type: (bytes) -> bytes
        """The next piece for the wire; a carriage return at its end waits for what follows."""
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
                raise LocalProtocolError(u'the message has a carriage return or line feed that stands alone')
            data = normalised(data)
        self._last = b'\r' if held else data[-1:]
        out = data.replace(b'\n.', b'\n..')
        return b'.' + out if at_start and out[:1] == b'.' else out

    def finish(self):
        # type: () -> bytes
        """What ends the message."""
        last, self._last = self._last, b'\n'
        if last == b'\r':
            if not self._mend:
                raise LocalProtocolError(u'the message has a carriage return that stands alone')
            return b'\r\n.\r\n'
        return b'.\r\n' if last == b'\n' else b'\r\n.\r\n'


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional
