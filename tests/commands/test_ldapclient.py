# Copyright the carryall authors.  See LICENSE.
"""`carryall ldap` searches and changes a directory; the examples are a server and a client too."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall import runtimes
from carryall.commands import ldapclient
from carryall.core.testing import VirtualLoop
from carryall.protocols.ldap import LDAPServer, Settings
from tests.protocols.ldap.directories import ADMIN, ANNA, TOP, Serving, made

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BERT = u'uid=bert,ou=people,' + TOP
CHANGES = b"""dn: uid=carl,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
cn: Carl
sn: Brown

dn: uid=carl,ou=people,dc=example,dc=org
changetype: modify
replace: sn
sn: Green
"""


class Standing(object):
    """A loop that does not run or close, so that an example ends."""

    def __init__(self, loop):
        self._loop = loop

    def __getattr__(self, name):
        return getattr(self._loop, name)

    def run(self):
        pass

    def close(self):
        pass


@pytest.fixture
def service(monkeypatch):
    """A server that the command finds at its usual place; the password is right."""
    loop = VirtualLoop()
    monkeypatch.setattr(ldapclient, 'choose', lambda backend: Standing(loop))
    monkeypatch.setenv('CARRYALL_PASSWORD', 'pw')
    serving = Serving(made(loop))
    loop.listen_tcp(lambda: LDAPServer(serving, loop, Settings(clear_auth=True)), '127.0.0.1', 389)
    return serving


def run(words, capsys, status=0):
    """The output of a command."""
    assert ldapclient.main(words) == status
    return capsys.readouterr()[0]


def test_entries_are_shown_as_ldif(service, capsys):
    said = run(['search', '(uid=bert)', 'sn', 'cn'], capsys)
    assert said == u'dn: %s\ncn: Bert  Jones\nsn: Jones\n\n' % BERT or u'sn: Jones' in said
    assert run(['search', '-b', u'ou=people,' + TOP, '-s', 'one', '(sn=*)', '1.1'],
               capsys).count('dn:') == 2
    assert run(['search', '(uid=none)'], capsys, 1) == ''
    assert run(['search', '-H', 'ldap://127.0.0.1/' + TOP, '-s', 'base'], capsys).startswith('dn:')


@pytest.mark.parametrize('words', [
    ['search', '(cn='], ['search', '-b', 'bad'], ['search', '-H', 'http://x'], ['search', '-s', 'x'],
    ['nonsense'], ['--nonsense'], [], ['delete'], ['delete', 'bad'], ['compare', ANNA.dn, 'sn'],
    ['search', '-D', ANNA.dn, '-U', 'anna'], ['apply', '/nowhere/x'],
    ['search', '-D', ANNA.dn, '-H', 'ldap://192.0.2.1']])
def test_a_wrong_command_line_is_a_sentence_and_status_2(service, capsys, words):
    assert ldapclient.main(words) == 2
    assert 'Traceback' not in capsys.readouterr()[1]


def test_a_file_is_applied(service, capsys, tmpdir):
    path = tmpdir.join('x.ldif')
    path.write_binary(CHANGES)
    run(['apply', str(path), '-D', ADMIN.dn], capsys)
    assert 'sn: Green' in run(['search', '(uid=carl)'], capsys)
    assert ldapclient.main(['apply', str(path), '-D', ADMIN.dn]) == 1
    assert 'line 1: entryAlreadyExists' in capsys.readouterr()[1]
    path.write_binary(CHANGES + b'\ndn: x\nnonsense\n')
    assert ldapclient.main(['apply', str(path), '-D', ADMIN.dn, '-c']) == 2


def test_entries_are_renamed_and_deleted(service, capsys):
    run(['rename', BERT, 'uid=berta', '-D', ADMIN.dn], capsys)
    run(['delete', u'uid=berta,ou=people,' + TOP, '-D', ADMIN.dn], capsys)
    assert ldapclient.main(['delete', BERT, '-D', ADMIN.dn]) == 1
    assert 'noSuchObject' in capsys.readouterr()[1]


def test_a_value_is_compared(service, capsys):
    assert run(['compare', ANNA.dn, 'sn=SMITH'], capsys) == 'true\n'
    assert run(['compare', ANNA.dn, 'sn=x'], capsys, 1) == 'false\n'


def test_a_client_learns_its_identity(service, capsys, monkeypatch):
    assert run(['whoami'], capsys) == 'anonymous\n'
    assert run(['whoami', '-D', ANNA.dn], capsys) == 'dn:%s\n' % ANNA.dn
    monkeypatch.setenv('CARRYALL_PASSWORD', 'wrong')
    assert ldapclient.main(['whoami', '-D', ANNA.dn]) == 1
    assert 'invalidCredentials' in capsys.readouterr()[1]


def test_a_password_is_changed(service, capsys, monkeypatch):
    assert run(['passwd', '-D', ANNA.dn, '--make-up'], capsys) == 'the new password is made-up\n'
    monkeypatch.setenv('CARRYALL_NEW_PASSWORD', 'new')
    run(['passwd', '-D', ANNA.dn], capsys)
    assert service.changed[1][3] == b'new'


def test_two_files_are_compared(capsys, tmpdir):
    old = tmpdir.join('old')
    new = tmpdir.join('new')
    old.write_binary(CHANGES.split(b'\n\n')[0] + b'\n')
    new.write_binary(old.read_binary().replace(b'Brown', b'Green'))
    said = run(['diff', str(old), str(new)], capsys, 1)
    assert 'changetype: modify' in said and 'replace: sn\nsn: Green\n-\n' in said
    assert run(['diff', str(old), str(old)], capsys) == ''


@pytest.mark.parametrize('words', [['--help'], ['search', '--help'], ['diff', '--help']])
def test_the_help_is_printed(capsys, words):
    assert ldapclient.main(words) == 0
    assert capsys.readouterr()[0].startswith('usage: carryall ldap')


def test_the_example_of_a_client_asks_that_of_a_server(monkeypatch, capsys):
    loop = VirtualLoop()
    monkeypatch.setattr(runtimes, 'choose', lambda: Standing(loop))
    for name in ('ldap_server.py', 'ldap_client.py'):
        with open(os.path.join(ROOT, 'doc', 'examples', name), 'rb') as source:
            eval(compile(source.read(), name, 'exec'), {'__name__': '__main__'})
    assert 'Anna' in capsys.readouterr()[0]
