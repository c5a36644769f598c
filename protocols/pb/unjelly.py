# Copyright the carryall authors.  See LICENSE.
"""Jelly, receiving side: lists from banana to Python objects, of registered classes alone.

Every form has one function in one table.  Any other name is looked up in the broker's Registry and
SecurityOptions, which hold objects that our program put there.  Banana bounds the depth, and so the
recursion here.

For data that contains itself, a dereference before its reference is complete gives a promise.  Once
the reference is known, the containers of the promise are corrected.  Tuples wait for it; instances
get their state at the end, when all is known.

Tests:    tests/protocols/pb/test_jelly.py
"""
from __future__ import absolute_import, division, print_function

import functools
import types

from carryall.protocols.pb.banana import NONE, WORDS, decode
from carryall.protocols.pb.dictkeys import FEW_KEYS, MAX_KEYS, Spread, checked
from carryall.protocols.pb.settings import Settings
from carryall.protocols.pb.scalars import SCALARS, is_int, only, text_in
from carryall.protocols.pb.security import (InsecureJelly, Registry, Unpersistable, basic_security,
                                            native_keys)

__all__ = ['Unjellier', 'unjelly']


class _Promise(object):
    """Stands for a value that is not known yet."""

    __slots__ = ('_waiting',)

    def __init__(self):
        # type: () -> None
        self._waiting = []          # type: List[Callable[[Any], None]]

    def then(self, take):
        # type: (Callable[[Any], None]) -> None
        """Calls *take* with the value when it is known."""
        self._waiting.append(take)

    def takers(self):
        # type: () -> List[Callable[[Any], None]]
        """The functions that wait for the value; the promise forgets them."""
        waiting, self._waiting = self._waiting, []
        return waiting


class Unjellier(object):
    """One pass over one value.

    Attributes:
        invoker: the Broker, or None.
        perspective: of the received references.
        received: the RemoteReferences and RemoteCaches that were received.
    """

    __slots__ = ('security', 'registry', 'invoker', 'perspective', 'received', 'persistent_load',
                 '_references', '_unkept', '_kept', '_late', '_posts')

    def __init__(self, security, registry, invoker=None, perspective=None, persistent_load=None):
        # type: (Any, Any, Any, Any, Any) -> None
        self.security = security
        self.registry = registry
        self.invoker = invoker
        self.perspective = perspective
        self.received = []          # type: List[Any]
        self.persistent_load = persistent_load
        self._references = {}       # type: Dict[int, Any]
        self._unkept = 0            # promises that wait
        # Promises that are being kept now.
        self._kept = None  # type: Optional[List[Tuple[_Promise, Any]]]
        self._late = []             # type: List[Callable[[], None]]
        self._posts = []            # type: List[Any]

    def whole(self, sexp):
        # type: (Any) -> Any
        """The value of one complete expression.

        Raises:   InsecureJelly: the expression is invalid; the objects made so far are dropped.
        """
        if type(sexp) is not list:
            return sexp
        value = self.value(sexp)
        if self._unkept:
            raise InsecureJelly('a reference to an unknown number')
        for late in self._late:
            late()
        for instance in self._posts:
            type(instance).postUnjelly(instance)
        return value

    def value(self, sexp):
        # type: (Any) -> Any
        """The value of a part; a caller that looks into it must do so in ``when_complete``."""
        if type(sexp) is not list:
            return sexp
        tag = sexp[0] if sexp else None
        if type(tag) is not bytes:
            raise InsecureJelly('a form without a name')
        form = _FORMS.get(tag)
        if form is None:
            return self._instance(tag, sexp)
        if tag not in self.security.allowedTypes:
            raise InsecureJelly('a form that is not allowed here')
        return form(self, sexp)

    def when_complete(self, act):
        # type: (Callable[[], None]) -> None
        """Calls *act* now, or at the end if some value is not known yet; in the order of calls."""
        if self._unkept or self._late:
            self._late.append(act)
        else:
            act()

    def promise(self):
        # type: () -> _Promise
        """Makes a promise, which must be kept before the end."""
        self._unkept += 1
        return _Promise()

    def keep(self, promise, value):
        # type: (_Promise, Any) -> None
        """Keeps a promise; with another one, as soon as that is kept."""
        if type(value) is _Promise:
            value.then(functools.partial(self.keep, promise))
            return
        self._unkept -= 1
        if self._kept is not None:
            # Not now: a chain of thousands would need as many frames.
            self._kept.append((promise, value))
            return
        kept = [(promise, value)]
        self._kept = kept
        while kept:
            promise, value = kept.pop()
            for take in promise.takers():
                take(value)
        self._kept = None

    def _instance(self, tag, sexp):
        # type: (bytes, List[Any]) -> Any
        cls = self.registry.class_for(tag)
        if cls is not None:
            value = cls.__new__(cls)
            result = cls.unjelly_from(value, self, sexp)
            if hasattr(cls, 'postUnjelly'):
                self._posts.append(result)
            return result
        if len(sexp) != 2:
            raise InsecureJelly('an instance is a name and a state')
        factory = self.registry.factory_for(tag)
        if factory is not None:
            state = self.value(sexp[1])
            if self._unkept:
                raise InsecureJelly('an instance within its own state, made by a factory')
            return factory(state)
        if tag in self.security.allowedClasses:
            return self.plain_instance(self.security.class_named(tag), sexp[1])
        raise InsecureJelly('a class that is not registered')

    def plain_instance(self, cls, sexp):
        # type: (Any, Any) -> Any
        """An instance of a class that SecurityOptions allow, with its state."""
        value = cls.__new__(cls)
        state = self.value(sexp)
        self.when_complete(lambda: _set_state(cls, value, state))
        if hasattr(cls, 'postUnjelly'):
            self._posts.append(value)
        return value


def _set_state(cls, value, state):
    # type: (Any, Any, Any) -> None
    if hasattr(cls, '__setstate__'):
        cls.__setstate__(value, state)
    else:
        value.__dict__.update(native_keys(state))


# -- one function for each form ------------------------------------------------

def _get_list(unjellier, sexp):
    # type: (Unjellier, List[Any]) -> List[Any]
    value = unjellier.value
    result = [one if type(one) is not list else value(one) for one in sexp]
    del result[0]
    if unjellier._unkept:
        for index, one in enumerate(result):
            if type(one) is _Promise:
                one.then(functools.partial(result.__setitem__, index))
    return result


def _get_tuple(unjellier, sexp):
    # type: (Unjellier, List[Any]) -> Any
    value = unjellier.value
    items = [one if type(one) is not list else value(one) for one in sexp]
    del items[0]
    if unjellier._unkept:
        missing = [index for index, one in enumerate(items) if type(one) is _Promise]
        if missing:
            return _late_tuple(unjellier, items, missing)
    return tuple(items)


def _late_tuple(unjellier, items, missing):
    # type: (Unjellier, List[Any], List[int]) -> Any
    """A promise of a tuple some of whose items are promises."""
    whole = unjellier.promise()
    left = [len(missing)]

    def take(index, value):
        # type: (int, Any) -> None
        items[index] = value
        left[0] -= 1
        if not left[0]:
            unjellier.keep(whole, tuple(items))

    for index in missing:
        items[index].then(functools.partial(take, index))
    return whole


def _get_dictionary(unjellier, sexp):
    # type: (Unjellier, List[Any]) -> Dict[Any, Any]
    if len(sexp) - 1 > MAX_KEYS:
        raise InsecureJelly('a dictionary of more than %d keys' % MAX_KEYS)
    result = {}                 # type: Dict[Any, Any]
    spread = Spread() if len(sexp) - 1 > FEW_KEYS else None
    value = unjellier.value
    for pair in sexp[1:]:
        if type(pair) is not list or len(pair) != 2:
            raise InsecureJelly('a dictionary has pairs')
        key, one = pair
        if type(key) is list:
            key = _hashable(value(key))
        if spread is not None:
            spread.add(key)
        if type(one) is list:
            one = value(one)
            if type(one) is _Promise:
                one.then(functools.partial(result.__setitem__, key))
        result[key] = one
    return result


def _hashable(key):
    # type: (Any) -> Any
    if type(key) is _Promise:
        raise InsecureJelly('a key within itself')
    return checked(key)


def _members(unjellier, sexp):
    # type: (Unjellier, List[Any]) -> List[Any]
    if len(sexp) - 1 > MAX_KEYS:
        raise InsecureJelly('a set of more than %d members' % MAX_KEYS)
    found = [_hashable(unjellier.value(one)) for one in sexp[1:]]
    if len(found) > FEW_KEYS:
        spread = Spread()
        for one in found:
            spread.add(one)
    return found


def _get_set(unjellier, sexp):
    # type: (Unjellier, List[Any]) -> Set[Any]
    return set(_members(unjellier, sexp))


def _get_frozenset(unjellier, sexp):
    # type: (Unjellier, List[Any]) -> Any
    return frozenset(_members(unjellier, sexp))


def _get_reference(unjellier, sexp):
    # type: (Unjellier, List[Any]) -> Any
    number = sexp[1] if len(sexp) == 3 else None        # type: Any
    if not is_int(number):
        raise InsecureJelly('a reference is a number and a form')
    value = unjellier.value(sexp[2])
    known = unjellier._references
    before = known.get(number)
    if number in known and type(before) is not _Promise:
        raise InsecureJelly('two references with one number')
    known[number] = value
    if before is not None:
        unjellier.keep(before, value)
    return value


def _get_dereference(unjellier, sexp):
    # type: (Unjellier, List[Any]) -> Any
    number = only(sexp)
    if not is_int(number):
        raise InsecureJelly('a dereference is a number')
    if number not in unjellier._references:
        unjellier._references[number] = unjellier.promise()
    return unjellier._references[number]


def _get_module(unjellier, sexp):
    # type: (Unjellier, List[Any]) -> Any
    return unjellier.security.module_named(text_in(sexp))


def _get_class(unjellier, sexp):
    # type: (Unjellier, List[Any]) -> Any
    return unjellier.security.class_named(text_in(sexp))


def _get_function(unjellier, sexp):
    # type: (Unjellier, List[Any]) -> Any
    return unjellier.security.function_named(text_in(sexp))


def _get_method(unjellier, sexp):
    # type: (Unjellier, List[Any]) -> Any
    only(sexp, 3)
    name = sexp[1]
    instance = unjellier.value(sexp[2])
    cls = unjellier.value(sexp[3])
    if type(name) is not bytes or not isinstance(cls, type) or not isinstance(instance, cls):
        raise InsecureJelly('a method of something else')
    return types.MethodType(unjellier.security.method_named(cls, name), instance)


def _get_instance(unjellier, sexp):
    # type: (Unjellier, List[Any]) -> Any
    """An instance in the form of 0.19: ['instance', ['class', name], state]."""
    only(sexp, 2)
    cls = unjellier.value(sexp[1])
    if not isinstance(cls, type):
        raise InsecureJelly('an instance of no class')
    return unjellier.plain_instance(cls, sexp[2])


def _get_persistent(unjellier, sexp):
    # type: (Unjellier, List[Any]) -> Any
    name = unjellier.value(only(sexp))
    if unjellier.persistent_load is None:
        return Unpersistable(u'no persistent objects are kept here')
    return unjellier.persistent_load(name, unjellier)


def _get_unpersistable(unjellier, sexp):
    # type: (Unjellier, List[Any]) -> Unpersistable
    return Unpersistable(unjellier.value(only(sexp)))


def _from_broker(find):
    # type: (Callable[[Any, Unjellier, int], Any]) -> Callable[[Unjellier, List[Any]], Any]
    def get(unjellier, sexp):
        # type: (Unjellier, List[Any]) -> Any
        number = only(sexp)
        if unjellier.invoker is None or not is_int(number) and type(number) is not bytes:
            raise InsecureJelly('a reference outside of a broker')
        return find(unjellier.invoker, unjellier, number)
    return get


_FORMS = {
    b'list': _get_list, b'tuple': _get_tuple, b'dictionary': _get_dictionary, b'set': _get_set,
    b'frozenset': _get_frozenset, b'reference': _get_reference, b'dereference': _get_dereference,
    b'module': _get_module, b'class': _get_class, b'function': _get_function,
    b'method': _get_method, b'instance': _get_instance, b'persistent': _get_persistent,
    b'unpersistable': _get_unpersistable,
    b'remote': _from_broker(lambda broker, unjellier, luid: broker.remote_arrived(unjellier, luid)),
    b'local': _from_broker(lambda broker, unjellier, luid: broker.object_for(luid)),
    b'cached': _from_broker(lambda broker, unjellier, luid: broker.cache_arrived(unjellier, luid)),
    b'lcache': _from_broker(lambda broker, unjellier, luid: broker.cacheable_for(luid)),
}                               # type: Dict[bytes, Callable[[Unjellier, List[Any]], Any]]
_FORMS.update(SCALARS)


def unjelly(data, security=None, registry=None, dialect=NONE, persistent_load=None):
    # type: (bytes, Any, Any, Any, Any) -> Any
    """The value of the octets *data* that ``jelly`` has written, outside of any broker.

    Raises:   RemoteProtocolError (InsecureJelly among them).
    """
    words = WORDS if dialect.words else ()
    unjellier = Unjellier(security or basic_security(), registry or Registry(),
                          persistent_load=persistent_load)
    return unjellier.whole(decode(data, words, Settings()))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Set, Tuple
