# Copyright the carryall authors.  See LICENSE.
"""The small servers in one service: echo, discard, chargen, daytime, time, qotd, systat,
over TCP and UDP.

    carryall simple --tcp echo:7007 --udp echo:7007 --tcp daytime:1313 --daytime iso
    mktap simple --tcp 'chargen:1919:interface=0.0.0.0' --tcp echo:unix:/run/echo.sock

All servers listen on 127.0.0.1 unless ``interface=`` is given: over UDP these protocols
have been used to flood third parties (see protocols/simple/guarded.py).

The users who are logged in at this machine are not listed, as each system keeps them in a file of
its own format.  The server systat lists the user that it runs as, or those in the file of
``--users``.
Tests:    tests/services/test_simple.py
"""
from __future__ import absolute_import, division, print_function

import getpass

from carryall.core.compat import FAILURES, native, to_bytes
from carryall.core.errors import UsageError
from carryall.core.files.smallfile import read_small
from carryall.core.wrap.policies import ConnectionLimits
from carryall.app.servicetypes import ServiceType
from carryall.app.service import DatagramServer, MultiService
from carryall.protocols.simple import (Settings, chargen, daytime, discard, echo, guarded, qotd,
                                       systat, timeprotocol)
from carryall.services.simple.options import LIMITS, SCHEMA, Served

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Sequence, Tuple
    from carryall.app.endpoints import Endpoint

__all__ = ['SimpleService', 'TYPE']

# -- limits ------------------------------------------------------------------
MAX_USERS = 1000            # lines of the file of users


class SimpleService(MultiService):
    """One run of some of the small servers.

    Args:     tcp, udp: pairs (name of the server, endpoint).
              form: of daytime, one of ``daytime.FORMS``.
              quotes, users: paths of files, or None.
              limits: the ConnectionLimits of all TCP servers together, or None.  A connection above
                      them is closed without a reply, as these protocols have none for it.
    """

    def __init__(self,
                 tcp=(),            # type: Sequence[Tuple[str, Endpoint]]
                 udp=(),            # type: Sequence[Tuple[str, Endpoint]]
                 form='rfc',        # type: str
                 quotes=None,       # type: Optional[str]
                 users=None,        # type: Optional[str]
                 limits=None        # type: Optional[ConnectionLimits]
                 ):
        # type: (...) -> None
        MultiService.__init__(self, 'simple')
        self._form = form
        self._quotes = quotes
        self._users_file = users
        self._book = qotd.QuoteBook()
        self._users = []                # type: List[bytes]
        self._guard = None              # type: Any
        if limits is None:
            limits = ConnectionLimits()
        self.children = [LIMITS.server(name, None, self._maker(_STREAMS[name]), limits=limits,
                                       endpoints=[endpoint])
                         for name, endpoint in tcp]
        self.children += [DatagramServer(name, self._maker(_DATAGRAMS[name]), endpoint)
                          for name, endpoint in udp]

    def _maker(self, make):
        # type: (Callable[[SimpleService], Any]) -> Callable[[], Any]
        return lambda: make(self)

    def start(self, loop):
        self._read_files()
        # One guard for all, so that no server answers packets from another port of ours
        self._guard = guarded.SourceGuard(loop)
        self.loop = loop                # needed by the protocols as soon as a port is open
        try:
            MultiService.start(self, loop)
        except FAILURES:
            self.loop = None
            raise

    def reload(self):
        MultiService.reload(self)
        self._read_files()

    def _read_files(self):
        # type: () -> None
        """Reads both files, before any served data changes;
        UsageError names a fault in one."""
        quotes = []                     # type: List[bytes]
        if self._quotes is not None:
            quotes = qotd.read_quotes(read_small(self._quotes))
            if not quotes:
                raise UsageError(u'%s holds no quote of at most %d printable ASCII characters'
                                 % (self._quotes, qotd.MAX_QUOTE))
        users = [_own_name()]
        if self._users_file is not None:
            users = [line.strip() for line in read_small(self._users_file).splitlines()[:MAX_USERS]
                     if line.strip()]
        self._book = qotd.QuoteBook(quotes)
        self._users = users

    # -- what the protocols ask for ----------------------------------------------------------------

    def wall(self):
        # type: () -> float
        """Seconds since 1970."""
        return self.loop.wall()

    def users(self):
        # type: () -> List[bytes]
        """The users that systat lists."""
        return self._users


# Name -> the protocol, made for each connection or for each UDP port.
_STREAMS = {
    'chargen': lambda simple: chargen.Chargen(None, simple.loop),
    'daytime': lambda simple: daytime.Daytime(simple.wall, simple.loop,
                                              Settings(form=simple._form)),
    'discard': lambda simple: discard.Discard(None, simple.loop),
    'echo': lambda simple: echo.Echo(None, simple.loop),
    'qotd': lambda simple: qotd.Qotd(simple._book, simple.loop),
    'systat': lambda simple: systat.Systat(simple.users, simple.loop),
    'time': lambda simple: timeprotocol.Time(simple.wall, simple.loop),
}
_DATAGRAMS = {
    'chargen': lambda simple: chargen.ChargenDatagrams(simple._guard),
    'daytime': lambda simple: daytime.DaytimeDatagrams(simple._guard, simple.wall, simple._form),
    'discard': lambda simple: discard.DiscardDatagrams(),
    'echo': lambda simple: echo.EchoDatagrams(simple._guard),
    'qotd': lambda simple: qotd.QotdDatagrams(simple._guard, simple._book),
    'systat': lambda simple: systat.SystatDatagrams(simple._guard, simple.users),
    'time': lambda simple: timeprotocol.TimeDatagrams(simple._guard, simple.wall),
}


class SimpleType(ServiceType):
    """The type ``simple``."""

    name = 'simple'
    summary = 'echo, discard, chargen, daytime, time, qotd, systat'
    version = 1
    options = SCHEMA

    def make(self, options):
        tcp = Served('tcp')
        udp = Served('udp')
        return SimpleService([tcp.split(text) for text in options.tcp],
                             [udp.split(text) for text in options.udp],
                             native(options.daytime), options.quotes, options.users,
                             LIMITS.limits(options))

    def endpoints(self, options):
        return [text.partition(u':')[2] for text in options.tcp + options.udp]


# -- files and names ---------------------------------------------------------

def _own_name():
    # type: () -> bytes
    """The user that this process runs as, if the system tells."""
    try:
        return to_bytes(getpass.getuser())
    except FAILURES:  # no such variable in the environment, and no pwd module or no entry in it
        return b'unknown'


TYPE = SimpleType()
