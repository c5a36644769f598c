# Copyright the carryall authors.  See LICENSE.
"""A message of several lines on its way to many clients (IRCv3 draft multiline).

Tests:    tests/protocols/irc/test_multiline.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.irc.taggedlines import BATCH, MULTILINE
from carryall.protocols.irc.wire import format_tags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Tuple
    from carryall.protocols.irc.chatnetwork import Network, User
    from carryall.protocols.irc.multilinecommands import OpenBatch

__all__ = ['LongMessage']

CONCAT = b'draft/multiline-concat'
_BOTH = BATCH | MULTILINE


class LongMessage(object):
    """One message.

    Args:     network: a Network.
              user: its sender.
              verb: PRIVMSG or NOTICE.
              name: of the target, as others see it.
              batch: as it came.
              tags: of the client, as an Event has them.

    Attributes:
        events: an Event for each line that is not empty.
    """

    def __init__(self, network, user, verb, name, batch, tags):
        # type: (Network, User, bytes, bytes, OpenBatch, Any) -> None
        self.events = []                # type: List[Any]
        self._name = b'%d' % network.next_number()
        self._lines = []                # type: List[Tuple[bytes, Dict[bytes, bytes]]]
        for text, goes_on in batch.lines:
            # A line break is a line of its own in a batch, and nothing outside of one.
            event = network.event(user, verb, [name, text], () if self.events else tags)
            tags_of_line = {b'batch': self._name}
            if goes_on:
                tags_of_line[CONCAT] = b''
            self._lines.append((event.line, tags_of_line))
            if text:
                self.events.append(event)
        source = b':' + user.source
        self._first = source + b' BATCH +' + self._name + b' draft/multiline ' + name + b'\r\n'
        self._last = source + b' BATCH -' + self._name + b'\r\n'
        self._blocks = {}               # type: Dict[int, bytes]

    def block(self, capabilities):
        # type: (int) -> Tuple[bytes, bytes]
        """(first line, the others) for a client with these capabilities."""
        if capabilities & _BOTH != _BOTH:
            lines = [event.line_for(capabilities) for event in self.events]
            return lines[0], b''.join(lines[1:])
        tags = self.events[0].tags_for(capabilities)
        first = format_tags(tags) + self._first if tags else self._first
        lines = [format_tags(tags) + line for line, tags in self._lines]
        return first, b''.join(lines) + self._last

    def spread(self, users, but):
        # type: (Iterable[User], User) -> None
        """Sends the message to users, all but one."""
        for user in users:
            connection = user.connection
            if connection is None or user is but:
                continue
            wanted = user.capabilities
            block = self._blocks.get(wanted)
            if block is None:
                block = b''.join(self.block(wanted))
                self._blocks[wanted] = block
            connection.gather(block)
