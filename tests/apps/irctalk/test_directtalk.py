# Copyright the carryall authors.  See LICENSE.
"""/dcc, typed and shown."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.apps.irctalk.ircconsole import IRCConsole
from carryall.core.testing import VirtualLoop
from carryall.protocols.irc import DirectConnections, IRCServer, Network, Settings, connect


class Table(object):
    """Two conversations on one server, with folders."""

    def __init__(self, tmpdir):
        self.loop = VirtualLoop()
        network = Network(self.loop, b'irc.example', b'Example')
        listener = self.loop.listen_tcp(
            lambda: IRCServer(network, self.loop, Settings(burst=1000)), '127.0.0.1', 0)
        self.folders = {}
        self.shown = {}
        self.consoles = {}
        self.direct = {}
        for nick in (b'ann', b'bob'):
            folder = str(tmpdir.mkdir(nick.decode('ascii')))
            lines = []
            direct = DirectConnections(self.loop, None, folder)
            console = IRCConsole(lines.append, direct)
            console.begin(self.loop.run_until(connect(
                self.loop, '127.0.0.1', listener.address.port, nick, received=console.received)))
            self.folders[nick] = folder
            self.shown[nick] = lines
            self.consoles[nick] = console
            self.direct[nick] = direct
        self.type(b'bob', u'/msg ann hello')

    def type(self, nick, line):
        """Types a line; what both are shown then."""
        for lines in self.shown.values():
            del lines[:]
        self.consoles[nick].typed(line)
        self.loop.advance(1.0)
        return list(self.shown[b'ann']), list(self.shown[b'bob'])

    def offer(self, name='cake.txt', data=b'eggs'):
        """ann offers a file; what bob is shown."""
        path = os.path.join(self.folders[b'ann'], name)
        with open(path, 'wb') as target:
            target.write(data)
        # A client that has said nothing knows of no other; DirectConnections needs the client.
        return self.type(b'ann', u'/dcc send bob %s' % path)[1]


@pytest.fixture
def table(tmpdir):
    made = Table(tmpdir)
    made.type(b'ann', u'/msg bob hello')
    yield made
    for direct in made.direct.values():
        direct.close()
    made.loop.advance(200.0)


def test_a_file_is_offered_and_got(table):
    offered = table.offer()
    _, got = table.type(b'bob', u'/dcc get 1')
    path = os.path.join(table.folders[b'bob'], 'cake.txt')
    with open(path, 'rb') as source:
        data = source.read()
    assert (offered, got, data) == (
        [u'*** ann offers the file cake.txt of 4 octets: /dcc get 1'], [u'*** %s is there' % path],
        b'eggs')


def test_offers_are_listed_until_they_are_refused(table):
    table.offer()
    _, listed = table.type(b'bob', u'/dcc list')
    table.type(b'bob', u'/dcc refuse 1')
    _, after = table.type(b'bob', u'/dcc list')
    assert (len(listed), after) == (1, [])


def test_a_chat_is_offered_and_held(table):
    table.type(b'ann', u'/dcc chat bob')
    begun = table.type(b'bob', u'/dcc get 1')
    said = table.type(b'bob', u'/dcc say ann two lumps')
    ended = table.type(b'ann', u'/dcc close bob')
    assert (begun[0], said, ended[1]) == (
        [u'*** a chat with bob: /dcc say bob TEXT'],
        ([u'=bob= two lumps'], [u'=> =ann= two lumps']), [u'*** the chat with ann has ended'])


@pytest.mark.parametrize('line, shown', [
    (u'/dcc', u'*** /dcc list, get, refuse, send, chat, say and close are known'),
    (u'/dcc get 7', u'*** there is no such offer'), (u'/dcc say eve x',
                                                     u'*** there is no chat with eve')])
def test_a_wrong_line_is_told(table, line, shown):
    assert table.type(b'bob', line)[1] == [shown]


def test_a_missing_file_is_told(table):
    assert 'No such file' in table.type(b'bob', u'/dcc send ann /no/such/file')[1][0]


def test_names_of_files_are_shown_clean(table):
    shown = table.type(b'ann', u'/msg bob \x01DCC SEND "\x02\x1b[2J.txt" 2130706433 5000 1\x01')[1]
    assert all(u'\x1b' not in line for line in shown)
