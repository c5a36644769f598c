# Copyright the carryall authors.  See LICENSE.
"""Sending in one call."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectFailed, Refused as NobodyThere
from carryall.core.testing import NullTLS, VirtualLoop
from carryall.protocols.smtp.client import Outgoing
from carryall.protocols.smtp.replies import Refused, SMTPError, TransientError
from carryall.protocols.smtp.sending import Delivery, send, send_to_first
from tests.protocols.smtp.stage import TLS, Kept, server

MAIL = Outgoing(b'a@a.example', [b'b@b.example'], b'Subject: x\r\n\r\n')


def world(**given):
    loop, backend = VirtualLoop({'mx.example': ['127.0.0.1']}, tls=NullTLS()), Kept(accounts={u'ann': b'secret'})
    given.setdefault('tls', TLS)
    loop.listen_tcp(lambda: server(loop, backend, strict_pipelining=True, **given), '127.0.0.1', 25)
    return loop, backend


def codes(outcome):
    return [[reply.code for reply in replies] for replies in outcome]


def test_two_messages_over_one_connection():
    loop, backend = world()
    assert codes(loop.run_until(send(loop, 'mx.example', 25, [MAIL, MAIL], Delivery(b'me.example')))) == [[250], [250]]
    loop.advance(1.0)
    assert len(backend.mails) == 2 and backend.gone == 1


@pytest.mark.parametrize('policy, offered, works', [('none', True, True), ('may', True, True), ('may', False, True), ('must', True, True), ('must', False, False)])
def test_policies(policy, offered, works):
    loop, backend = world(**({} if offered else {'tls': None}))
    done = send(loop, 'mx.example', 25, [MAIL], Delivery(tls=policy, context=TLS))
    if works:
        assert codes(loop.run_until(done)) == [[250]]
    else:
        with pytest.raises(SMTPError):
            loop.run_until(done)
    with pytest.raises(ValueError):
        Delivery(tls='maybe')


def test_login():
    loop, _ = world(submission=True)
    assert codes(loop.run_until(send(loop, 'mx.example', 25, [MAIL], Delivery(username=u'ann', password=b'secret', context=TLS)))) == [[250]]
    with pytest.raises(Refused):
        loop.run_until(send(loop, 'mx.example', 25, [MAIL], Delivery(username=u'ann', password=b'wrong', context=TLS)))


def test_over_a_unix_socket_and_through_a_proxy():
    loop, backend = VirtualLoop(), Kept()
    loop.listen_unix(lambda: server(loop, backend, lmtp=True), '/run/lmtp')
    assert codes(loop.run_until(send(loop, '', 0, [MAIL], Delivery(lmtp=True, path='/run/lmtp')))) == [[250]]
    loop, backend = world()
    asked = []

    def connector(factory, host, port, timeout):
        asked.append((host, port))
        return loop.connect_tcp(factory, 'mx.example', 25, timeout)

    assert codes(loop.run_until(send(loop, 'far.example', 99, [MAIL], Delivery(connector=connector, context=TLS)))) == [[250]]
    assert asked == [('far.example', 99)]


def test_the_first_that_talks_with_us():
    loop, backend = world()
    busy = Kept()
    busy.refusal = b'421 4.3.2 busy'
    loop.listen_tcp(lambda: server(loop, busy), '127.0.0.1', 26)
    refusing = Kept()
    refusing.refusal = b'554 5.7.1 not you'
    loop.listen_tcp(lambda: server(loop, refusing), '127.0.0.1', 27)
    delivery = Delivery(context=TLS)
    places = [('127.0.0.1', 1), ('nowhere.example', 25), ('127.0.0.1', 26), ('127.0.0.1', 25), ('127.0.0.1', 27)]
    assert codes(loop.run_until(send_to_first(loop, places, [MAIL], delivery))) == [[250]] and len(backend.mails) == 1
    for some, error in ((places[:3], TransientError), ([], TransientError), (places[4:], Refused)):
        with pytest.raises(error):
            loop.run_until(send_to_first(loop, some, [MAIL], delivery))
    with pytest.raises(NobodyThere):
        loop.run_until(send(loop, '127.0.0.1', 1, [MAIL]))
    assert issubclass(NobodyThere, ConnectFailed)
