# Copyright the carryall authors.  See LICENSE.
"""Request: what an application is given; complete but for its body, which may still be on its way.

Tests:    tests/protocols/http/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.future import Future
from carryall.core.transport import peer, tls
from carryall.protocols.http.body import Body
from carryall.protocols.http.events import RequestHead

__all__ = ['Request']

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
    from carryall.core.transport import Address
    from carryall.protocols.http.headers import Headers


class Request(RequestHead):
    """One request; what RequestHead says, and what the server knows beside it.

    It belongs to its connection until the response is complete.
    """

    __slots__ = ('_transport', '_body', '_lost')    # set by the connection, which saves a constructor on top of another

    if TYPE_CHECKING:
        _transport = None       # type: Any
        _body = None            # type: Optional[Body]
        _lost = None            # type: Optional[Future]

    @property
    def body(self):
        # type: () -> Body
        """The ``Body``, to be read; an empty one if there is none."""
        if self._body is None:
            self._body = Body()
            self._body.ended = True
        return self._body

    @property
    def trailers(self):
        # type: () -> Headers
        """The fields that came after a chunked body; empty before its end has come."""
        return self.body.trailers

    @property
    def peer(self):
        # type: () -> Optional[Address]
        """The Address of the client, or of the last proxy before us."""
        return peer(self._transport)

    @property
    def tls(self):
        # type: () -> Any
        """What TLS agreed on, or None for plain HTTP."""
        return tls(self._transport)

    @property
    def lost(self):
        # type: () -> Future
        """A Future that completes when the client is gone before it has its response; cancelled if it has."""
        if self._lost is None:
            self._lost = Future()
        return self._lost
