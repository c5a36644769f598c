# Copyright the carryall authors.  See LICENSE.
"""The web site of the chat space: accounts, chat, administration, and hostile names."""
from __future__ import absolute_import, division, print_function

import re

import pytest

from carryall.core.auth.guard import LoginGuard
from carryall.core.codec.uri import percent_encode
from carryall.core.errors import CarryallError
from carryall.core.net.transport import Address
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.http import Site
from carryall.services.words.chataccounts import AccountBook
from carryall.services.words.chatsite import ChatSite
from carryall.services.words.chatspace import OFFLINE, ONLINE, ChatSpace, Participant
from carryall.services.words.chatstore import MemoryChatStore

TOKEN = re.compile(b'name="token" value="([^"]+)"')
PASSWORD = b'correct horse'


class Web(object):
    """A site, and one browser."""

    def __init__(self, host='127.0.0.1', store=None, **options):
        self.loop = VirtualLoop()
        self.loop.wall = lambda: 4e9 + self.loop.now
        self.space = ChatSpace(self.loop, MemoryChatStore() if store is None else store)
        self.opened = self.space.open()
        self.book = AccountBook(self.space, iterations=10)
        self.site = ChatSite(self.space, self.book, self.loop, LoginGuard(self.loop), **options)
        self.server = Site(self.site, self.loop)
        self.host = host
        self.cookie = b''

    def ask(self, target, *fields, **more):
        """(status, head, body); the cookie is kept as a browser keeps it."""
        body = more.get('body')
        wire = FakeTransport(self.loop, peername=Address(self.host, 5)).connect(self.server())
        lines = [b'%s %s HTTP/1.1' % (b'GET' if body is None else b'POST', target), b'Host: h',
                 b'Accept: text/html'] + list(fields)
        if self.cookie:
            lines.append(b'Cookie: ' + self.cookie)
        if body is not None:
            lines += [b'Content-Type: application/x-www-form-urlencoded',
                      b'Content-Length: %d' % len(body)]
        wire.feed(b'\r\n'.join(lines) + b'\r\n\r\n' + (body or b''))
        self.loop.advance(more.get('seconds', 5.0))
        head, _, answer = wire.take().partition(b'\r\n\r\n')
        for line in head.split(b'\r\n'):
            if line.startswith(b'Set-Cookie: '):
                self.cookie = line[len(b'Set-Cookie: '):].split(b';')[0]
        return int(head[9:12] or 0), head, answer

    def post(self, page, target, **values):
        """The answer to a form of *page* with these values."""
        _, _, body = self.ask(page)
        return self.send(target, TOKEN.search(body).group(1), **values)

    def send(self, target, token, **values):
        """The answer to a form with this token."""
        pairs = [b'token=' + token]
        pairs += [name.encode('ascii') + b'=' + percent_encode(value)
                  for name, value in sorted(values.items())]
        return self.ask(target, body=b'&'.join(pairs))

    def create(self, name=b'ann', password=PASSWORD, again=None):
        """The answer to the form of a new account."""
        return self.post(b'/create', b'/create', name=name, password=password,
                         again=password if again is None else again)

    def log_in(self, name=b'ann', is_admin=False):
        """Makes an account and logs in."""
        self.create(name)
        self.space.participant(name.decode('utf-8')).is_admin = is_admin
        return self.ask(b'/login', body=b'name=%s&password=%s' % (percent_encode(name),
                                                                  percent_encode(PASSWORD)))

    def add(self, name):
        """Another participant."""
        participant = Participant(name)
        self.space.add_participant(participant)
        return participant


# -- accounts ----------------------------------------------------------------------

def test_a_visitor_makes_an_account_and_logs_in():
    web = Web()
    status, _, body = web.create()
    assert (status, b'The account <b>ann</b> is there.' in body) == (200, True)
    assert web.log_in()[0] == 303
    assert b'You are ann.' in web.ask(b'/')[2]


@pytest.mark.parametrize('name, password, again, problem', [
    (b'', PASSWORD, PASSWORD, b'A name cannot be empty'),
    (b'ann', b'short', b'short', b'at least 8 characters'),
    (b'ann', PASSWORD, b'other', b'The two passwords differ.')])
def test_a_form_that_is_wrong_is_shown_again_with_the_reason(name, password, again, problem):
    status, _, body = Web().create(name, password, again)
    assert (status, problem in body) == (400, True)


def test_a_name_is_given_once():
    web = Web()
    web.create()
    assert b'This name is taken.' in web.create(b'ANN')[2]


def test_one_address_makes_five_accounts_in_an_hour():
    web = Web()
    assert [web.create(b'ann%d' % number)[0] for number in range(6)] == [200] * 5 + [429]


def test_accounts_may_be_made_by_the_operator_alone():
    assert Web(creates=False).ask(b'/create')[0] == 403


def test_no_password_is_asked_for_in_clear_from_elsewhere():
    assert Web('192.0.2.7').ask(b'/create')[0] == 403


def test_a_form_without_the_token_of_its_session_is_refused():
    web = Web()
    assert web.send(b'/create', b'x', name=b'ann', password=PASSWORD, again=PASSWORD)[0] == 403
    assert web.space.participants == {}


def test_a_form_of_another_site_is_refused():
    web = Web()
    web.log_in()
    assert web.ask(b'/account', b'Origin: http://evil.example', body=b'old=x')[0] == 403


def test_a_password_is_changed_with_the_old_one():
    web = Web()
    web.log_in()
    wrong = web.post(b'/account', b'/account', old=b'wrong', password=b'battery staple',
                     again=b'battery staple')
    right = web.post(b'/account', b'/account', old=PASSWORD, password=b'battery staple',
                     again=b'battery staple')
    assert (wrong[0], right[0]) == (400, 200)
    assert web.ask(b'/account')[0] == 303       # the session has ended with the password


@pytest.mark.parametrize('path', [b'/users', b'/users/ann', b'/groups', b'/chat?group=tea',
                                  b'/search', b'/account', b'/admin', b'/socket'])
def test_pages_of_participants_need_a_login(path):
    assert Web().ask(path)[0] in (303, 401)


@pytest.mark.parametrize('path', [b'/nothing', b'/users/eve'])
def test_a_page_that_is_not_there_is_404(path):
    web = Web()
    web.log_in()
    assert web.ask(path)[0] == 404


def test_a_method_that_no_page_has_is_405():
    web = Web()
    web.log_in()
    wire = FakeTransport(web.loop, peername=Address('127.0.0.1', 5)).connect(web.server())
    wire.feed(b'DELETE / HTTP/1.1\r\nHost: h\r\n\r\n')
    web.loop.advance()
    assert b' 405 ' in wire.take()


class Broken(MemoryChatStore):
    """Cannot be read."""

    def load(self):
        raise CarryallError(u'no disk')


def test_a_site_whose_store_cannot_be_read_is_503():
    web = Web(store=Broken())
    assert (web.opened.exception() is None, web.ask(b'/')[0]) == (False, 503)


# -- chat --------------------------------------------------------------------------------

def test_a_browser_without_a_script_chats():
    web = Web()
    web.log_in()
    status, head, _ = web.post(b'/chat?group=tea', b'/chat', group=b'tea', text=b'hello')
    body = web.ask(b'/chat?group=tea')[2]
    assert (status, b'Location: /chat?group=tea\r\n' in head + b'\r\n') == (303, True)
    assert b'<b>ann</b>: hello' in body


def test_an_emote_is_shown_as_one():
    web = Web()
    web.log_in()
    web.post(b'/chat?group=tea', b'/chat', group=b'tea', text=b'/me waves')
    assert b' * <b>ann</b> waves' in web.ask(b'/chat?group=tea')[2]


def test_a_browser_is_online_for_a_while_behind_its_request():
    web = Web()
    web.log_in()
    web.ask(b'/chat?group=tea')
    before = web.space.participant(u'ann').status
    web.loop.advance(130.0)
    assert (before, web.space.participant(u'ann').status) == (ONLINE, OFFLINE)


def test_a_site_that_closes_ends_the_presence_of_browsers():
    web = Web()
    web.log_in()
    web.ask(b'/chat?group=tea')
    web.site.close()
    assert web.space.participant(u'ann').status == OFFLINE


@pytest.mark.parametrize('target', [b'/chat?group=', b'/chat?group=a%00b'])
def test_a_name_that_is_no_group_is_told(target):
    web = Web()
    web.log_in()
    assert web.ask(target)[0] == 400


def test_a_direct_message_is_shown_on_the_page_of_its_recipient():
    web = Web()
    web.log_in()
    web.add(u'bob')
    status, _, _ = web.post(b'/users/bob', b'/chat', to=b'bob', text=b'psst')
    assert (status, b'psst' in web.ask(b'/users/bob')[2]) == (303, True)


def test_a_contact_is_added_and_removed():
    web = Web()
    web.log_in()
    web.add(u'bob')
    web.post(b'/users/bob', b'/contact', name=b'bob', add=b'yes')
    added = list(web.space.participant(u'ann').contacts)
    web.post(b'/users/bob', b'/contact', name=b'bob', add=b'no')
    assert (added, list(web.space.participant(u'ann').contacts)) == ([u'bob'], [])


def test_messages_are_found():
    web = Web()
    web.log_in()
    web.post(b'/chat?group=tea', b'/chat', group=b'tea', text=b'Green tea')
    assert b'1 messages' in web.ask(b'/search?words=green')[2]


def test_participants_and_groups_are_listed():
    web = Web()
    web.log_in()
    web.ask(b'/chat?group=tea')
    assert b'<a href="/users/ann">ann</a>' in web.ask(b'/users?name=a')[2]
    assert b'<a href="/chat?group=tea">tea</a>' in web.ask(b'/groups')[2]


EVIL = u'<b>"\'&<script>'


def test_every_name_and_text_is_escaped():
    web = Web()
    name = EVIL.encode('utf-8')
    web.log_in(name, True)
    path = b'/chat?group=' + percent_encode(name)
    web.post(path, b'/chat', group=name, text=name)
    web.space.change_metadata(web.space.participant(EVIL), EVIL, {u'topic': EVIL})
    pages = [web.ask(each)[2] for each in (
        b'/', b'/users', b'/users/' + percent_encode(name), b'/groups', path, b'/account',
        b'/search?words=' + percent_encode(name), b'/admin')]
    assert [name in page for page in pages] == [False] * 8
    assert all(b'<script>\n' not in page.replace(b'<script>\n(function', b'') for page in pages)


def test_a_page_allows_its_own_script_alone():
    head = Web().ask(b'/')[1]
    policy = [line for line in head.split(b'\r\n') if b'Security-Policy' in line][0]
    assert (b"default-src 'none'" in policy, b'unsafe' in policy) == (True, False)


# -- administration ---------------------------------------------------------------------------

def test_administration_is_for_administrators():
    web = Web()
    web.log_in()
    assert web.ask(b'/admin')[0] == 403


def _administer(**values):
    web = Web()
    web.log_in(is_admin=True)
    web.add(u'bob')
    status, _, body = web.post(b'/admin', b'/admin', **values)
    return web, status, body


def test_an_account_is_barred_and_the_deed_is_noted():
    web, _, body = _administer(deed=b'bar', name=b'bob')
    assert web.space.participant(u'bob').is_barred
    assert b'<td>bar bob </td>' in body


def test_an_account_is_given_rights():
    assert _administer(deed=b'rights', name=b'bob')[0].space.participant(u'bob').is_admin


def test_an_account_is_given_a_password():
    web, _, _ = _administer(deed=b'password', name=b'bob', password=b'battery staple')
    assert web.space.participant(u'bob').verifier is not None


def test_an_account_is_removed():
    assert sorted(_administer(deed=b'remove', name=b'bob')[0].space.participants) == [u'ann']


@pytest.mark.parametrize('values, problem', [
    (dict(deed=b'bar', name=b'ann'), b'your own account'),
    (dict(deed=b'bar', name=b'eve'), b'does not exist'),
    (dict(deed=b'fly', name=b'bob'), b'no such deed'),
    (dict(deed=b'start', name=b'bob'), b'There are no bots.'),
    (dict(deed=b'drop', name=b'tea'), b'There is no group'),
    (dict(deed=b'password', name=b'bob', password=b'x'), b'at least 8 characters')])
def test_a_deed_that_cannot_be_done_is_told(values, problem):
    assert problem in _administer(**values)[2]


def test_a_participant_is_banned_from_a_group():
    web = Web()
    web.log_in(is_admin=True)
    web.add(u'bob')
    web.ask(b'/chat?group=tea')
    web.post(b'/admin', b'/admin', deed=b'ban', group=b'tea', name=b'bob')
    banned = set(web.space.groups[u'tea'].banned)
    web.post(b'/admin', b'/admin', deed=b'lift', group=b'tea', name=b'bob')
    assert (banned, web.space.groups[u'tea'].banned) == (set([u'bob']), set())


def test_a_group_is_removed():
    web = Web()
    web.log_in(is_admin=True)
    web.ask(b'/chat?group=tea')
    web.post(b'/admin', b'/admin', deed=b'drop', name=b'tea')
    assert web.space.groups == {}
