# Copyright the carryall authors.  See LICENSE.
"""The chat space: participants, groups, contacts and presence, for every protocol alike.

    space = ChatSpace(loop, store)
    yield space.open()
    ann = space.participant(u'ann')
    space.attach(ann, session)              # ann is online
    space.join(ann, u'tea')
    yield space.group_message(ann, u'tea', u'hello')        # kept, and told to all members

A protocol has one ChatSession for each connection, and attaches it to its participant, which is
online as long as it has a session.  A protocol that shows the whole space is an observer: the same
callbacks tell it of everybody.

Not here: passwords (chataccounts.py), what is kept (chatstore.py), sockets and loops.
Tests:    tests/services/words/test_chatspace.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict

from carryall.core.compat import FAILURES, text_type
from carryall.core.future import Future, Return, completed, coroutine
from carryall.core.logs import escape, get_logger
from carryall.core.ratelimit import KeyedRateLimit
from carryall.core.records import Record, namedtuple, names_of
from carryall.services.words.chaterrors import (BadNameError, BannedError, NotAllowedError,
                                                NotInCollectionError, NotInGroupError,
                                                TooMuchError, UserNonexistantError,
                                                WrongStatusError)
from carryall.services.words.chatnames import checked_group, folded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Optional, Set

__all__ = ['AWAY', 'ChatSession', 'ChatSpace', 'DIRECT', 'EMOTE', 'GROUP', 'Group', 'Limits',
           'Message', 'OFFLINE', 'ONLINE', 'Participant', 'pair_of']

# -- presence: the numbers of Twisted's interface --------------------------------------
OFFLINE = 0
ONLINE = 1
AWAY = 2

# -- kinds of messages -------------------------------------------------------------------
GROUP = u'group'
DIRECT = u'direct'
EMOTE = u'emote'            # the style of what a participant does; others are passed on

MAX_PAIRS = 8               # of the metadata of a message
MAX_VALUE = 200             # characters of a key or a value of metadata

ROWS = (
    ('max_text', 4000, u'characters of a message'),
    ('max_topic', 390, u'characters of a topic'),
    ('max_joined', 50, u'groups that a participant is in'),
    ('max_groups', 10000, u'groups'),
    ('max_contacts', 500, u'contacts of a participant'),
    ('max_sessions', 10, u'sessions of a participant'),
    ('max_late', 100, u'messages that wait for a participant that is offline; 0: none'),
    ('burst', 60, u'messages of a participant at once, after a pause'),
    ('rate', 10.0, u'messages a second of a participant, once the burst is used up'),
    ('max_history', 200, u'messages of one answer'),
    ('max_away', 200, u'characters of the text of a participant that is away'),
)

log = get_logger('words')


class Limits(Record):
    """The bounds of a chat space."""

    __slots__ = names_of(ROWS)
    rows = ROWS


class Message(namedtuple('Message', 'number kind place sender text style at')):
    """A message that was taken.

    Attributes:
        number: the place in the order of all messages.
        kind: GROUP or DIRECT.
        place: the name of the group, or of the recipient.
        sender: the name of the participant, or of a guest of a bridge.
        style: EMOTE, another short text, or u''.
        at: Unix time.
    """

    __slots__ = ()


class ChatSession(object):
    """One connection of a participant; a protocol overrides what it shows.

    Attributes:
        protocol: for the lists of sessions, such as u'irc'.
    """

    protocol = u''

    def status_changed(self, participant):
        # type: (Participant) -> None
        """A contact has another status."""

    def member_joined(self, participant, group):
        # type: (Participant, Group) -> None
        """A participant has come into a group of ours; it may be our own, by another session."""

    def member_left(self, participant, group):
        # type: (Participant, Group) -> None
        """A participant has left a group of ours; it may be our own, by another session."""

    def metadata_changed(self, group, changes):
        # type: (Group, Dict[str, str]) -> None
        """The topic or other metadata of a group have changed."""

    def message_came(self, message, metadata):
        # type: (Message, Dict[str, str]) -> None
        """A message in one of our groups, or to us, or from us by another session."""

    def ended(self, reason):
        # type: (str) -> None
        """The participant is shut out: close the connection."""


class Participant(object):
    """One account, online or not.

    Attributes:
        name: as it was first spelled.
        key: the folded name.
        verifier: of its password, as text; None: it has none, and cannot log in.
        md5: md5 of the password, for clients of Twisted; None if it is not kept.
        email: as it was given, or u''.
        created: Unix time.
        is_admin: True if it may administer.
        is_barred: True if it may not log in.
        contacts: folded names, in the order of their making.
        watchers: folded names of the participants whose contact it is.
        groups: folded name -> Group.
        sessions: ChatSession objects.
        since: Unix time of the first session.
        spoke_at: Unix time of its last message or login.
        away: the text of its absence; None if it is not away.
    """

    __slots__ = ('name', 'key', 'verifier', 'md5', 'email', 'created', 'is_admin', 'is_barred',
                 'contacts', 'watchers', 'groups', 'sessions', 'since', 'spoke_at', 'away')

    def __init__(self, name, created=0.0):
        # type: (str, float) -> None
        self.name = name
        self.key = folded(name)
        self.verifier = None            # type: Optional[str]
        self.md5 = None                 # type: Optional[str]
        self.email = u''
        self.created = created
        self.is_admin = False
        self.is_barred = False
        self.contacts = OrderedDict()   # type: Dict[str, bool]
        self.watchers = set()           # type: Set[str]
        self.groups = OrderedDict()     # type: Dict[str, Group]
        self.sessions = []              # type: List[ChatSession]
        self.since = 0.0
        self.spoke_at = 0.0
        self.away = None                # type: Optional[str]

    @property
    def status(self):
        # type: () -> int
        """OFFLINE, ONLINE or AWAY."""
        if not self.sessions:
            return OFFLINE
        return ONLINE if self.away is None else AWAY

    def __repr__(self):
        return 'Participant(%s)' % self.key.encode('ascii', 'replace').decode('ascii')


class Group(object):
    """One group.

    Attributes:
        name: as it was first spelled.
        key: the folded name.
        owner: folded name of its maker; it moderates the group.
        topic, topic_author, topic_at: text, name and Unix time; u'' without a topic.
        metadata: other pairs that members have set; they last as long as the group has members.
        members: key -> Participant, in the order of coming.
        banned: folded names of participants that may not come in.
        rules: what the gateway of IRC has for its channel, a text of JSON; u'' for the usual.
        created: Unix time.
        is_kept: True if the store has it.
    """

    __slots__ = ('name', 'key', 'owner', 'topic', 'topic_author', 'topic_at', 'metadata', 'members',
                 'banned', 'created', 'rules', 'is_kept')

    def __init__(self, name, owner=u'', created=0.0):
        # type: (str, str, float) -> None
        self.name = name
        self.key = folded(name)
        self.owner = owner
        self.topic = u''
        self.topic_author = u''
        self.topic_at = 0.0
        self.metadata = {}              # type: Dict[str, str]
        self.members = OrderedDict()    # type: Dict[str, Participant]
        self.banned = set()             # type: Set[str]
        self.created = created
        self.rules = u''
        self.is_kept = False

    def is_moderated_by(self, participant):
        # type: (Participant) -> bool
        """True if the participant made the group, or administers all."""
        return participant.is_admin or participant.key == self.owner

    def all_metadata(self):
        # type: () -> Dict[str, str]
        """The metadata with the topic and its author, as Twisted's clients get them."""
        found = dict(self.metadata)
        found[u'topic'] = self.topic
        found[u'topic_author'] = self.topic_author
        return found


def pair_of(first, second):
    # type: (str, str) -> str
    """The key of what two participants say to each other; no name has a line end."""
    return u'\n'.join(sorted((first, second)))


class ChatSpace(object):
    """All participants and groups of one service.

    Args:     clock: the loop.
              store: a ChatStore.
              limits: a Limits.

    Attributes:
        participants, groups: folded name -> Participant, Group.
        observers: ChatSession objects that are told of everything.
        guards: objects with ``may_join(participant, group)``, ``may_speak(participant, group)``
                and ``may_change(participant, group)``, which raise a WordsError.
        ready: a Future of this space, done when the store has been read.
        online: number of participants that have a session.
    """

    def __init__(self, clock, store, limits=None):
        # type: (Any, Any, Optional[Limits]) -> None
        self.clock = clock
        self.store = store
        self.limits = Limits() if limits is None else limits
        self.participants = {}          # type: Dict[str, Participant]
        self.groups = {}                # type: Dict[str, Group]
        self.observers = []             # type: List[ChatSession]
        self.guards = []                # type: List[Any]
        self.ready = Future()
        self.online = 0
        self._number = 0
        self._telling = {}              # type: Dict[str, bool]  # True: once more
        self._rates = KeyedRateLimit(clock, self.limits.rate, self.limits.burst)

    @coroutine
    def open(self):
        # type: () -> Any
        """Reads the store; a Future of this space."""
        try:
            accounts, contacts, groups, self._number = yield self.store.load()
        except FAILURES as exc:
            self.ready.set_exception(exc)
            raise
        for participant in accounts:
            self.participants[participant.key] = participant
        for owner, contact in contacts:
            self._link(owner, contact)
        for group in groups:
            group.is_kept = True
            self.groups[group.key] = group
        self.ready.set_result(self)
        raise Return(self)

    def _link(self, owner, contact):
        # type: (str, str) -> None
        if owner in self.participants and contact in self.participants:
            self.participants[owner].contacts[contact] = True
            self.participants[contact].watchers.add(owner)

    # -- names -------------------------------------------------------------------------

    def participant(self, name):
        # type: (str) -> Participant
        """The participant of that name; UserNonexistantError if there is none."""
        found = self.participants.get(folded(name))
        if found is None:
            raise UserNonexistantError(name)
        return found

    def group_of(self, participant, name):
        # type: (Participant, str) -> Group
        """The group, which the participant is in; NotInGroupError if it is not."""
        if name[:1] == u'#':
            name = name[1:]
        found = participant.groups.get(folded(name))
        if found is None:
            raise NotInGroupError(name)
        return found

    # -- sessions and presence -------------------------------------------------------------

    def attach(self, participant, session):
        # type: (Participant, ChatSession) -> None
        """Adds a session; the first makes the participant online.

        What came while it was offline is told to the session then.
        Raises:   NotAllowedError: the account is barred.  TooMuchError: too many sessions.
        """
        if participant.is_barred:
            raise NotAllowedError(u'This account is barred.')
        if len(participant.sessions) >= self.limits.max_sessions:
            raise TooMuchError(u'There are too many sessions of this account.')
        now = self.clock.wall()
        participant.sessions.append(session)
        participant.spoke_at = now
        if len(participant.sessions) == 1:
            self.online += 1
            participant.since = now
            participant.away = None
            self._tell_status(participant)
            if self.limits.max_late:
                self._tell_late(participant)

    def detach(self, participant, session):
        # type: (Participant, ChatSession) -> None
        """Ends a session; with the last the participant leaves its groups and is offline."""
        if session not in participant.sessions:
            return
        participant.sessions.remove(session)
        if participant.sessions:
            return
        self.online -= 1
        for group in list(participant.groups.values()):
            self._leave(participant, group)
        participant.away = None
        self._tell_status(participant)

    def change_status(self, participant, status, text=u''):
        # type: (Participant, int, str) -> None
        """Makes a participant that is online present or AWAY, with a reason."""
        if status == AWAY:
            away = text[:self.limits.max_away]  # type: Optional[str]
        elif status == ONLINE:
            away = None
        else:
            raise BadNameError(u'A status is 1 (online) or 2 (away).')
        if participant.away != away:
            participant.away = away
            self._tell_status(participant)

    def _tell_status(self, participant):
        # type: (Participant) -> None
        for session in self._observing(participant.watchers):
            _tell(session.status_changed, participant)

    def _observing(self, keys):
        # type: (Iterable[str]) -> List[ChatSession]
        """The sessions of these participants, and the observers."""
        found = list(self.observers)
        for key in keys:
            other = self.participants.get(key)
            if other is not None:
                found.extend(other.sessions)
        return found

    # -- contacts --------------------------------------------------------------------------

    def add_contact(self, participant, name):
        # type: (Participant, str) -> Future
        """Adds a contact; a Future of its Participant."""
        contact = self.participant(name)
        if contact.key in participant.contacts:
            return completed(contact)
        if len(participant.contacts) >= self.limits.max_contacts:
            raise TooMuchError(u'There are too many contacts.')
        self._link(participant.key, contact.key)
        return self.store.save_contact(participant.key, contact.key, True).then(lambda _: contact)

    def remove_contact(self, participant, name):
        # type: (Participant, str) -> Future
        """Removes a contact; a Future of None."""
        key = folded(name)
        if key not in participant.contacts:
            raise NotInCollectionError(u"'%s' is not a contact." % name)
        del participant.contacts[key]
        contact = self.participants.get(key)
        if contact is not None:
            contact.watchers.discard(participant.key)
        return self.store.save_contact(participant.key, key, False)

    # -- groups ----------------------------------------------------------------------------

    def join(self, participant, name, origin=None):
        # type: (Participant, str, Optional[ChatSession]) -> Group
        """Brings a participant into a group, which is made if it is not there.

        Args:     origin: the session that is not told.
        """
        name = checked_group(name)
        group = self.groups.get(folded(name))
        if group is not None and participant.key in group.members:
            return group
        if len(participant.groups) >= self.limits.max_joined:
            raise TooMuchError(u'You are in too many groups.')
        if group is None:
            if len(self.groups) >= self.limits.max_groups:
                raise TooMuchError(u'There are too many groups.')
            group = Group(name, participant.key, self.clock.wall())
            self.groups[group.key] = group
        elif participant.key in group.banned and not participant.is_admin:
            raise BannedError(u"You are banned from group '%s'." % group.name)
        else:
            for guard in self.guards:
                guard.may_join(participant, group)
        group.members[participant.key] = participant
        participant.groups[group.key] = group
        for session in self._of_group(group, origin):
            _tell(session.member_joined, participant, group)
        return group

    def leave(self, participant, name, origin=None):
        # type: (Participant, str, Optional[ChatSession]) -> None
        """Takes a participant out of a group; NotInGroupError if it is in none such."""
        self._leave(participant, self.group_of(participant, name), origin)

    def _leave(self, participant, group, origin=None):
        # type: (Participant, Group, Optional[ChatSession]) -> None
        told = self._of_group(group, origin)
        group.members.pop(participant.key, None)
        participant.groups.pop(group.key, None)
        for session in told:
            _tell(session.member_left, participant, group)
        if not group.members:
            group.metadata.clear()
            if not group.is_kept:
                self.groups.pop(group.key, None)

    def ban(self, name, participant, banned=True):
        # type: (str, Participant, bool) -> Future
        """Bans a participant from a group and puts it out, or lifts that; a Future of None."""
        group = self.groups.get(folded(name))
        if group is None:
            raise NotInCollectionError(u"There is no group '%s'." % name)
        if banned:
            group.banned.add(participant.key)
            if participant.key in group.members:
                self._leave(participant, group)
        else:
            group.banned.discard(participant.key)
        return self._keep(group)

    def change_rules(self, group, rules):
        # type: (Group, str) -> Future
        """Keeps what the gateway of IRC has for the channel of a group; a Future of None."""
        group.rules = rules
        return self._keep(group)

    def remove_group(self, name):
        # type: (str) -> Future
        """Puts all members out and forgets the group with its messages; a Future of None."""
        group = self.groups.get(folded(name))
        if group is None:
            raise NotInCollectionError(u"There is no group '%s'." % name)
        group.is_kept = False
        for member in list(group.members.values()):
            self._leave(member, group)
        self.groups.pop(group.key, None)
        return self.store.remove_group(group.key)

    def change_metadata(self, participant, name, changes, origin=None):
        # type: (Participant, str, Dict[str, str], Optional[ChatSession]) -> Future
        """Sets the topic or other metadata of a group; a Future of None, when it is kept."""
        group = self.group_of(participant, name)
        for guard in self.guards:
            guard.may_change(participant, group)
        changes = checked_metadata(changes)
        changes.pop(u'topic_author', None)
        if u'topic' in changes:
            changes[u'topic'] = changes[u'topic'][:self.limits.max_topic]
            changes[u'topic_author'] = participant.name
            group.topic = changes[u'topic']
            group.topic_author = participant.name
            group.topic_at = self.clock.wall()
        for each, value in changes.items():
            if each not in (u'topic', u'topic_author'):
                if each not in group.metadata and len(group.metadata) >= MAX_PAIRS:
                    raise TooMuchError(u'The group has too much metadata.')
                group.metadata[each] = value
        kept = self._keep(group) if u'topic' in changes else completed(None)
        for session in self._of_group(group, origin):
            _tell(session.metadata_changed, group, changes)
        return kept

    def _keep(self, group):
        # type: (Group) -> Future
        group.is_kept = True
        return self.store.save_group(group)

    def _of_group(self, group, origin):
        # type: (Group, Optional[ChatSession]) -> List[ChatSession]
        return [session for session in self._observing(group.members) if session is not origin]

    # -- messages --------------------------------------------------------------------------

    def group_message(self, participant, name, text, metadata=None, origin=None, sender=None):
        # type: (Participant, str, str, Optional[Dict[str, str]], Any, Optional[str]) -> Future
        """Tells the members of a group; a Future of the Message, done when it is kept.

        Args:     origin: the session that is not told.
                  sender: the name of a guest of the participant, a bridge.
        """
        group = self.group_of(participant, name)
        for guard in self.guards:
            guard.may_speak(participant, group)
        metadata = self._admitted(participant, text, metadata, sender is None)
        message = self._message(GROUP, group.name, sender or participant.name, text, metadata)
        if not group.is_kept:
            self._keep(group)
        kept = self.store.save_message(message, group.key, u'', False)
        for session in self._of_group(group, origin):
            _tell(session.message_came, message, metadata)
        return kept.then(lambda _: message)

    def direct_message(self, participant, name, text, metadata=None, origin=None, sender=None):
        # type: (Participant, str, str, Optional[Dict[str, str]], Any, Optional[str]) -> Any
        """Tells one participant, when it comes if it is offline; a Future of the Message, done when
        it is kept."""
        other = self.participant(name)
        metadata = self._admitted(participant, text, metadata)
        late = not other.sessions
        if late and not self.limits.max_late:
            raise WrongStatusError(other.name)
        message = self._message(DIRECT, other.name, sender or participant.name, text, metadata)
        kept = self.store.save_message(message, pair_of(participant.key, other.key), other.key,
                                       late, self.limits.max_late)
        for session in self._observing(set((participant.key, other.key))):
            if session is not origin:
                _tell(session.message_came, message, metadata)

        def done(_):
            # type: (Any) -> Message
            if late and other.sessions:     # it has come meanwhile
                self._tell_late(other)
            return message

        return kept.then(done)

    def _admitted(self, participant, text, metadata, is_paced=True):
        # type: (Participant, str, Optional[Dict[str, str]], bool) -> Dict[str, str]
        """The metadata of a message that may be sent; the guests of a bridge have a pace already.
        """
        if not text:
            raise BadNameError(u'A message has a text.')
        if len(text) > self.limits.max_text:
            raise TooMuchError(u'A message has at most %d characters.' % self.limits.max_text)
        if is_paced and not self._rates.take(participant.key):
            raise TooMuchError(u'You are sending too fast.')
        participant.spoke_at = self.clock.wall()
        return checked_metadata(metadata or {})

    def _message(self, kind, place, sender, text, metadata):
        # type: (str, str, str, str, Dict[str, str]) -> Message
        self._number += 1
        return Message(self._number, kind, place, sender, text, metadata.get(u'style', u''),
                       self.clock.wall())

    @coroutine
    def _tell_late(self, participant):
        # type: (Participant) -> Any
        """Shows the messages that came while the participant was offline, once."""
        if participant.key in self._telling:
            self._telling[participant.key] = True
            return
        more = True
        try:
            while more and participant.sessions:
                self._telling[participant.key] = False
                messages = yield self.store.late(participant.key, self.limits.max_late)
                if messages and participant.sessions:
                    for message in messages:
                        metadata = {u'style': message.style} if message.style else {}
                        metadata[u'late'] = u'yes'
                        _tell(participant.sessions[0].message_came, message, metadata)
                    yield self.store.mark_told(participant.key, messages[-1].number)
                more = self._telling[participant.key]
        except FAILURES as exc:
            log.error('the messages that wait for %s cannot be read: %s', escape(participant.name),
                      exc)
        finally:
            del self._telling[participant.key]

    # -- what was said -----------------------------------------------------------------------

    def history(self, participant, name, before=None, count=50):
        # type: (Participant, str, Optional[int], int) -> Future
        """A Future of the last Messages of a group that the participant is in, the oldest first.

        Args:     before: a number; only messages before it.
        """
        group = self.group_of(participant, name)
        return self.store.history(group.key, before, min(count, self.limits.max_history))

    def direct_history(self, participant, name, before=None, count=50):
        # type: (Participant, str, Optional[int], int) -> Future
        """The same of what two participants have said to each other."""
        other = self.participant(name)
        return self.store.history(pair_of(participant.key, other.key), before,
                                  min(count, self.limits.max_history))

    def search(self, participant, words, count=50):
        # type: (Participant, str, int) -> Future
        """A Future of the latest Messages with that text in the participant's groups, and to it and
        from it."""
        if not words.strip():
            raise BadNameError(u'A search has a text.')
        return self.store.search(participant.key, list(participant.groups), words.strip(),
                                 min(count, self.limits.max_history))

    # -- accounts ----------------------------------------------------------------------------

    def add_participant(self, participant):
        # type: (Participant) -> Future
        """Takes a new account in; a Future of None, when it is kept.

        Raises:   NotAllowedError: the name is taken.
        """
        if participant.key in self.participants:
            raise NotAllowedError(u'This name is taken.')
        self.participants[participant.key] = participant
        return self.store.save_account(participant)

    def keep_participant(self, participant):
        # type: (Participant) -> Future
        """Keeps what has changed in an account; one that is barred is shut out."""
        if participant.is_barred:
            self._shut_out(participant, u'This account is barred.')
        return self.store.save_account(participant)

    def remove_participant(self, participant):
        # type: (Participant) -> Future
        """Shuts a participant out and forgets it with its groups' ownership and what it has said in
        private; a Future of None."""
        self._shut_out(participant, u'This account is removed.')
        for key in list(participant.contacts):
            self.participants[key].watchers.discard(participant.key)
        for key in list(participant.watchers):
            self.participants[key].contacts.pop(participant.key, None)
        self.participants.pop(participant.key, None)
        # The next user of the name must not have the rights of this one.
        for group in list(self.groups.values()):
            if group.owner == participant.key:
                group.owner = u''
                if group.is_kept:
                    self._keep(group)
        return self.store.remove_account(participant.key)

    def _shut_out(self, participant, reason):
        # type: (Participant, str) -> None
        for session in list(participant.sessions):
            self.detach(participant, session)
            _tell(session.ended, reason)


def checked_metadata(pairs):
    # type: (Any) -> Dict[str, str]
    """The pairs with texts of a bounded length; what is no text is left out."""
    found = {}                          # type: Dict[str, str]
    for key, value in list(pairs.items())[:MAX_PAIRS]:
        if isinstance(key, text_type) and isinstance(value, text_type):
            most = ROWS[1][1] if key == u'topic' else MAX_VALUE
            found[key[:MAX_VALUE]] = value[:most]
    return found


def _tell(method, *args):
    # type: (Any, *Any) -> None
    """Calls a session; one that fails does not keep others from hearing."""
    try:
        method(*args)
    except FAILURES:
        log.exception('a session could not be told')
