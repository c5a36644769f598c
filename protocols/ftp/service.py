# Copyright the carryall authors.  See LICENSE.
"""FTPBackend: the service of an FTP server; its connections share, ask and report to it.

    backend = FTPBackend(accounts, LoginGuard(loop))
    loop.listen_tcp(lambda: FTPServer(backend, loop), '127.0.0.1', 2121)

Not here: the accounts (account.py), the files (filesystem.py), limits and names (settings.py).
Tests:    tests/protocols/ftp/test_service.py
"""
from __future__ import absolute_import, division, print_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Tuple
    from carryall.core.auth.guard import LoginGuard
    from carryall.protocols.ftp.account import Account, Accounts

__all__ = ['FTPBackend', 'Observer', 'TransferRecord']


class TransferRecord(object):
    """One finished transfer, for logs and hooks.

    Attributes:
        incoming: True for an upload.
        path: tuple of names.
        octets: of the file that went through the data connection.
        seconds: that it took.
        text: True for TYPE A.
        complete: True if the whole file was transferred.
        account, host: the Account, and the numeric address of the client.
    """

    __slots__ = ('incoming', 'path', 'octets', 'seconds', 'text', 'complete', 'account', 'host')

    def __init__(self, incoming, path, octets, seconds, text, complete, account, host):
        # type: (bool, Tuple[bytes, ...], int, float, bool, bool, Any, str) -> None
        self.incoming = incoming
        self.path = path
        self.octets = octets
        self.seconds = seconds
        self.text = text
        self.complete = complete
        self.account = account
        self.host = host


class Observer(object):
    """Hooks that are called on the thread of the loop; the defaults do nothing."""

    def logged_in(self, account, host):
        # type: (Account, str) -> None
        """A user has logged in."""

    def login_failed(self, name, host):
        # type: (str, str) -> None
        """A login was refused."""

    def transferred(self, record):
        # type: (TransferRecord) -> None
        """A file, or a part of one (``record.complete``), was sent or received."""

    def logged_out(self, account, host):
        # type: (Account, str) -> None
        """A user has left."""


class FTPBackend(object):
    """The service of an FTPServer, which asks it and reports to it; subclasses may answer
    otherwise.

    Args:     accounts: an Accounts.
              guard: a LoginGuard.
              observer: an Observer, or None.
              account_wanted: called with (Account, text of ACCT), gives True if the text is right;
                  None if ACCT is not needed after the password.
              advertise: called with (own address, client's address), gives the address in the reply
                  to PASV; None for the own address.
              media_type: called with a name, gives its media type as bytes; None if unknown.

    Attributes:
        accounts, guard: as given.
        transfers: number of transfers in progress.
        present: list of (Account, host) of the users that are logged in.
    """

    def __init__(self, accounts, guard, observer=None, account_wanted=None, advertise=None,
                 media_type=None):
        # type: (Accounts, LoginGuard, Optional[Observer], Any, Any, Optional[Callable]) -> None
        self.accounts = accounts
        self.guard = guard
        self.transfers = 0
        self.present = []           # type: List[Tuple[Account, str]]
        self._observer = observer or Observer()
        self._account_wanted = account_wanted
        self._advertise = advertise
        self._media_type = media_type

    # -- questions -------------------------------------------------------------------------------

    def prompt(self, name):
        # type: (str) -> bytes
        """The text of the reply 331 for *name*; the same if the name is unknown."""
        return self.accounts.prompt(name)

    def login(self, loop, name, password, host):
        # type: (Any, str, bytes, str) -> Any
        """The Account, or a Future of it.

        It fails with LoginFailed, or LoginUnavailable if the login cannot be verified now.
        """
        return self.accounts.login(loop, name, password, host)

    def wants_account(self, account):
        # type: (Account) -> bool
        """True if ACCT is needed after the password (RFC 959 section 4.1.1)."""
        return self._account_wanted is not None

    def takes_account(self, account, text):
        # type: (Account, bytes) -> bool
        """True if *text* is the account information of *account*."""
        return bool(self._account_wanted(account, text))

    def address_for(self, own, client):
        # type: (str, str) -> Optional[str]
        """The address to put in the reply to PASV; None for the own one."""
        return None if self._advertise is None else self._advertise(own, client)

    def media_type(self, name):
        # type: (bytes) -> bytes
        """The media type of a file by its name; b'' if unknown."""
        return b'' if self._media_type is None else self._media_type(name)

    # -- reports ---------------------------------------------------------------------------------

    def logged_in(self, account, host):
        # type: (Account, str) -> None
        """A user has logged in."""
        self.present.append((account, host))
        self._observer.logged_in(account, host)

    def login_failed(self, name, host):
        # type: (str, str) -> None
        """A login was refused."""
        self._observer.login_failed(name, host)

    def transferred(self, record):
        # type: (TransferRecord) -> None
        """A transfer has ended."""
        self._observer.transferred(record)

    def logged_out(self, account, host):
        # type: (Account, str) -> None
        """A user has left."""
        self.present.remove((account, host))
        self._observer.logged_out(account, host)
