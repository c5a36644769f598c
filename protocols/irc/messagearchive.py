# Copyright the carryall authors.  See LICENSE.
"""The archive of a network: messages that were sent, and how far each account has read.

    archive = MessageArchive()
    archive.append(b'#tea', event, sender=b'ann')
    archive.select(b'#tea', after=when, limit=50)
    archive.set_marker(b'ann', b'#tea', when)

A *conversation* is the folded name of a channel, or the names of two accounts in order with a blank
between them.  Users without an account have no archive of their own: another might take their nick.

Bounds:   messages of each conversation, and of all together; the oldest go first.

A service that keeps them for longer overrides ``kept``, ``dropped`` and ``marked``, which may
return Futures; what the client is told waits for these.
Tests:    tests/protocols/irc/test_messagearchive.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict, deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Deque, Dict, List, Optional, Tuple
    from carryall.protocols.irc.taggedlines import Event

__all__ = ['Archived', 'MessageArchive', 'conversation_of']

# -- limits ------------------------------------------------------------------
MAX_MESSAGES = 1000         # of one conversation; default
MAX_TOTAL = 100000          # of all together; default: some 50 MiB
MAX_MARKERS = 1000          # of one account


class Archived(object):
    """One message.

    Attributes:
        event: the Event that was sent.
        sender: account of the sender (bytes); None if it had none.
    """

    __slots__ = ('event', 'sender')

    def __init__(self, event, sender):
        # type: (Event, Optional[bytes]) -> None
        self.event = event
        self.sender = sender


def conversation_of(first, second):
    # type: (bytes, bytes) -> bytes
    """The name of what two accounts say to each other."""
    return b' '.join(sorted([first, second]))


class MessageArchive(object):
    """Messages in memory.

    Args:     max_messages: of one conversation.
              max_total: of all together.
    """

    def __init__(self, max_messages=MAX_MESSAGES, max_total=MAX_TOTAL):
        # type: (int, int) -> None
        self._max_messages = max_messages
        self._max_total = max_total
        self._total = 0
        # The conversation that was quiet for longest first.
        self._rows = OrderedDict()      # type: Dict[bytes, Deque[Archived]]
        self._markers = {}              # type: Dict[bytes, Dict[bytes, float]]

    # -- hooks -------------------------------------------------------------------------

    def kept(self, name, message):
        # type: (bytes, Archived) -> Any
        """Notes a message of a conversation; a Future of the moment when it is safe."""
        return None

    def dropped(self, name, messages):
        # type: (bytes, List[Archived]) -> Any
        """Notes that messages are gone; a Future likewise."""
        return None

    def marked(self, account, name, when):
        # type: (bytes, bytes, float) -> Any
        """Notes how far an account has read; a Future likewise."""
        return None

    # -- messages ----------------------------------------------------------------------

    def append(self, name, event, sender=None):
        # type: (bytes, Event, Optional[bytes]) -> Any
        """Adds a message to a conversation; a Future of the moment when it is safe, or None."""
        message = Archived(event, sender)
        self.restore(name, message)
        return self.kept(name, message)

    def restore(self, name, message):
        # type: (bytes, Archived) -> None
        """Adds a message that was kept before."""
        rows = self._rows.pop(name, None)
        if rows is None:
            rows = deque()
        self._rows[name] = rows
        rows.append(message)
        self._total += 1
        gone = []                       # type: List[Archived]
        while len(rows) > self._max_messages:
            gone.append(rows.popleft())
        if gone:
            self._total -= len(gone)
            self.dropped(name, gone)
        while self._total > self._max_total:
            self._forget_quietest()

    def _forget_quietest(self):
        # type: () -> None
        quietest = next(iter(self._rows))
        gone = list(self._rows.pop(quietest))
        self._total -= len(gone)
        self.dropped(quietest, gone)

    def find(self, name, msgid):
        # type: (bytes, bytes) -> Optional[Archived]
        """The message of a conversation with that msgid; None if there is none."""
        for message in reversed(self._rows.get(name, ())):
            if message.event.msgid == msgid:
                return message
        return None

    def remove(self, name, message):
        # type: (bytes, Archived) -> Any
        """Takes a message out; a Future of the moment when that is safe, or None."""
        rows = self._rows[name]
        rows.remove(message)
        self._total -= 1
        if not rows:
            del self._rows[name]
        return self.dropped(name, [message])

    def forget(self, name):
        # type: (bytes) -> Any
        """Drops a conversation; a Future of the moment when that is safe, or None."""
        gone = list(self._rows.pop(name, ()))
        self._total -= len(gone)
        return self.dropped(name, gone) if gone else None

    def names(self):
        # type: () -> List[bytes]
        """The conversations."""
        return list(self._rows)

    def forget_account(self, account):
        # type: (bytes) -> None
        """Drops the private conversations and the markers of an account."""
        for _, name in self.partners(account):
            self.forget(name)
        self._markers.pop(account, None)

    def select(self, name, after=None, before=None, limit=100, newest=True):
        # type: (bytes, Optional[float], Optional[float], int, bool) -> List[Archived]
        """Messages of a conversation between two times, both excluded, in their order.

        Args:     newest: of more than *limit* the newest ones; else the oldest.
        """
        found = []                      # type: List[Archived]
        rows = self._rows.get(name, ())  # type: Any
        for message in (reversed(rows) if newest else rows):
            at = message.event.at
            if before is not None and at >= before:
                if not newest:
                    break
                continue
            if after is not None and at <= after:
                if newest:
                    break
                continue
            found.append(message)
            if len(found) >= limit:
                break
        if newest:
            found.reverse()
        return found

    def latest(self, name):
        # type: (bytes) -> Optional[float]
        """The Unix time of the last message of a conversation; None if it has none."""
        rows = self._rows.get(name)
        return rows[-1].event.at if rows else None

    def partners(self, account):
        # type: (bytes) -> List[Tuple[bytes, bytes]]
        """(other account, conversation) of all that an account has talked with."""
        found = []
        for name in self._rows:
            first, blank, second = name.partition(b' ')
            if blank and account in (first, second):
                found.append((second if first == account else first, name))
        return found

    # -- markers -----------------------------------------------------------------------

    def marker(self, account, name):
        # type: (bytes, bytes) -> Optional[float]
        """How far an account has read a conversation, a Unix time; None if it is unknown."""
        return self._markers.get(account, {}).get(name)

    def restore_marker(self, account, name, when):
        # type: (bytes, bytes, float) -> None
        """Notes a marker that was kept before."""
        self._markers.setdefault(account, {})[name] = when

    def set_marker(self, account, name, when):
        # type: (bytes, bytes, float) -> Any
        """Notes that an account has read up to *when*; a Future as of append.

        A marker never goes back.  ValueError: the account has too many.
        """
        rows = self._markers.setdefault(account, {})
        if name not in rows and len(rows) >= MAX_MARKERS:
            raise ValueError('too many markers')
        if rows.get(name, 0.0) >= when:
            return None
        rows[name] = when
        return self.marked(account, name, when)
