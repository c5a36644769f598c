# Copyright the carryall authors.  See LICENSE.
"""`carryall ident` asks a server; the examples are a server and a client too."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall import runtimes
from carryall.commands import identclient
from carryall.core.errors import UsageError
from carryall.core.testing import VirtualLoop
from carryall.protocols.ident import NO_USER, IdentError, IdentServer, Lookup
from tests.support.examples import Standing

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Owners(Lookup):
    """The owner of one connection."""

    def lookup(self, ours, theirs):
        return u'ann\x1b' if (ours.port, theirs.port) == (6193, 23) else NO_USER


@pytest.fixture
def loop(monkeypatch):
    """The loop of the command, with a server."""
    made = VirtualLoop()
    monkeypatch.setattr(identclient, 'choose', lambda backend: Standing(made))
    made.listen_tcp(lambda: IdentServer(Owners(), made), '127.0.0.1', 113)
    return made


def test_the_name_is_printed_without_control_characters(loop, capsys):
    assert identclient.main(['6193', '23', '127.0.0.1']) == 0
    assert capsys.readouterr()[0] == 'ann\\x1b\n'


def test_a_connection_without_an_owner_is_an_error(loop):
    with pytest.raises(IdentError):
        identclient.main(['1', '2', '127.0.0.1'])


@pytest.mark.parametrize('words', [[], ['1'], ['1', '2'], ['0', '2', 'a'], ['1', '70000', 'a'],
                                   ['x', '2', 'a'], ['1', '2', 'a', 'b']])
def test_a_command_line_that_is_wrong_is_refused(words):
    with pytest.raises(UsageError):
        identclient.main(words)


def test_the_help_is_printed(capsys):
    assert identclient.main(['--help']) == 0
    assert capsys.readouterr()[0].startswith('usage: carryall ident')


def test_the_example_of_a_client_asks_that_of_a_server(monkeypatch, capsys):
    made = VirtualLoop()
    monkeypatch.setattr(runtimes, 'choose', lambda: Standing(made))
    for name in ('ident_server.py', 'ident_client.py'):
        with open(os.path.join(ROOT, 'doc', 'examples', name), 'rb') as source:
            eval(compile(source.read(), name, 'exec'), {'__name__': '__main__'})
    assert capsys.readouterr()[0] == 'everyone\n'
