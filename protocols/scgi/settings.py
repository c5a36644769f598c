# Copyright the carryall authors.  See LICENSE.
"""Settings of SCGI."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.cgi import OneRequestSettings

__all__ = ['PORT', 'Settings']

PORT = 4000                 # by custom: none is registered


class Settings(OneRequestSettings):
    """How an application limits the server before it."""

    __slots__ = ()
