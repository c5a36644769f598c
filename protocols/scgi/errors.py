# Copyright the carryall authors.  See LICENSE.
"""SCGIError: a peer that does not keep to SCGI.

Tests:    tests/protocols/scgi/test_scgi.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.cgi import CGIError

__all__ = ['SCGIError']


class SCGIError(CGIError):
    """The peer broke a rule of SCGI, or exceeded a limit.

    Attributes:
        reply, code: the status for the client.
    """
