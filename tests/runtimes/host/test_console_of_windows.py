# Copyright the carryall authors.  See LICENSE.
"""A console of Windows, over fakes: no termios, no ioctl, and a password typed through getpass."""
from __future__ import absolute_import, division, print_function

import sys

import pytest

from carryall.runtimes.host import terminal
from carryall.runtimes.platform import ON_JVM

pytestmark = pytest.mark.skipif(ON_JVM, reason='Java has a Console of its own')


class Console(object):
    """A stream that a person reads."""

    def isatty(self):
        return True

    def fileno(self):
        return 1


@pytest.fixture(autouse=True)
def windows(monkeypatch):
    """The modules of Unix systems are not there."""
    for name in ('fcntl', 'termios'):
        monkeypatch.setitem(sys.modules, name, None)


def test_a_console_is_a_terminal():
    assert terminal.is_terminal(Console())


def test_the_width_of_a_console_is_not_known():
    assert terminal.columns_of(Console()) is None


def test_a_secret_is_read_by_getpass(monkeypatch):
    import getpass
    asked = []
    monkeypatch.setattr(getpass, 'getpass', lambda prompt: asked.append(prompt) or 'typed')
    assert terminal.read_secret(u'Word: ') == b'typed'
    assert asked == ['Word: ']
