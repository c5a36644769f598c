# Copyright the carryall authors.  See LICENSE.
"""START-TLS inside of Telnet."""
from __future__ import absolute_import, division, print_function

from carryall.core.future import completed, failed
from carryall.core.errors import HandshakeFailed
from carryall.protocols.telnet import wire
from carryall.protocols.telnet.session import Option
from carryall.protocols.telnet.starttls import StartTLS
from tests.protocols.telnet.pairs import Pair


class Upgrading(object):
    """Notes who was upgraded; TLS itself is tested elsewhere."""

    def __init__(self, outcome=None):
        self.calls = []
        self.outcome = outcome

    def start_tls(self, transport, context, server_side, hostname):
        self.calls.append((context, server_side, hostname))
        return failed(self.outcome) if self.outcome else completed('agreed')


def pair(outcome=None):
    loop = Upgrading(outcome)
    made = Pair([StartTLS(loop, 'client', False, 'host.example'), Option(wire.SGA)],
                [StartTLS(loop, 'server', True), Option(wire.SGA)])
    made.options = made.client.options[wire.START_TLS], made.server.options[wire.START_TLS]
    return loop, made


def test_both_sides_upgrade_and_start_over():
    loop, made = pair()
    made.server.ask_us(wire.SGA)
    made.run()
    made.server.ask_peer(wire.START_TLS)
    made.run()
    assert sorted(loop.calls) == [('client', False, 'host.example'), ('server', True, None)]
    assert [option.done.result() for option in made.options] == ['agreed', 'agreed']
    assert not made.server.negotiator.on(wire.SGA, True), 'what was agreed in clear is forgotten'
    made.server.write(b'inside\n')
    made.run()
    assert made.client.text == b'inside\n'


def test_clear_data_behind_start_tls_is_dropped(expect_log):
    expect_log('octets in clear behind START-TLS are dropped')
    loop, made = pair()
    made.server.ask_peer(wire.START_TLS)
    made.far.feed(b'\xff\xfb\x2e\xff\xfa\x2e\x01\xff\xf0rm -rf /\r\n')
    assert made.server.text == b'' and loop.calls == [('server', True, None)]


def test_a_handshake_that_fails():
    loop, made = pair(HandshakeFailed(u'no'))
    made.server.ask_peer(wire.START_TLS)
    made.run()
    assert isinstance(made.options[0].done.exception(), HandshakeFailed)


def test_another_word_is_passed_over():
    loop, made = pair()
    made.server.ask_peer(wire.START_TLS)
    made.far.feed(b'\xff\xfb\x2e\xff\xfa\x2e\x07\xff\xf0on')
    assert loop.calls == [] and made.server.text == b'on'
