# Copyright the carryall authors.  See LICENSE.
"""Facts of a request: its Basic log-in, and the directives of Python that are in effect.

Tests:    tests/services/modpython/test_apacherequest.py
"""
from __future__ import absolute_import, division, print_function

import base64
import binascii

from carryall.core.compat import PY2
from carryall.services.modpython.apachetable import Table

__all__ = ['basic_credentials', 'python_directives']


def basic_credentials(headers):
    # type: (Table) -> Tuple[Any, Any]
    """(name, password) of a Basic log-in; None for both if there is none, or a malformed one."""
    words = headers.get('Authorization', '')
    kind, _, rest = words.partition(' ') if isinstance(words, str) else ('', '', '')
    if kind.lower() != 'basic':
        return None, None
    try:
        octets = base64.b64decode(rest.strip().encode('latin-1'))
    except (TypeError, ValueError, binascii.Error):
        return None, None
    name, found, password = octets.partition(b':')
    if not found:
        return None, None
    if PY2:
        return name, password
    return name.decode('utf-8', 'replace'), password.decode('utf-8', 'replace')


def python_directives(values):
    # type: (Dict[str, Any]) -> Table
    """The values whose directives begin with Python, as text."""
    found = Table()
    for name, value in values.items():
        if not name.startswith('Python') or isinstance(value, dict):
            continue
        if isinstance(value, bool):
            value = '1' if value else '0'
        elif not isinstance(value, str):
            value = ' '.join(repr(spec) for spec in value)
        found[name] = value
    return found


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Tuple
