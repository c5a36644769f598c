# Copyright the carryall authors.  See LICENSE.
"""The chat space on IRC: its groups are channels, its participants are users.

A client logs in as the account that its nick names: by SASL, by PASS, or by NickServ, which asks
for the password.  Until then it is outside the network.  Its nick is then that of the account, and
a second login takes the place of the first.

A participant that is online by another protocol is a user without a connection.  Messages, topics
and absences go both ways; modes and bans of channels count for all protocols.

    PRIVMSG NickServ :PASSWORD
    PRIVMSG ContactServ :ADD NAME | REMOVE NAME | LIST
    PRIVMSG MemoServ :SEARCH WORDS | HISTORY #GROUP [NUMBER]

Tests:    tests/services/words/test_ircgateway.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.credentials import LoginFailed, LoginUnavailable, UsernamePassword
from carryall.core.codec.calendardates import civil
from carryall.core.codec.numbers import decimal_text
from carryall.core.future import Return, coroutine, sleep
from carryall.core.logs import get_logger
from carryall.core.net.ip import is_loopback
from carryall.core.net.transport import peer, tls
from carryall.protocols.irc import (ADMITTED, HELD_BACK, REFUSED, Channel, IRCError, Network,
                                    Numeric, User, fold_ascii, format_ctcp, parse_ctcp, plain,
                                    room_for, split_text)
from carryall.services.words.channelrules import obey, rules_of
from carryall.services.words.chaterrors import (BannedError, NotAllowedError, TooMuchError,
                                                WordsError)
from carryall.services.words.chatnames import (channel_of, checked_group, fold_words, folded,
                                               group_of, name_of, nick_of)
from carryall.services.words.chatspace import (AWAY, EMOTE, GROUP, OFFLINE, ONLINE, ChatSession)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional
    from carryall.services.words.chatspace import ChatSpace, Group, Message, Participant

__all__ = ['IRCGateway']

# -- limits ------------------------------------------------------------------
ATTEMPTS = 3                # passwords that NickServ is told on one connection
MAX_LATER = 20              # channels that a client asks for before its login, and enters behind it
HOST = b'words'             # of users without a client

NOTICE = u'notice'          # the style of a NOTICE
SERVICES = (b'NickServ', b'ContactServ', b'MemoServ')

_LOCKED = Numeric(b'447', b'Your nick is the name of your account')
_NO_CHANNEL = Numeric(b'476', b'Bad Channel Mask')
_BANNED = Numeric(b'474', b'Cannot join channel (+b)')
_TOO_MANY = Numeric(b'405', b'You have joined too many channels')
_NOT_YET = Numeric(b'451', b'Tell NickServ your password first')
_WRONG = Numeric(b'464', b'Password incorrect')

log = get_logger('words')


class _Login(ChatSession):
    """The session of an IRC client."""

    protocol = u'irc'

    def __init__(self, gateway, user):
        # type: (IRCGateway, User) -> None
        self._gateway = gateway
        self._user = user

    def status_changed(self, participant):
        word = {OFFLINE: u'offline', ONLINE: u'online', AWAY: u'away'}[participant.status]
        self._gateway.tell(self._user, b'ContactServ', u'%s is %s' % (participant.name, word))

    def message_came(self, message, metadata):
        if u'late' in metadata:         # all others come by the gateway
            self._gateway.show_late(self._user, message)

    def ended(self, reason):
        if self._user.connection is not None:
            self._user.connection.end(reason.encode('utf-8'))


class _Mirror(ChatSession):
    """Shows on IRC what happens by other protocols."""

    def __init__(self, gateway):
        # type: (IRCGateway) -> None
        self._gateway = gateway

    def status_changed(self, participant):
        self._gateway.show_status(participant)

    def member_joined(self, participant, group):
        self._gateway.show_join(participant, group)

    def member_left(self, participant, group):
        self._gateway.show_leave(participant, group)

    def metadata_changed(self, group, changes):
        if u'topic' in changes:
            self._gateway.show_topic(group)

    def message_came(self, message, metadata):
        self._gateway.show_message(message)


class IRCGateway(Network):
    """The network of IRCServer for a chat space.

    Args:     space: a ChatSpace.
              shows_clear: passwords may come without TLS from other machines.
              others as of Network.

    Attributes:
        mirror: the origin of what IRC clients do.
    """

    fold = staticmethod(fold_words)

    def __init__(self, clock, space, name, network, portal, guard, motd=None, admits=None,
                 shows_clear=False):
        # type: (Any, ChatSpace, bytes, bytes, Any, Any, Any, Any, bool) -> None
        Network.__init__(self, clock, name, network, motd, portal, guard, admits)
        self._space = space
        self._clear = shows_clear
        self._online = {}               # type: Dict[str, User]  # key of the participant -> User
        self._names = {}                # type: Dict[User, str]  # User -> key
        self._logins = {}               # type: Dict[User, _Login]
        self._tries = {}                # type: Dict[Any, List[Any]]  # held server -> tries, joins
        self._joining = None            # type: Optional[User]  # that the server lets in just now
        self._coming = u''              # key of a participant whose user is about to be added
        self._services = dict((fold_ascii(each), each) for each in SERVICES)
        self.mirror = _Mirror(self)
        space.observers.append(self.mirror)
        space.guards.append(self)

    def user_with(self, participant):
        # type: (Participant) -> Optional[User]
        """The user of a participant that is online."""
        return self._online.get(participant.key)

    def _participant(self, user):
        # type: (User) -> Any
        return self._space.participants.get(self._names.get(user, u''))

    # -- logins ------------------------------------------------------------------------

    def nick_refusal(self, server, nick):
        if server.user in self._names:
            return None if fold_words(nick) == fold_words(server.user.nick) else _LOCKED
        return Network.nick_refusal(self, server, nick) if fold_ascii(nick) in self._services \
            else None

    def admission(self, server):
        if server.session is not None:
            return self._let_in(server, server.session.name)
        if server.password is None:
            return HELD_BACK
        return self._judge(server, name_of(server.user.nick), server.password)

    @coroutine
    def _judge(self, server, name, password):
        # type: (Any, Optional[str], bytes) -> Any
        """The verdict on a client with PASS."""
        account = yield self._log_in(server, name, password)
        if account is None:
            server.reply(_WRONG)
            server.close_link(b'Password incorrect')
            raise Return(REFUSED)
        raise Return(self._let_in(server, account))

    @coroutine
    def _log_in(self, server, name, password):
        # type: (Any, Optional[str], bytes) -> Any
        """A Future of the account's name; None if the login fails."""
        address = peer(server.transport)
        host = address.host if address is not None and address.port is not None else ''
        if not (self._clear or not host or is_loopback(host) or tls(server.transport) is not None):
            raise Return(None)          # as wrong: it must not be tried
        if self.guard is not None and self.guard.refused(host):
            raise Return(None)
        credentials = UsernamePassword(name or u'', password)
        credentials.host = host
        try:
            session = yield self.portal.login(self.clock, credentials)
        except LoginFailed:
            if self.guard is not None:
                yield sleep(self.clock, self.guard.failed(host))
            raise Return(None)
        except LoginUnavailable:
            raise Return(None)
        if self.guard is not None:
            self.guard.succeeded(host)
        raise Return(session.name)

    def _let_in(self, server, name):
        # type: (Any, str) -> str
        """Makes room for the user of an account; the verdict."""
        if not server.state:
            return REFUSED              # the client is gone
        participant = self._space.participant(name)
        user = server.user
        former = self._online.get(participant.key)
        if former is not None:
            if former.connection is None:
                self._coming = participant.key
                self.remove(former, b'Changing connection')
                self._coming = u''
            else:
                former.connection.end(b'Logged in from elsewhere')
                former = self._online.get(participant.key)
                if former is not None:  # it is online by another protocol, too
                    self._coming = participant.key
                    self.remove(former, b'Changing connection')
                    self._coming = u''
        nick = nick_of(participant.name)
        if user.nick != nick:
            if server in self._tries:
                server.echo(self.event(user, b'NICK', [nick]))
            user.nick = nick
        user.account = nick
        self._online[participant.key] = user
        self._names[user] = participant.key
        return ADMITTED

    def entered(self, user):
        participant = self._participant(user)
        login = _Login(self, user)
        try:
            self._space.attach(participant, login)
        except WordsError as exc:
            user.connection.end(_octets(u'%s' % exc))
            return
        self._logins[user] = login
        for group in list(participant.groups.values()):
            user.connection.channel.enter(channel_of(group.name))

    # -- clients that are held -----------------------------------------------------------

    def held(self, server):
        self._tries[server] = [0, []]
        self.tell(server.user, b'NickServ', u'Password?', server)

    def held_command(self, server, verb, params):
        state = self._tries.setdefault(server, [0, []])
        if verb in (b'PRIVMSG', b'NOTICE') and len(params) > 1 \
                and fold_ascii(params[0].partition(b'@')[0]) == b'nickserv':
            return self._told(server, params[1])
        if verb == b'JOIN' and params and len(state[1]) < MAX_LATER:
            state[1].append(params[:2])
        else:
            server.reply(_NOT_YET)
        return None

    @coroutine
    def _told(self, server, text):
        # type: (Any, bytes) -> Any
        """Takes a password, with or without IDENTIFY and a name in front."""
        name = name_of(server.user.nick)
        words = text.split(b' ')
        if words[0].upper() == b'IDENTIFY' and len(words) > 1:
            if len(words) > 2:
                name = name_of(words[1])
            text = words[-1]
        account = yield self._log_in(server, name, text)
        state = self._tries.get(server)
        if state is None:
            return                      # the client is gone
        if account is None:
            state[0] += 1
            if state[0] >= ATTEMPTS:
                server.reply(_WRONG)
                server.close_link(b'Password incorrect')
            else:
                self.tell(server.user, b'NickServ', u'That is not the password of this name.  '
                          u'Password?', server)
            return
        self._let_in(server, account)
        self._tries.pop(server, None)
        self.tell(server.user, b'NickServ', u'Hello, %s.' % account, server)
        server.enter()
        for names in state[1]:
            server.channel.cmd_join(*names)

    def dropped(self, server):
        self._tries.pop(server, None)
        if server.user in self._names and server.user.nick not in self.users:
            self._forget(server.user)

    def _forget(self, user):
        # type: (User) -> None
        key = self._names.pop(user, u'')
        if self._online.get(key) is user:
            del self._online[key]

    # -- users that go --------------------------------------------------------------------

    def remove(self, user, reason):
        participant = self._participant(user)
        login = self._logins.pop(user, None)
        self._forget(user)
        Network.remove(self, user, reason)
        if participant is None or login is None:
            return
        self._space.detach(participant, login)
        if participant.sessions:
            self._add_puppet(participant)
        else:
            for group in list(participant.groups.values()):
                self._space.leave(participant, group.name, self.mirror)

    def _add_puppet(self, participant):
        # type: (Participant) -> None
        """Shows a participant that is online by another protocol."""
        user = User()
        user.nick = nick_of(participant.name)
        user.username = b'~' + _octets(participant.sessions[0].protocol or u'words')
        user.host = HOST
        user.realname = _octets(participant.name)
        user.account = user.nick
        user.signed_on = participant.since
        user.spoke_at = self.clock.time()
        user.away = None if participant.away is None else _octets(participant.away) or b'Away'
        self._online[participant.key] = user
        self._names[user] = participant.key
        self.add(user)
        for group in participant.groups.values():
            self.show_join(participant, group)

    # -- channels -------------------------------------------------------------------------

    def join_refusal(self, user, name):
        text = group_of(name)
        participant = self._participant(user)
        if text is None or participant is None:
            return _NO_CHANNEL
        try:
            group = self._space.groups.get(folded(checked_group(text)))
        except WordsError:
            return _NO_CHANNEL
        if group is not None and participant.key in group.banned and not participant.is_admin:
            return _BANNED
        if len(participant.groups) >= self._space.limits.max_joined \
                or group is None and len(self._space.groups) >= self._space.limits.max_groups:
            return _TOO_MANY
        return None

    def join(self, user, name):
        participant = self._participant(user)
        self._joining = user
        try:
            group = self._space.join(participant, group_of(name) or u'', self.mirror)
        finally:
            self._joining = None
        return self._enter_channel(user, participant, group)

    def _enter_channel(self, user, participant, group):
        # type: (User, Participant, Group) -> Channel
        name = channel_of(group.name)
        channel = Network.join(self, user, name)
        channel.members[user] = b'o' if group.is_moderated_by(participant) else b''
        return channel

    def channel_made(self, channel):
        group = self._space.groups.get(folded(group_of(channel.name) or u''))
        if group is not None:
            self._restore(channel, group)

    def _restore(self, channel, group):
        # type: (Channel, Group) -> None
        channel.created = group.created
        obey(channel, group.rules, self.clock.wall())
        self._copy_topic(group, channel)

    def remembered(self, name):
        group = self._space.groups.get(folded(group_of(name) or u''))
        if group is None or not group.rules:
            return None
        channel = Channel(name, self.clock)
        self._restore(channel, group)
        return channel

    def standing_of(self, user, channel):
        group = self._space.groups.get(folded(group_of(channel.name) or u''))
        participant = self._participant(user)
        if group is None or participant is None:
            return None
        return b'o' if group.is_moderated_by(participant) else b''

    def modes_changed(self, user, channel):
        group = self._space.groups.get(folded(group_of(channel.name) or u''))
        if group is None:
            return None
        rules = rules_of(channel)
        return None if rules == group.rules else self._space.change_rules(group, rules)

    @staticmethod
    def _copy_topic(group, channel):
        # type: (Group, Channel) -> None
        channel.topic = _octets(plain_line(group.topic))
        channel.topic_setter = nick_of(group.topic_author) if group.topic_author else HOST
        channel.topic_at = group.topic_at

    def leave(self, user, channel):
        participant = self._participant(user)
        Network.leave(self, user, channel)
        key = folded(group_of(channel.name) or u'')
        if participant is not None and key in participant.groups:
            self._space.leave(participant, key, self.mirror)

    # -- guards of the space ----------------------------------------------------------------

    def may_join(self, participant, group):
        # type: (Participant, Group) -> None
        """Applies the modes of the channel to those that come by other protocols."""
        channel = self.channel_of(channel_of(group.name)) \
            or self.remembered(channel_of(group.name))
        user = self._online.get(participant.key)
        if channel is None or user is None or user is self._joining \
                or group.is_moderated_by(participant):
            return
        if channel.is_banned(user):
            raise BannedError(u"You are banned from group '%s'." % group.name)
        if (b'i' in channel.modes and user not in channel.invited
                and not channel.matches(b'I', user) or b'k' in channel.modes):
            raise NotAllowedError(u"Group '%s' is for invited participants." % group.name)

    def may_speak(self, participant, group):
        # type: (Participant, Group) -> None
        """Applies +m and bans to those that speak by other protocols."""
        channel = self.channel_of(channel_of(group.name))
        user = self._online.get(participant.key)
        if channel is not None and user is not None and not channel.may_speak(user):
            raise NotAllowedError(u"You may not speak in group '%s'." % group.name)

    def may_change(self, participant, group):
        # type: (Participant, Group) -> None
        """Applies +t to those that set a topic by other protocols."""
        channel = self.channel_of(channel_of(group.name))
        user = self._online.get(participant.key)
        if channel is not None and user is not None and b't' in channel.modes \
                and not channel.is_operator(user):
            raise NotAllowedError(u"Only operators set the topic of group '%s'." % group.name)

    # -- from IRC to the space ----------------------------------------------------------------

    def spoke(self, user, verb, target, text, event):
        found = _spoken(verb, text)
        participant = self._participant(user)
        if found is None or participant is None:
            return None
        words, metadata = found
        try:
            if isinstance(target, Channel):
                kept = self._space.group_message(participant, group_of(target.name) or u'', words,
                                                 metadata, self.mirror)
            else:
                other = self._participant(target)
                kept = self._space.direct_message(participant, other.name, words, metadata,
                                                  self.mirror)
        except WordsError as exc:
            raise self._refused(user, exc)
        return kept.then(_nothing, lambda exc: self._not_kept(user, exc))

    def _not_kept(self, user, exc):
        # type: (User, Any) -> Any
        if isinstance(exc, WordsError):
            raise self._refused(user, exc)
        raise exc

    def _refused(self, user, exc):
        # type: (User, WordsError) -> IRCError
        """The error that answers a command with what the space says."""
        text = u'%s' % exc
        return IRCError(text, 400, b':%s 400 %s %s :%s' % (self.name, user.nick, b'*',
                                                           _octets(plain_line(text))))

    def spoke_to_absent(self, user, verb, name, text):
        service = self._services.get(fold_ascii(name.partition(b'@')[0]))
        participant = self._participant(user)
        if service is not None:
            return self._asked(user, participant, service, text)
        found = _spoken(verb, text)
        other = self._space.participants.get(folded(name_of(name) or u''))
        if found is None or other is None or not self._space.limits.max_late:
            return None
        try:
            kept = self._space.direct_message(participant, other.name, found[0], found[1],
                                              self.mirror)
        except WordsError as exc:
            raise self._refused(user, exc)
        return kept.then(_nothing, lambda exc: self._not_kept(user, exc))

    def topic_changed(self, user, channel):
        participant = self._participant(user)
        text = plain(channel.topic).decode('utf-8', 'replace')
        try:
            kept = self._space.change_metadata(participant, group_of(channel.name) or u'',
                                               {u'topic': text}, self.mirror)
        except WordsError as exc:
            raise self._refused(user, exc)
        return kept.then(_nothing, lambda exc: self._not_kept(user, exc))

    def away_changed(self, user):
        participant = self._participant(user)
        if participant is None or not participant.sessions:
            return
        if user.away is None:
            self._space.change_status(participant, ONLINE)
        else:
            self._space.change_status(participant, AWAY, user.away.decode('utf-8', 'replace'))

    # -- from the space to IRC ------------------------------------------------------------------

    def show_status(self, participant):
        # type: (Participant) -> None
        """Adds and removes users without a client, and notes who is away."""
        user = self._online.get(participant.key)
        if participant.status == OFFLINE:
            if user is not None and user.connection is None:
                self.remove(user, b'Offline')
        elif user is None:
            if participant.key != self._coming:
                self._add_puppet(participant)
        elif participant.away is None:
            user.away = None
        else:
            user.away = _octets(plain_line(participant.away)) or b'Away'

    def show_join(self, participant, group):
        # type: (Participant, Group) -> None
        """Shows a participant that has come by another protocol."""
        user = self._online.get(participant.key)
        if user is None:
            return
        channel = self.channel_of(channel_of(group.name))
        if channel is not None and user in channel.members:
            return
        if user.connection is not None:
            user.connection.channel.enter(channel_of(group.name))
            return
        channel = self._enter_channel(user, participant, group)
        channel.send(self.event(user, b'JOIN', [channel.name]))

    def show_leave(self, participant, group):
        # type: (Participant, Group) -> None
        """Shows that a participant has left by another protocol."""
        user = self._online.get(participant.key)
        channel = self.channel_of(channel_of(group.name))
        if user is None or channel is None or user not in channel.members:
            return
        channel.send(self.event(user, b'PART', [channel.name]))
        Network.leave(self, user, channel)

    def show_topic(self, group):
        # type: (Group) -> None
        """Shows a topic that was set by another protocol."""
        channel = self.channel_of(channel_of(group.name))
        if channel is not None:
            self._copy_topic(group, channel)
            channel.send(self.event_from(self._source_of(group.topic_author), b'TOPIC',
                                         [channel.name, channel.topic]))

    def show_message(self, message):
        # type: (Message) -> None
        """Shows a message that came by another protocol."""
        source = self._source_of(message.sender)
        if message.kind == GROUP:
            channel = self.channel_of(channel_of(message.place))
            if channel is not None:
                for event in self._events(source, channel.name, message):
                    channel.send(event)
            return
        user = self._online.get(folded(message.place))
        if user is not None:
            for event in self._events(source, user.nick, message):
                user.deliver(event)

    def show_late(self, user, message):
        # type: (User, Message) -> None
        """Shows a message that has waited, with its time."""
        year, month, day, hour, minute, _, _ = civil(message.at)
        when = u'[%04d-%02d-%02d %02d:%02d UTC] ' % (year, month, day, hour, minute)
        late = message._replace(text=when + message.text)
        for event in self._events(self._source_of(message.sender), user.nick, late):
            user.deliver(event)

    def _source_of(self, name):
        # type: (str) -> bytes
        user = self._online.get(folded(name))
        if user is not None:
            return user.source
        nick = nick_of(name) if name else self.name
        return nick + b'!~words@' + HOST

    def _events(self, source, target, message):
        # type: (bytes, bytes, Message) -> List[Any]
        """The lines of a message."""
        verb = b'NOTICE' if message.style == NOTICE else b'PRIVMSG'
        text = _octets(message.text.replace(u'\x00', u' ').replace(u'\x01', u' '))
        room = room_for(verb, target, source)
        if message.style != EMOTE:
            return [self.event_from(source, verb, [target, piece])
                    for piece in split_text(text, room)]
        room -= len(format_ctcp(b'ACTION', b'x')) - 1
        return [self.event_from(source, verb, [target, format_ctcp(b'ACTION', piece)])
                for piece in split_text(text, room)]

    # -- services ---------------------------------------------------------------------------

    def tell(self, user, service, text, server=None):
        # type: (User, bytes, str, Any) -> None
        """Sends a message of one of the services."""
        source = service + b'!' + service + b'@services'
        words = _octets(plain_line(text))
        if server is not None:
            server.deliver(self.event_from(source, b'PRIVMSG', [user.nick, words]))
            return
        for piece in split_text(words, room_for(b'NOTICE', user.nick, source)):
            user.deliver(self.event_from(source, b'NOTICE', [user.nick, piece]))

    @coroutine
    def _asked(self, user, participant, service, text):
        # type: (User, Participant, bytes, bytes) -> Any
        """Obeys a command to a service."""
        words = text.decode('utf-8', 'replace').split(None, 1)
        verb = words[0].upper() if words else u''
        rest = words[1].strip() if len(words) > 1 else u''
        try:
            lines = yield self._answers(participant, service, verb, rest)
        except WordsError as exc:
            lines = [u'%s' % exc]
        for line in lines:
            self.tell(user, service, line)

    @coroutine
    def _answers(self, participant, service, verb, rest):
        # type: (Participant, bytes, str, str) -> Any
        """A Future of the lines that answer."""
        space = self._space
        if service == b'ContactServ' and verb == u'ADD':
            contact = yield space.add_contact(participant, rest)
            raise Return([u'%s is a contact now.' % contact.name])
        if service == b'ContactServ' and verb == u'REMOVE':
            yield space.remove_contact(participant, rest)
            raise Return([u'%s is no contact now.' % rest])
        if service == b'ContactServ' and verb == u'LIST':
            known = [space.participants[key] for key in participant.contacts]
            raise Return([u'%s (%s)' % (each.name, (u'offline', u'online', u'away')[each.status])
                          for each in known] or [u'You have no contacts.'])
        if service == b'MemoServ' and verb == u'SEARCH':
            rows = yield space.search(participant, rest, 20)
            raise Return([_shown(each) for each in rows] or [u'Nothing was found.'])
        if service == b'MemoServ' and verb == u'HISTORY':
            name, _, number = rest.partition(u' ')
            rows = yield space.history(participant, name, None, decimal_text(number, 200) or 20)
            raise Return([_shown(each) for each in rows] or [u'Nothing was said.'])
        raise Return({
            b'NickServ': [u'You are logged in as %s.' % participant.name],
            b'ContactServ': [u'ADD NAME, REMOVE NAME and LIST are what I know.'],
            b'MemoServ': [u'SEARCH WORDS and HISTORY #GROUP [NUMBER] are what I know.'],
        }[service])


# -- texts -------------------------------------------------------------------------------

def _spoken(verb, text):
    # type: (bytes, bytes) -> Any
    """(text, metadata) of a line for the space; None for CTCP that programs answer."""
    query = parse_ctcp(text)
    style = NOTICE if verb == b'NOTICE' else u''
    if query is not None:
        if query.verb != b'ACTION' or verb == b'NOTICE':
            return None
        text = query.text
        style = EMOTE
    text = plain(text)
    try:
        words = text.decode('utf-8')
    except UnicodeError:
        words = text.decode('latin-1')
    words = words.strip()
    if not words:
        return None
    return words, {u'style': style} if style else {}


def plain_line(text):
    # type: (str) -> str
    """The text without line ends and NUL."""
    return u' '.join(text.replace(u'\x00', u' ').splitlines())


def _octets(text):
    # type: (str) -> bytes
    return text.encode('utf-8')


def _shown(message):
    # type: (Message) -> str
    _, month, day, hour, minute, _, _ = civil(message.at)
    place = u'#' + message.place if message.kind == GROUP else message.place
    return u'%02d-%02d %02d:%02d %s <%s> %s' % (month, day, hour, minute, place, message.sender,
                                                message.text)


def _nothing(_):
    # type: (Any) -> None
    return None
