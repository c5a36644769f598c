# Copyright the carryall authors.  See LICENSE.
"""CHATHISTORY, MARKREAD and REDACT (IRCv3 drafts chathistory, read-marker, message-redaction).

    CHATHISTORY LATEST #tea * 50
    CHATHISTORY BETWEEN #tea timestamp=... msgid=... 50
    CHATHISTORY TARGETS timestamp=... timestamp=... 10
    MARKREAD #tea timestamp=2026-01-02T03:04:05.678Z
    REDACT #tea 19a2-5 :wrong window

A channel's messages are for its members, those between two accounts for these.  A message is taken
back by the account that has sent it, or by an operator of the channel.

Tests:    tests/protocols/irc/test_history.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.calendardates import seconds_of
from carryall.core.codec.numbers import decimal
from carryall.core.future import Return, coroutine
from carryall.core.patterns import Pattern
from carryall.protocols.irc.messagearchive import conversation_of
from carryall.protocols.irc.numerics import shown
from carryall.protocols.irc.taggedlines import (CHATHISTORY, MESSAGE_TAGS, READ_MARKER, REDACTION,
                                                spelled_moment)
from carryall.protocols.irc.textsplit import clipped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple
    from carryall.protocols.irc.messagearchive import Archived, MessageArchive
    from carryall.protocols.irc.server import IRCServer

__all__ = ['HistoryCommands', 'MAX_HISTORY', 'parse_moment']

MAX_HISTORY = 100           # messages in one answer
MAX_LIMIT = 1 << 30         # in a request; more than MAX_HISTORY are never sent
MAX_TARGETS = 100           # conversations in one answer
TICK = 0.0005               # seconds: half of the millisecond in which moments are spelled
_ANY = (None, None)         # the point `*`

_MOMENT = Pattern(br'([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})'
                  br'(?:\.([0-9]{1,6}))?Z\Z')


def parse_moment(text):
    # type: (bytes) -> Optional[float]
    """The Unix time that server-time spells; None if the text is none."""
    found = _MOMENT.match(text)
    if found is None:
        return None
    fields = [decimal(part, 9999) or 0 for part in found.groups()[:6]]
    if not 1 <= fields[1] <= 12 or not 1 <= fields[2] <= 31 or fields[3] > 23 or fields[4] > 59:
        return None
    digits = found.group(7) or b'0'
    return seconds_of(*fields) + (decimal(digits, 999999) or 0) / 10.0 ** len(digits)


class HistoryCommands(object):
    """The commands of one client about what was said."""

    __slots__ = ('_server', '_network', '_user')

    def __init__(self, server):
        # type: (IRCServer) -> None
        self._server = server
        self._network = server.network
        self._user = server.user

    @property
    def _archive(self):
        # type: () -> MessageArchive
        return self._network.archive

    def _conversation(self, target):
        # type: (bytes) -> Optional[bytes]
        """The conversation that the user may read; None if it may not."""
        if target[:1] == b'#':
            channel = self._network.channel_of(target)
            if channel is None or (self._user not in channel.members
                                   and not self._user.may(b'see')):
                return None
            return self._network.fold(target)
        if self._user.account is None:
            return None
        other = self._network.user_of(target)
        account = target if other is None else other.account
        if account is None:
            return None
        return conversation_of(self._network.fold(self._user.account), self._network.fold(account))

    # -- CHATHISTORY -----------------------------------------------------------------------

    def cmd_chathistory(self, *params):
        # type: (*bytes) -> None
        """CHATHISTORY (IRCv3 chathistory)."""
        verb = params[0].upper()
        if self._network.archive is None or not self._user.capabilities & CHATHISTORY:
            self._fail(b'INVALID_PARAMS', [verb], b'There is no history here')
        elif verb == b'TARGETS':
            self._targets(params)
        elif verb not in _SUBCOMMANDS:
            self._fail(b'INVALID_PARAMS', [verb], b'Unknown subcommand')
        elif len(params) < (5 if verb == b'BETWEEN' else 4):
            self._fail(b'NEED_MORE_PARAMS', [verb], b'Not enough parameters')
        else:
            self._select(verb, params)

    def _fail(self, code, context, text):
        # type: (bytes, List[bytes], bytes) -> None
        self._server.fail(b'CHATHISTORY', code, context, text)

    def _select(self, verb, params):
        # type: (bytes, Any) -> None
        name = self._conversation(params[1])
        limit = decimal(params[-1], MAX_LIMIT)
        if name is None:
            self._fail(b'INVALID_TARGET', [verb, params[1]], b'Messages could not be retrieved')
            return
        if limit is None:
            self._fail(b'INVALID_PARAMS', [verb, params[-1]], b'Invalid limit')
            return
        limit = min(limit or MAX_HISTORY, MAX_HISTORY)
        points = []                     # type: List[Any]
        for word in params[2:4 if verb == b'BETWEEN' else 3]:
            point = self._point(name, word)
            if point is None or point is _ANY and verb != b'LATEST':
                self._fail(b'INVALID_PARAMS', [verb, word], b'Unknown message or moment')
                return
            points.append(point)
        self._send(params[1], _SUBCOMMANDS[verb](self._archive, name, points, limit))

    def _point(self, name, word):
        # type: (bytes, bytes) -> Any
        """(first, last) Unix time of a message or moment; _ANY for `*`, None if it is unknown."""
        if word == b'*':
            return _ANY
        kind, _, value = word.partition(b'=')
        if kind == b'timestamp':
            moment = parse_moment(value)
            return None if moment is None else (moment - TICK, moment + TICK)
        if kind == b'msgid':
            message = self._archive.find(name, value)
            return None if message is None else (message.event.at, message.event.at)
        return None

    def _send(self, target, messages):
        # type: (bytes, List[Archived]) -> None
        """Sends messages as one batch."""
        capabilities = self._user.capabilities
        lines = [message.event.line_for(capabilities) for message in messages
                 if message.event.line.split(b' ')[1] != b'TAGMSG' or capabilities & MESSAGE_TAGS]
        self._server.send_batch(b'chathistory', [target], lines)

    def _targets(self, params):
        # type: (Any) -> None
        """CHATHISTORY TARGETS: the conversations with messages between two moments."""
        points = [parse_moment(word.partition(b'=')[2]) for word in params[1:3]]
        limit = decimal(params[3], MAX_LIMIT) if len(params) > 3 else None
        if len(points) < 2 or points[0] is None or points[1] is None or limit is None:
            self._fail(b'INVALID_PARAMS', [b'TARGETS'], b'Two moments and a limit are needed')
            return
        first = min(points[0], points[1])
        last = max(points[0], points[1])
        named = [(channel.name, folded) for folded, channel in self._user.channels.items()]
        if self._user.account is not None:
            named.extend(self._archive.partners(self._network.fold(self._user.account)))
        found = []                      # type: List[Tuple[float, bytes]]
        for shown_name, name in named:
            latest = self._archive.latest(name)
            if latest is not None and first < latest < last:
                found.append((latest, shown_name))
        rows = sorted(found)[:min(limit, MAX_TARGETS)]
        self._server.send_batch(b'draft/chathistory-targets', [], [
            b':%s CHATHISTORY TARGETS %s %s\r\n' % (self._network.name, name, spelled_moment(at))
            for at, name in rows])

    # -- MARKREAD --------------------------------------------------------------------------

    def cmd_markread(self, *params):
        # type: (*bytes) -> Any
        """MARKREAD (IRCv3 read-marker)."""
        server = self._server
        if self._network.archive is None or self._user.account is None:
            server.fail(b'MARKREAD', b'ACCOUNT_REQUIRED', (), b'You must log in for that')
            return None
        name = self._conversation(params[0])
        if name is None:
            server.fail(b'MARKREAD', b'INVALID_PARAMS', [params[0]], b'Invalid target')
            return None
        if len(params) == 1:
            self.show_marker(params[0])
            return None
        kind, _, value = params[1].partition(b'=')
        moment = parse_moment(value)
        if kind != b'timestamp' or moment is None:
            server.fail(b'MARKREAD', b'INVALID_PARAMS', [params[1]], b'Invalid moment')
            return None
        try:
            kept = self._archive.set_marker(self._network.fold(self._user.account), name, moment)
        except ValueError:
            server.fail(b'MARKREAD', b'INTERNAL_ERROR', [params[0]], b'Too many markers')
            return None
        if kept is not None:
            return kept.then(lambda _: self.show_marker(params[0]))
        self.show_marker(params[0])
        return None

    def show_marker(self, target):
        # type: (bytes) -> None
        """Sends how far the user has read a conversation."""
        if self._network.archive is None or not self._user.capabilities & READ_MARKER:
            return
        name = self._conversation(target)
        if name is None or self._user.account is None:
            return
        moment = self._archive.marker(self._network.fold(self._user.account), name)
        self._server.send_own(b':%s MARKREAD %s %s' % (
            self._network.name, target,
            b'*' if moment is None else b'timestamp=' + spelled_moment(moment)))

    # -- REDACT ----------------------------------------------------------------------------

    @coroutine
    def cmd_redact(self, *params):
        # type: (*bytes) -> Any
        """REDACT (IRCv3 message-redaction)."""
        server = self._server
        target = params[0]
        name = None if self._network.archive is None else self._conversation(target)
        if name is None:
            server.fail(b'REDACT', b'INVALID_TARGET', [target], b'You cannot delete messages here')
            raise Return(None)
        message = self._archive.find(name, params[1])
        if message is None:
            server.fail(b'REDACT', b'UNKNOWN_MSGID', [target, params[1]],
                        b'There is no such message')
            raise Return(None)
        channel = self._network.channel_of(target) if target[:1] == b'#' else None
        own = message.sender is not None and message.sender == self._user.account
        if not own and (channel is None or not channel.is_operator(self._user)):
            server.fail(b'REDACT', b'REDACT_FORBIDDEN', [target, params[1]],
                        b'You are not allowed to delete that message')
            raise Return(None)
        kept = self._archive.remove(name, message)
        if kept is not None:
            yield kept
        words = [target if channel is None else channel.name, params[1]]
        if len(params) > 2 and params[2]:
            words.append(clipped(params[2], server.settings.max_kick))
        event = self._network.event(self._user, b'REDACT', words)
        others = self._redaction_goes_to(channel, target)
        event.spread([other for other in others if other.capabilities & REDACTION], self._user)
        if self._user.capabilities & REDACTION:
            server.echo(event)

    def _redaction_goes_to(self, channel, target):
        # type: (Any, bytes) -> List[Any]
        if channel is not None:
            return list(channel.members)
        other = self._network.user_of(shown(target))
        return [] if other is None else [other]


def _before(archive, name, points, limit):
    # type: (Any, bytes, Any, int) -> List[Archived]
    return archive.select(name, None, points[0][0], limit)      # type: ignore[no-any-return]


def _after(archive, name, points, limit):
    # type: (Any, bytes, Any, int) -> List[Archived]
    return archive.select(name, points[0][1], None, limit, False)   # type: ignore[no-any-return]


def _latest(archive, name, points, limit):
    # type: (Any, bytes, Any, int) -> List[Archived]
    return archive.select(name, points[0][1], None, limit)      # type: ignore[no-any-return]


def _around(archive, name, points, limit):
    # type: (Any, bytes, Any, int) -> List[Archived]
    before = archive.select(name, None, points[0][0], limit // 2)   # type: List[Archived]
    after = before[-1].event.at if before else None
    return before + archive.select(name, after, None,       # type: ignore[no-any-return]
                                   limit - len(before), False)


def _between(archive, name, points, limit):
    # type: (Any, bytes, Any, int) -> List[Archived]
    first, last = points
    if first <= last:
        return archive.select(name, first[1], last[0],      # type: ignore[no-any-return]
                              limit, False)
    return archive.select(name, last[1], first[0], limit)   # type: ignore[no-any-return]


_SUBCOMMANDS = {b'BEFORE': _before, b'AFTER': _after, b'LATEST': _latest, b'AROUND': _around,
                b'BETWEEN': _between}
