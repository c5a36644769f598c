# Copyright the carryall authors.  See LICENSE.
"""Sending in one call."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectFailed, Refused as NobodyThere, TimedOut
from carryall.core.net.protocol import Protocol
from carryall.core.testing import NullTLS, VirtualLoop
from carryall.core.tls import TLSContext
from carryall.protocols.smtp import (ClientSettings, Outgoing, Refused, SMTPError, SMTPServer,
                                     Settings, TransientError, connect, send, send_to_first)
from carryall.protocols.smtp.transfer import MUST, Delivery
from tests.protocols.smtp.stage import TLS, Kept, server

MAIL = Outgoing(b'a@a.example', [b'b@b.example'], b'Subject: x\r\n\r\n')


def world(**given):
    loop = VirtualLoop({'mx.example': ['127.0.0.1']}, tls=NullTLS())
    backend = Kept(accounts={u'ann': b'secret'})
    given.setdefault('tls', TLS)
    loop.listen_tcp(lambda: server(loop, backend, strict_pipelining=True, **given), '127.0.0.1', 25)
    return loop, backend


def codes(outcome):
    return [[reply.code for reply in replies] for replies in outcome]


def test_two_messages_over_one_connection():
    loop, backend = world()
    assert codes(loop.run_until(send(loop, 'mx.example', 25, [MAIL, MAIL],
                                     ClientSettings(hostname=b'me.example')))) == [[250], [250]]
    loop.advance(1.0)
    assert len(backend.mails) == 2
    assert backend.gone == 1


@pytest.mark.parametrize('policy, offered, works',
                         [('none', True, True), ('may', True, True), ('may', False, True),
                          ('must', True, True), ('must', False, False)])
def test_the_tls_policy_decides_the_transfer(policy, offered, works):
    loop, backend = world(**({} if offered else {'tls': None}))
    done = send(loop, 'mx.example', 25, [MAIL], ClientSettings(policy=policy, tls=TLS))
    if works:
        assert codes(loop.run_until(done)) == [[250]]
    else:
        with pytest.raises(SMTPError):
            loop.run_until(done)
    with pytest.raises(ValueError):
        ClientSettings(policy='maybe')


class Faulty(SMTPServer):
    """A server that offers STARTTLS, and answers it with ``reply``; if that is 220, or none, the
    connection then ends."""

    reply = b''

    def cmd_starttls(self):
        if self.reply[:3] in (b'', b'220', b'421'):
            self.say_goodbye(self.reply, heard=True) if self.reply else self.transport.close()
            return None
        return self.reply


class NeverReady(NullTLS):
    """Sessions that wait for a peer to answer in TLS."""

    def session(self, compiled, server_side, hostname=None):
        made = NullTLS.session(self, compiled, server_side, hostname)
        made.ready = server_side
        return made


FAULTS = [b'454 4.7.0 TLS not available due to local problem', b'502 5.5.1 Not implemented',
          b'421 4.3.2 going', b'500 What?', b'220 2.0.0 Ready', b'']


def faulty_world(reply, tls=NullTLS, backend=None):
    """(loop, backend) with a server at mx.example whose STARTTLS gives this reply."""
    loop = VirtualLoop({'mx.example': ['127.0.0.1']}, tls=tls())
    backend = backend or Kept(accounts={u'ann': b'secret'})

    def made():
        protocol = Faulty(backend, loop, Settings(hostname=b'mx.example', tls=TLS, clear_auth=True))
        protocol.reply = reply
        return protocol

    loop.listen_tcp(made, '127.0.0.1', 25)
    return loop, backend


@pytest.mark.parametrize('tls', [NullTLS, NeverReady])
@pytest.mark.parametrize('reply', FAULTS)
def test_a_server_whose_tls_does_not_work_gets_the_mail_in_clear(reply, tls, expect_log):
    seen = expect_log('in clear')
    loop, backend = faulty_world(reply, tls)
    assert codes(loop.run_until(send(loop, 'mx.example', 25, [MAIL, MAIL]))) == [[250], [250]]
    loop.advance(1.0)
    assert len(backend.mails) == 2
    assert backend.gone == (2 if reply[:3] in (b'', b'220', b'421') else 1)
    assert len(seen) == 1


@pytest.mark.parametrize('settings', [
    ClientSettings(policy='must'), ClientSettings(policy='must', tls=TLSContext(verify=False)),
    ClientSettings(tls=TLSContext()),
    ClientSettings(username=u'ann', password=b'secret')])
@pytest.mark.parametrize('reply', FAULTS)
def test_no_mail_goes_in_clear_where_tls_is_demanded_or_checked_or_there_is_a_password(reply,
                                                                                       settings):
    loop, backend = faulty_world(reply, NeverReady)
    with pytest.raises(SMTPError):
        loop.run_until(send(loop, 'mx.example', 25, [MAIL], settings))
    loop.advance(1.0)
    assert backend.mails == []
    assert backend.gone == 1, 'it tried a second connection'


def test_a_password_that_may_be_shown_goes_in_clear(expect_log):
    expect_log('in clear')
    loop, backend = faulty_world(FAULTS[0])
    sent = send(loop, 'mx.example', 25, [MAIL],
                ClientSettings(username=u'ann', password=b'secret', clear_auth=True))
    assert codes(loop.run_until(sent)) == [[250]]


def test_a_server_that_refuses_within_tls_is_not_tried_in_clear():
    class Refusing(SMTPServer):
        def cmd_ehlo(self, rest):
            if self.session.tls is not None:
                return b'550 5.7.1 Not you'
            return SMTPServer.cmd_ehlo(self, rest)

        cmd_helo = cmd_ehlo

    loop = VirtualLoop({'mx.example': ['127.0.0.1']}, tls=NullTLS())
    backend = Kept()
    loop.listen_tcp(lambda: Refusing(backend, loop, Settings(hostname=b'mx.example', tls=TLS)),
                    '127.0.0.1', 25)
    with pytest.raises(Refused):
        loop.run_until(send(loop, 'mx.example', 25, [MAIL]))
    loop.advance(1.0)
    assert backend.gone == 1


def test_a_login_precedes_the_transfer():
    loop, _ = world(submission=True)
    assert codes(loop.run_until(send(loop, 'mx.example', 25, [MAIL],
                                     ClientSettings(username=u'ann', password=b'secret',
                                              tls=TLS)))) == [[250]]
    with pytest.raises(Refused):
        loop.run_until(send(loop, 'mx.example', 25, [MAIL],
                            ClientSettings(username=u'ann', password=b'wrong', tls=TLS)))


def test_over_a_unix_socket_and_through_a_proxy():
    loop = VirtualLoop()
    backend = Kept()
    loop.listen_unix(lambda: server(loop, backend, lmtp=True), '/run/lmtp')
    assert codes(loop.run_until(send(loop, '', 0, [MAIL],
                                     ClientSettings(lmtp=True, path='/run/lmtp')))) == [[250]]
    loop, backend = world()
    asked = []
    connect_tcp = loop.connect_tcp

    def connect_by_proxy(factory, host, port, timeout):
        asked.append((host, port))
        return connect_tcp(factory, 'mx.example', 25, timeout)

    loop.connect_tcp = connect_by_proxy
    assert codes(loop.run_until(send(loop, 'far.example', 99, [MAIL],
                                     ClientSettings(tls=TLS)))) == [[250]]
    assert asked == [('far.example', 99)]


def test_the_first_that_talks_with_us():
    loop, backend = world()
    busy = Kept()
    busy.refusal = b'421 4.3.2 busy'
    loop.listen_tcp(lambda: server(loop, busy), '127.0.0.1', 26)
    refusing = Kept()
    refusing.refusal = b'554 5.7.1 not you'
    loop.listen_tcp(lambda: server(loop, refusing), '127.0.0.1', 27)
    settings = ClientSettings(tls=TLS)
    places = [('127.0.0.1', 1), ('nowhere.example', 25), ('127.0.0.1', 26), ('127.0.0.1', 25),
              ('127.0.0.1', 27)]
    assert codes(loop.run_until(send_to_first(loop, places, [MAIL], settings))) == [[250]]
    assert len(backend.mails) == 1
    for some, error in ((places[:3], TransientError), ([], TransientError), (places[4:], Refused)):
        with pytest.raises(error):
            loop.run_until(send_to_first(loop, some, [MAIL], settings))
    with pytest.raises(NobodyThere):
        loop.run_until(send(loop, '127.0.0.1', 1, [MAIL]))
    assert issubclass(NobodyThere, ConnectFailed)


def test_connect_gives_a_client_that_is_ready_for_its_first_command():
    loop, backend = world()
    client = loop.run_until(connect(loop, 'mx.example', settings=ClientSettings(hostname=b'me')))
    assert client.offers(b'STARTTLS')
    assert codes([loop.run_until(client.send(MAIL))]) == [[250]]


def test_connect_upgrades_by_starttls():
    loop, backend = world(require_tls=True)
    client = loop.run_until(connect(loop, 'mx.example', starttls=TLS))
    assert not client.offers(b'STARTTLS')
    assert codes([loop.run_until(client.send(MAIL))]) == [[250]]


def test_connect_closes_the_connection_if_the_server_refuses_us():
    loop, backend = world()
    backend.refusal = b'554 5.7.1 No service'
    with pytest.raises(Refused) as caught:
        loop.run_until(connect(loop, 'mx.example'))
    assert caught.value.code == 554
    loop.advance(1.0)
    assert backend.gone == 1


def test_connect_waits_no_longer_than_its_timeout_for_the_greeting():
    loop = VirtualLoop()
    loop.listen_tcp(Protocol, '127.0.0.1', 25)
    begun = loop.time()
    with pytest.raises(TimedOut):
        loop.run_until(connect(loop, '127.0.0.1', timeout=5.0))
    assert loop.time() - begun < 6.0


# -- former names ------------------------------------------------------------

def test_a_delivery_is_client_settings_by_former_names():
    context = TLSContext(verify=False)
    with pytest.warns(DeprecationWarning):
        settings = Delivery(b'me', MUST, context, u'anna', b'secret', clear=True, seconds=5.0)
    assert settings.replace() == ClientSettings(
        hostname=b'me', policy=MUST, tls=context, username=u'anna', password=b'secret',
        clear_auth=True, timeout=5.0)


def test_a_delivery_with_a_connector_says_what_takes_its_place():
    with pytest.warns(DeprecationWarning):
        with pytest.raises(TypeError):
            Delivery(connector=lambda: None)
