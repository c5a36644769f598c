# Copyright the carryall authors.  See LICENSE.
"""Forwarding of ports: streams and datagrams go to another place.

A forwarder has no client of its own, and its limits are the Terms of its relays.
"""
from __future__ import absolute_import, division, print_function

from carryall.core.wrap.streamrelay import Meter, Relay, Terms
from carryall.protocols.portforward.datagramforwarder import DatagramForwarder
from carryall.protocols.portforward.server import Forwarder

__all__ = ['DatagramForwarder', 'Forwarder', 'Meter', 'Relay', 'Terms']
