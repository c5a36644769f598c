# Copyright the carryall authors.  See LICENSE.
"""The commands of a line protocol in one table.

    commands = CommandTable([
        Command(b'STAT', 'cmd_stat', states=('transaction',), args=0, rfc='1939#5'),
        Command(b'LIST', 'listing.cmd_list', args=(0, 1), rfc='1939#5', syntax=b'LIST [msg]')])

A peer's verb is looked up as bytes in the table and nowhere else.
`carryall.core.line.commandserver` dispatches it.

Tests:    tests/core/line/test_commandtable.py
"""
from __future__ import absolute_import, division, print_function

from operator import attrgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Sequence

__all__ = ['ARITY', 'BUDGET', 'Command', 'CommandTable', 'FAILED', 'FORBIDDEN', 'TOO_LONG',
           'UNKNOWN', 'WRONG_STATE']

# Reasons to refuse a command: the keys of CommandServer.refusals.
UNKNOWN = 'unknown'
WRONG_STATE = 'wrong state'
ARITY = 'arity'
FORBIDDEN = 'forbidden'
BUDGET = 'budget'
FAILED = 'failed'
TOO_LONG = 'too long'


class Command(object):
    """One verb.

    Args:     verb: upper-case octets as the RFC spells them.
              method: the name of the server's method, called with the arguments (each bytes).
                  'group.method' is a method of the server's attribute ``group``.
              states: the states in which it is allowed; None for all.
              args: number of arguments, or (least, most); None: one argument, the rest of the line
                  as sent.
              auth: ask ``authorised(command)`` first.
              syntax: printed by HELP and in syntax errors; default the verb.
              budget: times it may be given on one connection; None for no limit.
              rfc: the section that defines it, '1939#5'.

    Attributes:
        find: called with the server, gives the method.
        least, most: numbers of arguments; None for the rest of the line.
        guarded: ``auth`` or ``budget`` must be checked.
    """

    __slots__ = ('verb', 'method', 'find', 'states', 'least', 'most', 'auth', 'syntax', 'budget',
                 'rfc', 'guarded')

    def __init__(self,
                 verb,              # type: bytes
                 method,            # type: str
                 states=None,       # type: Optional[Sequence[str]]
                 args=0,            # type: Any
                 auth=False,        # type: bool
                 syntax=None,       # type: Optional[bytes]
                 budget=None,       # type: Optional[int]
                 rfc=''             # type: str
                 ):
        # type: (...) -> None
        self.verb = verb
        self.method = method
        self.find = attrgetter(method)
        self.states = states
        if args is None or isinstance(args, tuple):
            self.least, self.most = args or (None, None)
        else:
            self.least = args
            self.most = self.least
        self.auth = auth
        self.syntax = syntax or verb
        self.budget = budget
        self.rfc = rfc
        self.guarded = auth or budget is not None


class CommandTable(object):
    """The commands of a protocol, in the order in which HELP names them.

    Attributes:
        get: called with an upper-case verb, gives its row or None.
    """

    def __init__(self, commands):
        # type: (Sequence[Command]) -> None
        self.rows = tuple(commands)
        self._by_verb = dict((row.verb, row) for row in self.rows)
        if len(self._by_verb) != len(self.rows):
            raise ValueError('duplicate verb in the table')
        self.get = self._by_verb.get        # the dictionary's own method: no call of ours around it

    def __iter__(self):
        return iter(self.rows)
