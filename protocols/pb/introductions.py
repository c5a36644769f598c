# Copyright the carryall authors.  See LICENSE.
"""Introductions: a reference is passed on to a third program, which then calls its owner directly.

Wire:     an extension of carryall: calls of the owner's object of the name ``introductions``:
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

Trust:    only the holder of a reference can give it away.  The third acts with the holder's rights:
          a view shows it what it shows the holder.  A ticket is a secret, so connect brokers by
          TLS.  The third decides where it connects to.
Tests:    tests/protocols/pb/test_introductions.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict

from carryall.core.compat import text_type
from carryall.core.crypto import crypto_of
from carryall.core.future import Return, coroutine
from carryall.protocols.pb.failures import PBError
from carryall.protocols.pb.flavors import Copyable, Referenceable, RemoteCopy
from carryall.protocols.pb.security import InsecureJelly

__all__ = ['INTRODUCTION_TAG', 'Introduction', 'Introductions', 'hand_over']

INTRODUCTION_TAG = b'carryall.pb.Introduction'
NAME = b'introductions'

# -- limits ------------------------------------------------------------------
TICKET_BYTES = 16
TICKET_SECONDS = 60.0       # from the invitation to the meeting
MAX_TICKETS = 1000          # unused tickets; the oldest is dropped for one more
MAX_PLACE = 255             # characters


class Introductions(Referenceable):
    """Keeps the objects that were given away, until the third program collects them."""

    def __init__(self, loop, seconds=TICKET_SECONDS):
        # type: (Any, float) -> None
        self._loop = loop
        self._seconds = seconds
        self._waiting = OrderedDict()   # type: OrderedDict     # ticket -> (the object, until when)

    def __len__(self):
        return len(self._waiting)

    def remote_invite(self, thing):
        # type: (Any) -> bytes
        """Makes a ticket for an object of ours."""
        if not isinstance(thing, Referenceable):
            raise PBError(u'Only objects that live here can be given away from here.')
        self._forget()
        while len(self._waiting) >= MAX_TICKETS:
            self._waiting.popitem(last=False)
        ticket = crypto_of(self._loop).random(TICKET_BYTES)
        self._waiting[ticket] = (thing, self._loop.time() + self._seconds)
        return ticket

    def remote_meet(self, ticket):
        # type: (Any) -> Any
        """The object of a ticket, which is then used up."""
        self._forget()
        found = self._waiting.pop(ticket, None) if type(ticket) is bytes else None
        if found is None:
            raise PBError(u'Unknown ticket.')
        return found[0]

    def _forget(self):
        # type: () -> None
        """Drops expired tickets; all last equally long, so the oldest come first."""
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
        place: the owner's address, given by the holder (text); the programs define its meaning.
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
            raise InsecureJelly('an introduction without an object')

    def __repr__(self):
        return 'Introduction(%r)' % (self.place,)

    @coroutine
    def meet(self, connect):
        # type: (Callable[[str], Any]) -> Any
        """A Future of a RemoteReference; it fails as ``connect(place)`` does, or with Error if the
        ticket is used up or expired."""
        broker = yield connect(self.place)
        found = yield broker.remote(NAME).call_remote('meet', self.ticket)
        raise Return(found)


@coroutine
def hand_over(reference, place):
    # type: (Any, str) -> Any
    """A Future of an Introduction to the object of *reference*; it fails with Error if the owner
    offers no introductions."""
    ticket = yield reference.broker.remote(NAME).call_remote('invite', reference)
    raise Return(Introduction(place, ticket))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable
