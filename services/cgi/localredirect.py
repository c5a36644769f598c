# Copyright the carryall authors.  See LICENSE.
"""The request that a local redirect makes of another (RFC 3875 section 6.2.2).

Tests:    tests/services/cgi/test_localredirect.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.cgi import CGIError
from carryall.protocols.http import Headers, Request
from carryall.protocols.http.message import Section

__all__ = ['MAX_DEPTH', 'RedirectedRequest', 'redirected']

# -- limits ------------------------------------------------------------------
MAX_DEPTH = 10              # of redirects for one request

# Octets that a target may have
TARGET = bytes(bytearray(range(0x21, 0x7f)))
# Fields about the body of the first request, and conditions on its page
DROPPED = frozenset((b'content-length', b'content-type', b'content-encoding', b'transfer-encoding',
                     b'expect'))


class RedirectedRequest(Request):
    """A request that a program asked for in the place of its own answer.

    Attributes:
        depth: how many redirects have led here.
        before: the header section of the request whose program has asked for this one; a guard
            finds there whom it let in.
    """

    __slots__ = ('depth', 'before')


def redirected(request, location):
    # type: (Any, bytes) -> RedirectedRequest
    """A GET (or HEAD) for *location* with the fields of *request*.

    Raises:   CGIError: *location* cannot be a target, or too many redirects led here, reply 500.
    """
    depth = getattr(request, 'depth', 0) + 1
    if depth > MAX_DEPTH:
        raise CGIError(u'more than %d local redirects' % MAX_DEPTH, reply=500)
    target = location.partition(b'#')[0]
    if target.translate(None, TARGET):
        raise CGIError(u'a local redirect to something that is no path')
    fields = [field for field in request.headers if field[0].lower() not in DROPPED]
    section = Section(request.version, Headers(fields), 0, request.keep_alive, False, request.host)
    made = RedirectedRequest(b'HEAD' if request.method == b'HEAD' else b'GET', target, section)
    made.transport = request.transport
    made.incoming = None
    made.waiter = request.lost      # it ends with the first request
    made.depth = depth
    made.before = request.headers
    return made


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
