# Copyright the carryall authors.  See LICENSE.
"""The service type ``portforward``."""
from __future__ import absolute_import, division, print_function

from carryall.app.clientoptions import NetworkText
from carryall.services.portforward.service import TYPE, PortForwardService

__all__ = ['NetworkText', 'PortForwardService', 'TYPE']
