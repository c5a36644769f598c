# Copyright the carryall authors.  See LICENSE.
"""The login page: requests that lead there, forms, and the pages behind it (WEB-13)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth.guard import LoginGuard
from carryall.core.auth.passwordfile import PasswordFile, PasswordTable, load_table
from carryall.core.net.transport import Address
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.core.tls import TLSInfo
from carryall.protocols.http import Response, Site
from carryall.services.web.formlogin import FormDoor, local_path
from carryall.services.web.pathrules import EVERY_ACCOUNT, PathRules
from carryall.services.web.sessions import MemoryStore, Sessions
from tests.core.auth.kit import quick
from tests.services.web.support import write

SECURE = TLSInfo('TLSv1.3', 'X', 'http/1.1', None, None, False, None)
HTML = b'Accept: text/html'
RULES = PathRules([(b'/', EVERY_ACCOUNT), (b'/bert', frozenset([u'bert']))], [b'/open'])


class World(object):
    """A site behind a login page, and one browser."""

    def __init__(self, tmpdir, host='127.0.0.1', tls=None):
        self.loop = VirtualLoop()
        self.loop.wall = lambda: 4e9 + self.loop.now
        self.attempts = LoginGuard(self.loop)
        table = PasswordTable()
        for name in (u'anna', u'bert'):
            table = table.with_account(name, quick(b'secret'))
        sessions = Sessions(MemoryStore(self.loop), self.loop)
        self.door = FormDoor(RULES, PasswordFile(write(tmpdir, 'users', table.to_bytes())),
                             sessions, self.loop, self.attempts)
        self.site = Site(self.door.protect(self._app), self.loop)
        self.host = host
        self.tls = tls
        self.cookie = b''
        self.users = []

    def _app(self, request):
        self.users.append(request.user)
        self.seen = (request.auth_type, request.headers.get(b'cookie'))
        return Response(200, body=b'inside')

    def ask(self, target, *fields, **more):
        """(status, head, body); the cookie is kept as a browser keeps it."""
        form = more.get('form')
        wire = FakeTransport(self.loop, peername=Address(self.host, 5),
                             tls=self.tls).connect(self.site())
        lines = [b'%s %s HTTP/1.1' % (b'GET' if form is None else b'POST', target), b'Host: h']
        lines += fields
        if self.cookie:
            lines.append(b'Cookie: ' + self.cookie)
        if form is not None:
            lines += [b'Content-Type: application/x-www-form-urlencoded',
                      b'Content-Length: %d' % len(form)]
        wire.feed(b'\r\n'.join(lines) + b'\r\n\r\n' + (form or b''))
        self.loop.advance(20.0)
        head, _, body = wire.take().partition(b'\r\n\r\n')
        for line in head.split(b'\r\n'):
            if line.startswith(b'Set-Cookie: '):
                self.cookie = line[len(b'Set-Cookie: '):].split(b';')[0]
        return int(head[9:12] or 0), head, body

    def log_in(self, name=b'anna', password=b'secret', wanted=b''):
        """(status, head, body) of the form."""
        return self.ask(b'/login', form=b'name=%s&password=%s&next=%s' % (name, password, wanted))


@pytest.fixture
def world(tmpdir):
    """A site on this machine."""
    return World(tmpdir)


def test_a_browser_is_sent_to_the_page_and_back(world):
    status, head, _body = world.ask(b'/staff/?a=b', HTML)
    assert status == 303
    assert b'\r\nLocation: /login?next=%2Fstaff%2F%3Fa%3Db\r\n' in head
    status, head, body = world.ask(b'/login?next=%2Fstaff%2F%3Fa%3Db', HTML)
    assert status == 200
    assert b'<input type="hidden" name="next" value="/staff/?a=b">' in body
    assert b"form-action 'self'" in head
    status, head, _body = world.log_in(wanted=b'%2Fstaff%2F%3Fa%3Db')
    assert status == 303
    assert b'\r\nLocation: /staff/?a=b\r\n' in head
    assert world.ask(b'/staff/', HTML)[::2] == (200, b'inside')
    assert world.users == [u'anna']


def test_a_program_behind_the_page_sees_the_type_and_no_cookie(world):
    world.log_in()
    world.ask(b'/x')
    assert world.seen == (b'Cookie', None)


def test_an_open_path_has_no_type_without_a_login(world):
    world.ask(b'/open/x', b'Cookie: a=b')
    assert world.seen == (None, b'a=b')


def test_a_program_gets_401(world):
    status, head, _body = world.ask(b'/')
    assert status == 401
    assert b'\r\nWWW-Authenticate: Cookie\r\n' in head


def test_an_open_path_needs_no_login(world):
    assert world.ask(b'/open/x')[0] == 200
    assert world.users == [None]


def test_an_account_without_permission_gets_403(world):
    world.log_in()
    assert world.ask(b'/bert/', HTML)[0] == 403
    world.log_in(b'bert')
    assert world.ask(b'/bert/', HTML)[0] == 200


def test_the_page_makes_no_session(world):
    world.ask(b'/login')
    assert world.cookie == b''


def test_a_wrong_password_and_an_unknown_name_look_the_same(world):
    wrong = world.log_in(password=b'wrong')
    unknown = world.log_in(name=b'nobody')
    assert wrong[0] == unknown[0] == 401
    assert b'The name or the password is wrong.' in wrong[2]
    assert wrong[2].replace(b'anna', b'nobody') == unknown[2]
    assert world.ask(b'/', HTML)[0] == 303


def test_typed_text_is_escaped(world):
    body = world.log_in(name=b'%22%3E%3Cb%3E', wanted=b'/%22%3E')[2]
    assert b'"><b>' not in body
    assert b'&quot;&gt;&lt;b&gt;' in body


def test_many_failures_shut_an_address_out(world, expect_log):
    expect_log(r'127\.0\.0\.1 is shut out')
    for _ in range(20):
        world.log_in(password=b'wrong')
    assert world.log_in()[0] == 429
    assert world.ask(b'/login')[0] == 429


def test_a_logout_ends_the_session(world):
    world.log_in()
    before = world.cookie
    status, head, _body = world.ask(b'/logout', form=b'')
    assert status == 303
    assert b'\r\nLocation: /login\r\n' in head
    world.cookie = before
    assert world.ask(b'/', HTML)[0] == 303


@pytest.mark.parametrize('names', [[u'bert'], [u'anna', u'bert']], ids=['gone', 'changed'])
def test_a_change_of_the_account_ends_the_session(world, tmpdir, names):
    world.log_in()
    table = PasswordTable()
    for name in names:
        table = table.with_account(name, quick(b'another'))
    write(tmpdir, 'users', table.to_bytes())
    assert world.ask(b'/', HTML)[0] == 303


def test_a_change_of_another_account_ends_no_session(world, tmpdir):
    world.log_in()
    table = load_table(str(tmpdir.join('users'))).without_account(u'bert')
    write(tmpdir, 'users', table.to_bytes())
    assert world.ask(b'/')[0] == 200


def test_no_one_comes_in_while_the_accounts_cannot_be_read(world, tmpdir, expect_log):
    expect_log('the login of a session cannot be checked')
    world.log_in()
    tmpdir.join('users').remove()
    assert world.ask(b'/')[0] == 503


def test_a_link_does_not_log_out(world):
    world.log_in()
    assert world.ask(b'/logout')[0] == 405
    assert world.ask(b'/', HTML)[0] == 200


def test_a_form_of_another_site_does_not_log_in(world):
    status = world.ask(b'/login', b'Sec-Fetch-Site: cross-site',
                       form=b'name=anna&password=secret')[0]
    assert status == 403
    assert world.cookie == b''


def test_a_form_of_another_site_does_not_reach_the_application(world):
    world.log_in()
    assert world.ask(b'/x', b'Origin: https://other.example', form=b'a=b')[0] == 403
    assert world.users == []


def test_no_password_is_asked_for_in_clear(tmpdir):
    """From another machine over http the page is not even shown."""
    world = World(tmpdir, host='192.0.2.1')
    assert world.ask(b'/login')[0] == 403
    assert world.log_in()[0] == 403


def test_a_login_over_tls_works_from_everywhere(tmpdir):
    world = World(tmpdir, host='192.0.2.1', tls=SECURE)
    assert world.log_in()[0] == 303
    assert world.cookie.startswith(b'__Host-carryall-session=')


@pytest.mark.parametrize('form, status', [(b'', 401), (b'name=anna', 401), (b'x' * 20000, 413)])
def test_a_form_that_is_none_is_no_login(world, form, status):
    assert world.ask(b'/login', form=form)[0] == status
    assert world.cookie == b''


@pytest.mark.parametrize('wanted, expected', [
    (b'/', b'/'), (b'/a/b?c=d#e', b'/a/b?c=d#e'), (b'', b'/'), (b'//other.example', b'/'),
    (b'/\\other.example', b'/'), (b'https://other.example', b'/'), (b'/\tx', b'/'),
    (b'/a\r\nX: y', b'/'), (b'/' + b'a' * 3000, b'/'), (b'javascript:alert(1)', b'/'),
    (b'/\xc3\xa9"<', b'/%C3%A9%22%3C')])
def test_a_login_leads_to_this_site_alone(wanted, expected):
    """CWE-601."""
    assert local_path(wanted) == expected
