# Copyright the carryall authors.  See LICENSE.
"""SearchAnswer: sends what a search finds, as fast as the client reads and the turn permits.

PagedSearches keeps the searches of a connection that go on with the next page (RFC 2696).
Tests:    tests/protocols/ldap/test_server.py
"""
from __future__ import absolute_import, division, print_function

import struct
from collections import OrderedDict

from carryall.core.compat import FAILURES
from carryall.core.net.turns import FREE_STEPS, MAX_STEPS, turn_is_over
from carryall.protocols.ldap import wire
from carryall.protocols.ldap.errors import (LDAPError, PROTOCOL_ERROR, SUCCESS,
                                            UNWILLING_TO_PERFORM)
from carryall.protocols.ldap.ldapcontrols import paged_results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional

__all__ = ['PagedSearches', 'SearchAnswer']

PIECE = 16384               # octets of entries that leave together
_COOKIE = struct.Struct('>Q')


class SearchAnswer(object):
    """The answer to one SearchRequest.

    Args:     operation: of the server.
    Raises:   LDAPError: the search cannot begin.
    """

    __slots__ = ('_operation', '_request', '_search', '_parts', '_left', '_ahead', '_waits')

    def __init__(self, operation, request):
        # type: (Any, wire.SearchRequest) -> None
        server = operation.server
        controls = operation.controls
        directory = server.service.directory
        self._operation = operation
        self._request = request
        self._left = None               # type: Optional[int]  # entries of the page
        self._ahead = None              # type: Any  # a Found that was not sent
        self._waits = False             # for a turn
        self._parts = None              # type: Any
        if controls.assertion is not None:
            controls.check(directory, directory.existing(directory.key_of(request.base)))
        if controls.page is not None:
            size, cookie = controls.page
            self._left = size
            if cookie:
                self._search, self._parts, self._ahead = server.paged.take(cookie, request)
                return
        self._search = directory.search(request, operation.who, controls.passed)
        self._parts = self._search.run()

    def go_on(self):
        # type: () -> None
        """Sends more, if the client reads and it is not waiting for its turn."""
        if not self._waits and self._parts is not None and not self._operation.server.blocked:
            self._go_on(0)

    def _rested(self):
        # type: () -> None
        self._waits = False
        if self._parts is not None and not self._operation.server.blocked:
            self._go_on(MAX_STEPS)

    def _go_on(self, steps):
        # type: (int) -> None
        operation = self._operation
        server = operation.server
        number = operation.number
        pieces = []                      # type: List[bytes]
        size = 0
        try:
            while True:
                found = self._next()
                if found is not None:
                    if self._left is not None:
                        if not self._left:
                            self._ahead = found
                            self._send(pieces)
                            self._end_page()
                            return
                        self._left -= 1
                    if found.referrals is not None:
                        encoded = wire.reference_message(number, found.referrals)
                    else:
                        encoded = wire.entry_message(number, found.dn, found.attributes)
                    pieces.append(encoded)
                    size += len(encoded)
                    if size >= PIECE:
                        self._send(pieces)
                        pieces = []
                        size = 0
                        if server.blocked:
                            return
                steps += 1
                if steps >= FREE_STEPS and turn_is_over(server.transport, steps, self._rested):
                    self._waits = True
                    self._send(pieces)
                    return
        except StopIteration:
            self._send(pieces)
            self._end(None)
        except FAILURES as exc:
            self._send(pieces)
            self._end(exc)

    def _next(self):
        # type: () -> Any
        if self._ahead is not None:
            found, self._ahead = self._ahead, None
            return found
        return next(self._parts)

    def _send(self, pieces):
        # type: (List[bytes]) -> None
        if pieces:
            self._operation.server.transport.write(b''.join(pieces))

    def _end(self, error):
        # type: (Optional[BaseException]) -> None
        self._parts = None
        controls = list(self._search.controls)
        if self._left is not None:
            controls.append(paged_results(0, b''))
        if error is None:
            self._operation.answer(SUCCESS, controls=controls)
            return
        if isinstance(error, LDAPError):
            error.controls = controls
        self._operation.fail(error)

    def _end_page(self):
        # type: () -> None
        """The page is full, and there is more."""
        server = self._operation.server
        cookie = server.paged.keep(self._request, (self._search, self._parts, self._ahead))
        self._parts = None
        self._operation.answer(SUCCESS, controls=list(self._search.controls)
                               + [paged_results(0, cookie)])

    def close(self):
        # type: () -> None
        """Ends the search without an answer."""
        parts, self._parts = self._parts, None
        if parts is not None:
            parts.close()


class PagedSearches(object):
    """The searches of one connection that wait for the client to ask for the next page.

    Args:     most: that may wait; the oldest gives way.
    """

    __slots__ = ('_most', '_waiting', '_next')

    def __init__(self, most):
        # type: (int) -> None
        self._most = most
        self._waiting = OrderedDict()       # type: Any  # cookie: (request, what goes on)
        self._next = 1

    def keep(self, request, state):
        # type: (Any, Any) -> bytes
        """Keeps a search; the cookie of eight octets that the client brings back."""
        cookie = _COOKIE.pack(self._next)
        self._next += 1
        self._waiting[cookie] = request, state
        while len(self._waiting) > self._most:
            self._waiting.popitem(last=False)
        return cookie

    def take(self, cookie, request):
        # type: (bytes, Any) -> Any
        """The search that goes on; LDAPError if the cookie is not one of a search like this."""
        found = self._waiting.pop(cookie, None)
        if found is None:
            if len(cookie) != _COOKIE.size:
                raise LDAPError(u'the cookie of the page is none of ours', PROTOCOL_ERROR)
            raise LDAPError(u'the cookie of the page is not valid any more', UNWILLING_TO_PERFORM)
        before, state = found
        if before._replace(size_limit=0, time_limit=0) != request._replace(size_limit=0,
                                                                           time_limit=0):
            raise LDAPError(u'the request differs from that of the page before', PROTOCOL_ERROR)
        return state

    def clear(self):
        # type: () -> None
        """Drops them all."""
        self._waiting.clear()
