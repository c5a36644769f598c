# Copyright the carryall authors.  See LICENSE.
"""Lines on their way to many clients, each with the tags that it has asked for.

    event = Event(b':ann!a@h PRIVMSG #tea :hello\\r\\n', {SERVER_TIME: (b'time', b'...')})
    event.line_for(capabilities)

A line is spelled once for each choice of tags, not for each of a thousand clients.

Tests:    tests/protocols/irc/test_taggedlines.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.calendardates import civil
from carryall.protocols.irc.wire import format_tags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Optional, Tuple

__all__ = ['ACCOUNT_NOTIFY', 'ACCOUNT_TAG', 'AWAY_NOTIFY', 'BATCH', 'CAPABILITIES', 'CAP_NOTIFY',
           'CHATHISTORY', 'CHGHOST', 'ECHO_MESSAGE', 'EXTENDED_ISUPPORT', 'EXTENDED_JOIN',
           'EXTENDED_MONITOR', 'Event', 'INVITE_NOTIFY', 'LABELED_RESPONSE', 'MESSAGE_TAGS',
           'METADATA', 'MULTILINE', 'MULTI_PREFIX', 'NO_IMPLICIT_NAMES', 'READ_MARKER',
           'REDACTION', 'REGISTRATION', 'SASL', 'SERVER_TIME', 'SETNAME', 'STANDARD_REPLIES',
           'USERHOST_IN_NAMES', 'capability_names', 'spelled_moment']

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
CHGHOST = 1 << 17
STANDARD_REPLIES = 1 << 18
CHATHISTORY = 1 << 19
READ_MARKER = 1 << 21
MULTILINE = 1 << 22
REDACTION = 1 << 23
REGISTRATION = 1 << 24
METADATA = 1 << 25
EXTENDED_ISUPPORT = 1 << 26

CAPABILITIES = {
    b'account-notify': ACCOUNT_NOTIFY,
    b'account-tag': ACCOUNT_TAG,
    b'away-notify': AWAY_NOTIFY,
    b'batch': BATCH,
    b'cap-notify': CAP_NOTIFY,
    b'chghost': CHGHOST,
    b'draft/account-registration': REGISTRATION,
    b'draft/chathistory': CHATHISTORY,
    b'draft/extended-isupport': EXTENDED_ISUPPORT,
    b'draft/message-redaction': REDACTION,
    b'draft/metadata-2': METADATA,
    b'draft/multiline': MULTILINE,
    b'draft/no-implicit-names': NO_IMPLICIT_NAMES,
    b'draft/read-marker': READ_MARKER,
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
    b'standard-replies': STANDARD_REPLIES,
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
              at: Unix time for the tag `time`; None for a line without it.
              msgid: for the tag of that name; None for a line without it.

    Attributes:
        line, tags, at, msgid: as given.
    """

    __slots__ = ('line', 'at', 'msgid', 'tags', '_bits', '_spelled')

    def __init__(self, line, tags=(), at=None, msgid=None):
        # type: (bytes, Any, Optional[float], Optional[bytes]) -> None
        self.line = line
        self.at = at
        self.msgid = msgid
        self.tags = tuple(tags)            # type: Tuple[Tuple[int, bytes, bytes], ...]
        bits = 0
        for bit, _, _ in self.tags:
            bits |= bit
        if at is not None:
            bits |= SERVER_TIME
        if msgid is not None:
            bits |= MESSAGE_TAGS
        self._bits = bits
        self._spelled = {}                  # type: Dict[int, bytes]

    def tags_for(self, capabilities):
        # type: (int) -> Dict[bytes, bytes]
        """The tags that a client with these capabilities gets: key -> value."""
        tags = dict((key, value) for bit, key, value in self.tags if capabilities & bit)
        if self.at is not None and capabilities & SERVER_TIME:
            tags[b'time'] = spelled_moment(self.at)
        if self.msgid is not None and capabilities & MESSAGE_TAGS:
            tags[b'msgid'] = self.msgid
        return tags

    def line_for(self, capabilities):
        # type: (int) -> bytes
        """The line as a client with these capabilities gets it."""
        wanted = capabilities & self._bits
        if not wanted:
            return self.line
        spelled = self._spelled.get(wanted)
        if spelled is None:
            spelled = format_tags(self.tags_for(wanted)) + self.line
            self._spelled[wanted] = spelled
        return spelled

    def spread(self, users, but=None):
        # type: (Iterable[Any], Any) -> None
        """Sends the line to users, all but one; each choice of capabilities is looked up once."""
        lines = {}                          # type: Dict[int, bytes]
        for user in users:
            connection = user.connection
            if connection is not None and user is not but:
                wanted = user.capabilities
                line = lines.get(wanted)
                if line is None:
                    line = self.line_for(wanted)
                    lines[wanted] = line
                connection.gather(line)


def spelled_moment(seconds):
    # type: (float) -> bytes
    """A Unix time as the capability server-time spells it."""
    # Rounded first: a time that was read from such a text must come out the same.
    thousandths = (seconds * 1000.0 + 0.5) // 1
    year, month, day, hour, minute, second, _ = civil(thousandths // 1000)
    return b'%04d-%02d-%02dT%02d:%02d:%02d.%03dZ' % (year, month, day, hour, minute, second,
                                                     thousandths % 1000)
