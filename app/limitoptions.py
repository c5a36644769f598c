# Copyright the carryall authors.  See LICENSE.
"""The options of a service that bounds each connection in time and in octets.

    BOUNDS = LimitOptions('1h', octets=True)
    ...
    settings = BOUNDS.settings(options)         # a RelaySettings

Tests:    tests/app/test_optiongroup.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.optiongroup import OptionGroup
from carryall.app.options import Option
from carryall.app.optiontypes import Seconds, Size
from carryall.core.wrap.streamrelay import RelaySettings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
    from carryall.app.optionvalues import OptionValues

__all__ = ['LimitOptions']

MIN_IDLE = 1.0              # seconds
IDLE_HELP = 'a connection on which nothing moves for so long ends'
OCTETS_HELP = 'octets that one connection may carry'


class LimitOptions(OptionGroup):
    """``--idle`` and ``--max-octets``.

    Args:     idle:   default of ``--idle``, such as 1h.
              help:   text for ``--idle``.
              most:   the highest value, in seconds; None for no bound.
              octets: add ``--max-octets``.
              group:  heading in the help.
    """

    def __init__(self, idle, help=IDLE_HELP, most=None, octets=False, group='options'):
        # type: (str, str, Optional[float], bool, str) -> None
        kind = Seconds(MIN_IDLE) if most is None else Seconds(MIN_IDLE, most)
        found = [Option('idle', kind, default=idle, help=help, group=group)]
        if octets:
            found.append(Option('max-octets', Size(1), help=OCTETS_HELP, group=group))
        self._has_octets = octets
        OptionGroup.__init__(self, found)

    def settings(self, options, kind=RelaySettings):
        # type: (OptionValues, Callable[..., Any]) -> Any
        """The settings of the relays of a service; *kind* is their class."""
        octets = options.max_octets if self._has_octets else None
        return kind(idle_seconds=options.idle, max_octets=octets)
