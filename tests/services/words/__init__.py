# Copyright the carryall authors.  See LICENSE.
"""Tests of the words service."""
from __future__ import absolute_import, division, print_function
