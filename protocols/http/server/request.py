# Copyright the carryall authors.  See LICENSE.
"""Request: the argument of an application; complete except for its body, which may still arrive.

Tests:    tests/protocols/http/server/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.future import Future
from carryall.core.net.transport import here, peer, tls
from carryall.protocols.http.message.messagebody import Body
from carryall.protocols.http.fields.headerfields import MutableHeaders
from carryall.protocols.http.fields.tables import HTTP_1_1
from carryall.protocols.http.message.events import RequestHead

__all__ = ['Request']

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Text
    from carryall.core.tls.certificates import Certificate
    from carryall.core.net.transport import Address
    from carryall.protocols.http.fields.headerfields import Headers


class Request(RequestHead):
    """One request: a RequestHead, and the facts about its connection.

    It belongs to its connection until the response is complete.

    Attributes:
        transport: the transport that it came by.
        incoming: its Body; None if it has none, or if nothing has asked for it.
        waiter: the Future of `lost`; None if nothing has asked for it.
        connection: the HTTPServer that waits for the response.
    """

    # The first four are set by the connection, which saves a second constructor for each request;
    # the others by a guard and by sessions.
    __slots__ = ('transport', 'incoming', 'waiter', 'connection', '_user', '_auth_type', '_session')

    if TYPE_CHECKING:
        transport = None        # type: Any
        incoming = None         # type: Optional[Body]
        waiter = None           # type: Optional[Future]
        connection = None       # type: Any

    @property
    def body(self):
        # type: () -> Body
        """The ``Body`` to read; an empty one if the request has none."""
        if self.incoming is None:
            self.incoming = Body()
            self.incoming.ended = True
        return self.incoming

    @property
    def trailers(self):
        # type: () -> Headers
        """The fields that came after a chunked body; empty before its end has come."""
        return self.body.trailers

    @property
    def peer(self):
        # type: () -> Optional[Address]
        """The Address of the client, or of the last proxy before us."""
        return peer(self.transport)

    @property
    def here(self):
        # type: () -> Optional[Address]
        """The Address of our own end."""
        return here(self.transport)

    @property
    def tls(self):
        # type: () -> Any
        """The TLSInfo of the connection, or None for plain HTTP."""
        return tls(self.transport)

    @property
    def scheme(self):
        # type: () -> bytes
        """``https`` over TLS, else ``http``."""
        return b'http' if self.tls is None else b'https'

    @property
    def client_certificate(self):
        # type: () -> Optional[Certificate]
        """The client's certificate with its ``subject``, ``names``, ``der`` ...; None if it showed
        none.

        It was verified against the server's authorities; the application decides about the client's
        rights.
        """
        der = getattr(self.tls, 'peer_certificate', None)
        if not der:
            return None
        # Imported here: most sites never need it
        from carryall.core.tls.certificates import parse
        return parse(der)

    @property
    def user(self):
        # type: () -> Optional[Text]
        """The account that has logged in at a guard; None without a login."""
        return getattr(self, '_user', None)

    @user.setter
    def user(self, name):
        # type: (Optional[Text]) -> None
        self._user = name

    @property
    def auth_type(self):
        # type: () -> Optional[bytes]
        """The scheme of that login, such as b'Basic'; None without a login."""
        return getattr(self, '_auth_type', None)

    @auth_type.setter
    def auth_type(self, scheme):
        # type: (Optional[bytes]) -> None
        self._auth_type = scheme

    def early_hints(self, fields):
        # type: (Any) -> None
        """Sends *fields*, such as Link, before the response (103 Early Hints, RFC 8297).

        A client of HTTP/1.0 gets none.  Some clients of HTTP/1.1 break on it too (section 3), so
        send it to clients that are known.

        Raises:   LocalProtocolError: the response has begun, or a field is not one line.
        """
        connection = getattr(self, 'connection', None)      # None behind another server
        if connection is not None and self.version >= HTTP_1_1:
            connection.hint(self, MutableHeaders(fields))

    @property
    def session(self):
        # type: () -> Any
        """The session of the browser; None on a site without sessions."""
        return getattr(self, '_session', None)

    @session.setter
    def session(self, session):
        # type: (Any) -> None
        self._session = session

    @property
    def lost(self):
        # type: () -> Future
        """A Future that completes when the client is gone before it has its response; cancelled if
        it has.
        """
        if self.waiter is None:
            self.waiter = Future()
        return self.waiter

    def conclude(self, lost=False):
        # type: (bool) -> None
        """Settles the Future of `lost`; the connection calls this when the exchange is over."""
        waiter = self.waiter
        if waiter is not None and not lost:
            waiter.cancel()
        elif waiter is not None and not waiter.done():
            waiter.set_result(None)
