# Copyright the carryall authors.  See LICENSE.
"""Perspective Broker as a service; see service.py."""
from __future__ import absolute_import, division, print_function
