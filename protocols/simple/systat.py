# Copyright the carryall authors.  See LICENSE.
"""Systat, or users: the users who are logged in (RFC 866).

Wire:     One user a line, printable ASCII and CRLF.
States:   answered -> closed     (UDP: one packet for one packet, with as many whole lines as fit)
Not here: the source of the names; ``users`` is handed in, a function that returns a list of texts.
Tests:    tests/protocols/simple/test_systat.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import text_type
from carryall.core.net.collector import collect
from carryall.protocols.simple.guarded import MAX_PACKET, GuardedDatagrams, ask_udp
from carryall.protocols.simple.settings import Settings
from carryall.protocols.simple.shortanswer import ShortAnswer

__all__ = ['Systat', 'SystatDatagrams', 'fetch', 'fetch_udp', 'show']

# -- limits ------------------------------------------------------------------
MAX_NAME = 128              # octets of one line that are shown
MAX_ANSWER = 65536          # octets of an answer; the RFC is silent


# -- grammar -----------------------------------------------------------------

def show(users, maximum=MAX_ANSWER):
    # type: (Iterable[Any], int) -> bytes
    """The users as lines, as many whole ones as *maximum* octets hold; characters that are not
    printable ASCII show as ``?``.
    """
    lines = []                  # type: List[bytes]
    size = 0
    for user in users:
        name = user if isinstance(user, text_type) else user.decode('latin-1')
        line = u''.join(char if u' ' <= char <= u'~' else u'?' for char in name[:MAX_NAME]).encode(
            'ascii') + b'\r\n'
        size += len(line)
        if size > maximum:
            break
        lines.append(line)
    return b''.join(lines)


# -- server ------------------------------------------------------------------

class Systat(ShortAnswer):
    """Names the users over TCP."""

    def __init__(self, service, clock=None, settings=None):
        # type: (Callable[[], Iterable[Any]], Any, Optional[Settings]) -> None
        ShortAnswer.__init__(self, lambda: show(service()), clock, settings)


class SystatDatagrams(GuardedDatagrams):
    """Names the users over UDP."""

    def __init__(self, guard, users):
        # type: (SourceGuard, Callable[[], Iterable[Any]]) -> None
        GuardedDatagrams.__init__(self, guard)
        self._users = users

    def answer(self, data, addr):
        # type: (bytes, Any) -> Optional[bytes]
        """The first users as one packet."""
        return show(self._users(), MAX_PACKET)


# -- client ------------------------------------------------------------------

def fetch(loop, host, port):
    # type: (Any, str, int) -> Future
    """A Future of the list of lines, as bytes."""
    return collect(loop, host, port).then(_lines)


def fetch_udp(loop, host, port):
    # type: (Any, str, int) -> Future
    """As ``fetch``, over UDP."""
    return ask_udp(loop, host, port).then(_lines)


def _lines(answer):
    # type: (bytes) -> List[bytes]
    return [line for line in answer.split(b'\r\n') if line]


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, List, Optional
    from carryall.core.future import Future
    from carryall.protocols.simple.guarded import SourceGuard
