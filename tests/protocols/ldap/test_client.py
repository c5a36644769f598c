# Copyright the carryall authors.  See LICENSE.
"""The client with our server, and with servers that misbehave."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.portal import Portal, Realm
from carryall.core.errors import ConnectionLost, LocalProtocolError
from carryall.core.future import Future
from carryall.core.net.protocol import Protocol
from carryall.core.testing import VirtualLoop
from carryall.protocols.ldap import (ADD, REPLACE, ClientSettings, LDAPError, LDAPServer, Settings,
                                     connect, errors, ldapcontrols, wire)
from tests.protocols.ldap.directories import ADMIN, ANNA, TOP, Serving, made

DEVICE = [(u'objectClass', [b'device'])]


class World(object):
    """A loop with a server, and a client of it."""

    def __init__(self, portal=None, settings=None, **more):
        self.loop = VirtualLoop()
        self.service = Serving(made(self.loop, **more), portal)
        self.loop.listen_tcp(lambda: LDAPServer(self.service, self.loop, Settings(clear_auth=True)),
                             '127.0.0.1', 389)
        self.client = self.run(connect(self.loop, '127.0.0.1', settings=settings))

    def run(self, future):
        """The result of a Future."""
        return self.loop.run_until(future)

    def code(self, future):
        """The code of the LDAPError that a Future fails with."""
        with pytest.raises(LDAPError) as caught:
            self.run(future)
        return caught.value.code


def test_a_client_logs_in_and_changes():
    world = World()
    client = world.client
    assert world.code(client.add(u'cn=x,' + TOP, DEVICE)) == errors.STRONGER_AUTH_REQUIRED
    assert world.code(client.bind(ADMIN.dn, b'no')) == errors.INVALID_CREDENTIALS
    world.run(client.bind(ADMIN.dn, b'pw'))
    assert world.run(client.who_am_i()) == u'dn:' + ADMIN.dn
    world.run(client.add(u'cn=x,' + TOP, DEVICE))
    world.run(client.modify(u'cn=x,' + TOP, [(ADD, u'l', [b'here'])]))
    assert world.run(client.compare(u'cn=x,' + TOP, u'l', b'HERE')) is True
    assert world.run(client.compare(u'cn=x,' + TOP, u'l', b'there')) is False
    assert world.code(client.compare(u'cn=x,' + TOP, u'o', b'x')) == errors.NO_SUCH_ATTRIBUTE
    world.run(client.rename(u'cn=x,' + TOP, u'cn=y'))
    entry = world.run(client.read(u'cn=y,' + TOP))
    assert (entry.text(u'CN'), entry.values(u'l'), entry.text(u'o')) == (u'y', [b'here'], None)
    world.run(client.delete(u'cn=y,' + TOP))
    assert world.code(client.read(u'cn=y,' + TOP)) == errors.NO_SUCH_OBJECT
    world.run(client.bind_anonymously())
    assert world.run(client.who_am_i()) == u''
    world.run(client.unbind())


def test_operations_are_answered_side_by_side():
    world = World()
    searches = [world.client.search(TOP, u'(uid=%s)' % name) for name in (u'anna', u'bert', u'x')]
    found = [[each.dn for each in world.run(search)] for search in searches]
    assert found == [[ANNA.dn], [u'uid=bert,ou=people,' + TOP], []]


def test_a_search_is_streamed_or_paged():
    world = World()
    seen = []
    assert world.run(world.client.search(TOP, sink=seen.append)) == []
    assert len(seen) == 6
    assert len(world.run(world.client.search_pages(TOP, size=2))) == 6
    assert world.code(world.client.search(TOP, size_limit=2)) == errors.SIZE_LIMIT_EXCEEDED


def test_a_control_comes_with_the_answer():
    world = World()
    world.run(world.client.bind(ADMIN.dn, b'pw'))
    result = world.run(world.client.modify(
        ANNA.dn, [(REPLACE, u'sn', [b'Brown'])],
        [ldapcontrols.attribute_list(ldapcontrols.POST_READ, [u'sn'])]))
    assert b'Brown' in result.controls[0].value


@pytest.mark.parametrize('mechanism', [None, 'PLAIN', 'SCRAM-SHA-256', 'CRAM-MD5'])
def test_a_client_logs_in_by_sasl(mechanism):
    world = World(Portal(Realm(), [MemoryChecker({u'anna': b'secret'})]))
    world.run(world.client.login(u'anna', b'secret', mechanism, clear=True))
    assert world.run(world.client.who_am_i()) == u'u:anna'
    assert world.code(world.client.login(u'anna', b'no', mechanism, clear=True)) == (
        errors.INVALID_CREDENTIALS)


def test_a_password_is_changed_or_made_up():
    world = World()
    world.run(world.client.bind(ANNA.dn, b'pw'))
    assert world.run(world.client.change_password(None, b'old', b'new')) is None
    assert world.run(world.client.change_password(u'cn=x')) == b'made-up'
    assert world.service.changed[1][1] == u'cn=x'


def test_an_empty_password_is_not_sent():
    world = World()
    with pytest.raises(LocalProtocolError):
        world.run(world.client.bind(ADMIN.dn, b''))


def test_an_operation_that_is_cancelled_is_abandoned():
    world = World(keeper=lambda change: Future())
    world.run(world.client.bind(ADMIN.dn, b'pw'))
    future = world.client.delete(ANNA.dn)
    future.cancel()
    assert world.run(world.client.who_am_i()) == u'dn:' + ADMIN.dn


def test_a_server_that_does_not_answer_is_given_up():
    world = World(keeper=lambda change: Future(), settings=ClientSettings(answer_seconds=5.0))
    world.run(world.client.bind(ADMIN.dn, b'pw'))
    with pytest.raises(LDAPError):
        world.run(world.client.delete(ANNA.dn))


def test_an_operation_fails_with_its_connection():
    world = World(keeper=lambda change: Future())
    world.run(world.client.bind(ADMIN.dn, b'pw'))
    future = world.client.delete(ANNA.dn)
    world.client.close()
    with pytest.raises(ConnectionLost):
        world.run(future)
    with pytest.raises(ConnectionLost):
        world.run(world.client.who_am_i())


class Speaking(Protocol):
    """A server that says the same to every request."""

    def __init__(self, octets):
        self.octets = octets

    def data_received(self, data):
        self.transport.write(self.octets)


@pytest.mark.parametrize('octets', [
    b'HTTP/1.1 400 Bad\r\n', b'\x30\x84\x7f\xff\xff\xff', b'\x30\x05\x02\x01\x01\x42\x00',
    wire.message(1, b'\x64\x02\x04\x00'), wire.message(1, b'\x65\x00'),
    wire.result(0, wire.EXTENDED_RESPONSE, 52, u'bye',
                extra=wire.extended_extra(wire.NOTICE_OF_DISCONNECTION, None))])
def test_a_server_that_misbehaves_is_an_error(octets):
    loop = VirtualLoop()
    loop.listen_tcp(lambda: Speaking(octets), '127.0.0.1', 389)
    client = loop.run_until(connect(loop, '127.0.0.1'))
    with pytest.raises(LDAPError):
        loop.run_until(client.search(TOP))


def test_an_answer_without_end_is_bounded():
    loop = VirtualLoop()
    entry = wire.entry_message(1, b'\x04\x01x', wire.encode_attribute(u'cn', [b'x' * 1000]))
    loop.listen_tcp(lambda: Speaking(entry * 20), '127.0.0.1', 389)
    client = loop.run_until(connect(loop, '127.0.0.1', settings=ClientSettings(max_octets=10000)))
    with pytest.raises(LDAPError) as caught:
        loop.run_until(client.search(TOP))
    assert u'10000 octets' in u'%s' % caught.value
