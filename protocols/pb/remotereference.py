# Copyright the carryall authors.  See LICENSE.
"""RemoteReference: an object of the peer, and the moment when the peer may forget it.

The peer keeps every object that it has sent us a reference to, until we release the reference.
Finalisers alone would let the peer's memory fill: on PyPy and the JVM they run late or never.  So
release references in one of these ways, the best first:

    with (yield root.call_remote('open')) as door: ...      released at the end of the block
    door.release()                                          released now
    @scoped                                                 on a method: what came as its arguments
    is released when its
    def remote_look(self, door): ...                        answer is there,
    unless it said door.keep()
    Broker(..., scoped=True)                                the same for all methods

As a last resort a reference that the garbage collector finds is released.

Tests:    tests/protocols/pb/test_remotereference.py
"""
from __future__ import absolute_import, division, print_function

import weakref

from carryall.core.errors import LocalProtocolError, LoopClosed
from carryall.core.future import failed
from carryall.protocols.pb.banana import encode_int
from carryall.protocols.pb.failures import DeadReference
from carryall.protocols.pb.flavors import Serializable

__all__ = ['Held', 'RemoteReference', 'scoped']


def scoped(function):
    # type: (Any) -> Any
    """Decorates a method that peers call: references that arrive as arguments end with the call,
    unless kept."""
    function.pb_scoped = True
    return function


class RemoteReference(Serializable):
    """A reference to an object of the peer, for one time that it was sent.

    Two references to the same object are equal; each is released by itself.

    Attributes:
        broker: the connection that it belongs to.
        luid: its number (or name) there.
        perspective: passed to getStateToCopyFor of the arguments of its calls.
        serial: its number in the broker's table, 0 for an object found by name;
                None once released.
        kept: true if it outlives the call that it arrived with.
    """

    __slots__ = ('broker', 'luid', 'perspective', 'serial', 'kept', '__weakref__')

    def __init__(self, broker, luid, perspective=None):
        # type: (Any, Any, Any) -> None
        self.broker = broker
        self.luid = luid
        self.perspective = perspective
        self.serial = 0             # type: Optional[int]
        self.kept = False

    def call_remote(self, _name, *args, **kwargs):
        # type: (Any, *Any, **Any) -> Any
        """Calls the peer's method *_name* (text or bytes); a Future of its answer.

        ``pbanswer=False`` asks for no answer, and the result is None.  The Future fails with
        RemoteError for an exception of the peer, ConnectionLost, DeadReference, or
        LocalProtocolError for arguments that cannot be sent.
        """
        if self.serial is None:
            return failed(DeadReference('the reference was released'))
        return self.broker.outgoing.call(b'message', self.luid, self.perspective, _name, args,
                                         kwargs)

    def release(self):
        # type: () -> None
        """Releases the reference: the peer may forget the object, and calls fail from now on.

        May be repeated.
        """
        serial, self.serial = self.serial, None
        if serial:
            self.broker.release_reference(serial)

    def keep(self):
        # type: () -> RemoteReference
        """Keeps the reference after the call that it arrived with, until ``release()``."""
        self.kept = True
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_exc_info):
        self.release()

    def __eq__(self, other):
        return isinstance(other, RemoteReference) and self.broker is other.broker \
            and self.luid == other.luid

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash((id(self.broker), self.luid))

    def __repr__(self):
        return '<RemoteReference %r of %s>' % (self.luid, self.broker)

    def jelly_into(self, jellier):
        if jellier.invoker is not self.broker:
            raise LocalProtocolError(
                'a reference can only be sent back to its owner')
        if self.serial is None:
            raise DeadReference('the reference was released')
        octets = jellier.forms.dialect.string(self.luid) if type(self.luid) is bytes \
            else encode_int(self.luid)
        jellier.out.append(jellier.forms.local + octets)


class Held(object):
    """Objects that the peer has sent and counts as held by us, each by a serial number.

    Args:     loop: of the broker; garbage collectors call from other threads.
              give_up: called with the peer's number of an object that was collected.
    """

    __slots__ = ('_loop', '_give_up', '_entries', '_last', '_gone', '_due')

    def __init__(self, loop, give_up):
        # type: (Any, Callable[[int], None]) -> None
        self._loop = loop
        self._give_up = give_up
        # Serial -> (weak reference, the peer's number)
        self._entries = {}  # type: Dict[int, Tuple[Any, int]]
        self._last = 0
        self._gone = []             # type: List[int]
        self._due = False

    def __len__(self):
        return len(self._entries)

    def arrived(self, thing, luid):
        # type: (Any, int) -> int
        """Holds *thing*, which stands for an object of the peer; its serial number, 1 or more."""
        serial = self._last + 1
        self._last = serial
        self._entries[serial] = (weakref.ref(thing, lambda _: self._collected(serial)), luid)
        return serial

    def release(self, serial):
        # type: (int) -> None
        """Releases it, unless that was done before."""
        entry = self._entries.pop(serial, None)
        if entry is not None:
            self._give_up(entry[1])

    def clear(self):
        # type: () -> None
        """Drops all: the peer is gone."""
        self._entries.clear()

    def _collected(self, serial):
        # type: (int) -> None
        """Notes a collected object, in any thread: nothing but an append to a list is done in
        it."""
        if serial not in self._entries:
            return
        self._gone.append(serial)
        if not self._due:
            self._due = True
            try:
                self._loop.call_soon_threadsafe(self._let_go)
            except LoopClosed:
                pass

    def _let_go(self):
        # type: () -> None
        self._due = False
        while self._gone:
            self.release(self._gone.pop())


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple
