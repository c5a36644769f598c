# Copyright the carryall authors.  See LICENSE.
"""The service type ``words``: its options, and three protocols in one room."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall import runtimes
from carryall.commands.catalogue import known_types
from carryall.core.auth.credentials import UsernamePassword
from carryall.core.errors import Unsupported, UsageError
from carryall.core.future import Future, Return, coroutine
from carryall.protocols import pb
from carryall.protocols.irc import ClientSettings, connect
from carryall.services.words import service as wordsservice
from carryall.services.words.service import TYPE

ACCOUNTS = ['--user', 'ann=correct horse', '--admin', 'bob:correct horse']


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch):
    """Passwords that cost little: a 2.7 without OpenSSL takes seconds for others."""
    monkeypatch.setattr(wordsservice, 'ITERATIONS', 4096)


class Served(object):
    """The service on free ports, in a loop of the runtime."""

    def __init__(self, folder, *words):
        self.loop = runtimes.choose()
        self.words = ['-p', 'tcp:0', '-i', 'tcp:0', '-w', 'tcp:0', '--store',
                      'sqlite:' + os.path.join(folder, 'words.db')] + list(words)
        self.service = TYPE.make(TYPE.options.parse(self.words))
        try:
            self.service.start(self.loop)
        except Unsupported as exc:
            self.loop.close()
            pytest.skip(str(exc))
        ports = [line.rpartition(':')[2] for line in self.service.listening()]
        self.pb_port, self.irc_port, self.web_port = [int(port) for port in ports]

    def run(self, future):
        """The result of *future*."""
        return self.loop.run_until(future)

    def wait_for(self, condition):
        """Waits until *condition* is true."""
        done = Future()

        def look():
            if condition():
                done.set_result(None)
            else:
                self.loop.call_later(0.01, look)

        look()
        self.run(done)

    def close(self):
        """Stops it."""
        self.run(self.service.stop(0.0))
        self.loop.close()


@pytest.fixture
def served(tmpdir):
    made = Served(str(tmpdir), *ACCOUNTS)
    yield made
    made.close()


def test_the_registry_has_the_type():
    assert known_types().get('words') is TYPE


def test_the_ports_are_those_of_0_19():
    assert TYPE.endpoints(TYPE.options.parse([])) == [
        u'tcp:8787:interface=127.0.0.1', u'tcp:6667:interface=127.0.0.1',
        u'tcp:8080:interface=127.0.0.1']


def test_the_options_of_1_2_are_taken():
    options = TYPE.options.parse(['-p', '1', '-i', '2', '-w', '3', '-b', '192.0.2.1', '--irchost',
                                  '192.0.2.2', '-s', '192.0.2.3', '--bot', 'parrot:echo', '--user',
                                  'ann:correct:horse'])
    assert TYPE.endpoints(options) == [
        u'tcp:1:interface=192.0.2.1', u'tcp:2:interface=192.0.2.2', u'tcp:3:interface=192.0.2.3']
    assert [tuple(each) for each in options.bot + options.user] == [
        (u'parrot', u'echo'), (u'ann', u'correct:horse')]


@pytest.mark.parametrize('words', [
    ['--bot', 'x:nothing'], ['--bot', 'x'], ['--name', 'a b'],
    ['--user', '#ann=correct horse'], ['--tendril', 'irc.example'], ['--kept', '0'],
    ['--irchost', 'x']])
def test_a_wrong_option_is_an_error(words):
    with pytest.raises(UsageError):
        TYPE.options.parse(words)


class Mind(pb.Referenceable):
    """The object of a client of Perspective Broker."""

    def __init__(self):
        self.heard = []

    def remote_receiveContactList(self, contacts):
        self.heard.append(('contacts', contacts))

    def remote_setGroupMetadata(self, metadata, group):
        self.heard.append(('metadata', group))

    def remote_memberJoined(self, name, group):
        self.heard.append(('joined', name, group))

    def remote_receiveGroupMessage(self, sender, group, text, metadata=None):
        self.heard.append(('group', sender, group, text))


@coroutine
def _talk(served, mind, lines):
    broker = yield pb.connect(served.loop, '127.0.0.1', served.pb_port, extensions=True)
    bob = yield pb.login(broker, UsernamePassword(u'bob', b'correct horse'), mind)
    yield bob.call_remote('joinGroup', u'tea')
    settings = ClientSettings(password=b'correct horse')
    ann = yield connect(served.loop, '127.0.0.1', served.irc_port, b'ann', settings=settings,
                        received=lambda client, message: lines.append(message))
    yield ann.join(b'#tea')
    ann.say(b'#tea', b'hello by IRC')
    yield bob.call_remote('groupMessage', u'tea', u'hello by PB')
    raise Return((broker, bob, ann))


def test_a_client_of_irc_and_one_of_pb_are_in_the_same_room(served):
    mind = Mind()
    lines = []
    clients = served.run(_talk(served, mind, lines))
    served.wait_for(lambda: ('group', u'ann', u'tea', u'hello by IRC') in mind.heard)
    served.wait_for(lambda: any(each.params == [b'#tea', b'hello by PB'] for each in lines))
    assert ('joined', u'ann', u'tea') in mind.heard
    assert len(clients) == 3


def test_accounts_groups_and_messages_are_there_after_a_restart(tmpdir):
    served = Served(str(tmpdir), *ACCOUNTS)
    clients = served.run(_talk(served, Mind(), []))
    space = served.service.space
    served.run(space.change_metadata(space.participant(u'bob'), u'tea', {u'topic': u'green'}))
    del clients
    served.close()
    served = Served(str(tmpdir))
    space = served.service.space
    served.run(space.ready)
    assert sorted(space.participants) == [u'ann', u'bob']
    assert (space.groups[u'tea'].topic, space.participant(u'bob').is_admin) == (u'green', True)
    rows = served.run(space.store.history(u'tea', None, 9))
    assert [each.text for each in rows if u'PB' in each.text] == [u'hello by PB']
    served.close()


def test_a_reload_reads_the_message_of_the_day(tmpdir):
    path = tmpdir.join('motd')
    path.write('one')
    served = Served(str(tmpdir), '--motd', str(path), '--bot', 'parrot:echo')
    served.run(served.service.space.ready)
    served.wait_for(lambda: served.service.bots.names())
    path.write('two')
    served.service.reload()
    assert served.service.bots.names() == [(u'parrot', u'echo, running')]
    served.close()
