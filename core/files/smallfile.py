# Copyright the carryall authors.  See LICENSE.
"""Small files of a configuration: read whole, up to a bound, with one sentence for what is wrong.

    # UsageError if it is missing, larger, or no regular file
    data = read_small(path, 1 << 20)
    text = read_small_text(path, 1 << 20)   # or no UTF-8

Tests:    tests/core/files/test_smallfile.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import UsageError
from carryall.core.files.plainfile import read_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['MAX_BYTES', 'read_small', 'read_small_text']

MAX_BYTES = 1 << 20         # octets of a file of rules, quotes or accounts unless the caller says


def read_small(path, maximum=MAX_BYTES, what=u'', error=UsageError):
    # type: (Any, int, str, Any) -> bytes
    """All octets of the regular file at *path*, at most *maximum* of them.

    Args:     what:  names the file in the sentence, such as 'the password file'.
              error: class of the error.
    """
    shown = path.decode('utf-8', 'replace') if isinstance(path, bytes) else path
    shown = u'%s %s' % (what, shown) if what else u'%s' % shown
    try:
        data = read_plain(path, maximum + 1)
    except FAILURES as exc:
        raise error(u'%s cannot be read: %s' % (shown, getattr(exc, 'strerror', None) or exc), exc)
    if len(data) > maximum:
        raise error(u'%s has more than %d bytes' % (shown, maximum))
    return data


def read_small_text(path, maximum=MAX_BYTES):
    # type: (Any, int) -> str
    """The same as text in UTF-8."""
    try:
        return read_small(path, maximum).decode('utf-8')
    except UnicodeError:
        raise UsageError(u'%s is not UTF-8' % path)
