# Copyright the carryall authors.  See LICENSE.
"""A row of FTP's command table: the core's, with the permission that it takes and the path that it must have.

Tests:    tests/protocols/ftp/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.line import commandtable as commands

__all__ = ['Command', 'FRESH', 'INSIDE', 'NAMED']

# States of a session (RFC 959 section 6): before USER; between USER and PASS; logged in.
FRESH, NAMED, INSIDE = 'fresh', 'named', 'inside'


class Command(commands.Command):
    """As the core's Command.

    Args:     args: REST, one argument that must be there and is all the rest of the line; None: one that may be missing.
              letter: the permission that the account must have (``accounts.ALL_LETTERS``).
    """

    __slots__ = ('letter', 'rest')

    REST = 'rest'

    def __init__(self, verb, method, states=(INSIDE,), args=0, letter=b'', syntax=None, rfc=''):
        # type: (bytes, str, Optional[Sequence[str]], Any, bytes, Optional[bytes], str) -> None
        commands.Command.__init__(self, verb, method, states, None if args == self.REST else args, bool(letter), syntax,
                                  None, rfc)
        self.letter = letter
        self.rest = args == self.REST


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Sequence
