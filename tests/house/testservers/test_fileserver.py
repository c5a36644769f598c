# Copyright the carryall authors.  See LICENSE.
"""The FTP server for tests, as an object."""
from __future__ import absolute_import, division, print_function

import sys

import pytest

from carryall.core.errors import UsageError
from carryall.testservers import ChildRunner, FTPServer, LocalRunner
from tests.house.testservers.clients import Client


@pytest.fixture(scope='module')
def runner():
    """One for all tests here."""
    with LocalRunner() as made:
        yield made


@pytest.fixture
def server(runner):
    """An FTP server."""
    with FTPServer(runner) as made:
        yield made


class Session(Client):
    """A client that has logged in."""

    def __init__(self, server, name=None):
        Client.__init__(self, server.address)
        self.read()
        self.ask(b'USER ' + (name or server.user.encode('ascii')))
        reply = self.ask(b'PASS ' + server.password.encode('ascii'))
        assert reply.startswith(b'230 ')

    def fetch(self, name, end=b'226'):
        """The octets of a file; the last reply has the code *end*."""
        reply = self.ask(b'EPSV')
        with Client(('127.0.0.1', int(reply.split(b'|')[3]))) as data:
            reply = self.ask(b'RETR ' + name)
            octets = data.rest()
        if end + b' ' not in reply:
            self.read(b'.*' + end + b' .*\r\n')
        return octets


def test_a_file_is_put_and_fetched(server):
    server.put('pub/a.txt', u'h\xe9')
    with Session(server) as session:
        assert session.fetch(b'pub/a.txt') == u'h\xe9'.encode('utf-8')
    transfer, = server.wait(1)
    assert (transfer.path, transfer.incoming, transfer.user) == (u'pub/a.txt', False, u'user')
    assert repr(transfer) == '<download pub/a.txt, 3 octets>'


def test_files_are_listed_and_removed(server):
    server.put('b', b'2')
    server.put('a/c', b'1')
    assert server.files() == [u'a/c', u'b']
    assert server.get('b') == b'2'
    server.remove('b')
    assert server.files() == [u'a/c']


def test_a_file_that_is_not_there_is_told(server):
    with pytest.raises(UsageError):
        server.get('none')


def test_the_account_is_chosen(runner):
    with FTPServer(runner, user='ann', password='x') as server:
        assert server.login == ('ann', 'x')
        assert server.login_url == 'ftp://ann:x@127.0.0.1:%d' % server.port
        Session(server).__exit__()


def test_a_folder_is_served(runner, tmpdir):
    tmpdir.join('a').write('x')
    with FTPServer(runner, root=tmpdir) as server:
        assert server.files() == [u'a']


def test_a_file_has_a_url(server):
    assert server.url_of('pub/a b.txt') == server.url + '/pub/a%20b.txt'


def test_a_url_has_the_login_if_that_is_wanted(server):
    assert server.url_of('a', login=True) == 'ftp://user:secret@%s/a' % server.netloc


def test_strangers_have_a_folder_of_their_own(runner, tmpdir):
    tmpdir.join('a').write('public')
    with FTPServer(runner, anonymous_root=tmpdir) as server:
        server.put('a', b'private')
        with Session(server, b'anonymous') as session:
            assert session.fetch(b'a') == b'public'
        with Session(server) as session:
            assert session.fetch(b'a') == b'private'


def test_a_missing_folder_is_told(runner, tmpdir):
    with pytest.raises(UsageError):
        FTPServer(runner, root=tmpdir.join('none')).start()


def test_a_download_is_cut(server):
    server.put('a', b'0123456789')
    server.fail('data', cut=4)
    with Session(server) as session:
        assert session.fetch(b'a', b'426') == b'0123'
        assert session.fetch(b'a') == b'0123456789'


def test_a_call_starts_the_service_on_a_free_port(server, tmpdir):
    first, = server('--root', tmpdir)
    second, = server('--root', str(tmpdir))
    assert first != second


def test_files_are_controlled_from_afar(tmpdir):
    tmpdir.mkdir('site')
    with ChildRunner(sys.executable) as runner:
        with FTPServer(runner) as server:
            server.put('a', b'\x00\xff')
            assert server.get('a') == b'\x00\xff'
            with pytest.raises(UsageError):
                server.get('none')
            with tmpdir.as_cwd():
                assert server('--root', 'site')
