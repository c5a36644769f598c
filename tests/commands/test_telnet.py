# Copyright the carryall authors.  See LICENSE.
"""`carryall telnet` as a client: what it does with its words, and a talk in memory."""
from __future__ import absolute_import, division, print_function

import io

import pytest

from carryall.commands import main as umbrella
from carryall.commands import serve, telnet
from carryall.commands.sharedwords import seems_meant
from carryall.core.errors import Refused, UsageError
from carryall.core.testing import VirtualLoop
from carryall.protocols.telnet import Settings, TelnetServer
from tests.support.trust import WITH_TLS, complains_of_a_missing_file


class Keyboard(object):
    """Pieces that are typed, and notes of what was asked of it."""

    terminal = True

    def __init__(self, *pieces):
        self.pieces = list(pieces)
        self.modes = []

    def read(self):
        return self.pieces.pop(0) if self.pieces else b''

    def by_key(self, wanted):
        self.modes.append(wanted)
        return True

    def window(self):
        return 100, 30


class Shout(TelnetServer):
    def __init__(self, loop, settings=None):
        TelnetServer.__init__(self, None, loop, settings)

    def ready(self):
        self.write(b'ready %d\n' % self.window[0])

    def text_received(self, data):
        self.write(data.upper())
        if b'bye' in data:
            self.transport.close()


class Quiet(Shout):
    def __init__(self, loop):
        Shout.__init__(self, loop, Settings(by_key=False))


def talked(keyboard, server, *words):
    loop = VirtualLoop()
    loop.listen_tcp(lambda: server(loop), '127.0.0.1', 4040)
    output = io.BytesIO()
    values = telnet.SCHEMA.parse(['127.0.0.1', '4040'] + list(words))
    status = loop.run_until(telnet.talk(loop, values, keyboard, output))
    loop.close()
    return status, output.getvalue()


def test_key_by_key():
    keyboard = Keyboard(b'a', b'b', b'\r', b'bye')
    status, shown = talked(keyboard, Shout)
    assert status == 0 and keyboard.modes == [True] and shown.replace(
        b'ready 100\n', b'') == b'AB\nBYE'


def test_the_way_out():
    assert talked(Keyboard(b'a', b'x\x1dnever'), Shout)[0] == 0


def test_lines_are_sent_and_answers_shown():
    keyboard = Keyboard(b'one\n', b'two\n', b'bye\n')
    status, shown = talked(keyboard, Quiet)
    assert status == 0 and keyboard.modes == [] and shown.endswith(b'ONE\nTWO\nBYE\n')


def test_a_connection_that_breaks(capsys):
    class Breaking(Shout):
        def ready(self):
            self.write(b'so far\n')
            self.clock.call_later(1.0, self.transport.abort)

    assert talked(Keyboard(), Breaking) == (1, b'so far\n')
    assert 'carryall telnet: ' in capsys.readouterr()[1]


@pytest.mark.parametrize('words, place', [
    (['host.example'], ('host.example', 23)), (['host.example', '4040'], ('host.example', 4040)),
    (['host.example:4040'], ('host.example', 4040)),
    (['[::1]:4040'], ('::1', 4040)), (['::1'], ('::1', 23)), (['::1', '4040'], ('::1', 4040)),
    (['--tls', 'h'], ('h', 992)),
    (['--tls', 'h:24'], ('h', 24))])
def test_host_and_port(words, place):
    assert telnet._place(telnet.SCHEMA.parse(words)) == place


@pytest.mark.parametrize('word', ['host:', ':23', 'host:0', 'host:99999', 'host:ftp', '[x]:23'])
def test_a_bad_host_or_port_is_refused(word):
    with pytest.raises(UsageError):
        telnet._place(telnet.SCHEMA.parse([word]))


def test_a_refused_connection_is_an_error():
    loop = VirtualLoop()
    values = telnet.SCHEMA.parse(['127.0.0.1', '4040'])
    with pytest.raises(Refused):
        loop.run_until(telnet.talk(loop, values, Keyboard(), io.BytesIO()))


@pytest.mark.parametrize('words, meant', [
    (['host'], True), (['host', '4040', '--tls'], True), ([], False),
    (['-p', '8023', '-u', 'username', '-w', 'password'], False)])
def test_words_with_a_host_are_for_the_client(words, meant):
    assert (seems_meant(telnet.SCHEMA, words) is not None) == meant


@pytest.mark.parametrize('words', [['127.0.0.1', '99999'], ['host', 'ftp'], ['host', '--bogus']])
def test_words_that_begin_with_a_host_are_for_the_client(words):
    with pytest.raises(UsageError) as caught:
        seems_meant(telnet.SCHEMA, words)
    assert 'what is "127.0.0.1"' not in caught.value.message, 'the port is wrong, and not the host'


def test_the_umbrella_goes_on_to_the_type(monkeypatch):
    begun = []
    monkeypatch.setattr(serve, '_serve', lambda kind, values, run_values, lines: begun.append(
        (kind.name, values.port, run_values.quiet)) or 0)
    assert umbrella._main(['--quiet', 'telnet', '-p', '8023', '-w', 'x']) == 0
    assert begun == [('telnet', u'tcp:8023', True)]

@WITH_TLS
def test_a_trust_file_that_is_missing_is_told_before_a_connection(tmpdir):
    assert complains_of_a_missing_file(tmpdir, telnet.main, [
        '--tls', '--trust', 'FILE', '127.0.0.1', '1'])
