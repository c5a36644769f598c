# Copyright the carryall authors.  See LICENSE.
"""Tests of the conversation on IRC."""
from __future__ import absolute_import, division, print_function
