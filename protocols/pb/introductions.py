# Copyright the carryall authors.  See LICENSE.
"""Introductions: a reference is handed over to a third program,
which from then on talks with its owner directly.

Wire:     ours alone, calls of what the owner offers by the name ``introductions``:
          holder -> owner       invite(object) -> a ticket, 16 octets, good once and for a minute
          holder -> third       [b'carryall.pb.Introduction', {place, ticket}],
                                within any call or answer
          third -> owner        meet(ticket) -> the object
          An owner without it, such as Twisted's,
          answers the first with the Error "Invalid Object ID".

    broker.offer('introductions', introductions)                    the owner, on every broker: one
    object for all of them
    introduction = yield hand_over(reference, u'tcp:10.0.0.5:8787')     the holder, then sends it
    reference = yield introduction.meet(connect)                    the third, whose connect(place)
    gives a Broker, or refuses

Trust:    only who has a reference can give it away.  Who was introduced acts as who introduced him:
          what a view shows, it shows to him.  A ticket is a secret, so let brokers be connected by
          TLS.  The third decides where it connects to.
Tests:    tests/protocols/pb/test_introductions.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict

from carryall.core.compat import text_type
from carryall.core.crypto import crypto_of
from carryall.core.future import Return, coroutine
from carryall.protocols.pb.failures import Error
from carryall.protocols.pb.flavors import Copyable, Referenceable, RemoteCopy
from carryall.protocols.pb.security import InsecureJelly

__all__ = ['INTRODUCTION_TAG', 'Introduction', 'Introductions', 'hand_over']

INTRODUCTION_TAG = b'carryall.pb.Introduction'
NAME = b'introductions'

# -- limits ------------------------------------------------------------------
TICKET_BYTES = 16
TICKET_SECONDS = 60.0       # from the invitation to the meeting
MAX_TICKETS = 1000          # that wait; the oldest gives way
MAX_PLACE = 255             # characters


class Introductions(Referenceable):
    """Keeps what was given away until somebody comes for it."""

    def __init__(self, loop, seconds=TICKET_SECONDS):
        # type: (Any, float) -> None
        self._loop = loop
        self._seconds = seconds
        self._waiting = OrderedDict()   # type: OrderedDict     # ticket -> (the object, until when)

    def __len__(self):
        return len(self._waiting)

    def remote_invite(self, thing):
        # type: (Any) -> bytes
        """A ticket for an object of ours."""
        if not isinstance(thing, Referenceable):
            raise Error(u'Only what lives here can be given away from here.')
        self._forget()
        while len(self._waiting) >= MAX_TICKETS:
            self._waiting.popitem(last=False)
        ticket = crypto_of(self._loop).random(TICKET_BYTES)
        self._waiting[ticket] = (thing, self._loop.time() + self._seconds)
        return ticket

    def remote_meet(self, ticket):
        # type: (Any) -> Any
        """What the ticket is for; it is used up."""
        self._forget()
        found = self._waiting.pop(ticket, None) if type(ticket) is bytes else None
        if found is None:
            raise Error(u'There is no such ticket.')
        return found[0]

    def _forget(self):
        # type: () -> None
        """All last as long as each other, so the oldest are the first."""
        now = self._loop.time()
        while self._waiting:
            ticket = next(iter(self._waiting))
            if self._waiting[ticket][1] > now:
                return
            del self._waiting[ticket]


class Introduction(Copyable, RemoteCopy):
    """Leads to an object, once.

    The receiver's registry must know it:
    ``setUnjellyableForClass(INTRODUCTION_TAG, Introduction)``.

    Attributes:
        place: where its owner is, as the holder says (text); what it means is between the programs.
        ticket: octets; a secret.
    """

    def __init__(self, place, ticket):
        # type: (str, bytes) -> None
        self.place = place
        self.ticket = ticket

    def getTypeToCopy(self):
        return INTRODUCTION_TAG

    def setCopyableState(self, state):
        RemoteCopy.setCopyableState(self, state)
        place = self.__dict__.get('place')
        ticket = self.__dict__.get('ticket')
        if type(place) is not text_type or len(place) > MAX_PLACE or type(ticket) is not bytes \
                or len(ticket) != TICKET_BYTES:
            raise InsecureJelly('an introduction to nobody')

    def __repr__(self):
        return 'Introduction(%r)' % (self.place,)

    @coroutine
    def meet(self, connect):
        # type: (Callable[[str], Any]) -> Any
        """A Future of a RemoteReference; it fails as ``connect(place)`` does, or with Error if the
        ticket is not good any more."""
        broker = yield connect(self.place)
        found = yield broker.remote(NAME).call_remote('meet', self.ticket)
        raise Return(found)


@coroutine
def hand_over(reference, place):
    # type: (Any, str) -> Any
    """A Future of an Introduction to what *reference* stands for;
    Error if its owner introduces nobody."""
    ticket = yield reference.broker.remote(NAME).call_remote('invite', reference)
    raise Return(Introduction(place, ticket))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable
