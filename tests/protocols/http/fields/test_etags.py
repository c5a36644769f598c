# Copyright the carryall authors.  See LICENSE.
"""Entity tags (RFC 9110 section 8.8.3)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols.http.fields.etags import (ANY, ETag, format_etag, parse_etag, parse_etags,
                                                  strong_match, weak_match)

A = ETag(False, b'a')
WEAK_A = ETag(True, b'a')
B = ETag(False, b'b')


@pytest.mark.parametrize('tag, text', [
    (A, b'"a"'), (WEAK_A, b'W/"a"'), (ETag(False, b''), b'""'), (ETag(False, b'a,b'), b'"a,b"'),
    (ETag(False, b'W/a'), b'"W/a"'), (ETag(True, b'\xe9!#~'), b'W/"\xe9!#~"'),
    (ETag(False, b'a\\'), b'"a\\"')])
def test_a_tag_comes_back(tag, text):
    """A written tag is read again."""
    assert format_etag(tag.opaque, tag.weak) == text, 'written'
    assert parse_etag(text) == tag, 'read'


@pytest.mark.parametrize('text',
                         [b'', b'a', b'"', b'"a', b'a"', b'w/"a"', b'W/a', b'W/"', b'W"a"',
                          b'"a"b"', b'"a b"',
                                  b'"a\n"', b'"\x7f"', b'*', b"'a'", b'W/ "a"', b'/"a"'])
def test_a_bad_tag_is_none(text):
    """Text that is no tag gives None."""
    assert parse_etag(text) is None, text


@pytest.mark.parametrize('opaque', [b'a"', b'a b', b'a\r\nb', b'\x00', b'\x7f'])
def test_a_bad_tag_is_not_written(opaque):
    """A quote, blank or control cannot stand in a tag."""
    with pytest.raises(LocalProtocolError):
        format_etag(opaque)


@pytest.mark.parametrize('text, expected', [
    (b'"a"', [A]), (b'"a", W/"a" ,"b"', [A, WEAK_A, B]), (b' * ', [ANY]), (b',,"a",,', [A]),
    (b'"a,b", "c"', [ETag(False, b'a,b'),
     ETag(False, b'c')]), (b'"a" "b"', [A, B]), (b'', None), (b',', None), (b'a', None),
     (b'"a", b', None), (b'*, "a"', None),
    (b'"a""b"', None), (b'"a', None), (b'W/', None), (b'"a"x', None)])
def test_a_list_of_tags_is_read(text, expected):
    """Lists, with commas within tags; one that is broken matches nothing at all."""
    assert parse_etags(text) == expected, text


def test_lists_are_bounded():
    """As many as allowed, and one more."""
    assert len(parse_etags(b','.join([b'"a"'] * 8), 8)) == 8, 'what fits'
    assert parse_etags(b','.join([b'"a"'] * 9), 8) is None, 'one more'


@pytest.mark.parametrize('left, right, strong, weak', [
    (WEAK_A, ETag(True, b'a'), False, True), (WEAK_A, ETag(True, b'b'), False, False),
    (WEAK_A, A, False, True),
    (A, ETag(False, b'a'), True, True), (A, B, False, False)])
def test_tags_compare_as_in_rfc_9110(left, right, strong, weak):
    """The table of RFC 9110 section 8.8.3.2."""
    assert strong_match(left, right) is strong, 'strong'
    assert strong_match(right, left) is strong, 'strong'
    assert weak_match(left, right) is weak, 'weak'
    assert weak_match(right, left) is weak, 'weak'
