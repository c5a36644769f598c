# Copyright the carryall authors.  See LICENSE.
"""Words: one chat space for IRC, Perspective Broker, the web and bots."""
from __future__ import absolute_import, division, print_function
