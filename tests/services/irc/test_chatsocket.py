# Copyright the carryall authors.  See LICENSE.
"""WebSockets of IRC clients (IRCv3 websocket)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import VirtualLoop
from carryall.protocols.websocket import HandshakeRefused, Settings, connect
from carryall.services.irc.service import TYPE


def started(*words):
    loop = VirtualLoop()
    service = TYPE.make(TYPE.options.parse(['--websocket', '7000'] + list(words)))
    service.start(loop)
    return loop, service


def opened(loop, *subprotocols):
    return loop.run_until(connect(loop, 'ws://127.0.0.1:7000/',
                                  settings=Settings(subprotocols=subprotocols)))


def welcome(loop, client):
    client.send(u'NICK ann')
    client.send(u'USER a 0 * :Ann')
    return loop.run_until(client.receive())


@pytest.mark.parametrize('name, kind', [((b'text.ircv3.net',), u''.__class__),
                                        ((b'binary.ircv3.net',), bytes), ((), u''.__class__)])
def test_each_line_is_a_message_of_the_kind_that_was_chosen(name, kind):
    loop, _ = started()
    message = welcome(loop, opened(loop, *name))
    assert (type(message), u' 001 ann ' in (message if kind is not bytes
                                           else message.decode('ascii'))) == (kind, True)


def test_octets_that_are_no_text_are_replaced():
    loop, service = started('-p', '7001')
    client = opened(loop, b'text.ircv3.net')
    welcome(loop, client)
    user = service.network.user_of(b'ann')
    user.connection.send_line(b':x NOTICE ann :\xe9')
    user.connection.flush()
    while True:
        message = loop.run_until(client.receive())
        if message.startswith(u':x '):
            break
    assert message == u':x NOTICE ann :\ufffd'


def test_a_line_end_within_a_message_makes_no_second_line():
    loop, service = started()
    client = opened(loop)
    welcome(loop, client)
    client.send(u'PRIVMSG ann :x\r\nQUIT')
    loop.advance(1.0)
    assert service.network.user_of(b'ann') is not None


def test_a_client_that_closes_is_gone():
    loop, service = started()
    client = opened(loop)
    welcome(loop, client)
    client.close()
    loop.advance(1.0)
    assert service.network.user_of(b'ann') is None


def test_a_quit_closes_the_websocket():
    loop, _ = started()
    client = opened(loop)
    welcome(loop, client)
    client.send(u'QUIT :bye')
    messages = []
    while True:
        message = loop.run_until(client.receive())
        if message is None:
            break
        messages.append(message)
    assert messages[-1].startswith(u'ERROR :Closing Link')


@pytest.mark.parametrize('origin, allowed', [('https://chat.example', True),
                                             ('https://evil.example', False)])
def test_pages_of_other_sites_are_refused(origin, allowed):
    loop, _ = started('--origin', 'https://chat.example')
    future = connect(loop, 'ws://127.0.0.1:7000/', origin=origin.encode('ascii'))
    if allowed:
        assert loop.run_until(future) is not None
    else:
        with pytest.raises(HandshakeRefused):
            loop.run_until(future)


def test_without_a_port_the_usual_one_is_not_opened():
    assert TYPE.endpoints(TYPE.options.parse(['--websocket', '7000'])) == [
        u'tcp:7000:interface=127.0.0.1']
