# Copyright the carryall authors.  See LICENSE.
"""The two sides of a SASL exchange, which the mechanisms fill in (RFC 4422 section 5).

Tests:    tests/core/auth/sasl/
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.credentials import usable_name
from carryall.core.auth.sasl.wire import MAX_RESPONSE, SASLError
from carryall.core.compat import FAILURES
from carryall.core.errors import LocalProtocolError
from carryall.core.future import as_future, failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple
    from carryall.core.future import Future

__all__ = ['ClientMechanism', 'ClientSettings', 'ServerMechanism', 'ServerSettings']


class ServerSettings(object):
    """The arguments of a server mechanism; see ``carryall.core.auth.sasl.server``."""

    __slots__ = ('loop', 'portal', 'tls', 'mind', 'host', 'external', 'allow_plaintext',
                 'carries_success', 'client', 'bind')

    def __init__(self, loop, portal, tls=None, mind=None, host=u'localhost', external=None,
                 allow_plaintext=False,
                 carries_success=False, client='', bind=True):
        # type: (Any, Any, Any, Any, str, Optional[str], bool, bool, str, bool) -> None
        self.loop = loop
        self.portal = portal
        self.tls = tls
        self.mind = mind
        self.host = host
        self.external = external
        self.allow_plaintext = allow_plaintext
        self.carries_success = carries_success
        self.client = client
        self.bind = bind


class ServerMechanism(object):
    """The server's side of one exchange.

    Attributes:
        name: as it stands on the wire.
        plaintext: whether anyone who listens learns the secret.
        client_first: whether the client speaks first.
        session: the portal's Session, when the exchange has succeeded.
        success_data: octets that go to the client with the news of its success, or None
            (``carries_success``).
    """

    name = ''
    plaintext = False
    client_first = True

    def __init__(self, settings):
        # type: (ServerSettings) -> None
        self.session = None             # type: Any
        self.success_data = None        # type: Optional[bytes]
        self.settings = settings
        self._fresh = True
        # What takes the next response; None: nothing does.
        self.next_step = self.begin  # type: Any

    @classmethod
    def missing(cls, settings):
        # type: (ServerSettings) -> Optional[str]
        """Why this server cannot offer it (whether TLS is there is not asked here); None if it
        can."""
        return None

    def step(self, response=None):
        # type: (Optional[bytes]) -> Future
        """Takes the client's next message; None at first if it sent no initial response.

        Returns:  a Future of the next challenge (bytes, may be empty); of None when the client is
                  logged in, as ``session``.  It fails with LoginFailed, or with SASLError for what
                  is not of the mechanism.
        """
        if self.next_step is None:
            return failed(LocalProtocolError(u'the exchange is over'))
        if response is None and self._fresh and self.client_first:
            self._fresh = False
            return as_future(b'')
        if response is None and not self._fresh:
            response = b''
        self._fresh = False
        if response is not None and len(response) > MAX_RESPONSE:
            return failed(SASLError(u'a SASL message of more than %d octets' % MAX_RESPONSE))
        taken, self.next_step = self.next_step, None
        try:
            return as_future(taken(response))
        # most of them SASLError; the rest is for the caller's own guard
        except FAILURES as exc:
            return failed(exc)

    def begin(self, response):
        # type: (Optional[bytes]) -> Any
        """The first message: a challenge in return and ``next_step`` set, or None at the end; or a
        Future of either."""
        raise NotImplementedError

    def log_in(self, credentials, authzid=u''):
        # type: (Any, str) -> Future
        """Logs in at the portal, and act as *authzid* if that is allowed; a Future of None."""
        settings = self.settings
        credentials.host = settings.client
        if authzid and not usable_name(authzid):
            return settings.portal.refuse(credentials, u'it asks to act as somebody who cannot be')
        logged_in = settings.portal.login(settings.loop, credentials, settings.mind)
        return logged_in.then(lambda session: self.keep(session, credentials, authzid))

    def keep(self, session, credentials, authzid):
        # type: (Any, Any, str) -> Any
        portal = self.settings.portal
        if authzid and authzid != session.name:
            session.logout()
            if not portal.may_act_as(session.name, authzid):
                return portal.refuse(credentials, u'it may not act as "%s"' % authzid)
            admitted = portal.admit(self.settings.loop, authzid, credentials, self.settings.mind)
            return admitted.then(self._enter)
        return self._enter(session)

    def _enter(self, session):
        # type: (Any) -> None
        self.session = session


class ClientSettings(object):
    """The arguments of a client mechanism; see ``carryall.core.auth.sasl.client``."""

    __slots__ = ('loop', 'username', 'password', 'authzid', 'token', 'tls', 'host', 'port',
                 'plus_offered')

    def __init__(self, loop, username=u'', password=None, authzid=u'', token=None, tls=None,
                 host=u'', port=0,
                 plus_offered=False):
        # type: (Any, str, Optional[bytes], str, Optional[bytes], Any, str, int, bool) -> None
        self.loop = loop
        self.username = username
        self.password = password
        self.authzid = authzid
        self.token = token
        self.tls = tls
        self.host = host
        self.port = port
        self.plus_offered = plus_offered


class ClientMechanism(object):
    """The client's side of one exchange.

    Attributes:
        name, plaintext, client_first: as of the server's side.
        needs: the attributes of ClientSettings without which it cannot work.
    """

    name = ''
    plaintext = False
    client_first = True
    needs = ()                          # type: Tuple[str, ...]

    def __init__(self, settings):
        # type: (ClientSettings) -> None
        self.settings = settings
        self._fresh = True
        self.next_step = self.begin        # type: Any

    def step(self, challenge=None):
        # type: (Optional[bytes]) -> Future
        """Takes the server's next challenge; None at first, for the initial response.

        Returns:  a Future of the response (bytes, may be empty); of None if the server has to speak
                  first.  It fails with SASLError when the server is not to be trusted with more.
        """
        if self._fresh and not self.client_first and challenge is None:
            return as_future(None)
        if self.next_step is None:
            return failed(SASLError(u'the server goes on after the end of the exchange'))
        if challenge is not None and len(challenge) > MAX_RESPONSE:
            return failed(SASLError(u'a SASL message of more than %d octets' % MAX_RESPONSE))
        if self._fresh and self.client_first and challenge:
            return failed(SASLError(u'the server spoke before its turn'))
        self._fresh = False
        taken, self.next_step = self.next_step, None
        try:
            return as_future(taken(challenge))
        except FAILURES as exc:
            return failed(exc)

    def finish(self, success_data=None):
        # type: (Optional[bytes]) -> None
        """The server says that we are logged in; SASLError if it has not shown what the mechanism
        asks of it.

        Args:     success_data: what came with the news, where the protocol has a place for it.
        """
        self.next_step = None
        if self._fresh:
            raise SASLError(u'the server accepts what it has not seen')

    def begin(self, challenge):
        # type: (Optional[bytes]) -> Any
        """The first response, or a Future of it; ``next_step`` set if there are more."""
        raise NotImplementedError
