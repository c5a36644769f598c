# Copyright the carryall authors.  See LICENSE.
"""Quote of the day: a short text (RFC 865).

Wire:     up to 512 octets of printable ASCII, spaces, CR and LF.
States:   answered -> closed     (UDP: one packet for one packet)
Not here: reading the file of quotes, which the maker of a QuoteBook does.
Tests:    tests/protocols/simple/test_qotd.py
"""
from __future__ import absolute_import, division, print_function

import random

from carryall.core.compat import int2byte, range
from carryall.core.net.collector import collect
from carryall.protocols.simple.guarded import GuardedDatagrams, ask_udp
from carryall.protocols.simple.settings import Settings
from carryall.protocols.simple.shortanswer import ShortAnswer

__all__ = ['Qotd', 'QotdDatagrams', 'QuoteBook', 'fetch', 'fetch_udp', 'read_quotes']

# -- limits ------------------------------------------------------------------
MAX_QUOTE = 512             # octets with its line ends; RFC 865
MAX_ANSWER = 8192           # octets that a client takes: some servers send more than RFC 865 allows

# -- grammar -----------------------------------------------------------------
_ALLOWED = b''.join(int2byte(code) for code in range(0x20, 0x7f)) + b'\r\n'

OURS = (
    b'A protocol is a promise about bytes.\r\n',
    b'A program without a deadline waits for the deadline of its user.\r\n',
    b'A limit without a test is a wish.\r\n',
    b'The network splits your message where you did not look.\r\n',
    b'Carry all you need, and need little.\r\n',
)


def read_quotes(data):
    # type: (bytes) -> List[bytes]
    """The quotes in a file: ASCII text of one or more lines, separated by lines with ``%`` alone.

    Quotes that RFC 865 does not allow are left out: those of more than 512 octets, or with other
    characters.
    """
    quotes = []
    lines = []                  # type: List[bytes]
    for line in data.replace(b'\r\n', b'\n').split(b'\n') + [b'%']:
        if line != b'%':
            lines.append(line.rstrip().replace(b'\t', b'    '))
            continue
        quote = b'\r\n'.join(lines).strip(b'\r\n') + b'\r\n'
        if quote != b'\r\n' and len(quote) <= MAX_QUOTE and not quote.strip(_ALLOWED):
            quotes.append(quote)
        lines = []
    return quotes


class QuoteBook(object):
    """Quotes, one of which is drawn for each client.

    Args:     quotes: bytes with CRLF, as from ``read_quotes``; a few of our own if it is empty.
    """

    def __init__(self, quotes=(), dice=None):
        # type: (Sequence[bytes], Any) -> None
        self._quotes = tuple(quotes) or OURS
        self._dice = dice or random.Random()

    def draw(self):
        # type: () -> bytes
        """One quote."""
        return self._dice.choice(self._quotes)


# -- server ------------------------------------------------------------------

class Qotd(ShortAnswer):
    """Quotes over TCP."""

    def __init__(self, service, clock=None, settings=None):
        # type: (QuoteBook, Any, Optional[Settings]) -> None
        ShortAnswer.__init__(self, service.draw, clock, settings)


class QotdDatagrams(GuardedDatagrams):
    """Quotes over UDP."""

    def __init__(self, guard, book):
        # type: (SourceGuard, QuoteBook) -> None
        GuardedDatagrams.__init__(self, guard)
        self._book = book

    def answer(self, data, addr):
        # type: (bytes, Any) -> Optional[bytes]
        """A quote as one packet."""
        return self._book.draw()


# -- client ------------------------------------------------------------------

def fetch(loop, host, port):
    # type: (Any, str, int) -> Future
    """A Future of the quote, as bytes with its line ends."""
    return collect(loop, host, port, maximum=MAX_ANSWER)


def fetch_udp(loop, host, port):
    # type: (Any, str, int) -> Future
    """As ``fetch``, over UDP."""
    return ask_udp(loop, host, port)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence
    from carryall.core.future import Future
    from carryall.protocols.simple.guarded import SourceGuard
