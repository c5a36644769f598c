# Copyright the carryall authors.  See LICENSE.
"""The log-in of a client: what it demands of the server."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth.sasl import NoMechanism
from carryall.core.database import NotSupportedError, OperationalError
from carryall.core.testing.fakeloop import VirtualLoop
from carryall.core.testing.fakewire import FakeTransport
from carryall.protocols.postgresql import PostgreSQLClient, PostgreSQLError, Settings
from carryall.protocols.postgresql.wire import message
from tests.protocols.postgresql.servermessages import LOGGED_IN

OK = message(b'R', b'\0\0\0\0')
MD5 = message(b'R', b'\0\0\0\x05salt')
SCRAM = message(b'R', b'\0\0\0\x0aSCRAM-SHA-256\0\0')
PLUS = message(b'R', b'\0\0\0\x0aSCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0')


class Certificate(object):
    """A connection under TLS, as far as it is asked."""

    server_end_point = b'digest'


class Bench(object):
    """A client that logs in; its server is the test."""

    def __init__(self, tls=None, **settings):
        self.loop = VirtualLoop()
        self.wire = FakeTransport(self.loop)
        self.client = PostgreSQLClient(self.loop, u'anna', b'secret', u'app', Settings(**settings))
        self.wire.connect(self.client)
        self.loop.advance()
        self.started = self.client.start(tls=tls)
        self.startup = self.wire.take()

    def say(self, *parts):
        """The server says *parts*; what the client answers."""
        self.wire.feed(b''.join(parts))
        self.loop.advance()
        return self.wire.take()


def test_a_binding_that_is_offered_is_taken():
    assert Bench(Certificate()).say(PLUS)[5:24] == b'SCRAM-SHA-256-PLUS\0'


def test_no_binding_is_taken_in_clear():
    assert Bench().say(PLUS)[5:19] == b'SCRAM-SHA-256\0'


def test_a_binding_can_be_disabled():
    assert Bench(Certificate(), channel_binding=u'disable').say(PLUS)[5:19] == b'SCRAM-SHA-256\0'


def test_a_server_that_does_not_offer_a_wanted_binding_is_refused():
    bench = Bench(Certificate(), channel_binding=u'require')
    assert (bench.say(SCRAM), type(bench.started.exception())) == (b'', OperationalError)


@pytest.mark.parametrize('said', [MD5, OK, message(b'R', b'\0\0\0\x03')])
def test_a_server_without_a_wanted_binding_gets_nothing(said):
    bench = Bench(Certificate(), channel_binding=u'require')
    assert (bench.say(said), type(bench.started.exception())) == (b'', OperationalError)


@pytest.mark.parametrize('said', [MD5, OK, message(b'R', b'\0\0\0\x03')])
def test_a_way_to_log_in_that_is_not_wanted_is_refused(said):
    bench = Bench(Certificate(), require_auth=('scram-sha-256',))
    assert (bench.say(said), type(bench.started.exception())) == (b'', OperationalError)


def test_a_way_to_log_in_that_is_wanted_is_taken():
    assert Bench(require_auth=('md5',)).say(MD5)[5:8] == b'md5'


@pytest.mark.parametrize('names', [b'PLAIN\0\0', b'OAUTHBEARER\0PLAIN\0\0', b'\0'])
def test_a_mechanism_that_shows_the_password_is_never_taken(names):
    bench = Bench(Certificate())
    assert (bench.say(message(b'R', b'\0\0\0\x0a' + names)),
            type(bench.started.exception())) == (b'', NoMechanism)


def test_a_flood_of_mechanisms_is_refused():
    bench = Bench()
    bench.say(message(b'R', b'\0\0\0\x0a' + b'SCRAM-SHA-256\0' * 200 + b'\0'))
    assert isinstance(bench.started.exception(), PostgreSQLError)


def test_a_second_way_to_log_in_is_refused():
    bench = Bench()
    bench.say(SCRAM)
    assert (bench.say(MD5), type(bench.started.exception())) == (b'', PostgreSQLError)


def test_a_server_that_takes_a_log_in_without_proof_is_refused():
    bench = Bench()
    bench.say(SCRAM)
    bench.say(OK)
    assert bench.started.exception() is not None


def test_the_key_has_to_wait_for_the_log_in():
    bench = Bench()
    bench.say(message(b'K', b'\0\0\0\x07secr'))
    assert isinstance(bench.started.exception(), PostgreSQLError)


@pytest.mark.parametrize('key', [b'', b'sec', b'x' * 257])
def test_a_key_that_cannot_be_is_refused(key):
    bench = Bench()
    bench.say(OK, message(b'K', b'\0\0\0\x07' + key))
    assert isinstance(bench.started.exception(), PostgreSQLError)


def test_a_long_key_cancels():
    bench = Bench(max_minor=2)
    bench.say(OK, message(b'K', b'\0\0\0\x07' + b'k' * 32), message(b'Z', b'I'))
    assert bench.client.cancel_octets() == b'\0\0\0\x2c\x04\xd2\x16\x2e\0\0\0\x07' + b'k' * 32


def test_a_newer_version_is_asked_for_if_wanted():
    assert (Bench().startup[4:8], Bench(max_minor=2).startup[4:8]) == (
        b'\0\x03\0\0', b'\0\x03\0\x02')


def test_a_server_of_the_older_version_says_so():
    bench = Bench(max_minor=2)
    bench.say(message(b'v', b'\0\x03\0\0\0\0\0\0'), LOGGED_IN)
    assert (bench.started.result(), bench.client.minor) == (bench.client, 0)


def test_a_server_without_the_wanted_version_is_refused():
    bench = Bench(max_minor=2, min_minor=2)
    bench.say(message(b'v', b'\0\x03\0\0\0\0\0\0'))
    assert isinstance(bench.started.exception(), NotSupportedError)


@pytest.mark.parametrize('body', [b'\0\x03\0\x05\0\0\0\0', b'\0\x03\0\0\0\0\0\x01_pq_.x\0', b'\0'])
def test_a_version_that_was_not_asked_for_is_refused(body):
    bench = Bench(max_minor=2)
    bench.say(message(b'v', body))
    assert isinstance(bench.started.exception(), PostgreSQLError)


def test_a_version_behind_the_log_in_is_refused():
    bench = Bench(max_minor=2)
    bench.say(OK, message(b'v', b'\0\x03\0\0\0\0\0\0'))
    assert isinstance(bench.started.exception(), PostgreSQLError)


def test_a_lenient_client_goes_on_in_clear():
    loop = VirtualLoop()
    client = PostgreSQLClient(loop, u'anna', b'secret')
    wire = FakeTransport(loop)
    wire.connect(client)
    loop.advance()
    started = client.start(starttls=object(), lenient=True)
    wire.feed(b'N')
    loop.advance()
    wire.feed(LOGGED_IN)
    loop.advance()
    assert started.result() is client
