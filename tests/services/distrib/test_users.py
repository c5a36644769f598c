# Copyright the carryall authors.  See LICENSE.
"""The page of users, their files, their personal servers, and the checks on their owners."""
from __future__ import absolute_import, division, print_function

import os
import shutil
import socket
import tempfile

import pytest

from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.http import Response, Site
from carryall.services.distrib.publisher import Publisher
from carryall.services.distrib.users import UserDirectory
from tests.services.distrib.stage import parts
from tests.support import interpreter

HAS_UIDS = hasattr(os, 'getuid')


class User(object):
    def __init__(self, name, home, uid, real):
        self.pw_name = name
        self.pw_dir = home
        self.pw_uid = uid
        self.pw_gecos = real


class Users(object):
    """As the module pwd."""

    def __init__(self, folder):
        uid = os.getuid() if HAS_UIDS else 0
        self.rows = [User('anna', os.path.join(folder, 'anna'), uid, 'Anna <b>,,,'),
                     User('ben', os.path.join(folder, 'ben'), uid, ''),
                     User('bad/name', os.path.join(folder, 'anna'), uid, ''),
                     User('eve', os.path.join(folder, 'eve'), uid + 1000, 'Eve')]
        for row in self.rows[:2] + self.rows[3:]:
            os.mkdir(row.pw_dir)
        os.mkdir(os.path.join(folder, 'anna', 'public_html'))
        os.mkdir(os.path.join(folder, 'anna', 'public_html', 'sub'))
        with open(os.path.join(folder, 'anna', 'public_html', 'page.html'), 'wb') as out:
            out.write(b'<p>files of anna</p>\n')

    def getpwall(self):
        return list(self.rows)

    def getpwnam(self, name):
        return dict((row.pw_name, row) for row in self.rows)[name]


@pytest.fixture
def folder():
    """A short path, for sockets."""
    made = tempfile.mkdtemp(prefix='pb-')
    yield made
    shutil.rmtree(made, ignore_errors=True)


class Front(object):
    def __init__(self, folder):
        self.loop = VirtualLoop()
        self.users = Users(folder)
        self.directory = UserDirectory(self.loop, self.users)
        self.wire = FakeTransport(self.loop).connect(Site(self.directory, self.loop)())

    def get(self, path, method=b'GET', fields=b''):
        self.wire.feed(b'%s %s HTTP/1.1\r\nHost: h\r\n%s\r\n' % (method, path, fields))
        self.loop.advance()
        assert not self.loop.failures, '%r escaped' % (self.loop.failures[0],)
        return parts(self.wire.take())


def socket_at(path):
    """A Unix socket, bound."""
    if not hasattr(socket, 'AF_UNIX') or interpreter.JYTHON:
        pytest.skip('no Unix socket can be made here without a loop')
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    made.bind(path)
    return made


def test_the_list_shows_users_with_pages(folder):
    open(os.path.join(folder, 'ben.sock'), 'w').close()
    front = Front(folder)
    made = socket_at(os.path.join(folder, 'ben', '.twistd-web-pb'))
    os.symlink(os.path.join(folder, 'ben', '.twistd-web-pb'),
               os.path.join(folder, 'anna', '.twistd-web-pb'))
    status, head, body = front.get(b'/')
    made.close()
    assert status == 200 and b'text/html' in head, 'a page'
    assert b'<a href="anna/">Anna &lt;b&gt; (file)</a>' in body \
        and b'<a href="ben.twistd/">ben (twistd)</a>' in body, 'who is there: %r' % (body,)
    assert b'bad' not in body and b'anna.twistd' not in body and b'Eve' not in body, \
        'and nobody else'
    assert front.get(b'/', b'POST')[0] == 405 and front.get(b'/', b'HEAD')[2] == b'', 'methods'


def test_the_list_can_load_nothing(folder):
    assert b"\r\nContent-Security-Policy: default-src 'none';" in Front(folder).get(b'/')[1]


def test_a_list_without_users_says_so(folder):
    front = Front(folder)
    del front.users.rows[:]
    assert b'No user has pages here.' in front.get(b'/')[2]


@pytest.mark.parametrize('path', [b'/zoe/', b'/anna/none'])
def test_a_browser_gets_errors_as_pages(folder, path):
    assert b'<h1>404 Not Found</h1>' in Front(folder).get(path, fields=b'Accept: text/html\r\n')[2]


def test_files_of_a_user_are_served(folder):
    front = Front(folder)
    assert front.get(b'/anna/page.html')[2] == b'<p>files of anna</p>\n'
    assert front.get(b'/anna/')[0] == 200 and b'page.html' in front.get(b'/anna/')[2], 'a listing'
    assert front.get(b'/anna/nothing')[0] == 404
    status, head, _ = front.get(b'/anna/sub')
    assert status == 301 and b'Location: /anna/sub/\r\n' in head, 'told below where it hangs'
    status, head, _ = front.get(b'/anna?x=1')
    assert status == 301 and b'Location: /anna/?x=1\r\n' in head, 'a user without a slash'
    assert b'Location: /anna/\r\n' in front.get(b'http://h/anna')[1], \
        'and where the target names the host'


@pytest.mark.parametrize('path', [b'/~anna/page.html?x', b'/%7Eanna/page.html?x',
                                  b'/~anna/sub/../page.html?x', b'/%7eanna//page.html?x'])
def test_a_path_has_one_name(folder, path):
    """Else a guard of /anna/ would be got around."""
    status, head, _ = Front(folder).get(path)
    where = b'/anna//page.html?x' if b'//' in path else b'/anna/page.html?x'
    assert status == 301 and b'Location: ' + where + b'\r\n' in head, 'got %d %r' % (status, head)


@pytest.mark.parametrize(
    'path', [b'/./anna/page.html', b'/x/../anna/page.html', b'/%2e/anna/page.html',
             b'/./anna.twistd/', b'/%2E%2E/anna/page.html'])
def test_no_dots_lead_around_the_name(folder, path):
    """The part cut off as the name would not be the part that was checked."""
    assert Front(folder).get(path)[0] == 400


@pytest.mark.skipif(not HAS_UIDS or os.getuid() != 0, reason='only root can give a file to '
                                                             'somebody else')
def test_a_folder_that_links_to_another_user_is_not_served(folder):
    """The front end may be root, which can read everything; and the link may come after a first
    look."""
    front = Front(folder)
    home = os.path.join(folder, 'anna')
    assert front.get(b'/anna/page.html')[0] == 200
    os.rename(os.path.join(home, 'public_html'), os.path.join(home, 'mine'))
    os.mkdir(os.path.join(folder, 'etc'))
    for name in (os.path.join(folder, 'etc', 'page.html'), os.path.join(folder, 'etc', 'secret')):
        open(name, 'w').close()
    os.symlink(os.path.join(folder, 'etc'), os.path.join(home, 'public_html'))
    for uid in (12345, 0):
        os.lchown(os.path.join(home, 'public_html'), uid, -1)
        expected = 200 if uid == 0 else 404
        for path in (b'/anna/secret', b'/anna/page.html', b'/anna/'):
            assert front.get(path)[0] == expected, '%r, a link of user %d' % (path, uid)


@pytest.mark.parametrize('path', [
    b'/ben/', b'/nobody/', b'/nobody.twistd/', b'/anna.twistd/', b'/bad%2Fname/', b'/~~anna/',
    b'/../anna/', b'/.twistd/', b'/%00/', b'//', b'/~/', b'/anna%0a/', b'/%C3%A9/',
    b'/' + b'a' * 100 + b'/'])
def test_an_unknown_user_is_404(folder, path):
    status, _, _ = Front(folder).get(path)
    assert status in (400, 404), 'status %d' % status


def test_a_file_in_place_of_a_socket_is_not_used(folder):
    front = Front(folder)
    open(os.path.join(folder, 'ben', '.twistd-web-pb'), 'w').close()
    assert front.get(b'/ben.twistd/')[0] == 404


# -- with real sockets ---------------------------------------------------------

def serve(loop, path):
    if not loop.caps.unix:
        pytest.skip(loop.caps.why_not('unix'))
    publisher = Publisher(lambda request: Response(200, body=b'personal'), loop)
    return loop.listen_unix(publisher.broker, path)


def test_a_personal_server(loop, folder):
    users = Users(folder)
    listener = serve(loop, os.path.join(folder, 'ben', '.twistd-web-pb'))
    directory = UserDirectory(loop, users)
    web = loop.listen_tcp(Site(directory, loop), '127.0.0.1', 0)
    got = []

    from carryall.core.net.protocol import Protocol

    class Client(Protocol):
        def connection_made(self, transport):
            transport.write(b'GET /ben.twistd/ HTTP/1.0\r\n\r\n')

        def data_received(self, data):
            got.append(data)

        def connection_lost(self, exc):
            loop.stop()

    loop.connect_tcp(Client, '127.0.0.1', web.address.port)
    loop.run()
    assert parts(b''.join(got))[2] == b'personal', 'got %r' % (got,)
    directory.close()
    listener.close()
    web.close()
