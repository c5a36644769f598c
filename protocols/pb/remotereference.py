# Copyright the carryall authors.  See LICENSE.
"""RemoteReference: an object of the peer's, and when the peer may forget it.

The peer keeps every object that it has sent us a reference to until we say that we are done with
it.  Who relies on finalisers for that keeps his peers full: on PyPy and the JVM they come late or
never.  So, in order of preference:

    with (yield root.call_remote('open')) as door: ...      released at the end of the block
    door.release()                                          released now
    @scoped                                                 on a method: what came as its arguments
    is released when its
    def remote_look(self, door): ...                        answer is there,
    unless it said door.keep()
    Broker(..., scoped=True)                                the same for all methods

and as a last resort, when nobody has the reference any more and the collector has noticed.

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
    """Decorator of a method that peers call:
    references that came as arguments end with the call, unless kept."""
    function.pb_scoped = True
    return function


class RemoteReference(Serializable):
    """An object of the peer's, as he sent it once; two that stand for the same object are equal,
    and end by themselves.

    Attributes:
        broker: the connection that it belongs to.
        luid: its number (or name) there.
        perspective: given to getStateToCopyFor of what is sent to it.
        serial: its number among what the broker holds, 0 for what was found by a name;
                None when it was released.
        kept: whether it outlives the call that it came with.
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
        """Call the peer's method *_name* (text or bytes); a Future of its answer.

        ``pbanswer=False`` wants none, and the result is None.  The Future fails with RemoteError
        for what the peer raised, ConnectionLost, DeadReference, or LocalProtocolError for arguments
        that cannot be sent.
        """
        if self.serial is None:
            return failed(DeadReference('the reference was released'))
        return self.broker.asking.call(b'message', self.luid, self.perspective, _name, args, kwargs)

    def release(self):
        # type: () -> None
        """Be done with it: the peer may forget it, and calls fail from now on.

        Harmless when repeated.
        """
        serial, self.serial = self.serial, None
        if serial:
            self.broker.release_reference(serial)

    def keep(self):
        # type: () -> RemoteReference
        """Hold it beyond the call that it came with, until ``release()``."""
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
                'a reference can go back to where it came from, and nowhere else')
        if self.serial is None:
            raise DeadReference('the reference was released')
        octets = jellier.forms.dialect.string(self.luid) if type(self.luid) is bytes \
            else encode_int(self.luid)
        jellier.out.append(jellier.forms.local + octets)


class Held(object):
    """What the peer has sent us and counts as ours, each by a serial number.

    Args:     loop: of the broker; collectors call from threads of their own.
              give_up: called with the peer's number of what nobody has any more.
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
        """*thing* stands for what was sent; its serial number, 1 or more."""
        serial = self._last + 1
        self._last = serial
        self._entries[serial] = (weakref.ref(thing, lambda _: self._collected(serial)), luid)
        return serial

    def release(self, serial):
        # type: (int) -> None
        """Let go of it, if that was not done."""
        entry = self._entries.pop(serial, None)
        if entry is not None:
            self._give_up(entry[1])

    def clear(self):
        # type: () -> None
        """The peer is gone."""
        self._entries.clear()

    def _collected(self, serial):
        # type: (int) -> None
        """The collector's word, in whatever thread:
        appending to a list is all that is done in it."""
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
