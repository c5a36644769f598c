# Copyright the carryall authors.  See LICENSE.
"""Flavours: the five ways in which an object of ours may go to a peer.

    Referenceable   stays here, the peer gets a reference and calls its ``remote_`` methods
    Viewable        likewise, through a ViewPoint: ``view_`` methods,
                    whose first argument is the caller's perspective
    Avatar          the result of a login: ``perspective_`` methods
    Copyable        goes over as its state; a RemoteCopy stands for it there
    Cacheable       goes over once, then its changes do; a RemoteCache stands for it there:
                    ``observe_`` methods

The methods that a peer may call are read from the class once, when its first instance is sent: a
table of names in bytes.  The peer's names are looked up in that table alone.  A method that is set
on a single instance is not in it.

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
    """A dict of the methods of *cls* whose names begin with *prefix*: name without it ->
    descriptor."""
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
                    # A subclass withdraws a method by setting it to None.
                    table[to_bytes(text_type(name[len(prefix):]))] = value if hasattr(
                        value, '__get__') else None
        tables[prefix] = table
    return table


def _method_of(target, prefix, name):
    # type: (Any, str, bytes) -> Any
    found = callable_names(type(target), prefix).get(name)
    return None if found is None else found.__get__(target, type(target))


class Serializable(object):
    """The base of objects that a broker can send."""

    __slots__ = ()

    def processUniqueID(self):
        # type: () -> Any
        """A key that is equal for two objects that are one to the peer: ``id()``, unless a class
        defines another."""
        return id(self)

    def jelly_into(self, jellier):
        # type: (Any) -> None
        """Writes this object."""
        raise LocalProtocolError('%s does not define how it is sent' % type(self).__name__)


class Referenceable(Serializable):
    """An object that stays here; the peer calls ``remote_NAME`` through a reference.

    A method returns a value, a Future, or (3.x) a coroutine.  It may keep references that arrive as
    arguments; see ``remotereference.RemoteReference`` for their end.

    Attributes:
        perspective: passed to getStateToCopyFor and the like for what the methods return; None.
    """

    perspective = None          # type: Any

    def method_for(self, name):
        # type: (bytes) -> Any
        """The method for the peer's *name*; None if the name is unknown."""
        return _method_of(self, 'remote_', name)

    def missing(self, name):
        # type: (bytes) -> str
        """The error text for an unknown name."""
        return u'No such method: remote_%s' % name.decode('utf-8', 'replace')

    def released_by_peer(self, broker):
        # type: (Any) -> None
        """The hook for the end of the last reference of *broker*'s peer, or of the connection."""

    def jelly_into(self, jellier):
        broker = jellier.invoker
        if broker is None:
            raise LocalProtocolError('a reference can be sent through a broker only')
        jellier.out.append(jellier.forms.remote + encode_int(
            broker.register_reference(self, jellier)))


class Root(Referenceable):
    """The object that a server offers to all clients."""

    def rootObject(self, broker):
        # type: (Any) -> Any
        """The root for one connection: this object, unless a subclass makes one for each."""
        return self


class Avatar(Referenceable):
    """The object of a user who has logged in: the peer calls its ``perspective_NAME``."""

    @property
    def perspective(self):          # type: ignore
        # type: () -> Any
        """Itself: the results of its methods are sent to this user."""
        return self

    def method_for(self, name):
        return _method_of(self, 'perspective_', name)

    def missing(self, name):
        return u'No such method: perspective_%s' % name.decode('utf-8', 'replace')


class ViewPoint(Referenceable):
    """*object* as *perspective* sees it: a call goes to ``object.view_NAME(perspective, ...)``."""

    perspective = None          # type: Any

    # Twisted's name, which callers give as a keyword too.
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
    """Goes to a peer as a ViewPoint, with the perspective of that peer."""

    def jelly_into(self, jellier):
        ViewPoint(jellier.perspective, self).jelly_into(jellier)


class Forwarder(Referenceable):
    """Offers to one peer the object of another: every call is forwarded to *reference*, and its
    answer is returned.

    A reference itself cannot be sent to a third party.
    """

    def __init__(self, reference):
        # type: (Any) -> None
        self.reference = reference

    def method_for(self, name):
        return functools.partial(self.reference.call_remote, name)


class Copyable(Serializable):
    """Goes to a peer as its state, each time as a new copy."""

    def getStateToCopy(self):
        # type: () -> Any
        """The state: all attributes, unless a subclass selects some."""
        return self.__dict__

    def getStateToCopyFor(self, perspective):
        # type: (Any) -> Any
        """The state as this perspective may see it."""
        return self.getStateToCopy()

    def getTypeToCopy(self):
        # type: () -> Any
        """The name that the peer knows the class by: ``module.Class``, unless a subclass returns
        another (text or bytes)."""
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
    """Goes to a peer once; from then on its changes are sent to the observer there."""

    def getStateToCacheAndObserveFor(self, perspective, observer):
        # type: (Any, RemoteCacheObserver) -> Any
        """The present state; tell all later changes to *observer*, by ``call_remote``."""
        return self.getStateToCopyFor(perspective)

    def stoppedObserving(self, perspective, observer):
        # type: (Any, RemoteCacheObserver) -> None
        """The hook for the end of an observer: the peer has released the cache, or is gone.

        *observer* equals the one given to ``getStateToCacheAndObserveFor``.
        """

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
        """Calls ``observe_NAME`` there; a Future of the answer."""
        return self.broker.outgoing.call_cache(self.cached, self.perspective, name, args, kwargs)


class RemoteCopy(Unjellyable):
    """Stands for a Copyable of the peer; made without a call of its constructor."""

    def setCopyableState(self, state):
        # type: (Any) -> None
        """Takes the state: its keys become attributes, unless a subclass does otherwise."""
        self.__dict__.update(native_keys(state))

    def setStateFor(self, unjellier, state):
        self.setCopyableState(state)


class RemoteCache(RemoteCopy, Serializable):
    """Stands for a Cacheable of the peer, which changes it through its ``observe_NAME`` methods.

    Each time that it is sent, another object arrives.  All have the same attributes, see the same
    changes, and are equal.  Each lives until ``release()``, or until it is garbage: CPython notices
    at once, other runtimes at the next collection.

    Attributes:
        broker, luid: the connection and the number there.  The broker is None once no changes can
                      come any more.
    """

    # Per object, in addition to the attributes that all share.
    __slots__ = ('_pb_serial', '_pb_kept')

    broker = None               # type: Any
    luid = 0
    perspective = None          # type: Any

    def set_serial(self, serial):
        # type: (int) -> None
        """Sets the number of this object in the broker's tables."""
        self._pb_serial = serial    # type: Any
        self._pb_kept = False

    def is_kept(self):
        # type: () -> bool
        """True if the object outlives the call that it arrived with."""
        return self._pb_kept

    def keep(self):
        # type: () -> RemoteCache
        """Keeps the object after the call that it arrived with, until ``release()``."""
        self._pb_kept = True
        return self

    def method_for(self, name):
        # type: (bytes) -> Any
        """The method for the peer's *name*; None if the name is unknown."""
        return _method_of(self, 'observe_', name)

    def missing(self, name):
        # type: (bytes) -> str
        """The error text for an unknown name."""
        return u'No such method: observe_%s' % name.decode('utf-8', 'replace')

    def release(self):
        # type: () -> None
        """Releases the cache: the peer need not tell of changes any more.  May be repeated."""
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
            raise LocalProtocolError('a cached object can only be sent back to its owner')
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
        """Sets the first state, on the object that the program sees; both have one __dict__."""
        broker = self.broker
        luid = self.luid
        shown.setCopyableState(state)
        self.__dict__.update(broker=broker, luid=luid)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Tuple
