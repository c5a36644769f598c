# Copyright the carryall authors.  See LICENSE.
"""Objects that options name: ``MODULE:NAME``, and their import.

    load_object(u'shop.site:app')           the attribute app of the module shop.site
    load_object(u'shop:make()')             what make() returns
    load_object(u'shop', u'application')    the attribute application of shop

The operator chooses the module that is imported; peers cannot.
Tests:    tests/app/test_objectnames.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall.app.optiontypes import Text
from carryall.core.compat import FAILURES, native
from carryall.core.errors import CarryallError, UsageError
from carryall.core.patterns import Pattern

__all__ = ['ImportFailed', 'ObjectName', 'load_object']

NAME = Pattern(r'[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*'
               r'(:[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*(\(\))?)?\Z')


class ImportFailed(CarryallError):
    """The module cannot be imported, or does not have the object."""


class ObjectName(Text):
    """``MODULE:NAME``, or a module alone if its attribute has a usual name."""

    metavar = 'MODULE:NAME'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 255)

    def check(self, value):
        Text.check(self, value)
        if not NAME.match(value):
            raise UsageError(u'"%s" is not of the form MODULE:NAME, such as shop.site:app' % value)


def load_object(name, usual=u'', folder=None):
    # type: (str, str, Optional[str]) -> Any
    """The object that an ObjectName names.

    Args:     usual:  the attribute if the name has none.
              folder: where modules are looked for first; the current folder if left out.
    Raises:   ImportFailed.
    """
    module, _, attribute = native(name).partition(':')
    attribute = attribute or native(usual)
    place = os.path.abspath(folder or os.curdir)
    if place not in sys.path:
        sys.path.insert(0, place)               # as a script finds the modules beside it
    try:
        found = __import__(module, None, None, ['*'])       # type: Any
    except FAILURES as exc:
        raise ImportFailed(u'the module %s cannot be imported: %s: %s'
                           % (module, type(exc).__name__, exc), exc)
    called = attribute.endswith('()')
    for part in attribute.rstrip('()').split('.'):
        if not hasattr(found, part):
            raise ImportFailed(u'%s is missing in the module %s' % (attribute, module))
        found = getattr(found, part)
    if not callable(found):
        raise ImportFailed(u'%s of the module %s cannot be called' % (attribute, module))
    try:
        return found() if called else found
    except FAILURES as exc:
        raise ImportFailed(u'%s of the module %s failed: %s: %s'
                           % (attribute, module, type(exc).__name__, exc), exc)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
