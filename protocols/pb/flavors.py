# Copyright the carryall authors.  See LICENSE.
"""Flavours: the five ways in which an object of ours may go to a peer.

    Referenceable   stays here, the peer gets a reference and calls its ``remote_`` methods
    Viewable        likewise, through a ViewPoint: ``view_`` methods,
                    whose first argument is who calls
    Avatar          what a login leads to: ``perspective_`` methods
    Copyable        goes over as its state; a RemoteCopy stands for it there
    Cacheable       goes over once, then its changes do; a RemoteCache stands for it there:
                    ``observe_`` methods

Which methods a peer may call is read from the class, once, when its first instance is met: a table
of names in bytes.  A peer's words are only ever looked up in that table.  What is put on a single
instance later is not in it.

The names of the methods that programs override are those of Twisted since 0.19.

Tests:    tests/protocols/pb/test_flavors.py
"""
from __future__ import absolute_import, division, print_function

import functools

from carryall.core.compat import text_type, to_bytes
from carryall.core.errors import LocalProtocolError
from carryall.protocols.pb.banana import LIST_HEADS, encode_int
from carryall.protocols.pb.security import InsecureJelly, Unjellyable, native_keys, qualified_name

__all__ = ['Avatar', 'Cacheable', 'Copyable', 'Forwarder', 'Referenceable', 'RemoteCache',
           'RemoteCacheObserver', 'RemoteCopy', 'Root', 'Serializable', 'ViewPoint', 'Viewable',
           'callable_names']


def callable_names(cls, prefix):
    # type: (Any, str) -> Dict[bytes, Any]
    """name -> descriptor of every method of *cls* whose name begins with *prefix*,
    which is cut off."""
    tables = cls.__dict__.get('pb_callables')
    if tables is None:
        tables = {}
        cls.pb_callables = tables
    table = tables.get(prefix)
    if table is None:
        table = {}
        for each in reversed(cls.__mro__):
            for name, value in vars(each).items():
                if name.startswith(prefix):
                    # A subclass takes a method back by saying None.
                    table[to_bytes(text_type(name[len(prefix):]))] = value if hasattr(
                        value, '__get__') else None
        tables[prefix] = table
    return table


def _method_of(target, prefix, name):
    # type: (Any, str, bytes) -> Any
    found = callable_names(type(target), prefix).get(name)
    return None if found is None else found.__get__(target, type(target))


class Serializable(object):
    """What a broker can send."""

    __slots__ = ()

    def processUniqueID(self):
        # type: () -> Any
        """What is equal for two objects that are one to the peer: the ``id()``,
        unless a class knows better."""
        return id(self)

    def jelly_into(self, jellier):
        # type: (Any) -> None
        """Write this object."""
        raise LocalProtocolError('%s does not say how it is sent' % type(self).__name__)


class Referenceable(Serializable):
    """An object that stays here; the peer calls ``remote_NAME`` through a reference.

    A method returns a value, a Future, or (3.x) a coroutine.  References that came as arguments are
    the method's to keep; see ``reference.RemoteReference`` for when they end.

    Attributes:
        perspective: given to getStateToCopyFor and its like of what the methods return; None.
    """

    perspective = None          # type: Any

    def method_for(self, name):
        # type: (bytes) -> Any
        """What to call for the peer's *name*; None if there is nothing."""
        return _method_of(self, 'remote_', name)

    def missing(self, name):
        # type: (bytes) -> str
        """What the peer is told about a name that is not there."""
        return u'No such method: remote_%s' % name.decode('utf-8', 'replace')

    def released_by_peer(self, broker):
        # type: (Any) -> None
        """*broker*'s peer has no reference left, or is gone."""

    def jelly_into(self, jellier):
        broker = jellier.invoker
        if broker is None:
            raise LocalProtocolError('a reference makes sense through a broker only')
        jellier.out.append(jellier.forms.remote + encode_int(
            broker.register_reference(self, jellier)))


class Root(Referenceable):
    """The object that a server offers to whoever connects."""

    def rootObject(self, broker):
        # type: (Any) -> Any
        """The root for one connection: this object, unless a class makes one for each."""
        return self


class Avatar(Referenceable):
    """What a user is at our end after the login: the peer calls ``perspective_NAME``."""

    @property
    def perspective(self):          # type: ignore
        # type: () -> Any
        """Itself: what its methods return is sent to this user."""
        return self

    def method_for(self, name):
        return _method_of(self, 'perspective_', name)

    def missing(self, name):
        return u'No such method: perspective_%s' % name.decode('utf-8', 'replace')


class ViewPoint(Referenceable):
    """*object* as *perspective* sees it: a call goes to ``object.view_NAME(perspective, ...)``."""

    perspective = None          # type: Any

    # The name of old, given by keyword too.
    def __init__(self, perspective, object):  # noqa: A002
        # type: (Any, Any) -> None
        self.perspective = perspective
        self.object = object

    def processUniqueID(self):
        return id(self.perspective), id(self.object)

    def method_for(self, name):
        method = _method_of(self.object, 'view_', name)
        return None if method is None else functools.partial(method, self.perspective)

    def missing(self, name):
        return u'No such method: view_%s' % name.decode('utf-8', 'replace')

    def released_by_peer(self, broker):
        released = getattr(self.object, 'released_by_peer', None)
        if released is not None:
            released(broker)


class Viewable(Serializable):
    """Goes to a peer as a ViewPoint of whoever it is sent to."""

    def jelly_into(self, jellier):
        ViewPoint(jellier.perspective, self).jelly_into(jellier)


class Forwarder(Referenceable):
    """Offers to one peer the object of another: every call goes on to *reference*,
    and its answer back.

    A reference itself cannot be sent to a third party, then as now.
    """

    def __init__(self, reference):
        # type: (Any) -> None
        self.reference = reference

    def method_for(self, name):
        return functools.partial(self.reference.call_remote, name)


class Copyable(Serializable):
    """Goes to a peer as its state, each time anew."""

    def getStateToCopy(self):
        # type: () -> Any
        """The state: all attributes, unless a class chooses."""
        return self.__dict__

    def getStateToCopyFor(self, perspective):
        # type: (Any) -> Any
        """The state as this perspective may see it."""
        return self.getStateToCopy()

    def getTypeToCopy(self):
        # type: () -> Any
        """The name that the peer knows the class by: ``module.Class``,
        unless a class says another (text or bytes)."""
        return qualified_name(type(self))

    def getTypeToCopyFor(self, perspective):
        # type: (Any) -> Any
        """The name that the peer of this perspective knows the class by."""
        return self.getTypeToCopy()

    def jelly_into(self, jellier):
        if jellier.occurred(self):
            return
        if jellier.invoker is None:
            tag = qualified_name(type(self))
            state = self.__dict__
        else:
            tag = to_bytes(self.getTypeToCopyFor(jellier.perspective))
            state = self.getStateToCopyFor(jellier.perspective)
        jellier.put_instance(self, tag, state)


class Cacheable(Copyable):
    """Goes to a peer once; from then on its observer there is told what changes."""

    def getStateToCacheAndObserveFor(self, perspective, observer):
        # type: (Any, RemoteCacheObserver) -> Any
        """The state now; what changes after this moment must be told to *observer*,
        by ``call_remote``."""
        return self.getStateToCopyFor(perspective)

    def stoppedObserving(self, perspective, observer):
        # type: (Any, RemoteCacheObserver) -> None
        """The peer has let go of it, or is gone; *observer* equals the one of before."""

    def jelly_into(self, jellier):
        if jellier.occurred(self):
            return
        broker = jellier.invoker
        if broker is None:
            Copyable.jelly_into(self, jellier)
            return
        luid = broker.cached_as(self, jellier)
        if luid is not None:
            jellier.out.append(jellier.forms.cached + encode_int(luid))
            return
        luid = broker.cache_remotely(self, jellier)
        who = jellier.perspective
        tag = to_bytes(self.getTypeToCopyFor(who))
        state = self.getStateToCacheAndObserveFor(who, RemoteCacheObserver(broker, self, who))
        jellier.begin(self, LIST_HEADS[3] + jellier.forms.dialect.string(tag) + encode_int(luid))
        jellier.enter(1)
        jellier.put(state)
        jellier.leave(1)


class RemoteCacheObserver(object):
    """The RemoteCache that a peer has of a Cacheable of ours;
    two are equal if they are the same one."""

    __slots__ = ('broker', 'cached', 'perspective')

    def __init__(self, broker, cached, perspective):
        # type: (Any, Cacheable, Any) -> None
        self.broker = broker
        self.cached = cached
        self.perspective = perspective

    def _key(self):
        # type: () -> Tuple[int, int, int]
        return id(self.broker), id(self.cached), id(self.perspective)

    def __eq__(self, other):
        return isinstance(other, RemoteCacheObserver) and self._key() == other._key()

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash(self._key())

    def call_remote(self, name, *args, **kwargs):
        # type: (Any, *Any, **Any) -> Any
        """Call ``observe_NAME`` there; a Future of the answer."""
        return self.broker.asking.call_cache(self.cached, self.perspective, name, args, kwargs)


class RemoteCopy(Unjellyable):
    """Stands for a Copyable of the peer; made without a call of its constructor."""

    def setCopyableState(self, state):
        # type: (Any) -> None
        """Take the state: its keys become attributes, unless a class does otherwise."""
        self.__dict__.update(native_keys(state))

    def setStateFor(self, unjellier, state):
        self.setCopyableState(state)


class RemoteCache(RemoteCopy, Serializable):
    """Stands for a Cacheable of the peer, who changes it through its ``observe_NAME`` methods.

    Each time that it is sent another object comes, but all have the same attributes: what one sees,
    all see, and they are equal.  Each lives until ``release()``, or until nobody here has it any
    more (noticed at once on CPython, when the collector comes by on others).

    Attributes:
        broker, luid: whose it is, and its number there.  The broker is None when no changes will
                      come any more.
    """

    # Each object's own, beside the attributes that all share.
    __slots__ = ('_pb_serial', '_pb_kept')

    broker = None               # type: Any
    luid = 0
    perspective = None          # type: Any

    def set_serial(self, serial):
        # type: (int) -> None
        """The number of this object among what the broker holds."""
        self._pb_serial = serial    # type: Any
        self._pb_kept = False

    def is_kept(self):
        # type: () -> bool
        """Whether it outlives the call that it came with."""
        return self._pb_kept

    def keep(self):
        # type: () -> RemoteCache
        """Hold it beyond the call that it came with, until ``release()``."""
        self._pb_kept = True
        return self

    def method_for(self, name):
        # type: (bytes) -> Any
        """What to call for the peer's *name*; None if there is nothing."""
        return _method_of(self, 'observe_', name)

    def missing(self, name):
        # type: (bytes) -> str
        """What the peer is told about a name that is not there."""
        return u'No such method: observe_%s' % name.decode('utf-8', 'replace')

    def release(self):
        # type: () -> None
        """Let go of it: the peer need not tell of changes any more.  Harmless when repeated."""
        serial, self._pb_serial = self._pb_serial, None
        if serial and self.broker is not None:
            self.broker.release_cache(serial)

    def __eq__(self, other):
        return isinstance(other, RemoteCache) and self.__dict__ is other.__dict__

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return id(self.__dict__)

    def __enter__(self):
        return self

    def __exit__(self, *_exc_info):
        self.release()

    def jelly_into(self, jellier):
        if jellier.invoker is None or self.broker is not jellier.invoker:
            raise LocalProtocolError('a cached object can only go back to where it came from')
        jellier.out.append(jellier.forms.lcache + encode_int(self.luid))

    def unjelly_from(self, unjellier, sexp):
        broker = unjellier.invoker
        if broker is None:
            return RemoteCopy.unjelly_from(self, unjellier, sexp)
        if len(sexp) != 3:
            raise InsecureJelly('a cached instance is a name, a number and a state')
        luid = sexp[1]
        shown = broker.cache_locally(unjellier, luid, self)
        state = unjellier.value(sexp[2])
        unjellier.when_complete(lambda: self._begin(shown, state))
        return shown

    def _begin(self, shown, state):
        # type: (RemoteCache, Any) -> None
        """Set the first state, on what the program sees; both have one __dict__."""
        broker = self.broker
        luid = self.luid
        shown.setCopyableState(state)
        self.__dict__.update(broker=broker, luid=luid)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Tuple
