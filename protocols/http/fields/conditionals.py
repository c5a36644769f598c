# Copyright the carryall authors.  See LICENSE.
"""Conditional requests: the evaluation of preconditions and of If-Range (RFC 9110 section 13).

Order:    If-Match, else If-Unmodified-Since; If-None-Match, else If-Modified-Since; Range with
          If-Range (RFC 9110 section 13.2.2).
Rules:    a malformed date is ignored; a malformed list of tags matches nothing.  Dates count whole
          seconds, so tags alone show a second change within one second.
Not here: the validators themselves, the response.
Tests:    tests/protocols/http/fields/test_conditionals.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.http.fields.dates import parse_date
from carryall.protocols.http.fields.etags import (ANY, parse_etag, parse_etags, strong_match,
                                                  weak_match)

__all__ = ['CONDITIONS', 'GO_AHEAD', 'NOT_MODIFIED', 'PRECONDITION_FAILED', 'evaluate',
           'range_applies']

# -- answers -----------------------------------------------------------------
GO_AHEAD = 0                # perform the method
NOT_MODIFIED = 304          # RFC 9110 section 15.4.5
PRECONDITION_FAILED = 412   # RFC 9110 section 15.5.13

# The fields that can change the answer to a GET; a request without them needs no evaluation.
CONDITIONS = (b'if-none-match', b'if-modified-since', b'range', b'if-match', b'if-unmodified-since',
              b'if-range')

# Seconds; a Last-Modified this much older than the answer is strong (section 8.8.2.2)
STRONG_AGE = 1


def evaluate(method, fields, etag, modified, now=None):
    # type: (bytes, Fields, Optional[ETag], Optional[int], Optional[float]) -> int
    """Evaluates the preconditions of a request: GO_AHEAD, NOT_MODIFIED or PRECONDITION_FAILED (RFC
    9110 section 13.2.2).

    Call it only if the answer without conditions would be a 2xx (section 13.2.1).

    Args:     fields:   ``fields(name)`` gives a header's value, several joined with commas, or
                  None.
              etag:     of the present state of the resource, None if it has none.
              modified: seconds of its Last-Modified, None if it has none.
              now:      for dates of two-digit years.
    """
    wanted = fields(b'if-match')
    if wanted is not None:
        if not _any_matches(wanted, etag, strong_match):
            return PRECONDITION_FAILED
    else:
        date = _date(fields(b'if-unmodified-since'), now)
        if date is not None and (modified is None or modified > date):
            return PRECONDITION_FAILED
    known = fields(b'if-none-match')
    if known is not None:
        if _any_matches(known, etag, weak_match):
            return NOT_MODIFIED if method in (b'GET', b'HEAD') else PRECONDITION_FAILED
    elif method in (b'GET', b'HEAD'):
        date = _date(fields(b'if-modified-since'), now)
        if date is not None and modified is not None and modified <= date:
            return NOT_MODIFIED
    return GO_AHEAD


def range_applies(method, fields, etag, modified, now=None):
    # type: (bytes, Fields, Optional[ETag], Optional[int], Optional[float]) -> bool
    """True if a Range applies: a GET has one, and its If-Range, if any, holds (RFC 9110 section
    13.1.5).

    If-Range compares strongly: parts of two states must never be joined.  A date in it must equal
    the Last-Modified, which must be strong; *now* is needed for that.
    """
    if method != b'GET' or fields(b'range') is None:
        return False
    condition = fields(b'if-range')
    if condition is None:
        return True
    condition = condition.strip(b' \t')
    if condition[:1] == b'"' or condition[:2] == b'W/':
        tag = parse_etag(condition)
        return tag is not None and etag is not None and strong_match(tag, etag)
    date = parse_date(condition, now)
    return date is not None and date == modified and now is not None and now - date >= STRONG_AGE


def _any_matches(value, etag, match):
    # type: (bytes, Optional[ETag], Callable[[ETag, ETag], bool]) -> bool
    tags = parse_etags(value)
    if tags is None:
        return False
    if tags[0] is ANY:
        return True                 # callers ask only for a resource that exists
    return etag is not None and any(match(tag, etag) for tag in tags)


def _date(value, now):
    # type: (Optional[bytes], Optional[float]) -> Optional[int]
    return None if value is None else parse_date(value.strip(b' \t'), now)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Optional
    from carryall.protocols.http.fields.etags import ETag
    Fields = Callable[[bytes], Optional[bytes]]
