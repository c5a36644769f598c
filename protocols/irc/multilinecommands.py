# Copyright the carryall authors.  See LICENSE.
"""BATCH of a client: one message of several lines (IRCv3 draft multiline).

    BATCH +1 draft/multiline #tea
    @batch=1 PRIVMSG #tea :first line
    @batch=1;draft/multiline-concat PRIVMSG #tea : goes on
    BATCH -1

Clients that know of it get a batch; others a message for each line that is not empty.

Tests:    tests/protocols/irc/test_multiline.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.patterns import Pattern
from carryall.protocols.irc.taggedlines import BATCH, MULTILINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List
    from carryall.protocols.irc.server import IRCServer

__all__ = ['CONCAT', 'MAX_BATCH_BYTES', 'MAX_BATCH_LINES', 'MultilineCommands', 'OpenBatch']

MAX_BATCH_BYTES = 4096      # of the texts of one message, with a line end between two
MAX_BATCH_LINES = 100
CONCAT = b'draft/multiline-concat'

_NAME = Pattern(br'[A-Za-z0-9-]{1,64}\Z')


class OpenBatch(object):
    """A batch that a client has begun.

    Attributes:
        name, target: of the batch (bytes).
        verb: PRIVMSG or NOTICE; b'' before the first line.
        lines: (text, True if it goes on with the line before).
        octets: of the texts.
        tags: of the command that began it.
        label: of that; None without one.
    """

    __slots__ = ('name', 'target', 'verb', 'lines', 'octets', 'tags', 'label')

    def __init__(self, name, target, tags):
        # type: (bytes, bytes, Dict[bytes, bytes]) -> None
        self.name = name
        self.target = target
        self.verb = b''
        self.lines = []                 # type: List[Any]
        self.octets = 0
        self.tags = tags
        self.label = None               # type: Any


class MultilineCommands(object):
    """The batches of one client."""

    __slots__ = ('_server',)

    def __init__(self, server):
        # type: (IRCServer) -> None
        self._server = server

    def cmd_batch(self, *params):
        # type: (*bytes) -> Any
        """BATCH +name type target, or BATCH -name."""
        server = self._server
        sign = params[0][:1]
        name = params[0][1:]
        if server.user.capabilities & (BATCH | MULTILINE) != BATCH | MULTILINE:
            self._fail(b'MULTILINE_INVALID', b'The capability was not asked for')
        elif sign == b'+':
            self._begin(name, params)
        elif sign == b'-' and server.batch is not None and server.batch.name == name:
            batch, server.batch = server.batch, None
            if any(text for text, _ in batch.lines):
                return server.messages.send_lines(batch)
            self._fail(b'MULTILINE_INVALID', b'There is no text')
        else:
            self._fail(b'MULTILINE_INVALID', b'There is no such batch')
        return None

    def _begin(self, name, params):
        # type: (bytes, Any) -> None
        server = self._server
        if server.batch is not None:
            self._fail(b'MULTILINE_INVALID', b'A batch is open already')
            server.batch = None
        elif len(params) < 3 or params[1] != b'draft/multiline' or not _NAME.match(name):
            self._fail(b'MULTILINE_INVALID', b'A name, draft/multiline and a target are needed')
        else:
            server.batch = OpenBatch(name, params[2], dict(server.tags))
            server.batch.label = server.take_label()

    def take_line(self, verb, params):
        # type: (bytes, Any) -> None
        """Takes PRIVMSG or NOTICE with the tag of the batch that is open."""
        server = self._server
        batch = server.batch
        text = params[1] if len(params) > 1 else b''
        goes_on = CONCAT in server.tags
        wrong = (server.tags[b'batch'] != batch.name or not params
                 or params[0] != batch.target or batch.verb not in (b'', verb)
                 or goes_on and not text)
        if wrong:
            server.batch = None
            self._fail(b'MULTILINE_INVALID_TARGET' if params and params[0] != batch.target
                       else b'MULTILINE_INVALID', b'The line is not of the batch')
            return
        batch.verb = verb
        batch.octets += len(text) + (1 if batch.lines and not goes_on else 0)
        batch.lines.append((text, goes_on))
        if batch.octets > MAX_BATCH_BYTES:
            server.batch = None
            server.fail(b'BATCH', b'MULTILINE_MAX_BYTES', [b'%d' % MAX_BATCH_BYTES],
                        b'The message is too long')
        elif len(batch.lines) > MAX_BATCH_LINES:
            server.batch = None
            server.fail(b'BATCH', b'MULTILINE_MAX_LINES', [b'%d' % MAX_BATCH_LINES],
                        b'The message has too many lines')

    def _fail(self, code, text):
        # type: (bytes, bytes) -> None
        self._server.fail(b'BATCH', code, (), text)
