# Copyright the carryall authors.  See LICENSE.
"""The error of whois."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError

__all__ = ['WhoisError']


class WhoisError(RemoteProtocolError):
    """A query is malformed; ``reply`` is the text of the answer."""
