# Copyright the carryall authors.  See LICENSE.
"""A chat space in memory, on virtual time, and sessions that note what they are told."""
from __future__ import absolute_import, division, print_function

from carryall.core.testing import VirtualLoop
from carryall.services.words.chatspace import ChatSession, ChatSpace, Participant
from carryall.services.words.chatstore import MemoryChatStore

__all__ = ['ChatScene', 'NotingSession']


class NotingSession(ChatSession):
    """Notes what it is told, as tuples."""

    protocol = u'test'

    def __init__(self):
        self.heard = []

    def status_changed(self, participant):
        self.heard.append(('status', participant.name, participant.status))

    def member_joined(self, participant, group):
        self.heard.append(('joined', participant.name, group.name))

    def member_left(self, participant, group):
        self.heard.append(('left', participant.name, group.name))

    def metadata_changed(self, group, changes):
        self.heard.append(('metadata', group.name, changes))

    def message_came(self, message, metadata):
        self.heard.append((message.kind, message.place, message.sender, message.text, metadata))

    def ended(self, reason):
        self.heard.append(('ended', reason))

    def take(self):
        """The tuples since the last call."""
        heard = self.heard
        self.heard = []
        return heard


class ChatScene(object):
    """A space with accounts."""

    def __init__(self, names=(u'ann', u'bob'), limits=None, store=None):
        self.loop = VirtualLoop()
        self.store = MemoryChatStore() if store is None else store
        self.space = ChatSpace(self.loop, self.store, limits)
        self.space.open().result()
        for name in names:
            self.add(name)

    def add(self, name):
        """A new account."""
        participant = Participant(name)
        self.space.add_participant(participant).result()
        return participant

    def enter(self, name):
        """(participant, session) of a participant that comes online."""
        participant = self.space.participant(name)
        session = NotingSession()
        self.space.attach(participant, session)
        return participant, session

    def meet(self, *names):
        """The same for several, all in the group tea; they have forgotten how they came."""
        found = [self.enter(name) for name in names]
        for participant, _ in found:
            self.space.join(participant, u'tea')
        for _, session in found:
            session.take()
        return found
