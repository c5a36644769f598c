# Copyright the carryall authors.  See LICENSE.
"""The service type ``simple``: the small servers."""
from __future__ import absolute_import, division, print_function

from carryall.app.service import DatagramServer
from carryall.services.simple.options import NAMES, Served
from carryall.services.simple.service import TYPE, SimpleService

__all__ = ['DatagramServer', 'NAMES', 'Served', 'SimpleService', 'TYPE']
