# Copyright the carryall authors.  See LICENSE.
"""The participants of the chat space for finger (RFC 1288): on since, idle, status.

    carryall serve words --finger 7979
    carryall finger ann@127.0.0.1 -p 7979

Tests:    tests/services/words/test_presencefinger.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.calendardates import civil
from carryall.core.net.ip import source_of
from carryall.core.ratelimit import KeyedRateLimit
from carryall.protocols.finger import Directory
from carryall.services.words.chatnames import folded
from carryall.services.words.chatspace import OFFLINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List
    from carryall.services.words.chatspace import ChatSpace, Participant

__all__ = ['PresenceDirectory']

# -- limits ------------------------------------------------------------------
QUERIES_A_MINUTE = 60       # of one address
MAX_LISTED = 500

STATUSES = (u'offline', u'online', u'away')


class PresenceDirectory(Directory):
    """Answers queries about participants.

    Args:     admits: called with a client's address, True if it may ask.
    """

    def __init__(self, space, loop, admits):
        # type: (ChatSpace, Any, Any) -> None
        self._space = space
        self._loop = loop
        self._admits = admits
        self._rate = KeyedRateLimit(loop, QUERIES_A_MINUTE / 60.0, QUERIES_A_MINUTE)

    def answer(self, user, verbose, host):
        """The text about one participant, or about all that are online."""
        if not self._admits(host):
            return u'Access denied.\n'
        if not self._rate.take(source_of(host)):
            return u'Too many queries.\n'
        if not user:
            return self._list()
        found = self._space.participants.get(folded(user))
        if found is None or found.is_barred:
            return u'Login: %s\nUnknown user.\n' % user
        return self._one(found)

    def _list(self):
        # type: () -> str
        online = [each for _, each in sorted(self._space.participants.items())
                  if each.status != OFFLINE]
        lines = [u'%-32s %-8s %s\n' % (u'Login', u'Idle', u'Status')]
        for each in online[:MAX_LISTED]:
            lines.append(u'%-32s %-8s %s\n' % (each.name, self._idle(each), _status(each)))
        return u''.join(lines) if online else u'No participant is online.\n'

    def _one(self, participant):
        # type: (Participant) -> str
        lines = [u'Login: %s\n' % participant.name]     # type: List[str]
        if participant.status == OFFLINE:
            lines.append(u'Not online.\n')
        else:
            ways = sorted(set(each.protocol for each in participant.sessions))
            lines.append(u'On since %s by %s, idle %s\n' % (_moment(participant.since),
                                                            u', '.join(ways),
                                                            self._idle(participant)))
            lines.append(u'Status: %s\n' % _status(participant))
        return u''.join(lines)

    def _idle(self, participant):
        # type: (Participant) -> str
        minutes = int(max(0.0, self._loop.wall() - participant.spoke_at) // 60)
        return u'%d:%02d' % (minutes // 60, minutes % 60)


def _status(participant):
    # type: (Participant) -> str
    word = STATUSES[participant.status]
    return u'%s: %s' % (word, participant.away) if participant.away else word


def _moment(at):
    # type: (float) -> str
    year, month, day, hour, minute, _, _ = civil(at)
    return u'%04d-%02d-%02d %02d:%02d UTC' % (year, month, day, hour, minute)
