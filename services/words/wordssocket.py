# Copyright the carryall authors.  See LICENSE.
"""The chat space over a WebSocket, for the page of chatpages.py and for programs.

Each message is a JSON object.  The client sends

    {"do": "join", "group": NAME}               the same with "leave", "members", "history"
    {"do": "say", "group": NAME, "text": TEXT}  or "to": NAME; "style": "emote" if wanted
    {"do": "topic", "group": NAME, "text": TEXT}
    {"do": "status", "away": TEXT or null}
    {"do": "contact", "name": NAME, "add": true or false}

with an "id" if it wants to be answered: {"is": "done", "id": ID} when that is kept, or
{"is": "refused", "id": ID, "text": REASON}.  The server sends {"is": "message", ...}, "joined",
"left", "members", "topic" and "status".

Tests:    tests/services/words/test_wordssocket.py
"""
from __future__ import absolute_import, division, print_function

import json

from carryall.core.compat import FAILURES, text_type
from carryall.core.database import Error
from carryall.core.future import as_future
from carryall.core.logs import get_logger
from carryall.protocols.websocket import MessageProtocol
from carryall.services.words.chaterrors import BadNameError, WordsError
from carryall.services.words.chatspace import AWAY, ONLINE, ChatSession

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict
    from carryall.services.words.chatspace import ChatSpace, Message, Participant

__all__ = ['ChatSocket', 'MAX_MESSAGE']

# -- limits ------------------------------------------------------------------
MAX_MESSAGE = 65536         # octets of a message of the client
MAX_UNSENT = 1000           # messages for a client that does not read; it is closed
MAX_UNSENT_OCTETS = 1 << 22     # of these; the last may go beyond
POLICY = 1008               # RFC 6455 section 7.4.1: the client broke a rule of ours

log = get_logger('words')


class ChatSocket(MessageProtocol, ChatSession):
    """One WebSocket of a participant."""

    protocol = u'web'

    def __init__(self, space, participant):
        # type: (ChatSpace, Participant) -> None
        self._space = space
        self._participant = participant
        self._is_full = False
        self._unsent = 0
        self._unsent_octets = 0

    # -- life --------------------------------------------------------------------------

    def connection_made(self, websocket):
        self.websocket = websocket
        try:
            self._space.attach(self._participant, self)
        except WordsError as exc:
            websocket.close(POLICY, u'%s' % exc)
            return
        known = self._space.participants
        self._send(u'hello', name=self._participant.name, contacts=[
            {u'name': known[key].name, u'status': known[key].status}
            for key in self._participant.contacts])
        for group in self._participant.groups.values():
            self._show_group(group)

    def connection_lost(self, exc):
        self._space.detach(self._participant, self)

    def pause_writing(self):
        self._is_full = True

    def resume_writing(self):
        self._is_full = False
        self._unsent = 0
        self._unsent_octets = 0

    def ended(self, reason):
        self.websocket.close(POLICY, reason)

    def _send(self, word, **values):
        # type: (str, **Any) -> None
        if self._is_full:
            self._unsent += 1
            if self._unsent > MAX_UNSENT or self._unsent_octets > MAX_UNSENT_OCTETS:
                self.websocket.abort()
                return
        values[u'is'] = word
        text = json.dumps(values)
        if self._is_full:
            self._unsent_octets += len(text)
        self.websocket.send(u'%s' % text)

    # -- from the client ---------------------------------------------------------------------

    def message_received(self, message):
        try:
            asked = json.loads(message)
        except FAILURES:                # ValueError, or a RecursionError of deep lists
            asked = None
        if not isinstance(asked, dict):
            self.websocket.close(POLICY, u'not a JSON object')
            return None
        number = asked.get(u'id')
        if not isinstance(number, int) or isinstance(number, bool):
            number = None
        deed = _DEEDS.get(asked.get(u'do')) if isinstance(asked.get(u'do'), text_type) else None
        try:
            if deed is None:
                raise BadNameError(u'There is no such command.')
            done = as_future(deed(self, asked))
        except WordsError as exc:
            self._refuse(number, exc)
            return None
        return done.then(lambda _: self._done(number), lambda exc: self._refuse(number, exc))

    def _done(self, number):
        # type: (Any) -> None
        if number is not None and not self.websocket.is_closing():
            self._send(u'done', id=number)

    def _refuse(self, number, exc):
        # type: (Any, Any) -> None
        if isinstance(exc, Error):
            log.error('a change of the chat space could not be kept: %s', exc)
            text = u'This could not be kept.  Try again later.'
        elif isinstance(exc, WordsError):
            text = u'%s' % exc
        else:
            raise exc
        if not self.websocket.is_closing():
            self._send(u'refused', id=number, text=text)

    def do_join(self, asked):
        # type: (Dict[str, Any]) -> None
        """Enters a group and shows it."""
        self._show_group(self._space.join(self._participant, _word(asked, u'group'), self))

    def do_leave(self, asked):
        # type: (Dict[str, Any]) -> None
        """Leaves a group."""
        self._space.leave(self._participant, _word(asked, u'group'), self)

    def do_members(self, asked):
        # type: (Dict[str, Any]) -> None
        """Shows the members and the topic of a group."""
        self._show_group(self._space.group_of(self._participant, _word(asked, u'group')))

    def do_history(self, asked):
        # type: (Dict[str, Any]) -> Any
        """Shows the last messages of a group, or of a pair."""
        before = asked.get(u'before')
        if not isinstance(before, int) or isinstance(before, bool) or not 0 < before < 1 << 62:
            before = None
        if u'with' in asked:
            found = self._space.direct_history(self._participant, _word(asked, u'with'), before)
        else:
            found = self._space.history(self._participant, _word(asked, u'group'), before)
        return found.then(lambda rows: self._send(u'history', messages=[_shown(each)
                                                                        for each in rows]))

    def do_say(self, asked):
        # type: (Dict[str, Any]) -> Any
        """Says something; the client hears it too."""
        style = asked.get(u'style')
        metadata = {u'style': style} if isinstance(style, text_type) and style else {}
        if u'to' in asked:
            return self._space.direct_message(self._participant, _word(asked, u'to'),
                                              _word(asked, u'text'), metadata)
        return self._space.group_message(self._participant, _word(asked, u'group'),
                                         _word(asked, u'text'), metadata)

    def do_topic(self, asked):
        # type: (Dict[str, Any]) -> Any
        """Sets the topic of a group."""
        return self._space.change_metadata(self._participant, _word(asked, u'group'),
                                           {u'topic': _word(asked, u'text')})

    def do_status(self, asked):
        # type: (Dict[str, Any]) -> None
        """Notes that the participant is away, or back."""
        text = asked.get(u'away')
        if isinstance(text, text_type):
            self._space.change_status(self._participant, AWAY, text)
        else:
            self._space.change_status(self._participant, ONLINE)

    def do_contact(self, asked):
        # type: (Dict[str, Any]) -> Any
        """Adds or removes a contact."""
        if asked.get(u'add') is False:
            return self._space.remove_contact(self._participant, _word(asked, u'name'))
        return self._space.add_contact(self._participant, _word(asked, u'name')).then(
            self.status_changed)

    # -- to the client ----------------------------------------------------------------------

    def _show_group(self, group):
        # type: (Any) -> None
        self._send(u'members', group=group.name, topic=group.topic,
                   names=[member.name for member in group.members.values()])

    def status_changed(self, participant):
        self._send(u'status', name=participant.name, status=participant.status,
                   away=participant.away)

    def member_joined(self, participant, group):
        if participant is self._participant:
            self._show_group(group)
        else:
            self._send(u'joined', name=participant.name, group=group.name)

    def member_left(self, participant, group):
        self._send(u'left', name=participant.name, group=group.name)

    def metadata_changed(self, group, changes):
        if u'topic' in changes:
            self._send(u'topic', group=group.name, text=group.topic, author=group.topic_author)

    def message_came(self, message, metadata):
        self._send(u'message', message=_shown(message))


_DEEDS = {
    u'join': ChatSocket.do_join, u'leave': ChatSocket.do_leave, u'members': ChatSocket.do_members,
    u'history': ChatSocket.do_history, u'say': ChatSocket.do_say, u'topic': ChatSocket.do_topic,
    u'status': ChatSocket.do_status, u'contact': ChatSocket.do_contact,
}


def _word(asked, key):
    # type: (Dict[str, Any], str) -> str
    value = asked.get(key)
    if not isinstance(value, text_type):
        raise BadNameError(u'"%s" must be a text.' % key)
    return value


def _shown(message):
    # type: (Message) -> Dict[str, Any]
    return {u'number': message.number, u'kind': message.kind, u'place': message.place,
            u'sender': message.sender, u'text': message.text, u'style': message.style,
            u'at': message.at}
