# Copyright the carryall authors.  See LICENSE.
"""The name of a test shows at most the beginning of a long parameter, and its length: names go into
logs and matrices."""
from __future__ import absolute_import, division, print_function

MAX_SHOWN = 80              # characters or octets of a parameter that a name shows whole
SHOWN = 40                  # and how much of a longer one


def pytest_make_parametrize_id(val):
    """The part of the name for *val*; None leaves it to pytest."""
    if not isinstance(val, (bytes, type(u''))) or len(val) <= MAX_SHOWN:
        return None
    shown = val[:SHOWN].decode('latin-1') if isinstance(val, bytes) else val[:SHOWN]
    return '%s...%d' % (shown.encode('unicode_escape').decode('ascii'), len(val))
