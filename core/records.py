# Copyright the carryall authors.  See LICENSE.
"""namedtuple, made without compiling anything.

    from carryall.core.records import namedtuple

It is the standard library's own but on Jython, where that writes each class as a source text and compiles it: some 10 ms
for each while the JVM is cold, and 150 ms to load the compiler, which an installed carryall has no other use for.

Tests:    tests/core/test_records.py
"""
from __future__ import absolute_import, division, print_function

import sys
from collections import namedtuple
from operator import itemgetter

from carryall.core.compat import ON_JYTHON

__all__ = ['light_namedtuple', 'namedtuple']


def light_namedtuple(name, fields):
    # type: (str, str) -> Any
    """As ``collections.namedtuple``: a subclass of tuple with an attribute for each of the names in *fields*."""
    names = tuple(fields.split())
    if len(set(names)) != len(names) or any(each[:1] == '_' for each in names):
        raise ValueError('a field stands twice, or begins with _: %s' % fields)
    members = {}        # type: Dict[str, Any]
    members.update((each, property(itemgetter(index), None, None, 'Field number %d' % index)) for index, each in enumerate(names))
    members.update(__slots__=(), _fields=names, __new__=_new, __repr__=_repr, __getnewargs__=_plain, _replace=_replace,
                   _asdict=_asdict, _make=classmethod(tuple.__new__))
    members['__module__'] = sys._getframe(1).f_globals.get('__name__', '__main__')      # where pickle looks for the class
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
    return '%s(%s)' % (self.__class__.__name__, ', '.join('%s=%r' % pair for pair in zip(self._fields, self)))


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


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict
