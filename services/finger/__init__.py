# Copyright the carryall authors.  See LICENSE.
"""The service type ``finger``."""
from __future__ import absolute_import, division, print_function

from carryall.services.finger.options import SCHEMA
from carryall.services.finger.service import TYPE, FingerService

__all__ = ['FingerService', 'SCHEMA', 'TYPE']
