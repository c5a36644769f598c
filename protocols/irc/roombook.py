# Copyright the carryall authors.  See LICENSE.
"""The channels that a client is in, with their members, as far as the server tells.

A server that names more than the limits allow is told from one that does not by IRCError.

Tests:    tests/protocols/irc/test_client.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict

from carryall.protocols.irc.errors import IRCError
from carryall.protocols.irc.hostmask import split_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Sequence
    from carryall.protocols.irc.isupport import Support

__all__ = ['Room', 'RoomBook']


class Room(object):
    """A channel that the client is in.

    Attributes:
        name: as the server spells it (bytes).
        topic: bytes; b'' if there is none.
        members: folded nick -> (signs of its standing, nick).
    """

    __slots__ = ('name', 'topic', 'members')

    def __init__(self, name):
        # type: (bytes) -> None
        self.name = name
        self.topic = b''
        self.members = OrderedDict()    # type: Dict[bytes, Any]


class RoomBook(object):
    """All channels of one client.

    Args:     support: the Support of its server.
              max_rooms: channels.
              max_members: members of all channels together.

    Attributes:
        rooms: folded name -> Room.
    """

    __slots__ = ('rooms', '_support', '_max_rooms', '_max_members', '_members')

    def __init__(self, support, max_rooms, max_members):
        # type: (Support, int, int) -> None
        self.rooms = OrderedDict()          # type: Dict[bytes, Room]
        self._support = support
        self._max_rooms = max_rooms
        self._max_members = max_members
        self._members = 0

    def join(self, name, nick, is_mine):
        # type: (bytes, bytes, bool) -> None
        """Somebody has come into a channel."""
        folded = self._support.fold(name)
        if is_mine:
            self._drop(folded)
            self.rooms[folded] = Room(name)
            if len(self.rooms) > self._max_rooms:
                raise IRCError(u'the server puts us into more than %d channels' % self._max_rooms)
        room = self.rooms.get(folded)
        if room is not None:
            self._add(room, b'', nick)

    def leave(self, name, nick, is_mine):
        # type: (bytes, bytes, bool) -> None
        """Somebody has left a channel."""
        folded = self._support.fold(name)
        if is_mine:
            self._drop(folded)
        elif folded in self.rooms:
            self._take(self.rooms[folded], nick)

    def quit(self, nick):
        # type: (bytes) -> None
        """Somebody is gone from all of them."""
        for room in self.rooms.values():
            self._take(room, nick)

    def rename(self, old, new):
        # type: (bytes, bytes) -> None
        """Somebody has another nick."""
        for room in self.rooms.values():
            known = self._take(room, old)
            if known is not None:
                self._add(room, known[0], new)

    def topic(self, name, text):
        # type: (bytes, bytes) -> None
        """A channel has a topic; b'' for none."""
        room = self.rooms.get(self._support.fold(name))
        if room is not None:
            room.topic = text

    def names(self, name, words):
        # type: (bytes, Sequence[bytes]) -> None
        """Members of a channel, with the signs of their standing in front."""
        room = self.rooms.get(self._support.fold(name))
        if room is None:
            return
        for word in words:
            signs, source = self._support.split_member(word)
            self._add(room, signs, split_source(source).nick)

    def _add(self, room, signs, nick):
        # type: (Room, bytes, bytes) -> None
        before = len(room.members)
        room.members[self._support.fold(nick)] = (signs, nick)
        self._members += len(room.members) - before
        if self._members > self._max_members:
            raise IRCError(u'the channels have more than %d members' % self._max_members)

    def _take(self, room, nick):
        # type: (Room, bytes) -> Any
        """(signs, nick) of a member that has left; None if it was none."""
        known = room.members.pop(self._support.fold(nick), None)
        if known is not None:
            self._members -= 1
        return known

    def _drop(self, folded):
        # type: (bytes) -> None
        room = self.rooms.pop(folded, None)
        if room is not None:
            self._members -= len(room.members)
