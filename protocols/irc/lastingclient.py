# Copyright the carryall authors.  See LICENSE.
"""A client that comes back: it connects again after a loss, and enters its channels again.

    lasting = LastingClient(loop, 'irc.example', nick=b'parrot', received=answer)
    lasting.enter(b'#tea')
    lasting.start()

It waits longer after each failure.  A channel that it was put out of, or cannot enter yet, is tried
again likewise.  A server with a policy (IRCv3 sts) is connected to by TLS alone.

Tests:    tests/protocols/irc/test_lastingclient.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict

from carryall.core.errors import CarryallError
from carryall.core.future import Return, coroutine
from carryall.core.logs import escape, get_logger
from carryall.core.tls import TLSContext
from carryall.protocols.irc.client import connect
from carryall.protocols.irc.errors import IRCError
from carryall.protocols.irc.hostmask import split_source
from carryall.protocols.irc.settings import PORT, TLS_PORT
from carryall.protocols.irc.stspolicies import STSPolicies, STSUpgrade

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional
    from carryall.protocols.irc.client import IRCClient
    from carryall.protocols.irc.settings import ClientSettings
    from carryall.protocols.irc.wire import Message

__all__ = ['LastingClient', 'connect_by_policy']

# -- limits ------------------------------------------------------------------
FIRST_WAIT = 2.0            # seconds until the first new try
LONGEST_WAIT = 300.0
STEADY_SECONDS = 60.0       # online, after which the next wait is the first again
REJOIN_SECONDS = 10.0       # until a channel is tried again; twice as long each time
MAX_CHANNELS = 1000

log = get_logger('irc')


@coroutine
def connect_by_policy(loop,             # type: Any
                      host,             # type: str
                      port=PORT,        # type: int
                      nick=b'carryall',     # type: bytes
                      tls=None,         # type: Any
                      timeout=30.0,     # type: float
                      settings=None,    # type: Optional[ClientSettings]
                      received=None,    # type: Any
                      policies=None,    # type: Optional[STSPolicies]
                      secure=None       # type: Any
                      ):
    # type: (...) -> Any
    """As ``connect``, but by TLS where a policy of the server says so (IRCv3 sts).

    Args:     policies: STSPolicies; those that come are noted.
              secure: the TLSContext for that; one that trusts the authorities of the machine if
                      left out.
    """
    policies = STSPolicies() if policies is None else policies
    if tls is None:
        port_by_tls = policies.port_of(host, loop.wall())
        if port_by_tls is None:
            try:
                client = yield connect(loop, host, port, nick, None, timeout, settings, received,
                                       policies)
                raise Return(client)
            except STSUpgrade as exc:
                port_by_tls = exc.port
        port = port_by_tls
        tls = TLSContext() if secure is None else secure
    client = yield connect(loop, host, port, nick, tls, timeout, settings, received, policies)
    raise Return(client)


class LastingClient(object):
    """A client that is online as long as it can be.

    Args:     as of ``connect_by_policy``.
              dial: called without arguments, a Future of an IRCClient; None: by those arguments.

    Attributes:
        client: the IRCClient while it is online; else None.
    """

    def __init__(self, loop, host, port=None, nick=b'carryall', tls=None, settings=None,
                 received=None, policies=None, secure=None, dial=None):
        # type: (Any, str, Any, bytes, Any, Any, Any, Any, Any, Any) -> None
        self._loop = loop
        self._host = host
        self._port = port or (PORT if tls is None else TLS_PORT)
        self._nick = nick
        self._tls = tls
        self._settings = settings
        self._received = received
        self._policies = STSPolicies() if policies is None else policies
        self._secure = secure
        self._dial = dial or self._connect
        self._channels = OrderedDict()      # type: Dict[bytes, Any]  # name -> key
        self._wait = FIRST_WAIT
        self._timers = {}                   # type: Dict[Any, Any]
        self._since = 0.0
        self._is_open = False
        self.client = None                  # type: Optional[IRCClient]

    # -- life ------------------------------------------------------------------------------

    def start(self):
        # type: () -> None
        """Begins to connect."""
        self._is_open = True
        self._try()

    def close(self):
        # type: () -> None
        """Ends the session; it does not come back."""
        self._is_open = False
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        if self.client is not None:
            self.client.close()

    def enter(self, name, key=None):
        # type: (bytes, Optional[bytes]) -> None
        """Has the client be in a channel from now on."""
        if name not in self._channels and len(self._channels) >= MAX_CHANNELS:
            raise IRCError(u'%d channels are enough' % MAX_CHANNELS)
        self._channels[name] = key
        if self.client is not None:
            self._join(name, REJOIN_SECONDS)

    def leave(self, name, text=b''):
        # type: (bytes, bytes) -> None
        """Has it leave a channel."""
        self._channels.pop(name, None)
        if self.client is not None:
            self.client.part(name, text).then(None, self._ignored)

    def _connect(self):
        # type: () -> Any
        return connect_by_policy(self._loop, self._host, self._port, self._nick, self._tls, 30.0,
                                 self._settings, self._heard, self._policies, self._secure)

    def _try(self):
        # type: () -> None
        self._timers.pop(None, None)
        self._dial().then(self._online, self._failed)

    def _online(self, client):
        # type: (IRCClient) -> None
        if not self._is_open:
            client.close()
            return
        self.client = client
        self._since = self._loop.time()
        log.info('%s is on %s', escape(client.nick.decode('utf-8', 'replace')), self._host)
        client.closed.add_done_callback(lambda _: self._gone())
        for name in list(self._channels):
            self._join(name, REJOIN_SECONDS)

    def _failed(self, exc):
        # type: (BaseException) -> None
        if not isinstance(exc, CarryallError):
            raise exc
        log.info('%s cannot be reached: %s', self._host, exc)
        self._later()

    def _gone(self):
        # type: () -> None
        self.client = None
        if self._loop.time() - self._since > STEADY_SECONDS:
            self._wait = FIRST_WAIT
        self._later()

    def _later(self):
        # type: () -> None
        if self._is_open and None not in self._timers:
            self._timers[None] = self._loop.call_later(self._wait, self._try)
            self._wait = min(2 * self._wait, LONGEST_WAIT)

    # -- channels ----------------------------------------------------------------------------

    def _join(self, name, seconds):
        # type: (bytes, float) -> None
        """Enters a channel; after a refusal it is tried again behind so many seconds."""
        client = self.client
        self._timers.pop(name, None)
        if client is None or name not in self._channels:
            return
        if client.support.fold(name) in client.rooms:
            return
        client.join(name, self._channels[name]).then(
            None, lambda exc: self._not_joined(name, seconds, exc))

    def _not_joined(self, name, seconds, exc):
        # type: (bytes, float, BaseException) -> None
        self._ignored(exc)
        self._join_later(name, min(2 * seconds, LONGEST_WAIT), seconds)

    def _join_later(self, name, then, seconds):
        # type: (bytes, float, float) -> None
        if self._is_open and name not in self._timers:
            self._timers[name] = self._loop.call_later(seconds, self._join, name, then)

    @staticmethod
    def _ignored(exc):
        # type: (BaseException) -> None
        if not isinstance(exc, CarryallError):
            raise exc

    def _heard(self, client, message):
        # type: (IRCClient, Message) -> None
        if message.command in (b'KICK', b'PART') and message.params:
            self._look_out(client, message)
        if self._received is not None:
            self._received(client, message)

    def _look_out(self, client, message):
        # type: (IRCClient, Message) -> None
        """Comes back to a channel that it was put out of."""
        fold = client.support.fold
        if message.command == b'KICK':
            gone = message.params[1] if len(message.params) > 1 else b''
        else:
            gone = split_source(message.source or b'').nick
        if fold(gone) != fold(client.nick):
            return
        for name in self._channels:
            if fold(name) == fold(message.params[0]):
                self._join_later(name, 2 * REJOIN_SECONDS, REJOIN_SECONDS)
