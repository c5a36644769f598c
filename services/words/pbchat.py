# Copyright the carryall authors.  See LICENSE.
"""The chat space by Perspective Broker, method for method as Twisted 0.19 and 1.2 have it.

A client that has logged in calls its perspective:

    changeStatus(status)                        1 online, 2 away
    joinGroup(name), leaveGroup(name)
    directMessage(recipient, text, metadata=None)
    groupMessage(group, text, metadata=None)
    addContact(name), removeContact(name)
    getGroupMembers(group)                      answered by receiveGroupMembers
    setGroupMetadata(metadata, group)

The server calls the object that the client logged in with:

    receiveContactList([(name, status), ...])
    notifyStatusChanged(name, status)
    receiveGroupMembers([name, ...], group)
    setGroupMetadata(metadata, group)
    receiveDirectMessage(sender, text[, metadata])
    receiveGroupMessage(sender, group, text[, metadata])
    memberJoined(member, group), memberLeft(member, group)

Clients of carryall may also call getHistory(group, before, count), getDirectHistory(name, before,
count) and search(words, count).  Names are sent as text; octets that a client sends are UTF-8, or
Latin-1 if they are not.  The answer to a message comes when it is kept.

Tests:    tests/services/words/test_pbchat.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import int_types, text_type
from carryall.core.errors import ConnectionLost
from carryall.core.future import completed
from carryall.core.logs import escape, get_logger
from carryall.protocols import pb
from carryall.services.words.chaterrors import BadNameError, NotInGroupError, TooMuchError
from carryall.services.words.chatspace import AWAY, EMOTE, GROUP, ONLINE, ChatSession

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List
    from carryall.core.future import Future
    from carryall.services.words.chatspace import ChatSpace, Group, Message, Participant

__all__ = ['ChatPerspective', 'ChatRealm']

# -- limits ------------------------------------------------------------------
MAX_UNANSWERED = 500        # calls of a client that it has not answered; it is closed
MAX_WORD = 20000            # octets of a text from the wire

log = get_logger('words')


class ChatRealm(object):
    """Gives each login the perspective of its participant.

    Args:     space: a ChatSpace.
    """

    def __init__(self, space):
        # type: (ChatSpace) -> None
        self._space = space

    def avatar(self, name, credentials, mind):
        # type: (str, Any, Any) -> ChatPerspective
        """A new perspective, attached to its participant."""
        perspective = ChatPerspective(self._space, self._space.participant(name), mind)
        perspective.enter()
        return perspective

    @staticmethod
    def logged_out(session):
        # type: (Any) -> None
        """The session has ended."""
        session.avatar.leave()


class ChatPerspective(pb.Avatar):
    """One login of a participant.

    Args:     mind: the client's object, or None.
    """

    def __init__(self, space, participant, mind):
        # type: (ChatSpace, Participant, Any) -> None
        self._space = space
        self._participant = participant
        self._client = _Client(participant, mind)

    def enter(self):
        # type: () -> None
        """Brings the participant online; the client is told its contacts first."""
        self._space.attach(self._participant, self._client)
        known = self._space.participants
        self._client.call('receiveContactList', [(known[key].name, known[key].status)
                                                 for key in self._participant.contacts])

    def leave(self):
        # type: () -> None
        """Ends the session."""
        self._client.mind = None
        self._space.detach(self._participant, self._client)

    # -- what the client calls -------------------------------------------------------------

    def perspective_changeStatus(self, status):
        # type: (Any) -> None
        """Makes the participant present (1) or absent (2)."""
        if not isinstance(status, int_types) or status not in (ONLINE, AWAY):
            raise BadNameError(u'A status is 1 (online) or 2 (away).')
        self._space.change_status(self._participant, status)

    def perspective_joinGroup(self, name):
        # type: (Any) -> None
        """Enters a group, which is made if it is not there."""
        group = self._space.join(self._participant, _text(name), self._client)
        self._client.metadata_changed(group, group.all_metadata())

    def perspective_leaveGroup(self, name):
        # type: (Any) -> None
        """Leaves a group."""
        self._space.leave(self._participant, _text(name), self._client)

    def perspective_getGroupMembers(self, name):
        # type: (Any) -> None
        """Has ``receiveGroupMembers`` called."""
        group = self._space.group_of(self._participant, _text(name))
        self._client.call('receiveGroupMembers', [member.name for member in group.members.values()],
                          group.name)

    def perspective_setGroupMetadata(self, metadata, name):
        # type: (Any, Any) -> Future
        """Sets the topic or other metadata; in a group that one is not in, nothing happens."""
        try:
            self._space.group_of(self._participant, _text(name))
        except NotInGroupError:
            return completed(None)
        return self._space.change_metadata(self._participant, _text(name), _pairs(metadata))

    def perspective_directMessage(self, recipient, text, metadata=None):
        # type: (Any, Any, Any) -> Future
        """Tells one participant."""
        return self._space.direct_message(self._participant, _text(recipient), _text(text),
                                          _pairs(metadata), self._client).then(_nothing)

    def perspective_groupMessage(self, name, text, metadata=None):
        # type: (Any, Any, Any) -> Future
        """Tells the members of a group."""
        return self._space.group_message(self._participant, _text(name), _text(text),
                                         _pairs(metadata), self._client).then(_nothing)

    def perspective_addContact(self, name):
        # type: (Any) -> Future
        """Adds a contact, of whose status the client is told at once."""
        contact = self._space.participant(_text(name))
        kept = self._space.add_contact(self._participant, contact.name)
        self._client.status_changed(contact)
        return kept.then(_nothing)

    def perspective_removeContact(self, name):
        # type: (Any) -> Future
        """Removes a contact."""
        return self._space.remove_contact(self._participant, _text(name))

    # -- what only clients of carryall call ----------------------------------------------------

    def perspective_getHistory(self, name, before=None, count=50):
        # type: (Any, Any, Any) -> Future
        """The last messages of a group, each [number, sender, text, style, Unix time]."""
        return self._space.history(self._participant, _text(name), _number(before),
                                   _number(count) or 1).then(_rows)

    def perspective_getDirectHistory(self, name, before=None, count=50):
        # type: (Any, Any, Any) -> Future
        """The same of what was said to and by one participant."""
        return self._space.direct_history(self._participant, _text(name), _number(before),
                                          _number(count) or 1).then(_rows)

    def perspective_search(self, words, count=50):
        # type: (Any, Any) -> Future
        """The latest messages with a text, each [place, number, sender, text, style, time]."""
        found = self._space.search(self._participant, _text(words), _number(count) or 1)
        return found.then(lambda rows: [[row.place] + _row(row) for row in rows])


class _Client(ChatSession):
    """Calls the client's object.

    Attributes:
        mind: that object; None if there is none, or the session has ended.
    """

    protocol = u'pb'

    def __init__(self, participant, mind):
        # type: (Participant, Any) -> None
        self.mind = mind
        self._participant = participant
        self._unanswered = 0
        self._has_metadata = True

    def call(self, name, *args):
        # type: (str, *Any) -> Any
        """Calls a method; a Future of its answer, or None if nothing is called."""
        mind = self.mind
        if mind is None:
            return None
        self._unanswered += 1
        if self._unanswered > MAX_UNANSWERED:
            self._give_up(u'it does not answer')
            return None
        answer = mind.call_remote(name, *args)
        answer.add_done_callback(lambda done: self._answered(name, done))
        return answer

    def _answered(self, name, done):
        # type: (str, Any) -> None
        self._unanswered -= 1
        exc = done.exception()
        if exc is not None and self.mind is not None and not isinstance(exc, ConnectionLost):
            log.info('%s of %s failed: %s', name, escape(self._participant.name), exc)

    def _give_up(self, reason):
        # type: (str) -> None
        mind = self.mind
        self.mind = None
        if mind is not None:
            log.info('the session of %s ends: %s', escape(self._participant.name), reason)
            mind.broker.close()

    def status_changed(self, participant):
        self.call('notifyStatusChanged', participant.name, participant.status)

    def member_joined(self, participant, group):
        self.call('memberJoined', participant.name, group.name)

    def member_left(self, participant, group):
        self.call('memberLeft', participant.name, group.name)

    def metadata_changed(self, group, changes):
        self.call('setGroupMetadata', dict(changes), group.name)

    def message_came(self, message, metadata):
        if message.kind == GROUP:
            self._say('receiveGroupMessage', (message.sender, message.place), message, metadata)
        else:
            self._say('receiveDirectMessage', (message.sender,), message, metadata)

    def _say(self, name, before, message, metadata):
        # type: (str, Any, Message, Dict[str, str]) -> None
        """Calls with metadata if there is any and the client takes it, else with the text alone."""
        if not metadata or not self._has_metadata:
            self.call(name, *(before + (_plain(message, metadata),)))
            return
        answer = self.call(name, *(before + (message.text, dict(metadata))))
        if answer is None:
            return

        def refused(exc):
            # type: (BaseException) -> None
            # Clients before metadata have no such parameter.
            if hasattr(exc, 'check') and exc.check(TypeError) and self._has_metadata:
                self._has_metadata = False
                self.call(name, *(before + (_plain(message, metadata),)))

        answer.then(None, refused)

    def ended(self, reason):
        self._give_up(reason)


def _plain(message, metadata):
    # type: (Message, Dict[str, str]) -> str
    """The text for a client that knows no metadata."""
    if metadata.get(u'style') == EMOTE:
        return u'* %s %s' % (message.sender, message.text)
    return message.text


# -- values from the wire ----------------------------------------------------------------

def _text(value):
    # type: (Any) -> str
    if isinstance(value, bytes) and len(value) <= MAX_WORD:
        try:
            return value.decode('utf-8')
        except UnicodeError:
            return value.decode('latin-1')
    if not isinstance(value, text_type):
        raise BadNameError(u'This must be a text.')
    if len(value) > MAX_WORD:
        raise TooMuchError(u'The text is too long.')
    return value


def _pairs(metadata):
    # type: (Any) -> Dict[str, str]
    if metadata is None:
        return {}
    if not isinstance(metadata, dict):
        raise BadNameError(u'Metadata is a dictionary.')
    found = {}                      # type: Dict[str, str]
    for key, value in metadata.items():
        if isinstance(key, (bytes, text_type)) and isinstance(value, (bytes, text_type)):
            found[_text(key)] = _text(value)
    return found


def _number(value):
    # type: (Any) -> Any
    if value is None or isinstance(value, int_types) and 0 <= value < 1 << 62:
        return value
    raise BadNameError(u'This must be a number.')


def _row(message):
    # type: (Message) -> List[Any]
    return [message.number, message.sender, message.text, message.style, message.at]


def _rows(messages):
    # type: (Any) -> List[Any]
    return [_row(each) for each in messages]


def _nothing(_):
    # type: (Any) -> None
    return None
