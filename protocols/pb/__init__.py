# Copyright the carryall authors.  See LICENSE.
"""Perspective Broker."""
from __future__ import absolute_import, division, print_function
