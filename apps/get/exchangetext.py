# Copyright the carryall authors.  See LICENSE.
"""The text of an exchange, as `carryall get --verbose` and ``--head`` show it.

Secrets:  credentials and cookies are shown as ***.
Tests:    tests/commands/test_get.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.logs import escape
from carryall.protocols.http.client import parse_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence

__all__ = ['head_text', 'request_text', 'response_text']

SECRET_FIELDS = (b'authorization', b'cookie', b'set-cookie', b'proxy-authorization')


def request_text(method, url, headers):
    # type: (bytes, str, Any) -> str
    """The lines of a request."""
    location = parse_url(url)
    return u'> %s %s\n%s' % (escape(method), escape(location.url), _lines(u'> ', headers))


def response_text(response, connection):
    # type: (Any, Sequence[str]) -> str
    """The lines of a response and of those before it.

    Args:     connection: lines that describe its connection.
    """
    text = u''.join(u'* %s\n' % line for line in connection)
    text += u''.join(u'< %d, from %s\n' % (status, escape(url)) for status, url in response.history)
    text += u'< %d %s, from %s\n' % (response.status, escape(response.reason), escape(response.url))
    return text + _lines(u'< ', response.headers)


def head_text(response):
    # type: (Any) -> str
    """The status line and the header fields, as ``--head`` shows them."""
    text = u'HTTP/%d.%d %d %s\n' % (response.version + (response.status, escape(response.reason)))
    return text + u''.join(u'%s: %s\n' % (escape(name), escape(value))
                           for name, value in response.headers)


def _lines(mark, headers):
    # type: (str, Any) -> str
    """The fields, one a line."""
    shown = u''
    for name, value in headers:
        text = u'***' if name.lower() in SECRET_FIELDS else escape(value)
        shown += u'%s%s: %s\n' % (mark, escape(name), text)
    return shown
