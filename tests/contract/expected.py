# Copyright the carryall authors.  See LICENSE.
"""Which backends must not be missing from a run of the contract tests, per interpreter,
on Linux."""
from __future__ import absolute_import, division, print_function

from tests.support import interpreter

__all__ = ['EXPECTED', 'expected']

EXPECTED = {
    'cpython3': ('epoll', 'poll', 'select', 'threads', 'asyncio'),
    'cpython2': ('epoll', 'poll', 'select', 'threads'),
    'pypy3': ('epoll', 'poll', 'select', 'threads', 'asyncio'),
    'jython2': ('nio', 'threads'),
}


def expected():
    """The names for the interpreter that runs this."""
    return EXPECTED[interpreter.NAME + interpreter.VERSION[:1]]
