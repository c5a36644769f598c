# Copyright the carryall authors.  See LICENSE.
"""OAUTHBEARER against the examples of RFC 7628."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from carryall.core.auth import sasl
from carryall.core.auth.checkers import TokenChecker
from carryall.core.auth.portal import Portal, Realm
from carryall.core.testing import VirtualLoop
from tests.core.auth.sasl.kit import TLS, fails

TOKEN = b'vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=='
FIRST = b'n,a=user@example.com,\1host=server.example.com\1port=143\1auth=Bearer ' + TOKEN + b'\1\1'


@pytest.fixture
def loop():
    return VirtualLoop()


def server(loop):
    door = Portal(Realm(),
                  [TokenChecker(lambda token: u'user@example.com' if token == TOKEN else None)])
    return sasl.server('OAUTHBEARER', loop, door, tls=TLS())


def test_the_example_of_the_rfc_is_accepted(loop):
    """RFC 7628 section 4.1."""
    mechanism = server(loop)
    assert loop.run_until(mechanism.step(FIRST)) is None
    assert mechanism.session.name == u'user@example.com'
    client = sasl.client('OAUTHBEARER', loop, username=u'user@example.com', token=TOKEN, tls=TLS(),
                         host=u'server.example.com', port=143)
    assert loop.run_until(client.step()) == FIRST
    client.finish()
    client = sasl.client('OAUTHBEARER', loop, token=TOKEN, tls=TLS())
    assert loop.run_until(client.step()) == b'n,,\1auth=Bearer ' + TOKEN + b'\1\1'


def test_a_token_that_is_refused(loop):
    """RFC 7628 section 4.3: JSON, the client's empty answer, then the failure."""
    for first in (FIRST.replace(b'vF9', b'xF9'), FIRST.replace(b'user@', b'other@')):
        mechanism = server(loop)
        refusal = loop.run_until(mechanism.step(first))
        assert json.loads(refusal.decode('ascii')) == {'status': 'invalid_token'}
        assert isinstance(fails(loop, mechanism, b'\1'), sasl.LoginFailed)
    client = sasl.client('OAUTHBEARER', loop, token=TOKEN, tls=TLS())
    loop.run_until(client.step())
    assert loop.run_until(client.step(refusal)) == b'\1'
    assert client.refusal == refusal
    with pytest.raises(sasl.SASLError):
        client.finish()


@pytest.mark.parametrize('first', [
    b'', b'n,,', b'n,,\1', b'n,,\1\1', FIRST[:-1], FIRST + b'\1', FIRST.replace(b'n,a', b'p=x,a'),
    FIRST.replace(b'com,', b'com'),
    FIRST.replace(b'a=user', b'b=user'), FIRST.replace(b'Bearer', b'Basic'),
    FIRST.replace(b'auth=', b'auth'),
    FIRST.replace(b'Bearer ', b'Bearer  '), FIRST.replace(TOKEN, b''), FIRST.replace(TOKEN, b'a b'),
    FIRST.replace(TOKEN, b'\xff'),
    FIRST.replace(b'\1port', b'\1\1port'), FIRST.replace(b'port=', b'host='),
    FIRST.replace(b'port', b'p0rt'),
    b'n,,' + b'\1a=b' * 3 + b'\1auth=Bearer x\1\1',
    b'n,,\1' + b''.join(b'%s=1\1' % bytes(bytearray([65 + n // 26, 65 + n % 26]))
                                                                        for n in range(30))
    + b'\1'])
def test_a_bad_message_is_a_sasl_error(loop, first):
    assert isinstance(fails(loop, server(loop), first), sasl.SASLError)


def test_never_without_tls(loop):
    with pytest.raises(sasl.NoMechanism):
        sasl.client('OAUTHBEARER', loop, token=TOKEN)
    with pytest.raises(ValueError):
        loop.run_until(sasl.client('OAUTHBEARER', loop, token=b'a b', tls=TLS()).step())
