# Copyright the carryall authors.  See LICENSE.
"""Conditional requests (RFC 9110 section 13)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.http.fields.conditionals import (GO_AHEAD, NOT_MODIFIED,
                                                         PRECONDITION_FAILED, evaluate,
                                                         range_applies)
from carryall.protocols.http.fields.dates import format_date
from carryall.protocols.http.fields.etags import ETag

MODIFIED = 784111777
SAME, BEFORE, AFTER = (format_date(MODIFIED + offset) for offset in (0, -1, 1))
STRONG = ETag(False, b'a')
WEAK = ETag(True, b'a')
GO = GO_AHEAD
NOT = NOT_MODIFIED
FAILED = PRECONDITION_FAILED

# method, fields, tag of the resource, verdict
TABLE = [
    # no condition
    (b'GET', {}, STRONG, GO), (b'PUT', {}, None, GO),
    # If-Match: strong comparison (13.1.1)
    (b'GET', {b'if-match': b'"a"'}, STRONG, GO), (b'GET', {b'if-match': b'"b"'}, STRONG, FAILED),
    (b'GET', {b'if-match': b'"b", "a"'}, STRONG, GO),
    (b'GET', {b'if-match': b'W/"a"'}, STRONG, FAILED),
    (b'GET', {b'if-match': b'"a"'}, WEAK, FAILED), (b'PUT', {b'if-match': b'*'}, STRONG, GO),
    (b'PUT', {b'if-match': b'*'}, None, GO), (b'PUT', {b'if-match': b'"a"'}, None, FAILED),
    (b'PUT', {b'if-match': b'junk'}, STRONG, FAILED), (b'PUT', {b'if-match': b''}, STRONG, FAILED),
    # If-Unmodified-Since, which If-Match overrules (13.1.4)
    (b'GET', {b'if-unmodified-since': SAME}, STRONG, GO),
    (b'GET', {b'if-unmodified-since': AFTER}, STRONG, GO),
    (b'GET', {b'if-unmodified-since': BEFORE}, STRONG, FAILED),
    (b'PUT', {b'if-unmodified-since': BEFORE}, None, FAILED),
    (b'GET', {b'if-unmodified-since': b'junk'}, STRONG, GO),
    (b'GET', {b'if-match': b'"a"', b'if-unmodified-since': BEFORE}, STRONG, GO),
    (b'GET', {b'if-match': b'"b"', b'if-unmodified-since': AFTER}, STRONG, FAILED),
    # If-None-Match: weak comparison (13.1.2)
    (b'GET', {b'if-none-match': b'"a"'}, STRONG, NOT),
    (b'HEAD', {b'if-none-match': b'W/"a"'}, STRONG, NOT),
    (b'GET', {b'if-none-match': b'"a"'}, WEAK, NOT),
    (b'GET', {b'if-none-match': b'"b"'}, STRONG, GO),
    (b'GET', {b'if-none-match': b'*'}, STRONG, NOT),
    (b'PUT', {b'if-none-match': b'*'}, STRONG, FAILED),
    (b'PUT', {b'if-none-match': b'"a"'}, STRONG, FAILED),
    (b'PUT', {b'if-none-match': b'"b"'}, STRONG, GO),
    (b'GET', {b'if-none-match': b'junk'}, STRONG, GO),
    (b'GET', {b'if-none-match': b'"a"'}, None, GO),
    # If-Modified-Since, which If-None-Match overrules (13.1.3)
    (b'GET', {b'if-modified-since': SAME}, STRONG, NOT),
    (b'GET', {b'if-modified-since': AFTER}, STRONG, NOT),
    (b'GET', {b'if-modified-since': BEFORE}, STRONG, GO),
    (b'HEAD', {b'if-modified-since': SAME}, None, NOT),
    (b'PUT', {b'if-modified-since': SAME}, STRONG, GO),
    (b'GET', {b'if-modified-since': b'junk'}, STRONG, GO),
    (b'GET', {b'if-modified-since': b' ' + SAME + b' '}, STRONG, NOT),
    (b'GET', {b'if-none-match': b'"b"', b'if-modified-since': SAME}, STRONG, GO),
    (b'GET', {b'if-none-match': b'"a"', b'if-modified-since': BEFORE}, STRONG, NOT),
    # the order of the two pairs (13.2.2)
    (b'GET', {b'if-match': b'"b"', b'if-none-match': b'"a"'}, STRONG, FAILED),
    (b'GET', {b'if-match': b'"a"', b'if-none-match': b'"a"'}, STRONG, NOT),
    (b'GET', {b'if-unmodified-since': BEFORE, b'if-modified-since': SAME}, STRONG, FAILED),
    (b'GET', {b'if-unmodified-since': SAME, b'if-modified-since': SAME}, STRONG, NOT),
]


@pytest.mark.parametrize('method, fields, etag, verdict', TABLE)
def test_conditions_are_judged_in_the_order_of_rfc_9110(method, fields, etag, verdict):
    """In the order of RFC 9110 section 13.2.2."""
    assert evaluate(method, fields.get, etag, MODIFIED) == verdict, fields


def test_without_a_date_of_the_resource():
    """A resource without Last-Modified: If-Modified-Since is ignored, If-Unmodified-Since fails."""
    assert (evaluate(b'GET', {b'if-modified-since': SAME}.get, STRONG, None)
            == GO), 'if-modified-since'
    assert (evaluate(b'GET', {b'if-unmodified-since': SAME}.get, STRONG, None)
            == FAILED), 'if-unmodified-since'


@pytest.mark.parametrize('method, condition, etag, now, expected', [
    (b'GET', None, STRONG, None, True), (b'HEAD', None, STRONG, None, False),
    (b'POST', None, STRONG, None, False),
    (b'GET', b'"a"', STRONG, None, True), (b'GET', b'"b"', STRONG, None, False),
    (b'GET', b'W/"a"', WEAK, None, False),
    (b'GET', b'"a"', WEAK, None, False), (b'GET', b'"a"', None, None, False),
    (b'GET', b'"a", "b"', STRONG, None, False),
    (b'GET', b'junk', STRONG, None, False), (b'GET', b'', STRONG, None, False),
    (b'GET', b'*', STRONG, None, False),
    (b'GET', SAME, STRONG, MODIFIED + 1, True), (b'GET', SAME, STRONG, MODIFIED + 0.5, False),
    (b'GET', SAME, STRONG, None, False),
    (b'GET', BEFORE, STRONG, MODIFIED + 9, False), (b'GET', AFTER, STRONG, MODIFIED + 9, False)])
def test_if_range_needs_a_strong_validator(method, condition, etag, now, expected):
    """Only strong validators let parts be put together (RFC 9110 section 13.1.5)."""
    fields = {b'range': b'bytes=0-1'}
    if condition is not None:
        fields[b'if-range'] = condition
    assert range_applies(method, fields.get, etag, MODIFIED, now) is expected, condition


def test_no_range_no_part():
    """If-Range without Range means nothing."""
    assert range_applies(b'GET', {b'if-range': b'"a"'}.get, STRONG, MODIFIED) is False, 'no Range'
