# Copyright the carryall authors.  See LICENSE.
"""FastCGIError: a peer that does not keep to FastCGI.

Tests:    tests/protocols/fastcgi/test_wire.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.cgi import CGIError

__all__ = ['FastCGIError']


class FastCGIError(CGIError):
    """The peer broke a rule of FastCGI, or exceeded a limit.

    Attributes:
        reply, code: the status for the client: 502, 503 or 504.
    """
