# Copyright the carryall authors.  See LICENSE.
"""Text of a peer is safe to show (RFC 1288 section 3.3)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.codec.printable import clean


@pytest.mark.parametrize('text, shown', [
    (u'plain\n\ttext\xe9\n', u'plain\n\ttext\xe9\n'), (u'a\x00b\x7fc\x9b', u'a\\x00b\\x7fc\\x9b'),
    (u'a\rb\r\nc', u'a\nb\nc'),
    (u'\u202egnp.exe', u'\\u202egnp.exe')])
def test_control_characters_are_shown_by_their_numbers(text, shown):
    assert clean(text) == shown
