# Copyright the carryall authors.  See LICENSE.
"""Gate: what all connections of a SOCKS server share: who may come in, where they may go,
and how it is reached.

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
from carryall.core.wrap.streamrelay import Terms
from carryall.protocols import ident
from carryall.protocols.socks.rules import Rules
from carryall.protocols.socks.settings import Settings

__all__ = ['Denied', 'Gate', 'IdentRefused']

# -- limits ------------------------------------------------------------------
MAX_ADDRESSES = 8           # of one name that are tried
MAX_USERS = 100000          # whose connections are counted

log = get_logger('socks')


class Denied(ConnectFailed):
    """The rules do not allow it."""


class IdentRefused(ConnectFailed):
    """The client's ident server is not there (``other`` false), or names somebody else."""

    def __init__(self, message, other):
        # type: (str, bool) -> None
        ConnectFailed.__init__(self, message)
        self.other = other


class Gate(object):
    """The service of a server: who may go where, and the counts over its connections.

    Args:     loop: connects, listens, resolves.
              terms: of the relays, ``carryall.core.wrap.streamrelay.Terms``.
              rules: Rules.
              portal: who may log in (``core.auth.portal.Portal``); None: all clients, without a
                  login.
              guard: a LoginGuard, or None.
              settings: Settings.
              connect: called with (factory, host, port, seconds) to connect; the loop's own unless
                  another proxy follows.
              resolves: names are resolved here; false if another proxy follows that resolves them.
    """

    def __init__(self, loop,
                 terms=None,            # type: Optional[Terms]
                 rules=None,            # type: Optional[Rules]
                 portal=None,           # type: Any
                 guard=None,            # type: Any
                 settings=None,         # type: Optional[Settings]
                 connect=None,          # type: Optional[Callable[..., Future]]
                 resolves=True          # type: bool
                 ):
        # type: (...) -> None
        self.loop = loop
        self.terms = terms or Terms()
        self.rules = rules or Rules()
        self.portal = portal
        self.guard = guard
        self.settings = settings or Settings()
        self.connect = connect or loop.connect_tcp
        self.resolves = resolves
        self._users = {}            # type: Dict[bytes, List[Any]]  # user -> [connections, Terms]

    # -- users -------------------------------------------------------------------------------------

    def enter(self, user):
        # type: (bytes) -> Optional[Terms]
        """Count a connection of *user*; the terms for it, or None if it is one too many."""
        if self.settings.per_user is None and self.settings.user_rate is None:
            return self.terms
        known = self._users.get(user)
        if known is None:
            if len(self._users) >= MAX_USERS:
                return None
            known = [0, self._terms_for_one()]
            self._users[user] = known
        if self.settings.per_user is not None and known[0] >= self.settings.per_user:
            return None
        known[0] += 1
        return known[1]

    def _terms_for_one(self):
        # type: () -> Terms
        if self.settings.user_rate is None:
            return self.terms
        shared = self.terms
        return Terms(shared.sweeper, shared.idle_seconds, shared.max_octets,
                     OctetRate(self.loop, self.settings.user_rate), shared.trace)

    def leave(self, user):
        # type: (bytes) -> None
        """A connection of *user* that was counted is over."""
        known = self._users.get(user)
        if known is not None:
            known[0] -= 1
            if not known[0]:
                del self._users[user]

    # -- destinations ------------------------------------------------------------------------------

    def judge(self, request, source):
        # type: (Request, str) -> Future
        """The Addresses that may be connected to for *request*, as a Future;
        Denied if there is none."""
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
        """Connect to the first address that answers; a Future of (transport, protocol)."""
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
        """Ask the client's ident server who owns its connection;
        IdentRefused unless it is the user of the request."""
        try:
            found = yield ident.fetch(self.loop, transport, timeout=self.settings.ident_seconds)
        except (ConnectFailed, ConnectionLost, RemoteProtocolError) as exc:
            raise IdentRefused(u'no ident: %s' % (exc,), other=False)
        if found.user != request.user:
            raise IdentRefused(u'ident names another user', other=True)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence
    from carryall.core.future import Future
    from carryall.protocols.socks.wire import Request
