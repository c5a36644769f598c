# Copyright the carryall authors.  See LICENSE.
"""The options of a service with accounts: when failed log-ins shut an address out,
and for how long.

    LOGINS = LoginOptions('limits')
    ...
    guard = LOGINS.guard(options, loop)         # a LoginGuard

Tests:    tests/app/test_loginoptions.py
"""
from __future__ import absolute_import, division, print_function

import warnings

from carryall.app.optiongroup import OptionGroup
from carryall.app.options import Option
from carryall.app.optiontypes import Integer, Seconds
from carryall.core.auth.guard import ATTEMPTS, BAN_AFTER, BAN_SECONDS, LoginGuard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
    from carryall.app.optionvalues import OptionValues

__all__ = ['LoginOptions', 'ban_options', 'guard_of']

# -- limits ------------------------------------------------------------------
MAX_BAN_AFTER = 1000000             # failures
MAX_BAN_SECONDS = 366 * 86400.0     # the table of bans does not outlive the process anyway


class LoginOptions(OptionGroup):
    """``--ban-after`` and ``--ban-seconds``."""

    def __init__(self, group='options'):
        # type: (str) -> None
        OptionGroup.__init__(self, [
            Option('ban-after', Integer(0, MAX_BAN_AFTER), default='%d' % BAN_AFTER, group=group,
                   help='failed log-ins after which an address (of IPv6: its /64) is shut out for'
                        ' a while; 0: never'),
            Option('ban-seconds', Seconds(1.0, MAX_BAN_SECONDS), default='%d' % BAN_SECONDS,
                   group=group, help='how long it is shut out, such as 600, 10m or 1d')])

    def guard(self, options, clock, delay=None, attempts=ATTEMPTS):
        # type: (OptionValues, Any, Optional[float], int) -> LoginGuard
        """The LoginGuard; *delay* and *attempts* as of LoginGuard."""
        return LoginGuard(clock, delay, attempts, options.ban_after, options.ban_seconds)


def ban_options(group='options'):
    # type: (str) -> List[Option]
    """Deprecated: put LoginOptions(group) into the schema."""
    warnings.warn('ban_options is LoginOptions now', DeprecationWarning, 2)
    return LoginOptions(group).options


def guard_of(options, clock, delay=None, attempts=ATTEMPTS):
    # type: (OptionValues, Any, Optional[float], int) -> LoginGuard
    """Deprecated: `LoginOptions.guard`."""
    warnings.warn('guard_of is LoginOptions.guard now', DeprecationWarning, 2)
    return LoginOptions().guard(options, clock, delay, attempts)
