# Copyright the carryall authors.  See LICENSE.
"""Headwords are folded as dictfmt folds them."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.services.dict.headwords import decoded, fold, folded_octets


@pytest.mark.parametrize('word, key', [
    (u'Apple', b'apple'), (u'apple pie', b'apple pie'), (u'apple\tpie', b'apple pie'),
    (u"don't", b'dont'), (u'foo-bar', b'foobar'), (u'00-database-info', b'00databaseinfo'),
    (u'\xc9clair', u'\xe9clair'.encode('utf-8')), (u'\u0130', b'i'), (u'', b''), (u'!?', b''),
    (u'\u65e5\u672c', u'\u65e5\u672c'.encode('utf-8')),
    (u'\u0915\u093f', u'\u0915\u093f'.encode('utf-8'))])
def test_a_word_has_a_key(word, key):
    assert fold(word) == key


def test_with_allchars_nothing_is_dropped():
    assert fold(u"Don't", allchars=True) == b"don't"


def test_with_case_sensitive_capitals_are_kept():
    assert fold(u'Apple-Pie', case_sensitive=True) == b'ApplePie'


@pytest.mark.parametrize('word', [u'Apple', u"don't", u'foo-bar baz', u'00-database-info', u'!'])
def test_a_headword_of_an_index_has_the_key_of_the_word(word):
    assert folded_octets(word.encode('ascii')) == fold(word)


def test_octets_that_are_no_utf_8_are_latin_1():
    assert decoded(b'caf\xe9') == u'caf\xe9'


def test_octets_of_utf_8_are_text():
    assert decoded(b'caf\xc3\xa9') == u'caf\xe9'
