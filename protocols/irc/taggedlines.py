# Copyright the carryall authors.  See LICENSE.
"""Lines on their way to many clients, each with the tags that it has asked for.

    event = Event(b':ann!a@h PRIVMSG #tea :hello\\r\\n', {SERVER_TIME: (b'time', b'...')})
    event.line_for(capabilities)

A line is spelled once for each choice of tags, not for each of a thousand clients.

Tests:    tests/protocols/irc/test_taggedlines.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.irc.wire import format_tags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple

__all__ = ['ACCOUNT_NOTIFY', 'ACCOUNT_TAG', 'AWAY_NOTIFY', 'BATCH', 'CAPABILITIES', 'CAP_NOTIFY',
           'ECHO_MESSAGE', 'EXTENDED_JOIN', 'EXTENDED_MONITOR', 'Event', 'INVITE_NOTIFY',
           'LABELED_RESPONSE', 'MESSAGE_TAGS', 'MULTI_PREFIX', 'NO_IMPLICIT_NAMES', 'SASL',
           'SERVER_TIME', 'SETNAME', 'USERHOST_IN_NAMES', 'capability_names']

# -- capabilities of IRCv3 (https://ircv3.net/irc), as bits ------------------------
ACCOUNT_NOTIFY = 1 << 0
ACCOUNT_TAG = 1 << 1
AWAY_NOTIFY = 1 << 2
BATCH = 1 << 3
CAP_NOTIFY = 1 << 4
ECHO_MESSAGE = 1 << 5
EXTENDED_JOIN = 1 << 6
EXTENDED_MONITOR = 1 << 7
INVITE_NOTIFY = 1 << 8
LABELED_RESPONSE = 1 << 9
MESSAGE_TAGS = 1 << 10
MULTI_PREFIX = 1 << 11
NO_IMPLICIT_NAMES = 1 << 12
SASL = 1 << 13
SERVER_TIME = 1 << 14
SETNAME = 1 << 15
USERHOST_IN_NAMES = 1 << 16

CAPABILITIES = {
    b'account-notify': ACCOUNT_NOTIFY,
    b'account-tag': ACCOUNT_TAG,
    b'away-notify': AWAY_NOTIFY,
    b'batch': BATCH,
    b'cap-notify': CAP_NOTIFY,
    b'echo-message': ECHO_MESSAGE,
    b'extended-join': EXTENDED_JOIN,
    b'extended-monitor': EXTENDED_MONITOR,
    b'invite-notify': INVITE_NOTIFY,
    b'labeled-response': LABELED_RESPONSE,
    b'message-tags': MESSAGE_TAGS,
    b'multi-prefix': MULTI_PREFIX,
    b'no-implicit-names': NO_IMPLICIT_NAMES,
    b'sasl': SASL,
    b'server-time': SERVER_TIME,
    b'setname': SETNAME,
    b'userhost-in-names': USERHOST_IN_NAMES,
}       # type: Dict[bytes, int]


def capability_names(bits):
    # type: (int) -> List[bytes]
    """The names of the capabilities in *bits*, in the order of the alphabet."""
    return [name for name in sorted(CAPABILITIES) if bits & CAPABILITIES[name]]


class Event(object):
    """One line, with tags for those clients that want them.

    Args:     line: with its CRLF.
              tags: (bit of a capability, key, value) of each tag; it goes to clients that have the
                    capability.
    """

    __slots__ = ('line', '_tags', '_bits', '_spelled')

    def __init__(self, line, tags=()):
        # type: (bytes, Any) -> None
        self.line = line
        self._tags = tuple(tags)            # type: Tuple[Tuple[int, bytes, bytes], ...]
        self._bits = 0
        for bit, _, _ in self._tags:
            self._bits |= bit
        self._spelled = {}                  # type: Dict[int, bytes]

    def line_for(self, capabilities):
        # type: (int) -> bytes
        """The line as a client with these capabilities gets it."""
        wanted = capabilities & self._bits
        if not wanted:
            return self.line
        spelled = self._spelled.get(wanted)
        if spelled is None:
            tags = dict((key, value) for bit, key, value in self._tags if wanted & bit)
            spelled = format_tags(tags) + self.line
            self._spelled[wanted] = spelled
        return spelled
