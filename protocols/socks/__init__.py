# Copyright the carryall authors.  See LICENSE.
"""SOCKS 4, 4a and 5, and HTTP CONNECT, server and client (RFC 1928, 1929).

A client has no session of its own: `connect` gives the connection to the target, through a proxy.
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.socks.client import Bound, ProxyRefused, associate, bind, connect
from carryall.protocols.socks.errors import SOCKSError
from carryall.protocols.socks.gate import Denied, Gate, IdentRefused
from carryall.protocols.socks.rules import Rule, Rules, parse_rules
from carryall.protocols.socks.server import HTTP, VERSION_4, VERSION_5, SOCKSServer
from carryall.protocols.socks.settings import Settings
from carryall.protocols.socks.trace import format_entry

__all__ = ['Bound', 'Denied', 'Gate', 'HTTP', 'IdentRefused', 'ProxyRefused', 'Rule', 'Rules',
           'SOCKSError', 'SOCKSServer', 'Settings', 'VERSION_4', 'VERSION_5', 'associate', 'bind',
           'connect', 'format_entry', 'parse_rules']
