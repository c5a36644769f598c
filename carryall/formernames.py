# Copyright the carryall authors.  See LICENSE.
"""Former names: moved modules can be imported by them, with a DeprecationWarning; renamed classes
can be used by them.

The manifests list the moved modules (``moved``); ``admin/manifests`` writes formermodules.py.

Tests:    tests/house/test_former_names.py
"""
from __future__ import absolute_import, division, print_function

import sys
import warnings

from carryall.formermodules import FORMER

__all__ = ['FORMER', 'FormerClass', 'FormerNames', 'FormerTable', 'former_class', 'former_table',
           'install']


class FormerNames(object):
    """Finds a module by its former name; it is the same object by both names."""

    def find_spec(self, name, path=None, target=None):
        # type: (str, Any, Any) -> Any
        """The spec of a former name; None for any other."""
        if name not in FORMER:
            return None
        # The class of specs, without another import.
        return type(sys.__spec__)(name, self)       # type: ignore

    def create_module(self, spec):
        # type: (Any) -> Any
        """The module by its present name."""
        module = _present(spec.name)
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module):
        # type: (Any) -> None
        """Gives the module back what its spec was; it has run already."""
        module.__spec__ = module.__spec__.loader_state

    def find_module(self, name, path=None):
        # type: (str, Any) -> Any
        """As `find_spec`, for Python 2."""
        return self if name in FORMER else None

    def load_module(self, name):
        # type: (str) -> Any
        """The module by its present name, for Python 2."""
        module = _present(name)
        sys.modules[name] = module
        return module


def install():
    # type: () -> None
    """Adds the former names behind all other ways to find a module."""
    sys.meta_path.append(FormerNames())     # type: ignore  # of 2.7 and 3 at the same time


def _present(name):
    # type: (str) -> Any
    warnings.warn('%s is %s now' % (name, FORMER[name]), DeprecationWarning, 3)
    __import__(FORMER[name])
    return sys.modules[FORMER[name]]


# -- a class that was renamed ------------------------------------------------

# The class of a former name -> (that name, the present class)
_PRESENT = {}               # type: Dict[Any, Tuple[str, Any]]


class FormerClass(type):
    """The class of a former name: a call makes an object of the present class."""

    def __init__(cls, name, bases, members):
        type.__init__(cls, name, bases, members)
        if bases[0] in _PRESENT:
            _warn_of(bases[0])

    def __call__(cls, *args, **named):
        if cls not in _PRESENT:         # a subclass that a user has made
            return type.__call__(cls, *args, **named)
        _warn_of(cls)
        return _PRESENT[cls][1](*args, **named)

    def __instancecheck__(cls, value):
        if cls not in _PRESENT:
            return type.__instancecheck__(cls, value)
        return isinstance(value, _PRESENT[cls][1])

    def __subclasscheck__(cls, kind):
        if cls not in _PRESENT:
            return type.__subclasscheck__(cls, kind)
        return issubclass(kind, _PRESENT[cls][1])


def _warn_of(cls):
    # type: (Any) -> None
    former, present = _PRESENT[cls]
    warnings.warn('%s is %s.%s now' % (former, present.__module__, present.__name__),
                  DeprecationWarning, 3)


def former_class(former, present):
    # type: (str, Any) -> Any
    """The class *present* by the dotted name *former*; a use of it warns.

    Objects of *present* are instances of it, and it can be a base class.  Not for an exception:
    an except clause of Python 3 does not ask a class what its instances are.
    """
    members = {'__slots__': (), '__module__': present.__module__}
    made = FormerClass(former.rpartition('.')[2], (present,), members)
    _PRESENT[made] = (former, present)
    return made


# -- a table that was moved --------------------------------------------------

def former_table(name):
    # type: (str) -> Any
    """The table of the types of service, for a caller that used it as *name*."""
    warnings.warn('%s is carryall.commands.catalogue.TYPES now' % name, DeprecationWarning, 3)
    return __import__('carryall.commands.catalogue', None, None, ['TYPES']).TYPES


class FormerTable(object):
    """The table of the types of service at its former place; each use warns.

    Args:     name: dotted name of the former place.
    """

    def __init__(self, name):
        # type: (str) -> None
        self._name = name

    def __iter__(self):
        return iter(former_table(self._name))

    def __len__(self):
        return len(former_table(self._name))

    def __getitem__(self, index):
        return former_table(self._name)[index]


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Tuple
