# Copyright the carryall authors.  See LICENSE.
"""Forwarding of ports: streams and datagrams go to another place.

A forwarder has no client of its own: the target's protocol is unknown to it.
"""
from __future__ import absolute_import, division, print_function

from carryall.core.wrap.streamrelay import Meter, Relay, Terms
from carryall.protocols.portforward.datagramforwarder import DatagramForwarder
from carryall.protocols.portforward.server import Forwarder, ForwardServer, ForwardService
from carryall.protocols.portforward.settings import Settings

__all__ = ['DatagramForwarder', 'ForwardServer', 'ForwardService', 'Forwarder', 'Meter', 'Relay',
           'Settings', 'Terms']
