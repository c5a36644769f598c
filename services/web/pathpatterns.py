# Copyright the carryall authors.  See LICENSE.
"""Patterns over names and paths, for rules about Cache-Control and downloads (features WEB-03).

``*`` stands for any octets, ``?`` for one, other octets for themselves, and case counts.  A pattern
with a slash applies to the whole path (``/assets/*``, which matches folders below too).  One
without applies to the name alone (``*.css``).

Time: at most the product of the two lengths for any pattern, which regular expressions do not
promise.
Tests:    tests/services/web/test_pathpatterns.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import to_bytes
from carryall.core.errors import UsageError
from carryall.protocols.http.fields import is_field_value

__all__ = ['Rules', 'matches']

# -- limits ------------------------------------------------------------------
MAX_PATTERN = 256           # octets of one pattern
MAX_RULES = 256             # rules of one set


def matches(pattern, name):
    # type: (bytes, bytes) -> bool
    """True if the pattern matches all of *name*."""
    at = 0
    here = 0
    # the last `*` of the pattern, and the offset in the name at which it was tried
    star = -1
    tried = 0
    while here < len(name):
        octet = pattern[at:at + 1]
        if octet == b'*':
            star = at
            tried = here
            at += 1
        elif octet == b'?' or octet and octet == name[here:here + 1]:
            at += 1
            here += 1
        elif star >= 0:
            tried += 1
            at = star + 1
            here = tried
        else:
            return False
    return not pattern[at:].strip(b'*')


class Rules(object):
    """Pairs of pattern and value; the first pattern that matches gives the value.

    Args:     rules: a sequence of (pattern, value), text or bytes.
    Raises:   UsageError: too many or too long, or a value that is not valid in a header.
    """

    def __init__(self, rules):
        # type: (Iterable[Tuple[Any, Any]]) -> None
        self._rules = [(to_bytes(pattern), to_bytes(value)) for pattern, value in rules]
        if len(self._rules) > MAX_RULES:
            raise UsageError(u'more than %d rules' % MAX_RULES)
        for pattern, value in self._rules:
            shown = pattern.decode('utf-8', 'replace')
            if not pattern or len(pattern) > MAX_PATTERN:
                raise UsageError(u'a pattern has 1 to %d octets, not "%s"' % (MAX_PATTERN, shown))
            if not is_field_value(value):
                raise UsageError(u'the value for "%s" is not valid in a header' % shown)

    def find(self, parts):
        # type: (Sequence[bytes]) -> Optional[bytes]
        """The value for the file at *parts*, names as ``paths.parts_of`` gives them; None if no
        pattern matches.
        """
        if not self._rules:
            return None
        path = b'/' + b'/'.join(parts)
        for pattern, value in self._rules:
            if matches(pattern, path if b'/' in pattern else parts[-1]):
                return value
        return None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Optional, Sequence, Tuple
