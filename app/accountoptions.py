# Copyright the carryall authors.  See LICENSE.
"""The option for accounts on the command line: ``--user NAME=PASSWORD``.

    ACCOUNTS = AccountOptions()
    ...
    checkers += ACCOUNTS.checkers(options)

``--user NAME`` makes a password up, which the command shows.  A password on the command line can be
read by every user of the machine, so the command warns; a password file is better.

Tests:    tests/app/test_accountoptions.py
"""
from __future__ import absolute_import, division, print_function

import base64
import os

from carryall.app.optiongroup import OptionGroup
from carryall.app.options import Option
from carryall.app.optiontypes import Pair, Text
from carryall.app.optionvalues import value_of
from carryall.core.auth.credentials import usable_name
from carryall.core.compat import text_type
from carryall.core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, List, Optional
    from carryall.app.optionvalues import OptionValues

__all__ = ['AccountKind', 'AccountName', 'AccountOptions', 'MadeUp', 'accounts_told',
           'make_password']

RANDOM_OCTETS = 10          # of a password that is made up: 16 characters
MAX_PASSWORD = 1024         # characters
HELP = ('a user who may log in; without =PASSWORD one is made up and shown; other users of this '
        'machine can read command lines')


class MadeUp(text_type):        # type: ignore
    """A password that was made up, and has not been shown yet."""


def make_password():
    # type: () -> str
    """A password that cannot be guessed, of small letters and digits."""
    return base64.b32encode(os.urandom(RANDOM_OCTETS)).decode('ascii').lower()


class AccountName(Text):
    """The name of an account."""

    metavar = 'NAME'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 255)

    def check(self, value):
        Text.check(self, value)
        if not usable_name(value):
            raise UsageError(u'"%s" cannot be the name of an account' % value)


class AccountKind(Pair):
    """NAME=PASSWORD, or NAME alone for a password that is made up."""

    def __init__(self, name=None):
        # type: (Any) -> None
        Pair.__init__(self, name or AccountName(), Text(1, MAX_PASSWORD, 'PASSWORD'),
                      metavar='NAME[=PASSWORD]')

    def parse(self, text):
        if u'=' in text:
            return Pair.parse(self, text)
        return self.name.parse(text), MadeUp(make_password())


class AccountOptions(OptionGroup):
    """``--user``, or the same by another name.

    Args:     name:  of the option.
              group: heading in the help.
    """

    def __init__(self, name='user', group='options'):
        # type: (str, str) -> None
        option = Option('user', AccountKind(), repeat=True, secret=True, group=group, help=HELP)
        if name != option.name:
            option = Option(name, AccountKind(), repeat=True, secret=True, group=group, help=HELP)
        self._attribute = option.attribute
        OptionGroup.__init__(self, [option])

    def accounts(self, options):
        # type: (OptionValues) -> dict
        """{name: password as bytes}.

        Raises:   UsageError: a name is given twice.
        """
        found = {}
        for name, password in getattr(options, self._attribute):
            if name in found:
                raise UsageError(u'user %s is given twice' % name)
            found[name] = password.encode('utf-8')
        return found

    def checkers(self, options):
        # type: (OptionValues) -> List[Any]
        """A MemoryChecker of the accounts in a list, which is empty without any."""
        found = self.accounts(options)
        if not found:
            return []
        # Imported here: most servers need no accounts.
        from carryall.core.auth.checkers import MemoryChecker
        return [MemoryChecker(found)]


def accounts_told(schema, options, warn):
    # type: (Iterable[Any], OptionValues, Any) -> List[str]
    """Lines with the passwords that were made up, which are plain texts from now on.

    Args:     schema: of the options.
              warn:   called with a sentence if a password was on the command line.
    """
    lines = []      # type: List[str]
    for option in schema:
        if not isinstance(option.kind, AccountKind):
            continue
        values = value_of(options, option)
        for place, (name, password) in enumerate(values):
            if isinstance(password, MadeUp):
                lines.append(u'user %s, password %s' % (name, password))
                values[place] = name, text_type(password)
            else:
                warn(u'warning: other users of this machine can read the password of %s in the '
                     u'list of processes; --%s %s makes one up' % (name, option.name, name))
    return lines
