# Copyright the carryall authors.  See LICENSE.
"""The read-only shell: shows objects and runs none of their code.

    ls [PATH]     names and kinds below an object          look PATH     one object
    doc PATH      its documentation                        help, quit

A PATH is a name of the namespace followed by any of ``.name``, ``[3]`` or ``['key']``.  Attributes
are read from the dictionaries of the objects and of their classes.  Properties and other
descriptors are named, never called.

Tests:    tests/services/console/test_explorer.py
"""
from __future__ import absolute_import, division, print_function

import re

from carryall.core.compat import int_types, text_type

__all__ = ['Explorer']

MAX_LISTED = 500            # names of one listing
MAX_SHOWN = 4000            # characters of one value

_STEP = re.compile(u'\\.([A-Za-z_][A-Za-z0-9_]*)|\\[(-?[0-9]{1,9})\\]'
                   u'|\\[\'([^\']*)\'\\]|\\["([^"]*)"\\]')
_NAME = re.compile(u'[A-Za-z_][A-Za-z0-9_]*')
HELP = (u"ls [PATH], look PATH, doc PATH, help, quit; a PATH is such as loop.backend or "
        u"table['key'][0]\n")

# Types whose repr() is code of the interpreter alone and not of the objects.
PLAIN = (bool, float, bytes, text_type, type(None)) + int_types


class _Nothing(Exception):
    """The path names no object; the text says where it ended."""


class Explorer(object):
    """The shell of one session.

    Args:     namespace: the objects that it shows.
    """

    def __init__(self, namespace):
        # type: (Dict[str, Any]) -> None
        self._namespace = namespace
        self.finished = False

    def line(self, text):
        # type: (str) -> str
        """Runs a command line; returns the text to show."""
        verb, _, path = text.strip().partition(u' ')
        path = path.strip()
        try:
            if verb == u'':
                return u''
            if verb == u'ls':
                return self._list(self._follow(path) if path else self._namespace)
            if verb == u'look' and path:
                return _shown(self._follow(path)) + u'\n'
            if verb == u'doc' and path:
                return _documentation(self._follow(path)) + u'\n'
            if verb in (u'quit', u'exit'):
                self.finished = True
                return u''
        except _Nothing as exc:
            return u'%s\n' % exc.args[0]
        return HELP

    def _follow(self, path):
        # type: (str) -> Any
        found = _NAME.match(path)
        if not found or found.group() not in self._namespace:
            raise _Nothing(u'there is no %s' % path)
        value = self._namespace[str(found.group())]
        at = found.end()
        while at < len(path):
            step = _STEP.match(path, at)
            if not step:
                raise _Nothing(u'%s: not a path' % path[at:])
            value = _take(value, step, path[:step.end()])
            at = step.end()
        return value

    def _list(self, value):
        # type: (Any) -> str
        if type(value) is dict:
            rows = [(_shown(key), entry)
                    for key, entry in sorted(value.items(), key=lambda item: _shown(item[0]))]
        elif type(value) in (list, tuple):
            rows = [(u'[%d]' % index, entry) for index, entry in enumerate(value[:MAX_LISTED])]
        else:
            rows = [(text_type(name), _static(value, name)) for name in _names(value)
                    if not name.startswith('__')]
        lines = [u'%-30s %s\n' % (name, _kind(entry)) for name, entry in rows[:MAX_LISTED]]
        if len(rows) > MAX_LISTED:
            lines.append(u'... and %d more\n' % (len(rows) - MAX_LISTED))
        return u''.join(lines) or u'nothing\n'


_MISSING = object()


def _take(value, step, path):
    # type: (Any, Any, str) -> Any
    name, index, one, two = step.groups()
    if name is not None:
        found = _static(value, name)
        if found is _MISSING:
            raise _Nothing(u'there is no %s' % path)
        return found
    if index is not None and type(value) in (list, tuple):
        number = int(index)
        if -len(value) <= number < len(value):
            return value[number]
    elif type(value) is dict:
        if index is not None:
            key = int(index)
        else:
            key = one if one is not None else two
        number = key
        for known in value:
            # Keys of plain types alone: the __eq__ of any other type would run its code.
            if type(known) in PLAIN and (known == key or isinstance(key, text_type)
                                         and known == key.encode('utf-8')):
                return value[known]
    raise _Nothing(u'there is no %s' % path)


def _own(value):
    # type: (Any) -> Dict[str, Any]
    """The attributes of the object itself, not of its class."""
    try:
        found = object.__getattribute__(value, '__dict__')
    except (AttributeError, TypeError):
        return {}
    return found if type(found) is dict else dict(found)


def _static(value, name):
    # type: (Any, str) -> Any
    """An attribute, found without running code of the object; _MISSING if there is none."""
    own = _own(value)
    if name in own:
        return own[name]
    for cls in getattr(type(value), '__mro__', ()):
        if name in cls.__dict__:
            entry = cls.__dict__[name]
            if type(entry).__name__ in ('member_descriptor', 'slotdescr') and not isinstance(
                    value, type):
                try:
                    # A slot: reading it runs no code of the object.
                    return object.__getattribute__(value, str(name))
                except AttributeError:
                    return _MISSING
            return entry
    return _MISSING


def _names(value):
    # type: (Any) -> List[str]
    names = set(_own(value))
    for cls in getattr(type(value), '__mro__', ()):
        names.update(cls.__dict__)
    return sorted(str(name) for name in names)


def _kind(value):
    # type: (Any) -> str
    if type(value) in PLAIN:
        return u'%s  %s' % (type(value).__name__, _shown(value)[:60])
    if type(value) in (list, tuple, dict, set, frozenset):
        return u'%s of %d' % (type(value).__name__, len(value))
    return text_type(type(value).__name__)


def _shown(value):
    # type: (Any) -> str
    """One line: a plain value itself, another value by the name of its type."""
    if type(value) in PLAIN:
        shown = repr(value)
        shown = shown.decode('ascii', 'replace') if isinstance(shown, bytes) else shown
        return shown if len(shown) <= MAX_SHOWN else u'%s ... (%d characters)' \
            % (shown[:MAX_SHOWN], len(shown))
    module = getattr(type(value), '__module__', u'')
    return u'<%s%s.%s at %#x>' % (u'class ' if isinstance(value, type) else u'', module,
                                  type(value).__name__, id(value))


def _documentation(value):
    # type: (Any) -> str
    found = _static(value, '__doc__') if not isinstance(value, type) else value.__dict__.get(
        '__doc__')
    if type(found) not in (bytes, text_type):
        found = type(value).__dict__.get('__doc__')
    if type(found) not in (bytes, text_type):
        return u'no documentation'
    text = found.decode('utf-8', 'replace') if isinstance(found, bytes) else found
    return text[:MAX_SHOWN]


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List
