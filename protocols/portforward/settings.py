# Copyright the carryall authors.  See LICENSE.
"""Settings of a forwarder of streams."""
from __future__ import absolute_import, division, print_function

from carryall.core.wrap.streamrelay import RelaySettings

__all__ = ['Settings']


class Settings(RelaySettings):
    """Limits of each relayed connection: ``Settings(idle_seconds=600.0)``."""

    __slots__ = ()
