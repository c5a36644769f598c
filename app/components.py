# Copyright the carryall authors.  See LICENSE.
"""Objects that the services of one loop share, by their classes or by any other key.

    components_of(loop)[DataStore] = store          # a service that has a database
    components_of(loop).get(DataStore)              # another one, or a script of the web server

Tests:    tests/services/database/test_storeservice.py
"""
from __future__ import absolute_import, division, print_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict

__all__ = ['components_of']


def components_of(loop):
    # type: (Any) -> Dict[Any, Any]
    """The objects that the services of *loop* share; empty at first."""
    found = getattr(loop, 'components', None)
    if found is None:
        found = {}
        loop.components = found
    return found
