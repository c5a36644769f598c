# Copyright the carryall authors.  See LICENSE.
"""Record, the base of each protocol's Settings; and namedtuple, made without compiling anything.

    ROWS = (('idle_seconds', 60.0, u'without a command; the connection is closed'),)

    class Settings(Record):
        __slots__ = names_of(ROWS)
        rows = ROWS

    Settings(idle_seconds=5.0).replace(idle_seconds=10.0)

`namedtuple` is the standard library's own except on Jython.  The library's writes the source text
of each class and compiles it.  On Jython that takes some 10 ms for each class in a new JVM.  It
also takes 150 ms to load the compiler, which an installed carryall does not need otherwise.

Tests:    tests/core/test_records.py
"""
from __future__ import absolute_import, division, print_function

import sys
from collections import namedtuple
from operator import itemgetter

from carryall.core.compat import ON_JYTHON, int_types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Sequence, Tuple

__all__ = ['Record', 'light_namedtuple', 'names_of', 'namedtuple']

NUMBERS = int_types + (float,)


def names_of(rows):
    # type: (Sequence[Tuple[str, Any, Any]]) -> Tuple[str, ...]
    """The names that *rows* describe, as the `__slots__` of a Record."""
    return tuple(row[0] for row in rows)


class Record(object):
    """Values with names and defaults, set once.

    Attributes:
        rows: name, default, and what it means with its unit, of each value.

    Raises:   TypeError: a name is unknown.  ValueError: a number is negative.
    """

    __slots__ = ()

    rows = ()                   # type: Tuple[Tuple[str, Any, Any], ...]

    def __init__(self, **chosen):
        # type: (**Any) -> None
        values = dict((row[0], chosen.pop(row[0], row[1])) for row in self.rows)
        if chosen:
            raise TypeError('%s has no %s' % (type(self).__name__, ', '.join(sorted(chosen))))
        for name, value in self.checked(values).items():
            object.__setattr__(self, name, value)

    def checked(self, values):
        # type: (Dict[str, Any]) -> Dict[str, Any]
        """The *values* to keep; a subclass may refuse some, or bring them into one form."""
        for name in sorted(values):
            if isinstance(values[name], NUMBERS) and values[name] < 0:
                raise ValueError('%s cannot be negative' % name)
        return values

    def replace(self, **chosen):
        # type: (**Any) -> Any
        """Another record of the same class, with the *chosen* values in place of these."""
        values = self.as_dict()
        values.update(chosen)
        return type(self)(**values)

    def as_dict(self):
        # type: () -> Dict[str, Any]
        """The values by name."""
        return dict((row[0], getattr(self, row[0])) for row in self.rows)

    if TYPE_CHECKING:
        def __getattr__(self, name):
            # type: (str) -> Any
            """The values are made of rows, which mypy does not read."""

    def __setattr__(self, name, value):
        raise AttributeError('%s is immutable; replace() makes another' % type(self).__name__)

    def __delattr__(self, name):
        raise AttributeError('%s is immutable' % type(self).__name__)

    def __eq__(self, other):
        return type(other) is type(self) and other.as_dict() == self.as_dict()

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash(tuple(getattr(self, row[0]) for row in self.rows))

    def __repr__(self):
        changed = [(name, getattr(self, name)) for name, default, _ in self.rows
                   if getattr(self, name) != default]
        return '%s(%s)' % (type(self).__name__, ', '.join('%s=%r' % pair for pair in changed))


def light_namedtuple(name, fields):
    # type: (str, str) -> Any
    """As ``collections.namedtuple``: a subclass of tuple with an attribute for each of the names in
    *fields*."""
    names = tuple(fields.split())
    if len(set(names)) != len(names) or any(each[:1] == '_' for each in names):
        raise ValueError('a field is a duplicate, or begins with _: %s' % fields)
    members = {}        # type: Dict[str, Any]
    members.update((each, property(itemgetter(index), None, None, 'Field number %d' % index))
                   for index, each in enumerate(names))
    members.update(__slots__=(), _fields=names, __new__=_new, __repr__=_repr, __getnewargs__=_plain,
                   _replace=_replace, _asdict=_asdict, _make=classmethod(tuple.__new__))
    # Where pickle looks for the class.
    members['__module__'] = sys._getframe(1).f_globals.get('__name__', '__main__')
    return type(str(name), (tuple,), members)


def _new(cls, *values, **named):
    names = cls._fields
    if named:
        try:
            values += tuple([named.pop(name) for name in names[len(values):]])
        except KeyError as exc:
            raise TypeError('%s() lacks %s' % (cls.__name__, exc))
    if named or len(values) != len(names):
        raise TypeError('%s() takes %s' % (cls.__name__, ', '.join(names)))
    return tuple.__new__(cls, values)


def _repr(self):
    return '%s(%s)' % (self.__class__.__name__,
                       ', '.join('%s=%r' % pair for pair in zip(self._fields, self)))


def _plain(self):
    return tuple(self)


def _asdict(self):
    from collections import OrderedDict
    return OrderedDict(zip(self._fields, self))


def _replace(self, **named):
    values = [named.pop(name, value) for name, value in zip(self._fields, self)]
    if named:
        raise ValueError('there is no field %s' % sorted(named)[0])
    return tuple.__new__(self.__class__, values)


if ON_JYTHON:
    namedtuple = light_namedtuple        # type: ignore  # jython: see above
