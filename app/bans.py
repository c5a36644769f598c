# Copyright the carryall authors.  See LICENSE.
"""The options of bans after failed log-ins, the same for every service that has accounts, and the LoginGuard they make.

    Schema([...] + ban_options('limits'))
    guard = guard_of(options, loop)

Tests:    tests/app/test_bans.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.guard import ATTEMPTS, BAN_AFTER, BAN_SECONDS, LoginGuard
from carryall.app.optiontypes import Integer, Seconds
from carryall.app.options import Option

__all__ = ['ban_options', 'guard_of']

# -- limits ------------------------------------------------------------------
MAX_BAN_AFTER = 1000000             # failures; ours
MAX_BAN_SECONDS = 366 * 86400.0     # ours: the table of bans does not outlive the process anyway


def ban_options(group='options'):
    # type: (str) -> List[Option]
    """``--ban-after`` and ``--ban-seconds``."""
    return [
        Option('ban-after', Integer(0, MAX_BAN_AFTER), default='%d' % BAN_AFTER, group=group,
               help='failed log-ins after which an address (of IPv6: its /64) is shut out for a while; 0: never'),
        Option('ban-seconds', Seconds(1.0, MAX_BAN_SECONDS), default='%d' % BAN_SECONDS, group=group,
               help='how long it is shut out, such as 600, 10m or 1d'),
    ]


def guard_of(options, clock, delay=None, attempts=ATTEMPTS):
    # type: (OptionValues, Any, Optional[float], int) -> LoginGuard
    """The LoginGuard that the options ask for; *delay* and *attempts* as LoginGuard has them."""
    return LoginGuard(clock, delay, attempts, options.ban_after, options.ban_seconds)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
    from carryall.app.optionvalues import OptionValues
