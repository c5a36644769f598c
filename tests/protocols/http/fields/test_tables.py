# Copyright the carryall authors.  See LICENSE.
"""carryall.protocols.http.fields.tables."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.http.fields import tables
from carryall.protocols.http.fields.fieldsyntax import is_token


def test_methods_are_tokens():
    """RFC 9110 section 9.1."""
    assert all(is_token(method) for method in tables.METHODS)
    assert set(tables.ALLOWED_METHODS) <= tables.METHODS
    assert not set(tables.ALLOWED_METHODS) & set((b'CONNECT', b'TRACE'))


def test_the_status_line_keeps_its_blank():
    """The blank stays if there is no reason phrase (RFC 9112 section 4)."""
    assert tables.status_line(200) == b'HTTP/1.1 200 OK\r\n'
    assert tables.status_line(299) == b'HTTP/1.1 299 \r\n'


def test_reasons_are_one_line():
    """No reason can break out of its line."""
    assert all(reason.replace(b' ', b'').replace(b'-', b'').isalpha() for reason
               in tables.REASONS.values())
    assert all(100 <= status <= 599 for status in tables.REASONS)
