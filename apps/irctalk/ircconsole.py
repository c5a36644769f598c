# Copyright the carryall authors.  See LICENSE.
"""A conversation on IRC in lines: what is typed becomes commands, and what comes becomes text.

    console = IRCConsole(show)
    client = yield connect(loop, host, nick=b'ann', received=console.received)
    console.begin(client)
    console.typed(u'/join #tea')
    console.typed(u'hello')

Lines that are no commands go to the channel or nick of /join or /query.  Control characters of
others are never shown.

Tests:    tests/apps/irctalk/test_ircconsole.py
"""
from __future__ import absolute_import, division, print_function

from carryall.apps.irctalk.directtalk import DirectTalk
from carryall.apps.irctalk.shownoctets import shown_octets as _text
from carryall.core.errors import CarryallError, LocalProtocolError
from carryall.protocols.irc import IRCError, parse_ctcp, plain, split_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional
    from carryall.core.future import Future
    from carryall.protocols.irc import IRCClient, Message

__all__ = ['HELP', 'IRCConsole']

HELP = (u'/join #CHANNEL  /part  /query NICK  /msg NICK TEXT  /me TEXT  /topic TEXT  /names  '
        u'/nick NAME  /whois NICK  /away TEXT  /quit TEXT  /raw LINE  '
        u'/dcc list | get N | refuse N | send NICK FILE | chat NICK | say NICK TEXT | close NICK')

# Numerics that say nothing to a reader.
_SILENT = frozenset((b'002', b'003', b'004', b'005', b'251', b'252', b'253', b'254', b'255',
                     b'265', b'266', b'333', b'366', b'375', b'376', b'422', b'900', b'903'))


MAX_HELD = 100              # lines that are typed before the channel is entered


class IRCConsole(object):
    """One conversation.

    Args:     show: called with each line of text to show.
              direct: DirectConnections for /dcc; None: there is no /dcc.

    Attributes:
        target: where lines go (bytes); None: nowhere.
        is_over: True behind /quit.
    """

    def __init__(self, show, direct=None):
        # type: (Callable[[str], None], Any) -> None
        self._show = show
        self._direct = None if direct is None else DirectTalk(show, direct)
        self._client = None         # type: Any
        self.target = None          # type: Optional[bytes]
        self.is_over = False
        self._joining = 0           # channels whose answer is not there yet
        self._held = []             # type: List[str]  # lines for the first of them

    def begin(self, client):
        # type: (IRCClient) -> None
        """Takes the client, once it is registered."""
        self._client = client

    def state(self):
        # type: () -> str
        """The nick and the target, for a line of state."""
        if self._client is None:
            return u'connecting'
        nick = _text(self._client.nick)
        return nick if self.target is None else u'%s in %s' % (nick, _text(self.target))

    # -- what is typed -----------------------------------------------------------------

    def typed(self, line):
        # type: (str) -> None
        """Obeys a line."""
        line = line.rstrip(u'\r\n')
        if not line.strip():
            return
        try:
            if line[:1] != u'/' or line[:2] == u'//':
                self._say(line[1:] if line[:2] == u'//' else line)
                return
            verb, _, rest = line[1:].partition(u' ')
            command = _COMMANDS.get(verb.lower())
            if command is None:
                self._show(u'*** ' + HELP)
            else:
                command(self, rest.strip().encode('utf-8'))
        except LocalProtocolError as exc:
            self._show(u'*** %s' % exc)

    def _say(self, text):
        # type: (str) -> None
        if self.target is None:
            if self._joining and len(self._held) < MAX_HELD:
                self._held.append(text)
            else:
                self._show(u'*** no one hears you: /join #CHANNEL or /query NICK')
            return
        self._client.say(self.target, text.encode('utf-8'))
        self._show(u'[%s] <%s> %s' % (_text(self.target), _text(self._client.nick), text))

    def do_join(self, rest):
        # type: (bytes) -> None
        """Enters a channel; lines go there."""
        name, _, key = rest.partition(b' ')
        joined = self._client.join(name, key or None)
        self._joining += 1
        joined.add_done_callback(self._answered)
        self._when(joined, lambda room: self._entered(room.name))

    def _answered(self, joined):
        # type: (Future) -> None
        self._joining -= 1
        if joined.exception() is not None and not self._joining:
            del self._held[:]       # the refusal is shown

    def _entered(self, name):
        # type: (bytes) -> None
        self.target = name
        self._show(u'*** you are in %s' % _text(name))
        held = self._held
        self._held = []
        for text in held:
            self._say(text)

    def do_part(self, rest):
        # type: (bytes) -> None
        """Leaves the channel."""
        name = rest or self.target or b''
        if self.target == name:
            self.target = None
        self._when(self._client.part(name), lambda _: None)

    def do_query(self, rest):
        # type: (bytes) -> None
        """Sends lines to a nick from now on."""
        self.target = rest or None

    def do_msg(self, rest):
        # type: (bytes) -> None
        """Says something to a nick."""
        name, _, text = rest.partition(b' ')
        self._client.say(name, text)
        self._show(u'-> *%s* %s' % (_text(name), _text(text)))

    def do_me(self, rest):
        # type: (bytes) -> None
        """Does something."""
        if self.target is not None:
            self._client.act(self.target, rest)
            self._show(u'[%s] * %s %s' % (_text(self.target), _text(self._client.nick),
                                          _text(rest)))

    def do_topic(self, rest):
        # type: (bytes) -> None
        """Sets or asks for the topic."""
        if self.target is not None:
            self._client.send(b'TOPIC', self.target, *([rest] if rest else []))

    def do_names(self, rest):
        # type: (bytes) -> None
        """Shows the members of the channel."""
        room = self._client.rooms.get(self._client.support.fold(rest or self.target or b''))
        if room is not None:
            self._show(u'*** %s: %s' % (_text(room.name), u' '.join(
                _text(signs + nick) for signs, nick in room.members.values())))

    def do_nick(self, rest):
        # type: (bytes) -> None
        """Takes another nick."""
        self._when(self._client.rename(rest), lambda _: None)

    def do_whois(self, rest):
        # type: (bytes) -> None
        """Asks about a nick."""
        self._when(self._client.whois(rest), lambda _: None)

    def do_away(self, rest):
        # type: (bytes) -> None
        """Is away, or back."""
        self._client.send(b'AWAY', *([rest] if rest else []))

    def do_quit(self, rest):
        # type: (bytes) -> None
        """Ends the session."""
        self.is_over = True
        self._when(self._client.quit(rest), lambda _: None)

    def do_dcc(self, rest):
        # type: (bytes) -> None
        """Direct connections."""
        if self._direct is None:
            self._show(u'*** there are no direct connections here')
        else:
            self._direct.typed(rest)

    def do_raw(self, rest):
        # type: (bytes) -> None
        """Sends a line as it is."""
        words = rest.split(b' ')
        self._client.send(words[0].upper(), *[word for word in words[1:] if word])

    def _when(self, future, done):
        # type: (Any, Callable[[Any], None]) -> None
        """Calls *done* with the result, or shows the refusal."""
        def failed(exc):
            # type: (BaseException) -> None
            if not isinstance(exc, CarryallError):
                raise exc
            # Refusals were shown as they came.
            if not self.is_over and not isinstance(exc, IRCError):
                self._show(u'*** %s' % exc)

        future.then(done, failed)

    # -- what comes -------------------------------------------------------------------------

    def received(self, client, message):
        # type: (IRCClient, Message) -> None
        """Shows a message."""
        if self._direct is not None and self._direct.received(client, message):
            return
        line = self._shown(client, message)
        if line is not None:
            self._show(line)

    def _shown(self, client, message):
        # type: (IRCClient, Message) -> Optional[str]
        nick = _text(split_source(message.source or b'').nick)
        words = [_text(plain(each)) for each in message.params]
        verb = message.command
        if verb in (b'PRIVMSG', b'NOTICE') and len(words) > 1:
            return self._spoken(client, message, nick)
        if verb == b'JOIN' and words:
            return u'*** %s joins %s' % (nick, words[0])
        if verb == b'PART' and words:
            return u'*** %s leaves %s' % (nick, u': '.join(words))
        if verb == b'QUIT':
            return u'*** %s is gone: %s' % (nick, u' '.join(words))
        if verb == b'KICK' and len(words) > 1:
            return u'*** %s puts %s out of %s: %s' % (nick, words[1], words[0],
                                                      u' '.join(words[2:]))
        if verb == b'NICK' and words:
            return u'*** %s is %s now' % (nick, words[0])
        if verb == b'TOPIC' and len(words) > 1:
            return u'*** %s sets the topic of %s: %s' % (nick, words[0], words[1])
        if verb == b'MODE':
            return u'*** %s sets modes: %s' % (nick, u' '.join(words))
        if verb == b'INVITE' and len(words) > 1:
            return u'*** %s invites you to %s' % (nick, words[1])
        if verb == b'ERROR' or verb.isdigit() and verb not in _SILENT:
            return u'*** %s' % u' '.join(words[1:] if verb.isdigit() else words)
        return None

    @staticmethod
    def _spoken(client, message, nick):
        # type: (IRCClient, Message, str) -> Optional[str]
        target = message.params[0]
        text = message.params[1]
        query = parse_ctcp(text)
        place = u'[%s] ' % _text(target) if client.support.is_channel(target) else u''
        if query is not None:
            if query.verb == b'ACTION':
                return u'%s* %s %s' % (place, nick, _text(plain(query.text)))
            return u'*** %s sends CTCP %s' % (nick, _text(query.verb))
        shown = _text(plain(text))
        if message.command == b'NOTICE':
            return u'%s-%s- %s' % (place, nick, shown)
        return u'%s<%s> %s' % (place, nick, shown) if place else u'*%s* %s' % (nick, shown)


_COMMANDS = {
    u'join': IRCConsole.do_join, u'j': IRCConsole.do_join, u'part': IRCConsole.do_part,
    u'query': IRCConsole.do_query, u'msg': IRCConsole.do_msg, u'me': IRCConsole.do_me,
    u'topic': IRCConsole.do_topic, u'names': IRCConsole.do_names, u'nick': IRCConsole.do_nick,
    u'whois': IRCConsole.do_whois, u'away': IRCConsole.do_away, u'quit': IRCConsole.do_quit,
    u'raw': IRCConsole.do_raw, u'dcc': IRCConsole.do_dcc,
}
