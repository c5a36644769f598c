# Copyright the carryall authors.  See LICENSE.
"""CRAM-MD5 against the example of RFC 2195."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth import sasl
from carryall.core.auth.checkers import AnonymousChecker, MemoryChecker
from carryall.core.auth.portal import Portal, Realm
from carryall.core.auth.sasl.cram import CRAMServer
from carryall.core.auth.sasl.mechanism import ServerSettings
from carryall.core.testing import VirtualLoop
from tests.core.auth.sasl.kit import fails, portal

CHALLENGE = b'<1896.697170952@postoffice.reston.mci.net>'
ANSWER = b'tim b913a602c7eda7a495b4e6e7334d3890'


@pytest.fixture
def loop():
    return VirtualLoop()


def tims(loop):
    door = Portal(Realm(), [MemoryChecker({u'tim': b'tanstaaftanstaaf', u'tim tam': b'x'})])
    return CRAMServer(ServerSettings(loop, door), CHALLENGE)


def test_the_example_of_the_rfc_is_accepted(loop):
    """RFC 2195 section 2."""
    client = sasl.client('CRAM-MD5', loop, username=u'tim', password=b'tanstaaftanstaaf')
    assert loop.run_until(client.step(CHALLENGE)) == ANSWER
    mechanism = tims(loop)
    assert loop.run_until(mechanism.step()) == CHALLENGE
    assert loop.run_until(mechanism.step(ANSWER)) is None
    assert mechanism.session.name == u'tim'


def test_names_with_blanks(loop):
    client = sasl.client('CRAM-MD5', loop, username=u'tim tam', password=b'x')
    mechanism = tims(loop)
    assert loop.run_until(
        mechanism.step(loop.run_until(client.step(loop.run_until(mechanism.step()))))) is None


@pytest.mark.parametrize('answer',
                         [b'', b'tim', ANSWER[4:], b' ' + ANSWER[4:], ANSWER.upper(), ANSWER + b' ',
                          ANSWER + b'0',
                                    ANSWER[:-1], b'\xff ' + ANSWER[4:],
                          b'x' * 1025 + b' ' + ANSWER[4:]])
def test_a_malformed_answer_is_a_sasl_error(loop, answer):
    assert isinstance(fails(loop, tims(loop), None, answer), sasl.SASLError)


def test_a_wrong_digest_is_a_failed_login(loop):
    assert isinstance(fails(loop, tims(loop), None, ANSWER[:-1] + b'1'), sasl.LoginFailed)
    assert isinstance(fails(loop, tims(loop), None, b'bob ' + ANSWER[4:]), sasl.LoginFailed)
    assert isinstance(fails(loop, tims(loop), b'an initial response'), sasl.SASLError)
    with pytest.raises(sasl.NoMechanism) as caught:
        sasl.server('CRAM-MD5', loop, Portal(Realm(), [AnonymousChecker()]))
    assert 'hashed' in caught.value.message


def test_each_challenge_is_new(loop):
    first, second = [loop.run_until(sasl.server('CRAM-MD5', loop, portal(),
                                                host=u'mx.example').step()) for _ in range(2)]
    assert first != second
    assert first.startswith(b'<')
    assert first.endswith(b'@mx.example>')
    assert len(first) > 40
