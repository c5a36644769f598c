# Copyright the carryall authors.  See LICENSE.
"""The first line of a server on a terminal: an address to open, and how to end it.

    web: http://127.0.0.1:8080/  folder /home/ann/site  (Ctrl-C stops it)

Where the output is read by a program there is `listening: http on 127.0.0.1:8080` in its place
(`commands/serverprocess.py`).
Tests:    tests/commands/test_firstline.py
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall.commands.catalogue import URLS
from carryall.commands.console import say
from carryall.commands.serverprocess import Foreground
from carryall.core.patterns import Pattern

__all__ = ['ENDING', 'TerminalReport', 'address_of', 'on_a_terminal']

ENDING = u'(Ctrl-C stops it)'

# A second server of one name has a number: `http-2`.  A Unix socket has no URL.
LISTENING = Pattern(r'(\S+?)(?:-[0-9]+)? on ((?!unix:)\S+:[0-9]+)( with TLS)?\Z')


def on_a_terminal():
    # type: () -> bool
    """True if a person reads both stdout and stderr."""
    from carryall.runtimes.host.terminal import is_terminal
    return is_terminal(sys.stdout) and is_terminal(sys.stderr)


def address_of(line):
    # type: (str) -> str
    """The URL of a listener, from a line such as `http on 127.0.0.1:8080`; its address if it has
    none.
    """
    found = LISTENING.match(line)
    if found is None:
        return line
    name, address, secure = found.groups()
    for listener, clear, encrypted, path in URLS:
        scheme = encrypted if secure else clear
        if listener == name and scheme:
            return u'%s://%s%s' % (scheme, address, path)
    return u'%s %s%s' % (name, address, secure or u'')


class TerminalReport(Foreground):
    """The report of a run that a person started in a terminal.

    Args:     name: of the service type.
              more: lines after those of the listeners, such as the folder that is served.
    """

    def __init__(self, name, more=()):
        # type: (str, Sequence[str]) -> None
        Foreground.__init__(self, more)
        self._name = name

    def ready(self, lines):
        addresses = [address_of(line[len(u'listening: '):]) for line in lines
                     if line.startswith(u'listening: ')]
        for address in addresses[1:]:
            say(u'%s: %s' % (self._name, address))
        first = [u'%s: %s' % (self._name, addresses[0] if addresses else u'runs')]
        say(u'  '.join(first + self.more + [ENDING]))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Sequence
