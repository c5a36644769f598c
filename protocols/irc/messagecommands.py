# Copyright the carryall authors.  See LICENSE.
"""Commands that other users notice: PRIVMSG, NOTICE, TAGMSG, AWAY, SETNAME; and MONITOR.

RFC 2812 sections 3.3 and 4.1 define them, and IRCv3 message-tags, echo-message, setname, monitor.

Tests:    tests/protocols/irc/test_messages.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.future import gather
from carryall.protocols.irc import numerics
from carryall.protocols.irc.taggedlines import (AWAY_NOTIFY, ECHO_MESSAGE, EXTENDED_MONITOR,
                                             MESSAGE_TAGS, SETNAME)
from carryall.protocols.irc.numerics import shown
from carryall.protocols.irc.textsplit import clipped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, List, Optional, Set
    from carryall.protocols.irc.server import IRCServer

__all__ = ['MessageCommands']

LINE_ROOM = 400             # octets of nicks in one line of MONITOR


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
        if not self._is_whole(b'PRIVMSG', params):
            return None
        self._user.spoke_at = self._network.clock.time()
        return self._send(b'PRIVMSG', params[0], params[1], True)

    def cmd_notice(self, *params):
        # type: (*bytes) -> Any
        """NOTICE, to which nothing is ever answered (RFC 2812 section 3.3.2)."""
        if len(params) < 2 or not params[1]:
            return None
        return self._send(b'NOTICE', params[0], params[1], False)

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
            if name[:1] == b'#':
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
        channel = self._network.channel_of(name)
        if channel is None or not channel.may_speak(self._user):
            if answers:
                self._server.reply(numerics.NO_SUCH_CHANNEL if channel is None
                                   else numerics.CANNOT_SEND, [shown(name)])
            return None
        event = self._event(verb, channel.name, text, tags)
        for member in channel.members:
            if member is not self._user and (text is not None
                                             or member.capabilities & MESSAGE_TAGS):
                member.deliver(event)
        return self._noted(verb, channel, text, event)

    def _send_to_user(self, verb, name, text, tags, answers):
        # type: (bytes, bytes, Optional[bytes], Any, bool) -> Any
        other = self._network.user_of(name)
        if other is None:
            taken = None if text is None else self._network.spoke_to_absent(self._user, verb,
                                                                            name, text)
            if taken is None and answers:
                self._server.reply(numerics.NO_SUCH_NICK, [shown(name)])
            return taken
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

    def _echo(self, event):
        # type: (Any) -> None
        """Sends the user its own message if it wants that (IRCv3 echo-message)."""
        if self._user.capabilities & ECHO_MESSAGE:
            self._server.echo(event)

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
        for other in others:
            if other.capabilities & bit:
                other.deliver(event)
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
                self._network.unwatch(self._user, self._network.fold(name))
                self._user.monitored.discard(self._network.fold(name))
        elif verb == b'C':
            for name in self._user.monitored:
                self._network.unwatch(self._user, name)
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

    def _list(self, numeric, words):
        # type: (Any, List[bytes]) -> None
        """Sends words between commas, in as many lines as they need."""
        line = []                       # type: List[bytes]
        used = 0
        for word in words:
            used += len(word) + 1
            if line and used > LINE_ROOM:
                self._server.reply(numeric, (), b','.join(line))
                line = []
                used = len(word) + 1
            line.append(word)
        if line:
            self._server.reply(numeric, (), b','.join(line))


def _nothing(_):
    # type: (Any) -> None
    return None
