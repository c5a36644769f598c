# Copyright the carryall authors.  See LICENSE.
"""Names of parametrized tests that do not hold a megabyte: ``@pytest.mark.parametrize(...,
ids=short)``.
"""
from __future__ import absolute_import, division, print_function

MAX_NAME = 40               # octets or characters of a value that stand in a name


def short(value):
    """A name for a long value; None leaves it to pytest."""
    if isinstance(value, (bytes, type(u''))) and len(value) > MAX_NAME:
        head = repr(value[:MAX_NAME // 2]).lstrip('bu').strip('\'"')
        return '%s... (%d)' % (head, len(value))
    return None
