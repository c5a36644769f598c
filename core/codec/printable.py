# Copyright the carryall authors.  See LICENSE.
"""Text of a peer, made safe to show on a terminal (RFC 1288 section 3.3).

Not here: text for one line of a log (core/logs.py).
Tests:    tests/core/codec/test_printable.py
"""
from __future__ import absolute_import, division, print_function

import re

__all__ = ['clean']

# What must not be sent to a terminal (RFC 1288 section 3.3): C0 and C1 controls but for line ends
# and tabs, DEL, and characters that change the direction of text.
_CONTROL = re.compile(u'[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]')


def clean(text):
    # type: (str) -> str
    """Text with every control character but line ends and tabs as ``\\xNN``."""
    lines = text.replace(u'\r\n', u'\n').replace(u'\r', u'\n')
    return _CONTROL.sub(lambda match: _escaped(match.group()), lines)


def _escaped(char):
    # type: (str) -> str
    return u'\\x%02x' % ord(char) if ord(char) < 256 else u'\\u%04x' % ord(char)
