# Copyright the carryall authors.  See LICENSE.
"""What a server tells its owner: who came and went, and which files.

Tests:    tests/protocols/ftp/test_service.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['Observer', 'TransferRecord']


class TransferRecord(object):
    """One transfer that is over, for logs and hooks.

    Attributes:
        incoming: whether it was an upload.
        path: tuple of names.
        octets: of the file that went over the wire.
        seconds: how long it took.
        text: whether it was TYPE A.
        complete: whether all of it went.
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
    """Hooks of a site; each is called on the loop's thread, and does nothing here."""

    def logged_in(self, account, host):
        # type: (Any, str) -> None
        """Somebody has logged in."""

    def login_failed(self, name, host):
        # type: (str, str) -> None
        """A login was refused."""

    def transferred(self, record):
        # type: (TransferRecord) -> None
        """A file was sent or received, or a part of it (``record.complete``)."""

    def logged_out(self, account, host):
        # type: (Any, str) -> None
        """Somebody has left."""


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple
