# Copyright the carryall authors.  See LICENSE.
"""PLAIN, LOGIN, EXTERNAL and ANONYMOUS on the wire."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth import sasl
from carryall.core.auth.checkers import AnonymousChecker, MemoryChecker
from carryall.core.auth.portal import Portal, Realm
from carryall.core.testing import VirtualLoop
from tests.core.auth.sasl.kit import SECRET, TLS, Acting, fails, portal


@pytest.fixture
def loop():
    return VirtualLoop()


def server(loop, name, door=None, **settings):
    settings.setdefault('tls', TLS())
    return sasl.server(name, loop, door or portal(), **settings)


def test_plain_as_in_the_rfc(loop):
    """RFC 4616 section 4."""
    door = Acting(Realm(), [MemoryChecker({u'tim': b'tanstaaftanstaaf', u'Kurt': b'xipj3plmq'})])
    door.may_act_as = lambda name, other: (name, other) == (u'Kurt', u'Ursel')
    mechanism = server(loop, 'PLAIN', door)
    assert loop.run_until(mechanism.step(b'\0tim\0tanstaaftanstaaf')) is None
    assert mechanism.session.name == u'tim'
    mechanism = server(loop, 'PLAIN', door)
    assert loop.run_until(mechanism.step(b'Ursel\0Kurt\0xipj3plmq')) is None
    assert mechanism.session.name == u'Ursel'
    client = sasl.client('PLAIN', loop, username=u'Kurt', authzid=u'Ursel', password=b'xipj3plmq',
                         tls=TLS())
    assert loop.run_until(client.step()) == b'Ursel\0Kurt\0xipj3plmq'


@pytest.mark.parametrize('response', [
    b'', b'anna', b'anna\0' + SECRET, b'\0anna\0' + SECRET + b'\0', b'\0\0\0', b'\0\0' + SECRET,
    b'\0anna\0', b'\0an\xffna\0x',
    b'\0' + b'x' * 1025 + b'\0x', b'\0anna\0' + b'x' * 1025, b'x' * 1025 + b'\0anna\0x',
    b'\0an\x07na\0x'])
def test_plain_that_is_not(loop, response):
    assert isinstance(fails(loop, server(loop, 'PLAIN'), response), sasl.SASLError)


def test_plain_names_are_prepared_and_passwords_are_any_octets(loop):
    door = Portal(Realm(), [MemoryChecker({u'IX': b'\xff\xfe'})])
    mechanism = server(loop, 'PLAIN', door)
    assert loop.run_until(mechanism.step(u'\0I\xadX\0'.encode('utf-8') + b'\xff\xfe')) is None
    with pytest.raises(ValueError):
        loop.run_until(sasl.client('PLAIN', loop, username=u'a\0b', password=b'x',
                                   tls=TLS()).step())


def test_login_asks_for_name_and_password(loop):
    mechanism = server(loop, 'LOGIN')
    assert loop.run_until(mechanism.step()) == b'Username:'
    assert loop.run_until(mechanism.step(b'anna')) == b'Password:'
    assert loop.run_until(mechanism.step(SECRET)) is None
    assert mechanism.session.name == u'anna'


def test_login_with_the_name_at_once(loop):
    mechanism = server(loop, 'LOGIN')
    assert loop.run_until(mechanism.step(b'anna')) == b'Password:'
    assert loop.run_until(mechanism.step(SECRET)) is None
    for name, password in ((b'', SECRET), (b'anna', b''), (b'\xff', SECRET), (b'x' * 1025, SECRET)):
        assert isinstance(fails(loop, server(loop, 'LOGIN'), name, password), sasl.SASLError)
    assert isinstance(fails(loop, server(loop, 'LOGIN'), b'anna', b'wrong'), sasl.LoginFailed)


def test_external_takes_the_name_of_the_certificate(loop):
    mechanism = server(loop, 'EXTERNAL')
    assert loop.run_until(mechanism.step(b'')) is None
    assert mechanism.session.name == u'anna'
    mechanism = server(loop, 'EXTERNAL', tls=None, external=u'anna')
    assert loop.run_until(mechanism.step(b'anna')) is None
    assert mechanism.session.name == u'anna'
    assert isinstance(fails(loop, server(loop, 'EXTERNAL'), b'boss'), sasl.LoginFailed)
    assert isinstance(fails(loop, server(loop, 'EXTERNAL', tls=TLS(b'another certificate')), b''),
                      sasl.LoginFailed)
    assert isinstance(fails(loop, server(loop, 'EXTERNAL', external=u'eve'), b''), sasl.LoginFailed)
    assert isinstance(fails(loop, server(loop, 'EXTERNAL'), b'x' * 2000), sasl.SASLError)


def test_anonymous_keeps_the_trace(loop):
    """RFC 4505 section 3: the trace "sirhc"."""
    seen = []

    class Lobby(Realm):
        def avatar(self, name, credentials, mind):
            seen.append(credentials.trace)
            return name

    mechanism = server(loop, 'ANONYMOUS', Portal(Lobby(), [AnonymousChecker()]))
    assert loop.run_until(mechanism.step(sasl.decode(b'c2lyaGM='))) is None
    assert seen == [u'sirhc']
    for wrong in (b'\xff', b'a\0b', b'x' * 1021):
        assert isinstance(fails(loop, server(loop, 'ANONYMOUS'), wrong), sasl.SASLError)
