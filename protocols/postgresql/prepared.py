# Copyright the carryall authors.  See LICENSE.
"""The statements that a connection remembers, and prepares under a name at their second use.

A statement is what its text and the types of its parameters make it.  Its first use tells what
columns it has.  The second one gives it a name, and asks for the best formats.  From then on it
needs Bind, Execute and Sync alone.
Tests:    tests/protocols/postgresql/test_prepared.py
"""
from __future__ import absolute_import, division, print_function

import binascii
import os

from carryall.protocols.postgresql import wire
from carryall.protocols.postgresql.bindvalues import formats_of
from carryall.protocols.postgresql.rowreader import best_formats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple

__all__ = ['Prepared', 'Statements']

# States of a statement: only its text is known; its columns, too; it is being prepared; it has a
# name at the server
SEEN, DESCRIBED, ASKED, READY = range(4)

MAX_LOST = 3                # statements that the server may have forgotten
MAX_TEXT = 1 << 16          # octets of a statement that is remembered


class Prepared(object):
    """One statement.

    Attributes:
        name: at the server; None before it has one.
        state: SEEN, DESCRIBED, ASKED or READY.
        columns: (name, number of the type, format) of each column, as the server said last.
        names: of the columns.
        read: the row reader of the prepared statement.
        head, tail: of its Bind.
    """

    __slots__ = ('text', 'kinds', 'name', 'state', 'columns', 'names', 'read', 'head', 'tail')

    def __init__(self, text, kinds):
        # type: (str, Tuple[int, ...]) -> None
        self.text = text
        self.kinds = kinds
        self.name = None            # type: Any
        self.state = SEEN
        self.columns = ()           # type: Any
        self.names = ()             # type: Tuple[str, ...]
        self.read = None            # type: Any
        self.head = b''
        self.tail = b''

    def ask(self, name):
        # type: (bytes) -> bytes
        """A Parse that gives it *name*; from then on Bind has the best formats."""
        self.name = name
        self.state = ASKED
        self.head = wire.bind_head(formats_of(self.kinds), name)
        self.tail = wire.bind_tail(best_formats(self.columns))
        return wire.parse(self.text, self.kinds, name)

    def forget(self):
        # type: () -> None
        """The server has it under no name any more."""
        self.name = None
        self.state = SEEN


class Statements(object):
    """The statements of one connection; the least recently used ones make room.

    Args:     limit: how many are remembered.
    """

    def __init__(self, limit):
        # type: (int) -> None
        self._half = limit // 2
        # Two generations: what is used moves to the young one, and the old one goes when that is
        # full.  So a use costs no more than finding it.
        self._young = {}            # type: Dict[Any, Prepared]
        self._old = {}              # type: Dict[Any, Prepared]
        self._latest = {}           # type: Dict[str, Prepared]
        self._unclosed = []         # type: List[bytes]
        self._numbers = 0
        # Behind a proxy that lends its sessions by turns, others have names there.
        self._prefix = b'carryall_' + binascii.hexlify(os.urandom(4)) + b'_'
        self._lost = 0

    def find(self, text, kinds, values):
        # type: (str, Tuple[int, ...], List[bytes]) -> Any
        """The Prepared of a statement; None if none is remembered."""
        if not self._half or len(text) > MAX_TEXT:
            return None
        if wire.NULL in values:
            kinds = self._with_known(text, kinds, values)
        key = (text, kinds)
        found = self._young.get(key)
        if found is None:
            found = self._old.pop(key, None)
            if found is None:
                found = Prepared(text, kinds)
            self._add(key, found)
        return found

    def _with_known(self, text, kinds, values):
        # type: (str, Tuple[int, ...], List[bytes]) -> Tuple[int, ...]
        """*kinds*, but the NULLs have the types that a prepared statement has there: it serves for
        them, too."""
        latest = self._latest.get(text)
        if latest is None or len(latest.kinds) != len(kinds):
            return kinds
        return tuple([before if octets is wire.NULL else kind
                      for kind, octets, before in zip(kinds, values, latest.kinds)])

    def _add(self, key, statement):
        # type: (Any, Prepared) -> None
        if len(self._young) >= self._half:
            for each in self._old.values():
                self.drop(each)
            self._old = self._young
            self._young = {}
        self._young[key] = statement

    def next_name(self):
        # type: () -> bytes
        """A name that no statement of the connection has had."""
        self._numbers += 1
        return self._prefix + str(self._numbers).encode('ascii')

    def is_ready(self, statement, names, read):
        # type: (Prepared, Tuple[str, ...], Any) -> None
        """The server has prepared it; its rows have these *names* and are read by *read*."""
        statement.state = READY
        statement.names = names
        statement.read = read
        self._latest[statement.text] = statement

    def drop(self, statement):
        # type: (Prepared) -> None
        """Has the server forget a statement, before the next one is sent."""
        if statement.name is not None:
            self._unclosed.append(statement.name)
        self._unlearn(statement)

    def lose(self, statement):
        # type: (Prepared) -> None
        """Forgets a statement that the server does not know; after MAX_LOST of them, all.

        The sessions of a proxy come and go, and keep no statement.
        """
        self._unlearn(statement)
        self._lost += 1
        if self._lost >= MAX_LOST:
            self.clear()
            self._half = 0

    def _unlearn(self, statement):
        # type: (Prepared) -> None
        statement.forget()
        if self._latest.get(statement.text) is statement:
            del self._latest[statement.text]

    def closing(self):
        # type: () -> bytes
        """The messages that close what made room."""
        if not self._unclosed:
            return b''
        octets = b''.join(wire.close_statement(name) for name in self._unclosed)
        del self._unclosed[:]
        return octets

    def clear(self):
        # type: () -> None
        """The server has forgotten all of them."""
        for generation in (self._young, self._old):
            for statement in generation.values():
                self._unlearn(statement)
        del self._unclosed[:]
