# Copyright the carryall authors.  See LICENSE.
"""Settings of a finger server."""
from __future__ import absolute_import, division, print_function

from carryall.core.line.queryserver import QuerySettings

__all__ = ['Settings']


class Settings(QuerySettings):
    """How a finger server limits its clients: ``Settings(query_seconds=60.0)``."""

    __slots__ = ()
