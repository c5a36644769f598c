# Copyright the carryall authors.  See LICENSE.
"""The errors of PostgreSQL: the peer's breaches of the protocol, and what its error messages mean.

A statement that the server refuses raises an error of ``carryall.core.database``, by its SQLSTATE.
Tests:    tests/protocols/postgresql/test_wire.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.database import error_of
from carryall.core.errors import RemoteProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict

__all__ = ['PostgreSQLError', 'server_error']


class PostgreSQLError(RemoteProtocolError):
    """The server broke the protocol; the connection is closed."""


def server_error(fields):
    # type: (Dict[bytes, str]) -> Any
    """The error of an ErrorResponse; its attribute ``fields`` has all that the server said."""
    text = fields.get(b'M', u'the server gives no reason')
    if b'D' in fields:
        text = u'%s (%s)' % (text, fields[b'D'])
    error = error_of(fields.get(b'C', u'XX000'), text)
    error.fields = fields
    return error
