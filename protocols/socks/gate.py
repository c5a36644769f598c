# Copyright the carryall authors.  See LICENSE.
"""Gate: the service of all connections of a SOCKS server: logins, rules, and ways to the targets.

Not here: the dialogue (server.py), the options (services/socks/options.py).
Tests:    tests/protocols/socks/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import ConnectFailed, ConnectionLost, RemoteProtocolError
from carryall.core.future import Return, completed, coroutine, failed, with_timeout
from carryall.core.logs import get_logger
from carryall.core.net.ip import canonical
from carryall.core.net.transport import Address
from carryall.core.ratelimit import OctetRate
from carryall.core.wrap.streamrelay import RelaySettings, Terms
from carryall.protocols import ident
from carryall.protocols.socks.rules import Rules
from carryall.protocols.socks.settings import Settings

__all__ = ['Denied', 'Gate', 'IdentRefused']

# -- limits ------------------------------------------------------------------
MAX_ADDRESSES = 8           # of one name that are tried
MAX_USERS = 100000          # whose connections are counted

log = get_logger('socks')


class Denied(ConnectFailed):
    """The rules do not allow the request."""


class IdentRefused(ConnectFailed):
    """The client's ident server is missing (``other`` is false) or names another user."""

    def __init__(self, message, other):
        # type: (str, bool) -> None
        ConnectFailed.__init__(self, message)
        self.other = other


class Gate(object):
    """The service of a server: permissions, and the counts over its connections.

    Args:     loop: connects, listens, resolves.
              relay: the limits of each relay, a ``carryall.core.wrap.streamrelay.RelaySettings``.
              rules: Rules.
              portal: judges logins (``core.auth.portal.Portal``); None: no login is asked for.
              guard: a LoginGuard, or None.
              settings: Settings.
              connect: called with (factory, host, port, seconds) to connect; the loop's own by
                  default.  Another one leads to a further proxy.
              resolves: true if names are resolved here; false if a further proxy does it.
              trace: called with (end, data) for all relayed data that comes in, or None.

    Attributes:
        loop, relay, rules, portal, guard, settings, connect, resolves, trace: as given.
    """

    def __init__(self, loop,
                 relay=None,            # type: Any
                 rules=None,            # type: Optional[Rules]
                 portal=None,           # type: Any
                 guard=None,            # type: Any
                 settings=None,         # type: Optional[Settings]
                 connect=None,          # type: Optional[Callable[..., Future]]
                 resolves=True,         # type: bool
                 trace=None             # type: Optional[Callable[[Any, bytes], Any]]
                 ):
        # type: (...) -> None
        if isinstance(relay, Terms):        # the former spelling, which has warned
            trace = trace or relay.trace
            relay = relay.settings
        self.loop = loop
        self.relay = relay or RelaySettings()
        self.trace = trace
        self.rules = rules or Rules()
        self.portal = portal
        self.guard = guard
        self.settings = settings or Settings()
        self.connect = connect or loop.connect_tcp
        self.resolves = resolves
        self._users = {}            # type: Dict[bytes, _Count]

    # -- users -------------------------------------------------------------------------------------

    def enter(self, user):
        # type: (bytes) -> bool
        """Counts a connection of *user*; False if it is one too many."""
        settings = self.settings
        if settings.per_user is None and settings.user_rate is None:
            return True
        known = self._users.get(user)
        if known is None:
            if len(self._users) >= MAX_USERS:
                return False
            rate = settings.user_rate
            known = _Count(None if rate is None else OctetRate(self.loop, rate))
            self._users[user] = known
        if settings.per_user is not None and known.connections >= settings.per_user:
            return False
        known.connections += 1
        return True

    def meter_of(self, user):
        # type: (bytes) -> Optional[OctetRate]
        """The OctetRate of all relays of *user*, which has entered; None without a rate."""
        known = self._users.get(user)
        return None if known is None else known.meter

    def leave(self, user):
        # type: (bytes) -> None
        """Counts a connection of *user* no longer."""
        known = self._users.get(user)
        if known is not None:
            known.connections -= 1
            if not known.connections:
                del self._users[user]

    # -- destinations ------------------------------------------------------------------------------

    def judge(self, request, source):
        # type: (Request, str) -> Future
        """A Future of the Addresses that *request* may connect to.

        Raises:   Denied: it may connect to none.
        """
        if not self.rules.permits_name(request, source):
            return failed(Denied(u'the rules deny it'))
        if canonical(request.host) is None and not self.resolves:
            return completed([Address(request.host, request.port)])
        found = self.loop.resolve(request.host, request.port)
        return with_timeout(self.loop, found, self.settings.connect_seconds,
                            u'the name was not resolved in time').then(
            lambda addresses: self._permitted(request, source, addresses))

    def _permitted(self, request, source, addresses):
        # type: (Request, str, List[Address]) -> List[Address]
        permitted = [address for address in addresses if self.rules.permits(
            request, source, address.host)]
        if not permitted:
            raise Denied(u'the rules deny it')
        return permitted[:MAX_ADDRESSES]

    @coroutine
    def dial(self, factory, request, source):
        # type: (Callable[[], Any], Request, str) -> Any
        """A Future of (transport, protocol), connected to the first address that answers."""
        addresses = yield self.judge(request, source)
        ends = self.loop.time() + self.settings.connect_seconds
        error = ConnectFailed(u'the host has no address')      # type: Any
        for address in addresses:
            left = ends - self.loop.time()
            if left <= 0:
                break
            try:
                made = yield self.connect(factory, address.host, address.port, left)
            except ConnectFailed as exc:
                error = exc
                continue
            raise Return(made)
        raise error

    @coroutine
    def confirm_user(self, request, transport):
        # type: (Request, Any) -> Any
        """Asks the client's ident server for the owner of its connection (RFC 1413).

        Raises:   IdentRefused: it does not answer, or the owner is not the user of the request.
        """
        try:
            found = yield ident.fetch(self.loop, transport, timeout=self.settings.ident_seconds)
        except (ConnectFailed, ConnectionLost, RemoteProtocolError) as exc:
            raise IdentRefused(u'no ident: %s' % (exc,), other=False)
        if found.user != request.user:
            raise IdentRefused(u'ident names another user', other=True)


class _Count(object):
    """The connections of one user."""

    __slots__ = ('connections', 'meter')

    def __init__(self, meter):
        # type: (Optional[OctetRate]) -> None
        self.connections = 0
        self.meter = meter


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence
    from carryall.core.future import Future
    from carryall.protocols.socks.wire import Request
