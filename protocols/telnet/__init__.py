# Copyright the carryall authors.  See LICENSE.
"""Telnet: the virtual terminal and its options, server and client (RFC 854, 855, 1143 and others).

A server subclasses `TelnetServer` and a session of either side adds options with `add_option`:
`options.py`, `linemode.py` (RFC 1184), `comport.py` (RFC 2217), `mud.py`, `starttls.py`.
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.telnet import wire
from carryall.protocols.telnet.client import PORT, TLS_PORT, TelnetClient, connect
from carryall.protocols.telnet.errors import TelnetError
from carryall.protocols.telnet.qmethod import Negotiator
from carryall.protocols.telnet.server import TelnetServer
from carryall.protocols.telnet.session import Option, TelnetProtocol
from carryall.protocols.telnet.settings import ClientSettings, Settings
from carryall.protocols.telnet.starttls import StartTLS

__all__ = ['ClientSettings', 'Negotiator', 'Option', 'PORT', 'Settings', 'StartTLS', 'TLS_PORT',
           'TelnetClient', 'TelnetError', 'TelnetProtocol', 'TelnetServer', 'connect', 'wire']
