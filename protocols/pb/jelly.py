# Copyright the carryall authors.  See LICENSE.
"""Jelly, sending side: Python objects as banana, in one pass and without a list in between.

Wire:     byte strings and numbers stand for themselves.  Everything else is a list whose first
          element names the form::

              ['None']  ['boolean', 'true']  ['unicode', utf8]  ['list', ...]  ['tuple', ...]
              ['dictionary', [k, v], ...]  ['set', ...]  ['frozenset', ...]
              ['datetime', 'Y M D h m s us']  ['date', 'Y M D']  ['time', 'h m s us']
              ['timedelta', 'd s us']  ['decimal', digits, exponent]
              ['class', name]  ['module', name]  ['function', name]
              ['method', name, self, class]  ['persistent', id]  ['unpersistable', reason]
              [name of a class, state]

          An object that occurs again is ['reference', n, form] at its first place and
          ['dereference', n] at the others; so data may contain itself.
Text:     bytes are bytes and text is text on every runtime.  On 2.7 and Jython 'x' is bytes: write
          u'x' for text.
Not here: the receiving side (unjelly.py), the forms that a broker adds (flavors.py).
Tests:    tests/protocols/pb/test_jelly.py
"""
from __future__ import absolute_import, division, print_function

import datetime
import decimal
import types

from carryall.core.compat import int_types, text_type, to_bytes
from carryall.core.errors import LocalProtocolError
from carryall.protocols.pb.banana import (CARRYALL, FEW, LIST_HEADS, NONE, PB, encode_float,
                                          encode_int, list_head)
from carryall.protocols.pb.settings import Settings
from carryall.protocols.pb.security import basic_security, qualified_name

__all__ = ['Forms', 'Jellier', 'forms_of', 'jelly']


class Forms(object):
    """The encoded heads of all forms in one dialect."""

    def __init__(self, dialect):
        # type: (Any) -> None
        self.dialect = dialect
        string = dialect.string
        self.none = LIST_HEADS[1] + string(b'None')
        self.true = LIST_HEADS[2] + string(b'boolean') + string(b'true')
        self.false = LIST_HEADS[2] + string(b'boolean') + string(b'false')
        self.text = LIST_HEADS[2] + string(b'unicode')
        self.reference = LIST_HEADS[3] + string(b'reference')
        self.dereference = LIST_HEADS[2] + string(b'dereference')
        self.remote = LIST_HEADS[2] + string(b'remote')
        self.local = LIST_HEADS[2] + string(b'local')
        self.cached = LIST_HEADS[2] + string(b'cached')
        self.lcache = LIST_HEADS[2] + string(b'lcache')
        self.tuples = self._heads(b'tuple')
        self.lists = self._heads(b'list')
        self.dictionaries = self._heads(b'dictionary')
        self.empty_tuple = self.tuples[0]
        self.empty_dictionary = self.dictionaries[0]

    def _heads(self, name):
        # type: (bytes) -> List[bytes]
        return [LIST_HEADS[count + 1] + self.dialect.string(name) for count in range(FEW - 1)]

    def head(self, name, count):
        # type: (bytes, int) -> bytes
        """The head of a form with *count* elements behind its name."""
        return list_head(count + 1) + self.dialect.string(name)


_FORMS = dict((dialect.name, Forms(dialect)) for dialect in (NONE, PB, CARRYALL))


def forms_of(dialect):
    # type: (Any) -> Forms
    """The Forms of NONE, PB or CARRYALL."""
    return _FORMS[dialect.name]


class Jellier(object):
    """One pass over one value; an object that occurs twice in it is one object at the other end.

    Attributes:
        out: the octets so far, in pieces.
        invoker: the Broker, or None: then references to objects cannot be sent.
        perspective: of the receiver, as passed to getStateToCopyFor.
        forms: ``Forms``.
        granted: counts that the broker has made for the message, undone if it is not sent.
    """

    __slots__ = ('out', 'invoker', 'perspective', 'forms', 'security', 'persistent_store',
                 'granted', '_seen', '_depth', '_last')

    def __init__(self, forms, security, depth, invoker=None, perspective=None,
                 persistent_store=None):
        # type: (Forms, Any, int, Any, Any, Any) -> None
        self.out = []               # type: List[bytes]
        self.invoker = invoker
        self.perspective = perspective
        self.forms = forms
        self.security = security
        self.persistent_store = persistent_store
        # (The table that counted the object, its number.)
        self.granted = []  # type: List[Tuple[Any, int]]
        # Id -> (where in out, the object, kept alive)
        self._seen = {}  # type: Dict[int, Tuple[Any, Any]]
        self._depth = depth
        self._last = 0              # the number of the latest reference

    def put(self, value):
        # type: (Any) -> None
        """Writes *value*.

        Raises:   LocalProtocolError: the value has no form, or is too large or too deep.
        """
        writer = _WRITERS.get(type(value))
        if writer is not None:
            writer(self, value)
        else:
            self._put_other(value)

    def begin(self, value, head):
        # type: (Any, bytes) -> bool
        """Writes the *head* of a form that may occur again; false if *value* has occurred and a
        dereference was written."""
        key = id(value)
        seen = self._seen
        if key in seen:
            self.out.append(self.forms.dereference + encode_int(self._number(key)))
            return False
        seen[key] = (len(self.out), value)
        self.out.append(head)
        return True

    def occurred(self, value):
        # type: (Any) -> bool
        """True if *value* has occurred in this pass; then a dereference of it is written."""
        if id(value) in self._seen:
            return not self.begin(value, b'')
        return False

    def _number(self, key):
        # type: (int) -> int
        """The number of a value that has occurred before; its first place becomes a reference."""
        place, value = self._seen[key]
        if place is None:
            return value[0]
        self._last += 1
        self.out[place] = self.forms.reference + encode_int(self._last) + self.out[place]
        self._seen[key] = (None, (self._last, value))
        return self._last

    def enter(self, levels):
        # type: (int) -> None
        """Begins *levels* nested lists."""
        self._depth -= levels
        if self._depth < 0:
            raise LocalProtocolError('too deep to be sent')

    def renew(self):
        # type: () -> None
        """Begins a part that is read by itself: nothing has occurred in it yet."""
        if self._seen:
            self._seen = {}
            self._last = 0

    def leave(self, levels):
        # type: (int) -> None
        """Ends *levels* nested lists."""
        self._depth += levels

    def put_instance(self, value, tag, state):
        # type: (Any, bytes, Any) -> None
        """Writes [tag, state] for *value*, which has not occurred yet; names of attributes are text
        on every runtime."""
        if type(state) is dict and str is not text_type:
            state = dict((text_type(key) if type(key) is str else key, one)
                         for key, one in state.items())
        self.begin(value, LIST_HEADS[2] + self.forms.dialect.string(tag))
        self.enter(1)
        self.put(state)
        self.leave(1)

    def _put_other(self, value):
        # type: (Any) -> None
        """Writes a value of no basic type: a flavour by its own method, an instance of an allowed
        class as its attributes.  Others cannot be sent."""
        write = getattr(type(value), 'jelly_into', None)
        if write is not None:
            write(value, self)
            return
        if self.persistent_store is not None:
            name = self.persistent_store(value, self)
            if name is not None:
                self.out.append(self.forms.head(b'persistent', 1))
                self.put(name)
                return
        if isinstance(value, type):
            self._put_named(b'class', qualified_name(value), self.security.isClassAllowed(value))
        elif isinstance(value, types.ModuleType):
            self._put_named(b'module', to_bytes(value.__name__),
                            self.security.isModuleAllowed(value.__name__))
        elif isinstance(value, types.FunctionType):
            name = self.security.name_of_function(value)
            self._put_named(b'function', name or qualified_name(value), name is not None)
        elif isinstance(value, types.MethodType):
            self._put_method(value)
        elif self.security.isClassAllowed(type(value)):
            if not self.occurred(value):
                state = value.__getstate__() if hasattr(type(value), '__getstate__') \
                    else value.__dict__
                self.put_instance(value, qualified_name(type(value)), state if state is not None
                                  else {})
        else:
            self._put_unpersistable(b'instance of class %s deemed insecure' % qualified_name(
                type(value)))

    def _put_named(self, form, name, allowed):
        # type: (bytes, bytes, bool) -> None
        if allowed:
            self.out.append(self.forms.head(form, 1) + self.forms.dialect.string(name))
        else:
            self._put_unpersistable(b'%s %s deemed insecure' % (form, name))

    def _put_method(self, value):
        # type: (Any) -> None
        cls = type(value.__self__)
        name = to_bytes(value.__func__.__name__)
        self.security.method_named(cls, name)           # we ourselves must allow what we send
        self.out.append(self.forms.head(b'method', 3) + self.forms.dialect.string(name))
        self.enter(1)
        self.put(value.__self__)
        self.leave(1)
        self._put_named(b'class', qualified_name(cls), True)

    def _put_unpersistable(self, reason):
        # type: (bytes) -> None
        self.out.append(self.forms.head(b'unpersistable', 1) + self.forms.dialect.string(
            reason[:255]))


# -- one function for each type -----------------------------------------------

def _put_bytes(jellier, value):
    # type: (Jellier, bytes) -> None
    jellier.out.append(jellier.forms.dialect.string(value))


def _put_int(jellier, value):
    # type: (Jellier, int) -> None
    jellier.out.append(encode_int(value))


def _put_float(jellier, value):
    # type: (Jellier, float) -> None
    jellier.out.append(encode_float(value))


def _put_none(jellier, _value):
    # type: (Jellier, None) -> None
    jellier.out.append(jellier.forms.none)


def _put_bool(jellier, value):
    # type: (Jellier, bool) -> None
    jellier.out.append(jellier.forms.true if value else jellier.forms.false)


def _put_text(jellier, value):
    # type: (Jellier, Any) -> None
    try:
        data = value.encode('utf-8')
    except UnicodeError:
        raise LocalProtocolError('text with half a character in it cannot be sent')
    jellier.out.append(jellier.forms.text)
    jellier.out.append(jellier.forms.dialect.string(data))


def _put_tuple(jellier, value):
    # type: (Jellier, Tuple[Any, ...]) -> None
    if not value:               # the one empty tuple is shared by all, so it needs no reference
        jellier.out.append(jellier.forms.empty_tuple)
    else:
        _put_items(jellier, value, jellier.forms.tuples, b'tuple')


def _put_list(jellier, value):
    # type: (Jellier, List[Any]) -> None
    _put_items(jellier, value, jellier.forms.lists, b'list')


def _put_items(jellier, value, heads, name):
    # type: (Jellier, Any, Sequence[bytes], bytes) -> None
    count = len(value)
    if not jellier.begin(value, heads[count] if count < len(heads) else jellier.forms.head(
            name, count)):
        return
    jellier.enter(1)
    for one in value:
        writer = _WRITERS.get(type(one))
        if writer is not None:
            writer(jellier, one)
        else:
            jellier._put_other(one)
    jellier.leave(1)


def _put_set(jellier, value):
    # type: (Jellier, Any) -> None
    _put_items(jellier, value, (), b'set')


def _put_frozenset(jellier, value):
    # type: (Jellier, Any) -> None
    _put_items(jellier, value, (), b'frozenset')


def _put_dict(jellier, value):
    # type: (Jellier, Dict[Any, Any]) -> None
    count = len(value)
    heads = jellier.forms.dictionaries
    if not jellier.begin(value, heads[count] if count < len(heads) else jellier.forms.head(
            b'dictionary', count)):
        return
    jellier.enter(2)
    out = jellier.out
    pair = LIST_HEADS[2]
    put = jellier.put
    for key, one in value.items():
        out.append(pair)
        put(key)
        put(one)
    jellier.leave(2)


def _put_datetime(jellier, value):
    # type: (Jellier, datetime.datetime) -> None
    _refuse_zone(value)
    _put_numbers(jellier, b'datetime',
                 (value.year, value.month, value.day, value.hour, value.minute, value.second,
                  value.microsecond))


def _put_date(jellier, value):
    # type: (Jellier, datetime.date) -> None
    _put_numbers(jellier, b'date', (value.year, value.month, value.day))


def _put_time(jellier, value):
    # type: (Jellier, datetime.time) -> None
    _refuse_zone(value)
    _put_numbers(jellier, b'time', (value.hour, value.minute, value.second, value.microsecond))


def _put_timedelta(jellier, value):
    # type: (Jellier, datetime.timedelta) -> None
    _put_numbers(jellier, b'timedelta', (value.days, value.seconds, value.microseconds))


def _refuse_zone(value):
    # type: (Any) -> None
    if value.tzinfo is not None:
        raise LocalProtocolError('a time with a zone has no form: send it in UTC, without one')


def _put_numbers(jellier, name, numbers):
    # type: (Jellier, bytes, Tuple[int, ...]) -> None
    jellier.out.append(jellier.forms.head(name, 1)
                       + jellier.forms.dialect.string(
                           b' '.join([b'%d' % number for number in numbers])))


def _put_decimal(jellier, value):
    # type: (Jellier, decimal.Decimal) -> None
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int_types):
        raise LocalProtocolError('jelly has no form for %s' % (value,))
    number = 0
    for digit in digits:
        number = 10 * number + digit
    jellier.out.append(jellier.forms.head(b'decimal', 2) + encode_int(-number if sign else number)
                       + encode_int(exponent))


# Exact types: a subclass must define how it is sent, or is not sent.
_WRITERS = {
    bytes: _put_bytes, text_type: _put_text, float: _put_float, bool: _put_bool,
    type(None): _put_none,
    tuple: _put_tuple, list: _put_list, dict: _put_dict, set: _put_set, frozenset: _put_frozenset,
    datetime.datetime: _put_datetime, datetime.date: _put_date, datetime.time: _put_time,
    datetime.timedelta: _put_timedelta, decimal.Decimal: _put_decimal,
}                               # type: Dict[type, Callable[[Jellier, Any], None]]
_WRITERS.update((kind, _put_int) for kind in int_types)


def jelly(value, security=None, dialect=NONE, persistent_store=None):
    # type: (Any, Any, Any, Any) -> bytes
    """*value* as octets, outside of any broker.

    Args:     security: SecurityOptions, for classes that may be written.
              persistent_store: called with (object, Jellier) for an object of no basic type.
                  Its result, unless None, is written in the object's place, for
                  ``persistent_load`` of unjelly().
    """
    jellier = Jellier(forms_of(dialect), security or basic_security(), Settings().depth,
                      persistent_store=persistent_store)
    jellier.put(value)
    return b''.join(jellier.out)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Sequence, Tuple
