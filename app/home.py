# Copyright the carryall authors.  See LICENSE.
"""The home folder of the user that runs a command.

Tests:    tests/app/test_home.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.compat import FAILURES, text_type
from carryall.core.errors import UsageError

__all__ = ['in_home']


def in_home(name, option):
    # type: (str, str) -> str
    """The path of *name* in the user's home folder, as text.

    Args:     option: the option that names another path, for the error.
    Raises:   UsageError: HOME is not set, and the user has no account with a home.
    """
    try:
        home = os.path.expanduser('~')
    except FAILURES:            # jython, py2: the KeyError of pwd for a number without an account
        home = '~'
    if home == '~' or not home:
        raise UsageError(u'the home folder is unknown, for HOME is not set: set it, or name a path '
                         u'by %s' % option)
    path = os.path.join(home, name)
    return path if isinstance(path, text_type) else path.decode('utf-8', 'replace')
