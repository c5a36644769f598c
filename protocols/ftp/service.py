# Copyright the carryall authors.  See LICENSE.
"""FTPSite: what the connections of one server share; called, it makes the protocol of a new one.

    site = FTPSite(loop, accounts, banner=b'Hello.')
    loop.listen_tcp(site, '127.0.0.1', 2121)

Tests:    tests/protocols/ftp/test_service.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.guard import LoginGuard
from carryall.core.future import gather
from carryall.protocols.ftp.settings import Limits
from carryall.protocols.ftp.hooks import Observer
from carryall.protocols.ftp.server import FTPServer

__all__ = ['FTPSite']


class FTPSite(object):
    """The settings; those given replace these.

    Args:     loop: for time, data connections and TLS.
              accounts: an ``accounts.Accounts``.

    Attributes:
        limits: see ``limits.Limits``.
        guard: a LoginGuard; made of the limits unless given.
        observer: an Observer.
        banner: the lines of the 220, bytes.
        message_file: name of a file whose text is shown on entering its folder; b'' for none.
        tls: a TLSContext; None: no AUTH.
        tls_login: refuse passwords in clear; tls_data: refuse data connections in clear; tls_reuse: refuse those under TLS
            that do not go on with an earlier session; tls_clear: let CCC take TLS off the control connection again.
        passive_ports: (lowest, highest); None: the system chooses.
        advertise: called with (our address, the client's) for the address that PASV tells; None: our own.
        third_party: allow data connections with other hosts than the client (RFC 2577 section 3 says why not).
        account_wanted: ACCT is needed after the password: called with (Account, bytes), whether it is right; None: superfluous.
        hosts: names that HOST takes, lower-case bytes; empty: all (RFC 7151).
        digests: whether XCRC, XMD5 and XSHA256 are answered, which read the whole file.
        list_offset: seconds that LIST's times are ahead of UTC.
        media_type: called with a name; its media type as bytes, or b''.
        show_users: whether SITE WHO tells of others.
    """

    def __init__(self, loop, accounts, **given):
        # type: (Any, Any, **Any) -> None
        self.loop = loop
        self.accounts = accounts
        self.limits = Limits()
        self.guard = None               # type: Any
        self.observer = Observer()
        self.banner = [b'This is carryall, at your service.']
        self.message_file = b''
        self.tls = None                 # type: Any
        self.tls_login = False
        self.tls_data = False
        self.tls_reuse = False
        self.tls_clear = False
        self.passive_ports = None       # type: Optional[Tuple[int, int]]
        self.advertise = None           # type: Any
        self.third_party = False
        self.account_wanted = None      # type: Any
        self.hosts = ()                 # type: Tuple[bytes, ...]
        self.digests = False
        self.list_offset = 0
        self.media_type = lambda name: b''
        self.show_users = False
        for name in sorted(given):
            if name not in self.__dict__:
                raise TypeError('a site has no setting %s' % name)
        self.__dict__.update(given)
        if self.guard is None:
            self.guard = LoginGuard(loop, self.limits.login_delay, self.limits.login_attempts)
        self.sessions = set()           # type: Set[FTPServer]
        self.transfers = 0              # that are under way

    def __call__(self):
        # type: () -> FTPServer
        return FTPServer(self)

    def drain(self):
        # type: () -> Any
        """Tell everybody that it is over; transfers that are under way end first.  A Future of None."""
        return gather([session.leave() for session in list(self.sessions)]).then(lambda _: None)

    def abort(self):
        # type: () -> None
        """Cut all connections."""
        for session in list(self.sessions):
            session.transport.abort()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Set, Tuple
