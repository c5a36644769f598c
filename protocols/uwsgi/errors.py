# Copyright the carryall authors.  See LICENSE.
"""UWSGIError: a peer that does not keep to uwsgi.

Tests:    tests/protocols/uwsgi/test_uwsgi.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.cgi import CGIError

__all__ = ['UWSGIError']


class UWSGIError(CGIError):
    """The peer broke a rule of uwsgi, or exceeded a limit.

    Attributes:
        reply, code: the status for the client.
    """
