# Copyright the carryall authors.  See LICENSE.
"""The limits of an FTP server, each with its unit and where it comes from.

Tests:    tests/protocols/ftp/test_settings.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.line.commandserver import UNPRODUCTIVE_SECONDS

__all__ = ['Limits', 'MAX_COMMAND', 'MAX_OFFSET', 'MAX_PATH']

MAX_COMMAND = 2048          # octets of a command line without its end; ours: it has to hold a path
MAX_PATH = 1024             # octets of a path from the root, and so of most answers that repeat it; ours
MAX_OFFSET = 2 ** 63 - 1    # of REST, RANG and ALLO; the largest that file systems know


class Limits(object):
    """What one server allows; the defaults may be replaced by name.

    Attributes:
        idle_seconds: without a command (RFC 1123 section 4.1.3.2 wants at least five minutes).
        unproductive_seconds: from the login to a transfer, or from one to the next, whatever else is said; ours.
        login_seconds: from the connection to the login; ours.
        data_seconds: for a data connection to come about, and how long a passive port waits for one (RFC 2577 section 3).
        stall_seconds: a transfer that moves nothing for so long is ended; ours.
        login_attempts: wrong passwords until the connection is closed (RFC 2577 section 5 has 3 to 5).
        login_delay: seconds until the first wrong password is answered; it doubles with each (RFC 2577 section 5).
        waiting_commands: commands that may wait behind a transfer; ours.
        rate_up, rate_down: octets a second of one connection, None for no bound.
        transfers: at the same time, on the whole server; None for no bound.
        file_bytes: of one upload; None for no bound.
        listed: entries of one listing; ours.
    """

    def __init__(self, **given):
        # type: (**Any) -> None
        self.idle_seconds = 300.0
        self.unproductive_seconds = UNPRODUCTIVE_SECONDS
        self.login_seconds = 120.0
        self.data_seconds = 30.0
        self.stall_seconds = 300.0
        self.login_attempts = 3
        self.login_delay = 1.0
        self.waiting_commands = 50
        self.rate_up = None             # type: Optional[float]
        self.rate_down = None           # type: Optional[float]
        self.transfers = None           # type: Optional[int]
        self.file_bytes = None          # type: Optional[int]
        self.listed = 100000
        for name in sorted(given):
            if name not in self.__dict__:
                raise TypeError('there is no limit %s' % name)
        self.__dict__.update(given)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
