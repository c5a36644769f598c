# Copyright the carryall authors.  See LICENSE.
"""Octets of others as text that a terminal may show.

Tests:    tests/apps/irctalk/test_ircconsole.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.patterns import Pattern

__all__ = ['shown_octets']

_UNSEEN = Pattern(u'[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]')


def shown_octets(octets):
    # type: (bytes) -> str
    """The text; control characters and those that turn its direction become a sign."""
    try:
        text = octets.decode('utf-8')
    except UnicodeError:
        text = octets.decode('latin-1')
    return _UNSEEN.sub(u'\ufffd', text)
