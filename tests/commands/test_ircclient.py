# Copyright the carryall authors.  See LICENSE.
"""`carryall irc HOST`: a conversation by the command."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.commands.ircclient import SCHEMA, main, talk
from carryall.core.errors import ConnectFailed, UsageError
from carryall.core.future import Future
from carryall.core.testing import VirtualLoop
from carryall.protocols.irc import IRCServer, Network


class Typed(object):
    """Stands for the keyboard: pieces, and then the end or no end."""

    def __init__(self, loop, *pieces):
        self._pieces = list(pieces)
        loop.run_in_thread = self._run

    def _run(self, function):
        future = Future()
        if self._pieces:
            future.set_result(self._pieces.pop(0))
        return future

    def read(self):
        """Never called: the loop gives the pieces."""


def _talked(*pieces):
    loop = VirtualLoop()
    network = Network(loop, b'irc.example', b'Example')
    listener = loop.listen_tcp(lambda: IRCServer(network, loop), '127.0.0.1', 0)
    shown = []
    options = SCHEMA.parse(['127.0.0.1:%d' % listener.address.port, '#tea', '--nick', 'ann'])
    done = talk(loop, options, b'', Typed(loop, *pieces), shown.append)
    loop.advance(10.0)
    return network, done, shown, loop


def test_typed_lines_are_sent_and_the_end_of_input_quits():
    _, done, shown, _ = _talked(b'hel', b'lo\n/quit\n', b'')
    assert (done.result(), u'*** ann joins #tea' in shown) == (0, True)


def test_the_end_of_the_input_ends_the_session():
    assert _talked(b'')[1].result() == 0


def test_a_session_that_the_server_ends_has_status_1(capsys):
    network, done, _, loop = _talked()
    network.user_of(b'ann').connection.close_link(b'bye')
    loop.advance(10.0)
    assert done.result() == 1
    assert 'the server has ended the session' in capsys.readouterr()[1]


def test_no_server_is_an_error():
    loop = VirtualLoop()
    done = talk(loop, SCHEMA.parse(['127.0.0.1:1']), b'', Typed(loop), [].append)
    loop.advance(40.0)
    assert isinstance(done.exception(), ConnectFailed)


def test_words_without_a_host_are_for_the_server():
    assert main([u'--sts-port=6697']) is None


def test_the_help_has_the_typed_commands(capsys):
    main([u'--help'])
    assert '/join #CHANNEL' in capsys.readouterr()[0]


def test_a_wrong_option_is_an_error():
    with pytest.raises(UsageError):
        main([u'irc.example', u'--no-such-option'])
