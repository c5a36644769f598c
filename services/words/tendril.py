# Copyright the carryall authors.  See LICENSE.
"""Tendril: a bridge between a group of the chat space and a channel of an IRC network elsewhere.

    carryall serve words --tendril irc.example:6667/tea=tea

What is said on one side is said on the other by the bridge, with the name of its author in front.
Lines keep their order. Those for the space are written as fast as the disk allows, and the network
is not read meanwhile. Those for the network go in small batches with a PING behind each, whose
answer tells that the server has taken them. After a loss the bridge connects again, later each
time, and repeats what was not answered. A line may come twice then, and none is missing.

The bridge repeats neither its own lines nor those with the sign of another bridge.  So two bridges
cannot talk in a circle.

Tests:    tests/services/words/test_tendril.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.codec.numbers import decimal_text
from carryall.core.future import Return, coroutine, gather
from carryall.core.logs import escape, get_logger
from carryall.protocols.irc import (ClientSettings, connect, parse_ctcp, plain, split_source,
                                    split_text)
from carryall.services.words.chaterrors import WordsError
from carryall.services.words.chatnames import checked_group, folded
from carryall.services.words.chatspace import EMOTE, GROUP, ChatSession, Participant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
    from carryall.services.words.chatspace import ChatSpace

__all__ = ['Tendril', 'TendrilPlace', 'parse_place']

# -- limits ------------------------------------------------------------------
MAX_WAITING = 10000         # lines for the network while it is away; the oldest go then, with a log
FIRST_WAIT = 2.0            # seconds until the first new try to connect
LONGEST_WAIT = 300.0
LINE_ROOM = 380             # octets of a text in one line
BATCH = 20                  # lines before a PING
MAX_KEEPING = 1000          # lines of the network that wait for the store; it is not read then
KEPT_AT_ONCE = 50           # lines that are written together

MARK = u'\u2063'            # an invisible separator: a bridge has said this

log = get_logger('words.tendril')


class TendrilPlace(object):
    """The two ends of a bridge.

    Attributes:
        host, port: of the IRC server.
        channel: its name with the `#` (bytes).
        group: of the space.
    """

    __slots__ = ('host', 'port', 'channel', 'group')

    def __init__(self, host, port, channel, group):
        # type: (str, int, bytes, str) -> None
        self.host = host
        self.port = port
        self.channel = channel
        self.group = group


def parse_place(text):
    # type: (str) -> Optional[TendrilPlace]
    """HOST[:PORT]/CHANNEL=GROUP; None if it is not that."""
    address, slash, rest = text.partition(u'/')
    channel, equals, group = rest.partition(u'=')
    host, colon, digits = address.rpartition(u':')
    if not colon:
        host = address
        digits = u'6667'
    port = decimal_text(digits, 65535)
    if not slash or not equals or not host or not port or not channel or u' ' in channel:
        return None
    try:
        group = checked_group(group)
    except WordsError:
        return None
    return TendrilPlace(host, port, b'#' + channel.lstrip(u'#').encode('utf-8'), group)


class Tendril(ChatSession):
    """One bridge.

    Args:     place: a TendrilPlace.
              name: of its participant, and its nick on the network.
              rate: lines a second that the network allows.
              dial: called with (place, nick, received), a Future of an IRCClient.

    Attributes:
        client: the IRCClient while it is in the channel.
        lost: lines that were dropped because too many waited.
    """

    protocol = u'tendril'

    def __init__(self, space, loop, place, name, rate=0.5, dial=None):
        # type: (ChatSpace, Any, TendrilPlace, str, float, Any) -> None
        self._space = space
        self._loop = loop
        self._place = place
        self._name = name
        self._rate = rate
        self._dial = dial or self._connect
        self._participant = None    # type: Optional[Participant]
        self._waiting = deque()     # type: Any  # texts for the network
        self._unanswered = []       # type: Any  # texts of the batch that is under way
        self._keeping = deque()     # type: Any  # (sender, text, style) for the space
        self._is_keeping = False
        self._timer = None          # type: Any
        self._wait = FIRST_WAIT
        self._is_open = False
        self.client = None          # type: Any
        self.lost = 0

    @property
    def waiting(self):
        # type: () -> int
        """Lines of the network that wait for the store."""
        return len(self._keeping)

    # -- life --------------------------------------------------------------------------

    @coroutine
    def start(self):
        # type: () -> Any
        """Enters the group and dials the network; a Future of None."""
        participant = self._space.participants.get(folded(self._name))
        if participant is None:
            participant = Participant(self._name, self._loop.wall())
            yield self._space.add_participant(participant)
        self._participant = participant
        self._is_open = True
        self._space.attach(participant, self)
        self._space.join(participant, self._place.group, self)
        self._try()
        raise Return(None)

    def close(self):
        # type: () -> None
        """Leaves both sides."""
        self._is_open = False
        if self._timer is not None:
            self._timer.cancel()
        if self.client is not None:
            self.client.close()
        if self._participant is not None:
            self._space.detach(self._participant, self)

    def _connect(self, place, nick, received):
        # type: (TendrilPlace, bytes, Any) -> Any
        return connect(self._loop, place.host, place.port, nick,
                       settings=ClientSettings(username=b'tendril', realname=b'a bridge',
                                               rate=self._rate, burst=max(5, int(self._rate)),
                                               answer_seconds=600.0), received=received)

    def _try(self):
        # type: () -> None
        self._timer = None
        self._enter().then(None, self._failed)

    @coroutine
    def _enter(self):
        # type: () -> Any
        client = yield self._dial(self._place, self._name.encode('ascii', 'replace').replace(
            b'?', b'_'), self._received)
        if not self._is_open:
            client.close()
            return
        client.closed.add_done_callback(lambda _: self._gone(client))
        yield client.join(self._place.channel)
        self.client = client
        self._wait = FIRST_WAIT
        log.info('%s is in %s of %s', escape(self._name),
                 escape(self._place.channel.decode('utf-8', 'replace')), self._place.host)
        self._send_waiting()

    def _failed(self, exc):
        # type: (BaseException) -> None
        log.info('%s cannot enter %s: %s', escape(self._name), self._place.host, exc)
        self._later()

    def _gone(self, client):
        # type: (Any) -> None
        if self.client is client:
            self._waiting.extendleft(reversed(self._unanswered))
            self._unanswered = []
            self.client = None
        self._later()

    def _later(self):
        # type: () -> None
        if self._is_open and self._timer is None:
            self._timer = self._loop.call_later(self._wait, self._try)
            self._wait = min(2 * self._wait, LONGEST_WAIT)

    # -- from the space to the network ------------------------------------------------------

    def message_came(self, message, metadata):
        if message.kind != GROUP or message.text.startswith(MARK):
            return
        if folded(message.place) != folded(self._place.group):
            return
        text = message.text
        if message.style == EMOTE:
            shown = u'%s* %s %s' % (MARK, message.sender, text)
        else:
            shown = u'%s<%s> %s' % (MARK, message.sender, text)
        for piece in split_text(shown.encode('utf-8'), LINE_ROOM):
            self._waiting.append(piece)
        while len(self._waiting) > MAX_WAITING:
            self._waiting.popleft()
            self.lost += 1
            if self.lost == 1:
                log.error('%s drops lines: %d wait for %s', escape(self._name), MAX_WAITING,
                          self._place.host)
        self._send_waiting()

    def _send_waiting(self):
        # type: () -> None
        """Sends the next batch, when the last one was answered."""
        client = self.client
        if client is None or not self._waiting or self._unanswered:
            return
        while self._waiting and len(self._unanswered) < BATCH:
            self._unanswered.append(self._waiting.popleft())
        for text in self._unanswered:
            client.say(self._place.channel, text)
        client.ping().then(lambda _: self._answered(client), lambda _: client.close())

    def _answered(self, client):
        # type: (Any) -> None
        if self.client is client:
            self._unanswered = []
            self._send_waiting()

    # -- from the network to the space -------------------------------------------------------

    def _received(self, client, message):
        # type: (Any, Any) -> None
        if message.command != b'PRIVMSG' or len(message.params) < 2:
            return
        if client.support.fold(message.params[0]) != client.support.fold(self._place.channel):
            return
        nick = split_source(message.source or b'').nick
        if client.support.fold(nick) == client.support.fold(client.nick):
            return
        style = u''
        words = message.params[1]
        query = parse_ctcp(words)
        if query is not None:
            if query.verb != b'ACTION':
                return
            style = EMOTE
            words = query.text
        text = plain(words).decode('utf-8', 'replace').strip()
        if not text or text.startswith(MARK):
            return
        self._keeping.append((nick.decode('utf-8', 'replace'), text, style))
        if len(self._keeping) > MAX_KEEPING:
            client.pause()          # the network waits for the disk
        if not self._is_keeping:
            self._is_keeping = True
            self._keep().then(None, self._not_kept)

    @coroutine
    def _keep(self):
        # type: () -> Any
        """Says what has come in the group, in its order; a few are written at the same time."""
        while self._keeping and self._is_open:
            waits = []
            while self._keeping and len(waits) < KEPT_AT_ONCE:
                nick, text, style = self._keeping.popleft()
                try:
                    waits.append(self._space.group_message(
                        self._participant, self._place.group, text,
                        {u'style': style} if style else {}, self, u'%s@%s' % (nick, self._name)))
                except WordsError as exc:
                    log.info('%s: %s', escape(self._name), exc)
            yield gather(waits)
            if self.client is not None and len(self._keeping) <= MAX_KEEPING // 2:
                self.client.unpause()
        self._is_keeping = False

    def _not_kept(self, exc):
        # type: (BaseException) -> None
        log.error('%s cannot keep what comes: %s', escape(self._name), exc)
        self._loop.call_later(5.0, self._go_on)

    def _go_on(self):
        # type: () -> None
        self._keep().then(None, self._not_kept)
