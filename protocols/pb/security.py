# Copyright the carryall authors.  See LICENSE.
"""Security of received data: SecurityOptions (allowed forms, classes, functions) and Registry (our
classes for the peer's).

Both belong to the brokers that they are given to; there is no global instance.  Our own program
passes in each allowed class, module or function as an object.  A name from a peer is never imported
and never used to look up an attribute.

The names of the methods are those of Twisted 0.19 and later,
so that programs written for it find them.

Tests:    tests/protocols/pb/test_security.py
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall.core.compat import text_type, to_bytes
from carryall.core.errors import LocalProtocolError, RemoteProtocolError

__all__ = ['InsecureJelly', 'Registry', 'SecurityOptions', 'Unjellyable', 'Unpersistable',
           'qualified_name']

# Forms of data that name no class and no object of ours; "long_int", "string" and the like are
# 0.19's names of Python's types.
IMMUTABLE = (b'None', b'boolean', b'unicode', b'decimal', b'datetime', b'date', b'time',
             b'timedelta', b'set', b'frozenset')
BASIC = (b'list', b'tuple', b'dictionary', b'reference', b'dereference', b'persistent',
         b'unpersistable')
# Forms that refer to an object of our broker, valid within one connection alone.
FLAVOURS = (b'remote', b'local', b'cached', b'lcache')


class InsecureJelly(RemoteProtocolError):
    """The peer sent something that is not allowed or invalid; no object was made of it."""

    wire_name = 'twisted.spread.jelly.InsecureJelly'


def qualified_name(thing):
    # type: (Any) -> bytes
    """``package.module.Name`` of a class or function, as sent on the wire."""
    return to_bytes(text_type('%s.%s') % (thing.__module__, thing.__name__))


class Unpersistable(object):
    """Stands for an object that the peer could not send; ``reason`` (bytes or text) is the peer's
    explanation."""

    def __init__(self, reason):
        # type: (Any) -> None
        self.reason = reason

    def __repr__(self):
        return 'Unpersistable(%r)' % (self.reason,)


class Unjellyable(object):
    """The base of classes that stand for the peer's; an instance is made without its constructor
    and then given the state."""

    def setStateFor(self, unjellier, state):
        # type: (Any, Any) -> None
        """Takes the *state*, a dict with keys of text or bytes unless the peer's class sends
        another type."""
        self.__dict__.update(native_keys(state))

    def unjelly_from(self, unjellier, sexp):
        # type: (Any, List[Any]) -> Any
        """Fills this new instance from [tag, state]; the object to use in the data, nearly always
        the instance itself."""
        if len(sexp) != 2:
            raise InsecureJelly('an instance is a name and a state')
        state = unjellier.value(sexp[1])
        unjellier.when_complete(lambda: self.setStateFor(unjellier, state))
        return self


def native_keys(state):
    # type: (Any) -> Dict[str, Any]
    """A state with names of attributes as keys: the runtime's own str, for text and bytes."""
    if not isinstance(state, dict):
        if state is None:
            return {}
        raise InsecureJelly('a state that is not a dictionary')
    result = {}                 # type: Dict[str, Any]
    for key, value in state.items():
        if type(key) is not str:
            key = native_name(key)
        result[key] = value
    return result


def native_name(name):
    # type: (Any) -> str
    """A name that the peer sent (text or bytes) as a str; InsecureJelly if it is invalid."""
    try:
        if isinstance(name, str):
            return name
        if isinstance(name, bytes):
            return name.decode('utf-8')                 # type: ignore
        if isinstance(name, text_type):
            return name.encode('utf-8')                 # type: ignore
    except UnicodeError:
        pass
    raise InsecureJelly('an invalid name')


class SecurityOptions(object):
    """The forms that are allowed, and the classes, modules and functions that they may name."""

    def __init__(self):
        # type: () -> None
        self.allowedTypes = set(IMMUTABLE + FLAVOURS)   # type: Set[bytes]
        self.allowedModules = {}    # type: Dict[bytes, Any]
        self.allowedClasses = {}    # type: Dict[bytes, Any]
        self._functions = {}        # type: Dict[bytes, Any]
        self._methods = {}          # type: Dict[Tuple[Any, bytes], Any]

    def allowBasicTypes(self):
        # type: () -> None
        """Allows lists, tuples, dictionaries, references within the data."""
        self.allowTypes(*BASIC)

    def allowTypes(self, *types):
        # type: (*Any) -> None
        """Allows forms by name, ``'dictionary'``, or classes by their names in a Registry."""
        for one in types:
            self.allowedTypes.add(qualified_name(one) if isinstance(one, type) else to_bytes(one))

    def allowInstancesOf(self, *classes):
        # type: (*Any) -> None
        """Allows plain classes of ours: instances are sent with all their attributes, and made of
        received ones."""
        self.allowBasicTypes()
        self.allowTypes('instance', 'class')
        for cls in classes:
            self.allowedClasses[qualified_name(cls)] = cls

    def allowModules(self, *modules):
        # type: (*Any) -> None
        """Allows the peer to name modules, given as objects or by the names of loaded ones."""
        self.allowTypes('module')
        for module in modules:
            found = sys.modules.get(module) if isinstance(module, str) else module
            if not hasattr(found, '__name__'):
                raise LocalProtocolError('%s is not a loaded module' % (module,))
            self.allowedModules[to_bytes(found.__name__)] = found       # type: ignore

    def allowFunctions(self, *functions):
        # type: (*Any) -> None
        """Allows the peer to name functions of ours, as arguments and results of methods."""
        self.allowTypes('function')
        for function in functions:
            self._functions[qualified_name(function)] = function

    def allowMethods(self, cls, *functions):
        # type: (Any, *Any) -> None
        """Allows the peer to name methods of instances of *cls*, given as its functions."""
        self.allowTypes('method', 'class')
        self.allowedClasses.setdefault(qualified_name(cls), cls)
        for function in functions:
            self._methods[cls, to_bytes(function.__name__)] = getattr(
                function, '__func__', function)

    # -- questions ---------------------------------------------------------------------------------

    def isTypeAllowed(self, name):
        # type: (Any) -> bool
        """True if the form of this name is allowed."""
        return to_bytes(name) in self.allowedTypes

    def isClassAllowed(self, cls):
        # type: (Any) -> bool
        """True if instances of *cls* itself may be sent and received."""
        return self.allowedClasses.get(qualified_name(cls)) is cls

    def isModuleAllowed(self, name):
        # type: (Any) -> bool
        """True if the peer may name this module."""
        return to_bytes(name) in self.allowedModules

    def class_named(self, name):
        # type: (Any) -> Any
        """The class; InsecureJelly unless it is allowed."""
        return _pick(self.allowedClasses, name, 'class')

    def module_named(self, name):
        # type: (Any) -> Any
        """The module; InsecureJelly unless it is allowed."""
        return _pick(self.allowedModules, name, 'module')

    def function_named(self, name):
        # type: (Any) -> Any
        """The function; InsecureJelly unless it is allowed."""
        return _pick(self._functions, name, 'function')

    def name_of_function(self, function):
        # type: (Any) -> Optional[bytes]
        """The name of a function on the wire; None unless it is allowed."""
        name = qualified_name(function)
        return name if self._functions.get(name) is function else None

    def method_named(self, cls, name):
        # type: (Any, Any) -> Any
        """The function behind a method; InsecureJelly unless it is allowed."""
        return _pick(self._methods, (cls, name), 'method')


def _pick(table, key, what):
    # type: (Dict[Any, Any], Any, str) -> Any
    found = None
    if type(key) in (bytes, tuple):
        found = table.get(key)
    if found is None:
        raise InsecureJelly('a %s that may not be named' % what)
    return found


def basic_security():
    # type: () -> SecurityOptions
    """The options that every broker starts with: data, and no class at all."""
    security = SecurityOptions()
    security.allowBasicTypes()
    return security


class Registry(object):
    """The classes of ours that stand for the peer's.

    Args:     parent: another Registry, asked for names that this one lacks; so brokers may share
              one and add their own.
    """

    def __init__(self, parent=None):
        # type: (Optional[Registry]) -> None
        self._parent = parent
        self._classes = {}          # type: Dict[bytes, Any]
        self._factories = {}        # type: Dict[bytes, Any]

    def setUnjellyableForClass(self, classname, unjellyable):
        # type: (Any, Any) -> None
        """Lets instances of *classname* (a name,
        or the class itself if both ends share it) become *unjellyable* here.

        *unjellyable* is a RemoteCopy, RemoteCache or Unjellyable class.  The name may be any tag
        that the peer's getTypeToCopy gives.
        """
        if not isinstance(unjellyable, type) or not issubclass(unjellyable, Unjellyable):
            raise LocalProtocolError('%r is not a RemoteCopy, RemoteCache or Unjellyable'
                                     % (unjellyable,))
        self._classes[self._tag(classname)] = unjellyable

    def setUnjellyableFactoryForClass(self, classname, factory):
        # type: (Any, Any) -> None
        """Lets ``factory(state)`` make the objects that stand for instances of *classname*."""
        self._factories[self._tag(classname)] = factory

    def setUnjellyableForClassTree(self, module, baseClass, prefix=None):
        # type: (Any, Any, Optional[str]) -> None
        """Registers every class in *module* that is derived from *baseClass*, as ``prefix.Name``
        (the module's name if None).

        One call so maps a tree of Copyables there to a tree of RemoteCopies here.
        """
        prefix = module.__name__ if prefix is None else prefix
        for name, value in sorted(vars(module).items()):
            if isinstance(value, type) and issubclass(value, baseClass):
                self.setUnjellyableForClass('%s.%s' % (prefix, name) if prefix else name, value)

    # 0.19's names
    setCopierForClass = setUnjellyableForClass
    setCopierForClassTree = setUnjellyableForClassTree
    setFactoryForClass = setUnjellyableFactoryForClass

    def _tag(self, classname):
        # type: (Any) -> bytes
        return qualified_name(classname) if isinstance(classname, type) else to_bytes(classname)

    def class_for(self, tag):
        # type: (bytes) -> Any
        """The class that stands for *tag*; None if it is unknown."""
        found = self._classes.get(tag)
        return self._parent.class_for(tag) if found is None and self._parent is not None else found

    def factory_for(self, tag):
        # type: (bytes) -> Any
        """The factory for *tag*; None if it is unknown."""
        found = self._factories.get(tag)
        return self._parent.factory_for(tag) if found is None and self._parent is not None \
            else found


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Set, Tuple
