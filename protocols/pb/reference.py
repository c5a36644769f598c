# Copyright the carryall authors.  See LICENSE.
"""RemoteReference: an object of the peer's, and when the peer may forget it.

The peer keeps every object that it has sent us a reference to until we say that we are done with it.  Who relies on
finalisers for that keeps his peers full: on PyPy and the JVM they come late or never.  So, in order of preference:

    with (yield root.call_remote('open')) as door: ...      released at the end of the block
    door.release()                                          released now
    @scoped                                                 on a method: what came as its arguments is released when its
    def remote_look(self, door): ...                        answer is there, unless it said door.keep()
    Broker(..., scoped=True)                                the same for all methods

and as a last resort, when nobody has the reference any more and the collector has noticed.

Tests:    tests/protocols/pb/test_reference.py
"""
from __future__ import absolute_import, division, print_function

import weakref

from carryall.core.errors import LocalProtocolError, LoopClosed
from carryall.protocols.pb.flavors import Serializable
from carryall.protocols.pb.banana import encode_int

__all__ = ['Held', 'RemoteReference', 'scoped']


def scoped(function):
    # type: (Any) -> Any
    """Decorator of a method that peers call: references that came as arguments end with the call, unless kept."""
    function.pb_scoped = True
    return function


class RemoteReference(Serializable):
    """An object of the peer's.  There is one for each object of his, however often he sends it.

    Attributes:
        broker: the connection that it belongs to.
        luid: its number (or name) there.
        perspective: given to getStateToCopyFor of what is sent to it.
    """

    __slots__ = ('broker', 'luid', 'perspective', 'kept', '__weakref__')

    def __init__(self, broker, luid, perspective=None):
        # type: (Any, Any, Any) -> None
        self.broker = broker
        self.luid = luid
        self.perspective = perspective
        self.kept = False

    def call_remote(self, _name, *args, **kwargs):
        # type: (Any, *Any, **Any) -> Any
        """Call the peer's method *_name* (text or bytes); a Future of its answer.

        ``pbanswer=False`` wants none, and the result is None.  The Future fails with RemoteError for what the peer
        raised, ConnectionLost, DeadReference, or LocalProtocolError for arguments that cannot be sent.
        """
        return self.broker.call(self.luid, self.perspective, _name, args, kwargs)

    def release(self):
        # type: () -> None
        """Be done with it: the peer may forget it, and calls fail from now on.  Harmless when repeated."""
        self.broker.release_reference(self)

    def keep(self):
        # type: () -> RemoteReference
        """Hold it beyond the call that it came with, until ``release()``."""
        self.kept = True
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_exc_info):
        self.release()

    def __repr__(self):
        return '<RemoteReference %r of %s>' % (self.luid, self.broker)

    def jelly_into(self, jellier):
        if jellier.invoker is not self.broker:
            raise LocalProtocolError("a reference can go back to where it came from, and nowhere else")
        octets = jellier.forms.dialect.string(self.luid) if type(self.luid) is bytes else encode_int(self.luid)
        jellier.out.append(jellier.forms.local + octets)


class Held(object):
    """The objects of the peer that we hold, by their number, with how often each was sent.

    Args:     loop: of the broker; collectors call from threads of their own.
              give_up: called with (number, count) for what nobody has any more.
    """

    __slots__ = ('_loop', '_give_up', '_entries', '_gone', '_due')

    def __init__(self, loop, give_up):
        # type: (Any, Callable[[int, int], None]) -> None
        self._loop = loop
        self._give_up = give_up
        self._entries = {}          # type: Dict[int, List[Any]]   # number -> [weak reference, count]
        self._gone = []             # type: List[int]
        self._due = False

    def __len__(self):
        return len(self._entries)

    def get(self, number):
        # type: (int) -> Any
        """What stands for that object now; None if nothing does."""
        entry = self._entries.get(number)
        return entry[0]() if entry is not None else None

    def arrived(self, number, thing):
        # type: (int, Any) -> None
        """It was sent once more; *thing* stands for it."""
        entry = self._entries.get(number)
        if entry is None:
            entry = self._entries[number] = [None, 0]
        if entry[0] is None or entry[0]() is None:
            entry[0] = weakref.ref(thing, lambda _: self._collected(number))
        entry[1] += 1

    def release(self, number, count=None):
        # type: (int, Optional[int]) -> int
        """Let go of it, of *count* of the times that it was sent or of all; how many the peer is to be told."""
        entry = self._entries.get(number)
        if entry is None:
            return 0
        count = entry[1] if count is None else min(count, entry[1])
        entry[1] -= count
        if not entry[1]:
            del self._entries[number]
        return count

    def clear(self):
        # type: () -> None
        """The peer is gone."""
        self._entries.clear()

    def _collected(self, number):
        # type: (int) -> None
        """The collector's word, in whatever thread: appending to a list is all that is done in it."""
        self._gone.append(number)
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
            number = self._gone.pop()
            entry = self._entries.get(number)
            if entry is not None and entry[0]() is None:    # or it has come again meanwhile
                self._give_up(number, self.release(number))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional
