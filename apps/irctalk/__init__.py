# Copyright the carryall authors.  See LICENSE.
"""A conversation on IRC, in lines; see ircconsole.py."""
from __future__ import absolute_import, division, print_function
