# Copyright the carryall authors.  See LICENSE.
"""Candidates for the Tab key: names of the namespace, of built-ins, keywords, and attributes of
the object that a dotted name leads to.

Nothing is called; but an attribute on the way may be a property, which runs,
as it would when the line is entered.
Tests:    tests/services/console/test_namecompletion.py
"""
from __future__ import absolute_import, division, print_function

import keyword
import re

from carryall.core.compat import FAILURES

__all__ = ['candidates']

MAX_CANDIDATES = 500        # names examined and shown
_PATH = re.compile(r'[A-Za-z_][A-Za-z0-9_.]*\Z')


def candidates(namespace, line):
    # type: (Dict[str, Any], str) -> Tuple[str, List[str]]
    """(the name at the end of *line*, its possible completions, sorted);
    the part before its last dot stays as it is."""
    found = _PATH.search(line)
    path = found.group() if found else u''
    if not path:
        return u'', []
    owner, dot, start = path.rpartition(u'.')
    if not dot:
        builtins = namespace.get('__builtins__')
        names = set(namespace) | set(builtins if isinstance(builtins, dict) else dir(builtins)) \
            | set(keyword.kwlist)
    else:
        try:
            names = set(dir(_follow(namespace, owner)))
        except FAILURES:
            return path, []
    prefix = owner + dot
    fitting = sorted(name for name in names if isinstance(name, str) and name.startswith(start))
    if not start.startswith(u'_'):
        fitting = [name for name in fitting if not name.startswith('_')]
    return path, [prefix + name for name in fitting[:MAX_CANDIDATES]]


def _follow(namespace, path):
    # type: (Dict[str, Any], str) -> Any
    """The object that a dotted name leads to."""
    parts = path.split(u'.')
    builtins = namespace.get('__builtins__', {})
    if parts[0] in namespace:
        value = namespace[parts[0]]
    else:
        value = builtins[parts[0]] if isinstance(builtins, dict) else getattr(builtins, parts[0])
    for part in parts[1:]:
        value = getattr(value, part)
    return value


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple
