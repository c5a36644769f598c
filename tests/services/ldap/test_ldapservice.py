# Copyright the carryall authors.  See LICENSE.
"""The service type ``ldap``: its options, its logins, and the store."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.commands.catalogue import known_types
from carryall.core.errors import UsageError
from carryall import runtimes
from carryall.core.testing import VirtualLoop
from carryall.protocols.ldap import (ADD, REPLACE, LDAPError, connect, errors)
from carryall.services.ldap.service import TYPE

TOP = u'dc=example,dc=org'
ADMIN = u'cn=admin,' + TOP
ANNA = u'uid=anna,' + TOP
PERSON = [(u'objectClass', [b'inetOrgPerson']), (u'cn', [b'Anna']), (u'sn', [b'Smith'])]
PEOPLE = b"""dn: dc=example,dc=org
objectClass: domain

dn: uid=anna,dc=example,dc=org
objectClass: inetOrgPerson
cn: Anna
sn: Smith
userPassword: secret
"""


class Running(object):
    """A service that runs on a loop, and clients of it."""

    def __init__(self, words, loop=None):
        self.loop = loop or VirtualLoop()
        words = ['--password-rounds', '1000'] + words
        if '-p' not in words:
            words = ['-p', '3890'] + words
        self.service = TYPE.make(TYPE.options.parse(words))
        self.service.start(self.loop)

    def client(self):
        """A client."""
        port = self.service.listening()[0].rpartition(':')[2]
        return self.run(connect(self.loop, '127.0.0.1', int(port)))

    def run(self, future):
        """The result of a Future."""
        return self.loop.run_until(future)

    def code(self, future):
        """The code of the LDAPError that a Future fails with; 0 for none."""
        try:
            self.run(future)
        except LDAPError as exc:
            return exc.code
        return 0

    def stop(self):
        """Stops it."""
        self.run(self.service.stop(2.0))


def test_the_registry_has_the_type():
    assert known_types().get('ldap') is TYPE


@pytest.mark.parametrize('words, endpoints', [
    ([], []), (['-p', '3890'], [u'tcp:3890:interface=127.0.0.1']),
    (['-p', 'tcp:389:interface=192.0.2.1', '-p', 'unix:/run/x'],
     [u'tcp:389:interface=192.0.2.1', u'unix:/run/x'])])
def test_the_server_listens_on_this_machine_unless_told_otherwise(words, endpoints):
    found = TYPE.endpoints(TYPE.options.parse(words))
    assert found == (endpoints or [u'tcp:389:interface=127.0.0.1'])


@pytest.mark.parametrize('words', [
    ['--suffix', 'bad'], ['--suffix', ' '], ['--ldif', '/nowhere/x'],
    ['--user', 'a=b', '--admin', 'a=b'], ['--password-rounds', '1']])
def test_wrong_options_are_refused(words):
    with pytest.raises(UsageError):
        TYPE.make(TYPE.options.parse(words)).start(VirtualLoop())


@pytest.mark.parametrize('text, word', [
    (b'dn: dc=x\n', u'line 1'), (b'dn: uid=a,dc=example,dc=org\nuid: a\n', u'objectClass'),
    (b'dn: dc=example,dc=org\nchangetype: delete\n', u'change'),
    (b'dn: dc=other\nobjectClass: domain\n', u'top')])
def test_a_file_with_a_fault_is_refused(tmpdir, text, word):
    path = tmpdir.join('x.ldif')
    path.write_binary(text)
    with pytest.raises(UsageError) as caught:
        Running(['--ldif', str(path)])
    assert word in u'%s' % caught.value and u'x.ldif' in u'%s' % caught.value


def test_a_schema_with_a_fault_is_refused(tmpdir):
    path = tmpdir.join('x.schema')
    path.write('attributetype nonsense')
    with pytest.raises(UsageError):
        Running(['--schema', str(path)])


def test_a_directory_begins_with_its_top():
    running = Running(['--suffix', 'o=Example'])
    entry = running.run(running.client().read(u'o=example'))
    assert entry.values(u'objectClass') == [b'top', b'organization']
    running.stop()


def test_a_directory_begins_with_a_file(tmpdir):
    path = tmpdir.join('x.ldif')
    path.write_binary(PEOPLE)
    running = Running(['--ldif', str(path), '--schema', str(_schema(tmpdir))])
    client = running.client()
    assert running.run(client.read(ANNA)).text(u'sn') == u'Smith'
    running.stop()


def _schema(tmpdir):
    path = tmpdir.join('x.schema')
    path.write("attributetype ( 1.3.6.1.4.1.99999.1 NAME 'size' SUP name )")
    return path


# -- logins, on real loops: passwords are checked on threads -----------------

@pytest.fixture
def running(tmpdir):
    """A service with two accounts and a file of entries."""
    path = tmpdir.join('x.ldif')
    path.write_binary(PEOPLE)
    made = Running(['-p', '0', '--ldif', str(path), '--admin', 'admin=boss', '--user',
                    'bert=bert-pw'], runtimes.choose())
    yield made
    made.stop()
    made.loop.close()


def test_entries_and_accounts_log_in(running):
    client = running.client()
    assert running.code(client.bind(ANNA, b'wrong')) == errors.INVALID_CREDENTIALS
    assert running.code(client.bind(u'uid=none,' + TOP, b'x')) == errors.INVALID_CREDENTIALS
    running.run(client.bind(ANNA, b'secret'))
    assert running.run(client.who_am_i()) == u'dn:' + ANNA
    account = u'uid=bert,ou=accounts,' + TOP
    running.run(client.bind(account, b'bert-pw'))
    assert running.run(client.who_am_i()) == u'dn:' + account
    assert running.code(client.delete(ANNA)) == errors.INSUFFICIENT_ACCESS_RIGHTS
    running.run(client.bind(ADMIN, b'boss'))
    running.run(client.delete(ANNA))
    for name, dn in ((u'bert', account), (u'admin', ADMIN)):
        password = {u'bert': b'bert-pw', u'admin': b'boss'}[name]
        running.run(client.login(name, password, 'SCRAM-SHA-256'))
        assert running.run(client.who_am_i()) == u'dn:' + dn
    running.run(client.unbind())


def test_a_clear_password_is_kept_as_a_hash(running):
    client = running.client()
    running.run(client.bind(ADMIN, b'boss'))
    dn = u'uid=carl,' + TOP
    running.run(client.add(dn, PERSON + [(u'userPassword', [b'one'])]))
    kept = running.run(client.read(dn)).values(u'userPassword')
    assert len(kept) == 1 and kept[0].startswith(b'{PBKDF2-SHA256}1000$')
    running.run(client.modify(dn, [(ADD, u'userPassword', [b'{SSHA}x', b'two'])]))
    kept = running.run(client.read(dn)).values(u'userPassword')
    assert b'{SSHA}x' in kept and len(kept) == 3 and b'two' not in kept
    other = running.client()
    running.run(other.bind(dn, b'two'))
    running.run(other.change_password(None, b'one', b'three'))
    running.run(other.bind(dn, b'three'))
    assert running.code(other.bind(dn, b'one')) == errors.INVALID_CREDENTIALS
    running.run(client.unbind())


def test_passwords_are_changed_by_their_owners(running):
    client = running.client()
    running.run(client.bind(ANNA, b'secret'))
    assert running.code(client.change_password(None, b'wrong', b'x')) == (
        errors.UNWILLING_TO_PERFORM)
    assert running.code(client.change_password(u'uid=none,' + TOP)) == errors.NO_SUCH_OBJECT
    assert running.code(client.change_password(ADMIN)) == errors.UNWILLING_TO_PERFORM
    made_up = running.run(client.change_password())
    running.run(client.bind(ANNA, made_up))
    running.run(client.unbind())


# -- the store ---------------------------------------------------------------

def test_a_directory_is_kept(tmpdir):
    words = ['-p', '0', '--admin', 'admin=boss', '--store', 'sqlite:%s' % tmpdir.join('x.db')]
    loop = runtimes.choose()
    first = Running(words, loop)
    client = first.client()
    first.run(client.bind(ADMIN, b'boss'))
    first.run(client.add(ANNA, PERSON))
    first.run(client.modify(ANNA, [(REPLACE, u'title', [u'\xc4rztin'.encode('utf-8')])]))
    first.run(client.add(u'ou=x,' + TOP, [(u'objectClass', [b'organizationalUnit'])]))
    first.run(client.rename(ANNA, u'uid=ann', new_superior=u'ou=x,' + TOP))
    first.run(client.rename(u'ou=x,' + TOP, u'ou=y'))
    first.run(client.add(u'uid=gone,' + TOP, PERSON))
    first.run(client.delete(u'uid=gone,' + TOP))
    before = [(each.dn, sorted((name, sorted(values)) for name, values in each.attributes))
              for each in first.run(client.search(TOP, attributes=[u'*', u'+']))]
    first.run(client.unbind())
    first.stop()
    second = Running(words, loop)
    client = second.client()
    after = [(each.dn, sorted((name, sorted(values)) for name, values in each.attributes))
             for each in second.run(client.search(TOP, attributes=[u'*', u'+']))]
    assert sorted(after) == sorted(before)
    assert u'uid=ann,ou=y,' + TOP in [dn for dn, _ in after]
    second.run(client.unbind())
    second.stop()
    loop.close()
