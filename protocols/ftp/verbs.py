# Copyright the carryall authors.  See LICENSE.
"""Command and CommandGroup: a row of FTP's command table, and the object that has the row's method.

Tests:    tests/protocols/ftp/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.line import commandtable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Sequence
    from carryall.protocols.ftp.server import FTPServer

__all__ = ['Command', 'CommandGroup', 'FRESH', 'INSIDE', 'NAMED']

# States of a session (RFC 959 section 6): before USER; between USER and PASS; logged in.
FRESH = 'fresh'
NAMED = 'named'
INSIDE = 'inside'


class Command(commandtable.Command):
    """The core's Command, with a permission and a required path.

    Args:     args: REST: one argument, the rest of the line, required; None: the same, optional.
              letter: the permission that the account must have (`account.ALL_LETTERS`).
    """

    __slots__ = ('letter', 'rest')

    REST = 'rest'

    def __init__(self, verb, method, states=(INSIDE,), args=0, letter=b'', syntax=None, rfc=''):
        # type: (bytes, str, Optional[Sequence[str]], Any, bytes, Optional[bytes], str) -> None
        self.rest = args == self.REST
        self.letter = letter
        counts = None if self.rest else args
        commandtable.Command.__init__(self, verb, method, states, counts, bool(letter), syntax,
                                      None, rfc)


class CommandGroup(object):
    """Some commands of a session, and the state that they share.

    Args:     session: the FTPServer.
    """

    __slots__ = ('session',)

    def __init__(self, session):
        # type: (FTPServer) -> None
        self.session = session
        self.reset()

    def reset(self):
        # type: () -> None
        """Forgets what the client has chosen: USER, REIN and AUTH begin a new session."""
