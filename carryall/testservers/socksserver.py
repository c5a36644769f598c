# Copyright the carryall authors.  See LICENSE.
"""SOCKSServer: a proxy for tests.

Tests:    tests/house/testservers/test_socksserver.py
"""
from __future__ import absolute_import, division, print_function

from carryall.testservers.anyserver import TypeServer

__all__ = ['SOCKSServer']


class SOCKSServer(TypeServer):
    """A proxy: SOCKS 4, 4a, 5 and HTTP CONNECT on one port."""

    type_name = 'socks'
    name = 'socks_server'
    scheme = 'socks5'
    options = {'words': None}
