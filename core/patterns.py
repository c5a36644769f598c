# Copyright the carryall authors.  See LICENSE.
"""Regular expressions that are compiled when they are first used,
and not when their module is imported.

    _NAME = Pattern('[a-z]+\\Z')
    _NAME.match(text)

Jython compiles one in some 5 ms while it is cold,
and a start passes by dozens that the run may never use.

Tests:    tests/core/test_patterns.py
"""
from __future__ import absolute_import, division, print_function

import re

__all__ = ['Pattern']


class Pattern(object):
    """Stands for ``re.compile(source, flags)``: its methods that are named below.

    They are the compiled one's own, put into slots at the first use of any: from then on a call
    costs what it always does.

    Raises:   re.error at that first use, not before, if *source* is wrong.
    """

    __slots__ = ('_given', 'findall', 'finditer', 'match', 'search', 'split', 'sub')

    def __init__(self, source, flags=0):
        # type: (Any, int) -> None
        self._given = source, flags

    def __getattr__(self, name):
        # type: (str) -> Any
        if name not in Pattern.__slots__:       # asked for a slot only while that is empty
            raise AttributeError(name)
        compiled = re.compile(*self._given)
        for each in Pattern.__slots__[1:]:
            setattr(self, each, getattr(compiled, each))
        return getattr(compiled, name)

    def __repr__(self):
        return 'Pattern(%r, %r)' % self._given


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
