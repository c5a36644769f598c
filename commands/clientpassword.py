# Copyright the carryall authors.  See LICENSE.
"""The password of a client command: from the environment or the terminal, never an option.

Every user of the machine can read the options of a command.

Tests:    tests/commands/test_get.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall.commands.clientoutput import is_terminal
from carryall.core.compat import native
from carryall.core.errors import UsageError
from carryall.core.logs import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['PASSWORD_VARIABLE', 'ask', 'read_password']

PASSWORD_VARIABLE = 'CARRYALL_PASSWORD'


def read_password(user):
    # type: (str) -> Any
    """The password of --user.

    Raises:   UsageError: the environment has none, and there is no terminal.
    """
    return ask(u'the password of --user', u'Password of %s: '
               % escape(user).encode('ascii', 'replace').decode('ascii'))


def ask(name, prompt):
    # type: (str, str) -> Any
    """The secret of the environment, or what is typed behind *prompt*.

    Args:     name: of the secret, for the error.
    Raises:   UsageError: the environment has none, and there is no terminal.
    """
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return given
    if not is_terminal(sys.stdin):
        raise UsageError(u'%s must be in %s, for there is no terminal to ask at'
                         % (name, PASSWORD_VARIABLE))
    import getpass
    return getpass.getpass(native(prompt))
