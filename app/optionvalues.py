# Copyright the carryall authors.  See LICENSE.
"""Typed option values: an object of a class that a schema makes, with an attribute for each option.

    options = schema.parse(['--max-connections', '20'])
    options.max_connections == 20
    options.max_connections = 0             # UsageError, as on the command line
    # AttributeError: the options of web have no max_conections
    options.max_conections

A tap holds the plain dict of `plain(options)`; `schema.complete` makes an object of it again.

Tests:    tests/app/test_optionvalues.py
"""
from __future__ import absolute_import, division, print_function

import warnings

from carryall.core.compat import native, text_type
from carryall.core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Tuple

__all__ = ['HIDDEN', 'OptionValues', 'attribute_name', 'named', 'plain', 'value_of', 'values_class']

FORM = ('form', 'form_values')      # attributes of a schema with forms that are no options
HIDDEN = u'***'                     # text shown in place of a secret

# Keywords of the supported Pythons; a name that is one ends with `_`, as in PEP 8.
KEYWORDS = frozenset((
    'False', 'None', 'True', 'and', 'as', 'assert', 'async', 'await', 'break', 'class', 'continue',
    'def', 'del', 'elif', 'else', 'except', 'exec', 'finally', 'for', 'from', 'global', 'if',
    'import', 'in', 'is', 'lambda', 'nonlocal', 'not', 'or', 'pass', 'print', 'raise', 'return',
    'try', 'while', 'with', 'yield'))


def attribute_name(key):
    # type: (str) -> str
    """The attribute that holds the value of an option with this key.

    Raises:   ValueError: the key is not an identifier.
    """
    name = native(key)
    plainly = name.replace('_', '')
    if not plainly.isalnum() or not name[0].isalpha():
        raise ValueError('option name %s is not letters, digits and dashes after a letter' % name)
    return name + '_' if name in KEYWORDS else name


class OptionValues(object):
    """The values of one schema's options; `values_class` makes a subclass for each schema.

    Two are equal if they are of one schema and have the same values.  Assignment checks the value
    as the option's type does.
    """

    # Names of the class begin with `_`: every other name may be that of an option, which hides
    # the three methods of a dict below if it is one of theirs.
    __slots__ = ()
    _title = u''            # type: str  # whose options these are
    # Attribute -> its Option, in the order of the schema.
    _options = {}  # type: Dict[str, Any]
    _names = ()             # type: Tuple[Tuple[str, str], ...]  # (key, attribute), in that order

    def __init__(self, found):
        # type: (Dict[str, Any]) -> None
        """Takes the values of a dict that has every key; they have been checked."""
        for key, name in self._names:
            object.__setattr__(self, name, found[key])

    def __getattr__(self, name):
        # type: (str) -> Any
        raise AttributeError('%s have no %s' % (self._whose(), name))

    def __setattr__(self, name, value):
        # type: (str, Any) -> None
        option = self._options.get(name)
        if option is not None:
            try:
                option.check(value)
            except UsageError as exc:
                raise UsageError(u'option %s: %s' % (option.name, exc.message))
        elif name not in FORM or FORM[0] not in dict(self._names):
            raise AttributeError('%s have no %s' % (self._whose(), name))
        object.__setattr__(self, name, value)

    def __eq__(self, other):
        return type(other) is type(self) and plain(self) == plain(other)

    def __ne__(self, other):        # py2: not derived from __eq__
        return not self == other

    __hash__ = None                 # type: ignore  # they can change

    def __repr__(self):
        shown = []                  # type: List[str]
        for _, name in self._names:
            option = self._options.get(name)
            value = getattr(self, name)
            secret = option is not None and option.secret and value not in (None, [])
            shown.append('%s=%s' % (name, native(HIDDEN) if secret else repr(value)))
        return '<%s: %s>' % (self._whose(), ', '.join(shown))

    @classmethod
    def _whose(cls):
        # type: () -> str
        return 'the options of %s' % native(cls._title) if cls._title else 'the options'

    # -- as a dict, which the values were before ---------------------------------------------------

    def __getitem__(self, key):
        # type: (str) -> Any
        name = self._by_key(key)
        return getattr(self, name)

    def __setitem__(self, key, value):
        # type: (str, Any) -> None
        name = self._by_key(key)
        setattr(self, name, value)

    def __contains__(self, key):
        # type: (Any) -> bool
        return key in dict(self._names)

    def __iter__(self):
        # type: () -> Iterator[str]
        return iter([key for key, _ in self._names])

    def get(self, key, default=None):
        # type: (str, Any) -> Any
        """As of a dict; deprecated."""
        if key not in dict(self._names):
            return default
        name = self._by_key(key)
        return getattr(self, name)

    def keys(self):
        # type: () -> List[str]
        """As of a dict; deprecated."""
        return [key for key, _ in self._names]

    def items(self):
        # type: () -> List[Tuple[str, Any]]
        """As of a dict; deprecated."""
        found = [(key, self._by_key(key)) for key, _ in self._names]
        return [(key, getattr(self, name)) for key, name in found]

    def _by_key(self, key):
        # type: (str) -> str
        """The attribute for a key of the dict, with a warning for the caller."""
        name = dict(self._names).get(text_type(key))
        if name is None:
            raise KeyError(key)
        warnings.warn('%s are attributes now: .%s in place of [%r]'
                      % (self._whose(), name, native(key)),
                      DeprecationWarning, 3)
        return name


def values_class(title, options, has_forms):
    # type: (str, List[Any], bool) -> Any
    """A new subclass of OptionValues for these options.

    Args:     title: name of the command or service type that has them; empty if unknown.
    """
    names = [(option.key, option.attribute) for option in options]
    if has_forms:
        names += [(text_type(name), name) for name in FORM]
    return type('OptionValues', (OptionValues,), {
        '__slots__': tuple(name for _, name in names), '__module__': __name__, '_title': title,
        '_options': dict((option.attribute, option) for option in options), '_names': tuple(names)})


def plain(values):
    # type: (Any) -> Dict[str, Any]
    """The dict of values that a tap holds: each option's key (text) and its plain value."""
    if isinstance(values, dict):
        return values
    return dict((key, _plain_value(getattr(values, name))) for key, name in values._names)


def _plain_value(value):
    # type: (Any) -> Any
    if isinstance(value, OptionValues):
        return plain(value)
    return list(value) if isinstance(value, list) else value


def value_of(values, option):
    # type: (Any, Any) -> Any
    """The value of an option among typed values or in their dict."""
    return values[option.key] if isinstance(values, dict) else getattr(values, option.attribute)


def named(values, *names):
    # type: (OptionValues, *str) -> List[Tuple[str, Any]]
    """(long name of the option, value) for each of these attributes."""
    return [(values._options[name].name, getattr(values, name)) for name in names]
