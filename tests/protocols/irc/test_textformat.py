# Copyright the carryall authors.  See LICENSE.
"""Bold, colours and other looks in texts of IRC (modern.ircdocs.horse/formatting)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.irc import Style, plain, spans


@pytest.mark.parametrize('text, bare', [
    (b'', b''), (b'abc', b'abc'), (b'\x02a\x02 b', b'a b'), (b'\x0304red', b'red'),
    (b'\x034,12red', b'red'), (b'\x03,12red', b',12red'), (b'\x03123', b'3'), (b'\x031,2,3', b',3'),
    (b'\x03a', b'a'), (b'\x03', b''), (b'\x04ff0000x', b'x'), (b'\x04ff0000,00ff00x', b'x'),
    (b'\x04ff00x', b'ff00x'), (b'\x11\x16\x1d\x1e\x1f\x0fx', b'x'), (b'a\x01b', b'a\x01b')])
def test_a_plain_text_has_no_codes(text, bare):
    assert plain(text) == bare


@pytest.mark.parametrize('text, expected', [
    (b'', []), (b'\x02\x02', []), (b'a', [({}, b'a')]),
    (b'\x02a\x02b', [({'bold': True}, b'a'), ({}, b'b')]),
    (b'\x02\x1da\x0fb', [({'bold': True, 'italic': True}, b'a'), ({}, b'b')]),
    (b'\x1fa\x1eb', [({'underline': True}, b'a'),
                     ({'underline': True, 'strikethrough': True}, b'b')]),
    (b'\x11a\x16b', [({'monospace': True}, b'a'), ({'monospace': True, 'reverse': True}, b'b')]),
    (b'\x034a\x03b', [({'foreground': 4}, b'a'), ({}, b'b')]),
    (b'\x034,1a\x035b', [({'foreground': 4, 'background': 1}, b'a'),
                         ({'foreground': 5, 'background': 1}, b'b')]),
    (b'\x034,1a\x0399,99b', [({'foreground': 4, 'background': 1}, b'a'), ({}, b'b')]),
    (b'\x04FF0000a\x04b', [({'foreground': b'FF0000'}, b'a'), ({}, b'b')]),
    (b'\x0304\x02a', [({'foreground': 4, 'bold': True}, b'a')])])
def test_a_text_has_pieces_with_their_looks(text, expected):
    assert spans(text) == [(Style(**looks), piece) for looks, piece in expected]
