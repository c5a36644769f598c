# Copyright the carryall authors.  See LICENSE.
"""Commands that other users notice: PRIVMSG, NOTICE, TAGMSG, AWAY, SETNAME; and MONITOR.

RFC 2812 sections 3.3 and 4.1 define them, and IRCv3 message-tags, echo-message, setname, monitor.

Tests:    tests/protocols/irc/test_messages.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.future import gather
from carryall.protocols.irc import numerics
from carryall.protocols.irc.chatchannel import MEMBERS, RANKS, UserMask
from carryall.protocols.irc.hostmask import normalised_mask
from carryall.protocols.irc.taggedlines import (AWAY_NOTIFY, ECHO_MESSAGE, EXTENDED_MONITOR,
                                             MESSAGE_TAGS, SETNAME)
from carryall.protocols.irc.longmessage import LongMessage
from carryall.protocols.irc.numerics import shown
from carryall.protocols.irc.textsplit import clipped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, List, Optional, Set
    from carryall.protocols.irc.chatchannel import Channel
    from carryall.protocols.irc.chatnetwork import User
    from carryall.protocols.irc.multilinecommands import OpenBatch
    from carryall.protocols.irc.server import IRCServer

__all__ = ['MessageCommands']

LINE_ROOM = 400             # octets of nicks in one line of MONITOR
MAX_MASK = 200              # octets of a mask of SILENCE
_RANK_OF_SIGN = dict((sign, RANKS[letter]) for letter, sign in MEMBERS)


class MessageCommands(object):
    """The commands of one client that other clients notice."""

    __slots__ = ('_server', '_network', '_user')

    def __init__(self, server):
        # type: (IRCServer) -> None
        self._server = server
        self._network = server.network
        self._user = server.user

    # -- messages ------------------------------------------------------------------------

    def cmd_privmsg(self, *params):
        # type: (*bytes) -> Any
        """PRIVMSG (RFC 2812 section 3.3.1)."""
        if self._server.batch is not None and b'batch' in self._server.tags:
            return self._server.multiline.take_line(b'PRIVMSG', params)
        if not self._is_whole(b'PRIVMSG', params):
            return None
        self._user.spoke_at = self._network.clock.time()
        return self._send(b'PRIVMSG', params[0], params[1], True)

    def cmd_notice(self, *params):
        # type: (*bytes) -> Any
        """NOTICE, to which nothing is ever answered (RFC 2812 section 3.3.2)."""
        if self._server.batch is not None and b'batch' in self._server.tags:
            return self._server.multiline.take_line(b'NOTICE', params)
        if len(params) > 1 and params[1]:
            return self._send(b'NOTICE', params[0], params[1], False)
        return None

    def cmd_tagmsg(self, *params):
        # type: (*bytes) -> None
        """TAGMSG (IRCv3 message-tags)."""
        if not self._user.capabilities & MESSAGE_TAGS:
            self._server.reply(numerics.UNKNOWN_COMMAND, [b'TAGMSG'])
        elif not params:
            self._server.reply(numerics.NEED_MORE_PARAMS, [b'TAGMSG'])
        else:
            self._send(b'TAGMSG', params[0], None, True)

    def _is_whole(self, verb, params):
        # type: (bytes, Any) -> bool
        """True if a target and a text are there; else a numeric is sent."""
        if not params or not params[0]:
            self._server.reply(numerics.NO_RECIPIENT, (), b'No recipient given (%s)' % verb)
            return False
        if len(params) < 2 or not params[1]:
            self._server.reply(numerics.NO_TEXT)
            return False
        return True

    def _send(self, verb, targets, text, answers):
        # type: (bytes, bytes, Optional[bytes], bool) -> Any
        """Sends a message to each target once; *answers*: errors are answered.

        Returns:  a Future of None while the network notes it, else None.
        """
        names = []                      # type: List[bytes]
        folded = set()                  # type: Set[bytes]
        for name in targets.split(b','):
            if name and self._network.fold(name) not in folded:
                folded.add(self._network.fold(name))
                names.append(name)
        if len(names) > self._server.settings.max_targets:
            if answers:
                self._server.reply(numerics.TOO_MANY_TARGETS,
                                   [shown(names[self._server.settings.max_targets])])
            return None
        tags = self._passed_on()
        waits = []                      # type: List[Any]
        for name in names:
            if name[:1] == b'#' or name[:1] in _RANK_OF_SIGN and name[1:2] == b'#':
                waits.append(self._send_to_channel(verb, name, text, tags, answers))
            else:
                waits.append(self._send_to_user(verb, name, text, tags, answers))
        waits = [each for each in waits if each is not None]
        return gather(waits).then(_nothing) if waits else None

    def _passed_on(self):
        # type: () -> List[Any]
        """The client-only tags of the message (IRCv3 message-tags)."""
        if not self._user.capabilities & MESSAGE_TAGS:
            return []
        return [(MESSAGE_TAGS, key, value) for key, value in self._server.tags.items()
                if key[:1] == b'+']

    def _event(self, verb, target, text, tags):
        # type: (bytes, bytes, Optional[bytes], Any) -> Any
        """The line that the others get."""
        params = [target] if text is None else [target, text]
        return self._network.event(self._user, verb, params, tags)

    def _send_to_channel(self, verb, name, text, tags, answers):
        # type: (bytes, bytes, Optional[bytes], Any, bool) -> Any
        """Sends to a channel, or to its members of a standing: @#tea (ISUPPORT STATUSMSG)."""
        sign = b'' if name[:1] == b'#' else name[:1]
        channel = self._open_channel(verb, name, name[len(sign):], text, answers)
        if channel is None:
            return None
        event = self._event(verb, sign + channel.name, text, tags)
        members = channel.members       # type: Any
        if sign:
            members = channel.members_with(_RANK_OF_SIGN[sign])
        if text is None:
            members = [each for each in members if each.capabilities & MESSAGE_TAGS]
        event.spread(members, self._user)
        return self._noted(verb, channel, None if sign else text, event)

    def _open_channel(self, verb, shown_name, name, text, answers):
        # type: (bytes, bytes, bytes, Optional[bytes], bool) -> Optional[Channel]
        """The channel that takes such a message; None, and perhaps a numeric is sent, if none."""
        channel = self._network.channel_of(name)
        refusal = None                  # type: Any
        if channel is None:
            refusal = numerics.NO_SUCH_CHANNEL
        elif not channel.may_speak(self._user) or _is_refused(channel, verb, text):
            refusal = numerics.CANNOT_SEND
        elif text is not None and channel.is_too_fast(self._user):
            refusal = numerics.CANNOT_SEND
        if refusal is None:
            return channel
        if answers:
            self._server.reply(refusal, [shown(shown_name)])
        return None

    def send_lines(self, batch):
        # type: (OpenBatch) -> Any
        """Sends a message of several lines (IRCv3 multiline)."""
        server = self._server
        verb = batch.verb
        text = batch.lines[0][0] or b' '
        target = None                   # type: Any
        if batch.target[:1] == b'#':
            target = self._open_channel(verb, batch.target, batch.target, text, verb == b'PRIVMSG')
        else:
            target = self._network.user_of(batch.target)
            if target is None:
                server.reply(numerics.NO_SUCH_NICK, [shown(batch.target)])
            elif self._is_kept_from(target, text, verb == b'PRIVMSG'):
                target = None
        server.use_label(batch.label)
        if target is None:
            return None
        name = target.name if batch.target[:1] == b'#' else target.nick
        members = target.members if batch.target[:1] == b'#' else [target]
        message = LongMessage(self._network, self._user, verb, name, batch,
                              [(MESSAGE_TAGS, key, value) for key, value in batch.tags.items()
                               if key[:1] == b'+'])
        message.spread(members, self._user)
        waits = [self._network.spoke(self._user, verb, target, b'', event)
                 for event in message.events]
        waits = [each for each in waits if each is not None]
        if waits:
            return gather(waits).then(lambda _: self._echo_long(message))
        self._echo_long(message)
        return None

    def _echo_long(self, message):
        # type: (LongMessage) -> None
        if self._user.capabilities & ECHO_MESSAGE:
            self._server.echo_block(*message.block(self._user.capabilities))

    def _send_to_user(self, verb, name, text, tags, answers):
        # type: (bytes, bytes, Optional[bytes], Any, bool) -> Any
        other = self._network.user_of(name)
        if other is None:
            taken = None if text is None else self._network.spoke_to_absent(self._user, verb,
                                                                            name, text)
            if taken is None and answers:
                self._server.reply(numerics.NO_SUCH_NICK, [shown(name)])
            return taken
        if self._is_kept_from(other, text, answers):
            return None
        event = self._event(verb, other.nick, text, tags)
        if text is not None or other.capabilities & MESSAGE_TAGS:
            other.deliver(event)
        noted = self._noted(verb, other, text, event)
        if verb == b'PRIVMSG' and other.away is not None:
            self._server.reply(numerics.AWAY, [other.nick], other.away)
        return noted

    def _noted(self, verb, target, text, event):
        # type: (bytes, Any, Optional[bytes], Any) -> Any
        """Tells the network of a message, then the user; a Future while the network takes it."""
        noted = None
        if text is not None:
            noted = self._network.spoke(self._user, verb, target, text, event)
        if noted is not None:
            return noted.then(lambda _: self._echo(event))
        self._echo(event)
        return None

    def _is_kept_from(self, other, text, answers):
        # type: (User, Optional[bytes], bool) -> bool
        """True if the other does not take messages of this user: SILENCE, modes R, T and g."""
        user = self._user
        if other is user or user.operator is not None:
            return False
        if other.silenced and any(mask.matches(user) for mask in other.silenced.values()):
            return True                 # SILENCE is silent to its object too
        if not other.modes:
            return False
        refusal = None                  # type: Any
        if b'R' in other.modes and user.account is None:
            refusal = numerics.NEEDS_ACCOUNT
        elif b'T' in other.modes and text is not None and is_ctcp(text):
            refusal = numerics.CANNOT_SEND_TO_USER
        elif b'g' in other.modes and self._network.fold(user.nick) not in other.accepted:
            refusal = numerics.TARGET_IN_MODE_G
        if refusal is None:
            return False
        if answers:
            self._server.reply(refusal, [other.nick])
            if refusal is numerics.TARGET_IN_MODE_G:
                self._tell_of_try(other)
        return True

    def _tell_of_try(self, other):
        # type: (User) -> None
        """Tells a user with mode g of one that wrote to it, not too often."""
        user = self._user
        if other.connection is not None and self._network.may_knock(user, other.nick):
            other.connection.notify(numerics.UNDER_MODE_G,
                                    [user.nick, user.username + b'@' + user.host])
            self._server.reply(numerics.TARGET_NOTIFIED, [other.nick])

    def _echo(self, event):
        # type: (Any) -> None
        """Sends the user its own message if it wants that (IRCv3 echo-message)."""
        if self._user.capabilities & ECHO_MESSAGE:
            self._server.echo(event)

    # -- ACCEPT and SILENCE ----------------------------------------------------------------

    def cmd_accept(self, *params):
        # type: (*bytes) -> None
        """ACCEPT nick,-nick or *: users that mode g lets write (modern servers)."""
        server = self._server
        user = self._user
        words = params[0].split(b',') if params else [b'*']
        if words == [b'*']:
            self._list(numerics.ACCEPT_LIST, sorted(user.accepted), b' ')
            server.reply(numerics.END_OF_ACCEPT)
            return
        accepted = set(user.accepted)
        for word in words:
            nick = self._network.fold(word.lstrip(b'-'))
            if word[:1] == b'-':
                if nick not in accepted:
                    server.reply(numerics.NOT_ACCEPTED, [shown(word[1:])])
                accepted.discard(nick)
            elif self._network.user_of(word) is None:
                server.reply(numerics.NO_SUCH_NICK, [shown(word)])
            elif nick in accepted:
                server.reply(numerics.ALREADY_ACCEPTED, [shown(word)])
            elif len(accepted) >= server.settings.max_accepted:
                server.reply(numerics.ACCEPT_FULL)
                break
            else:
                accepted.add(nick)
        user.accepted = accepted

    def cmd_silence(self, *params):
        # type: (*bytes) -> None
        """SILENCE +mask or -mask: users whose messages do not come (modern servers)."""
        server = self._server
        user = self._user
        if not params or params[0][:1] not in (b'+', b'-'):
            for text in sorted(user.silenced):
                server.reply(numerics.SILENCE_LIST, [user.nick, text])
            server.reply(numerics.END_OF_SILENCE)
            return
        word = params[0]
        mask = normalised_mask(clipped(shown(word[1:]), MAX_MASK))
        masks = dict(user.silenced)
        if word[:1] == b'-':
            masks.pop(mask, None)
        elif mask not in masks and len(masks) >= server.settings.max_silenced:
            server.reply(numerics.SILENCE_FULL, [mask])
            return
        else:
            masks[mask] = UserMask(mask, self._network.fold)
        user.silenced = masks
        server.echo(self._network.event(user, b'SILENCE', [word[:1] + mask]))

    # -- what a user is ------------------------------------------------------------------

    def cmd_away(self, *params):
        # type: (*bytes) -> None
        """AWAY (RFC 2812 section 4.1; IRCv3 away-notify)."""
        user = self._user
        text = params[0] if params else b''
        user.away = clipped(text, self._server.settings.max_away) if text else None
        self._network.away_changed(user)
        self._server.reply(numerics.UN_AWAY if user.away is None else numerics.NOW_AWAY)
        event = self._network.event(user, b'AWAY', [] if user.away is None else [user.away])
        self._tell(event, AWAY_NOTIFY)

    def cmd_setname(self, *params):
        # type: (*bytes) -> None
        """SETNAME (IRCv3 setname)."""
        user = self._user
        user.realname = clipped(params[0], self._server.settings.max_realname)
        event = self._network.event(user, b'SETNAME', [user.realname])
        if user.capabilities & SETNAME:
            self._server.echo(event)
        self._tell(event, SETNAME)

    def _tell(self, event, bit):
        # type: (Any, int) -> None
        """Sends an event to those who share a channel or monitor the user, and want it."""
        others = self._network.neighbours(self._user)
        event.spread(other for other in others if other.capabilities & bit)
        for other in self._network.watchers_of(self._user.nick):
            if (other not in others and other is not self._user
                    and other.capabilities & bit and other.capabilities & EXTENDED_MONITOR):
                other.deliver(event)

    # -- MONITOR -------------------------------------------------------------------------

    def cmd_monitor(self, *params):
        # type: (*bytes) -> None
        """MONITOR + - C L S (IRCv3 monitor)."""
        verb = params[0].upper()
        names = []                      # type: List[bytes]
        if len(params) > 1:
            names = [name for name in params[1].split(b',') if name]
        if verb == b'+':
            self._add(names)
        elif verb == b'-':
            for name in names:
                folded = self._network.fold(name)
                if folded in self._user.monitored:
                    self._network.unwatch(self._user, folded)
                    self._user.monitored.discard(folded)
        elif verb == b'C':
            for name in self._user.monitored:
                self._network.unwatch(self._user, name)
            if self._user.monitored:
                self._user.monitored.clear()
        elif verb == b'L':
            self._list(numerics.MONITOR_LIST, sorted(self._user.monitored))
            self._server.reply(numerics.END_OF_MONITOR_LIST)
        elif verb == b'S':
            self._show(sorted(self._user.monitored))

    def _add(self, names):
        # type: (List[bytes]) -> None
        most = self._server.settings.max_monitored
        added = []                      # type: List[bytes]
        for place, name in enumerate(names):
            folded = self._network.fold(name)
            if folded not in self._user.monitored and len(self._user.monitored) >= most:
                self._server.reply(numerics.MONITOR_LIST_FULL,
                                   [b'%d' % most, clipped(b','.join(names[place:]), LINE_ROOM)])
                break
            self._network.watch(self._user, folded)
            added.append(name)
        self._show(added)

    def _show(self, names):
        # type: (Iterable[bytes]) -> None
        """Tells which of the nicks are there."""
        there = []                      # type: List[bytes]
        gone = []                       # type: List[bytes]
        for name in names:
            other = self._network.user_of(name)
            if other is None:
                gone.append(name)
            else:
                there.append(other.source)
        self._list(numerics.MONITOR_ONLINE, there)
        self._list(numerics.MONITOR_OFFLINE, gone)

    def _list(self, numeric, words, between=b','):
        # type: (Any, List[bytes], bytes) -> None
        """Sends words with commas between them, in as many lines as they need."""
        line = []                       # type: List[bytes]
        used = 0
        for word in words:
            used += len(word) + 1
            if line and used > LINE_ROOM:
                self._server.reply(numeric, (), between.join(line))
                line = []
                used = len(word) + 1
            line.append(word)
        if line:
            self._server.reply(numeric, (), between.join(line))


def _is_refused(channel, verb, text):
    # type: (Channel, bytes, Optional[bytes]) -> bool
    """True if the modes of a channel keep such a message out: C no CTCP, T no notices."""
    modes = channel.modes
    if b'T' in modes and verb == b'NOTICE':
        return True
    return b'C' in modes and text is not None and is_ctcp(text) and text[1:7] != b'ACTION'


def is_ctcp(text):
    # type: (bytes) -> bool
    """True if the text is a query or a reply of CTCP."""
    return text[:1] == b'\x01' and len(text) > 1


def _nothing(_):
    # type: (Any) -> None
    """Services answer by messages of their own."""
