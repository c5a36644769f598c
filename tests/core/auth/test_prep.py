# Copyright the carryall authors.  See LICENSE.
"""SASLprep: the examples of RFC 4013, and every code point against the standard library's
tables."""
from __future__ import absolute_import, division, print_function

import unicodedata

import pytest

from carryall.core.auth.prep import PrepFailed, knows_unassigned, prepared_password, saslprep
from tests.support import interpreter

try:
    import stringprep
except ImportError:             # Jython
    stringprep = None

character = unichr if interpreter.PY2 else chr       # noqa: F821


def test_examples_of_the_rfc():
    """RFC 4013 section 3."""
    assert saslprep(u'I\xadX') == u'IX'
    assert saslprep(u'user') == u'user' and saslprep(u'USER') == u'USER'
    assert saslprep(u'\xaa') == u'a' and saslprep(u'\u2168') == u'IX'
    for wrong in (u'\x07', u'\u0627\x31'):
        with pytest.raises(PrepFailed):
            saslprep(wrong)


def test_saslprep_maps_and_composes():
    assert saslprep(u'a\xa0b\u3000c\u200bd') == u'a b c d'
    assert saslprep(u'') == u'' and saslprep(u'\xad') == u''
    assert saslprep(u'o\u0308') == u'\xf6'
    assert saslprep(u'\u0627\u0628') == u'\u0627\u0628'
    for wrong in (u'\0', u'a\x7f', u'\ue000', u'\ufffd', u'\u2028', u'\u0627a\u0628', u'\uffff',
                  u'\ufdd0', u'\u200e', u'\U000e0041'):
        with pytest.raises(PrepFailed):
            saslprep(wrong)


def test_unassigned_in_what_is_stored():
    assert saslprep(u'\u0221') == u'\u0221'
    if knows_unassigned():
        with pytest.raises(PrepFailed):
            saslprep(u'\u0221', stored=True)
    assert knows_unassigned() is not interpreter.JYTHON


def test_passwords_that_cannot_be_prepared_stay():
    assert prepared_password(u'caf\u0065\u0301'.encode('utf-8')) == u'caf\xe9'.encode('utf-8')
    assert prepared_password(b'\xff\x00') == b'\xff\x00' and prepared_password(b'a\tb') == b'a\tb'
    assert prepared_password(b'') == b''


if stringprep is not None:      # the tables to compare with
    @pytest.mark.limit(60)
    def test_every_code_point_as_the_library_has_it():
        """All of the planes that hold characters; what the tables say of one character alone."""
        prohibited = (stringprep.in_table_c12, stringprep.in_table_c21_c22, stringprep.in_table_c3,
                      stringprep.in_table_c4, stringprep.in_table_c5, stringprep.in_table_c6,
                      stringprep.in_table_c7, stringprep.in_table_c8, stringprep.in_table_c9)
        wrong = []
        for first, last in ((0x80, 0x3400), (0xA000, 0xAC10), (0xD7A0, 0xD810), (0xDFF0, 0xE010),
                            (0xF8F0, 0x10000),
                            (0x1D100, 0x1D800), (0x1FFF0, 0x20010), (0xDFFF0, 0xE0100),
                            (0xEFFF0, 0xF0010), (0x10FFF0, 0x110000)):
            for code in range(first, last):
                char = character(code)
                mapped = u'' if stringprep.in_table_b1(char) else char
                if stringprep.in_table_c12(char):
                    mapped = u' '
                mapped = unicodedata.ucd_3_2_0.normalize('NFKC', mapped)
                bad = any(table(each) for each in mapped for table in prohibited)
                right = [stringprep.in_table_d1(each) for each in mapped]
                bad = bad or any(right) and not (right[0] and right[-1]) or any(right) and any(
                    stringprep.in_table_d2(each) for each in mapped)
                try:
                    found = saslprep(char)
                except PrepFailed:
                    found = None
                if found != (None if bad else mapped):
                    wrong.append(hex(code))
        assert not wrong
