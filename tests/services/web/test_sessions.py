# Copyright the carryall authors.  See LICENSE.
"""Sessions: ids, cookies, times, rotation at a login, stores (WEB-12)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.core.future import Future
from carryall.core.net.transport import Address
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.core.tls import TLSInfo
from carryall.protocols.http import MutableHeaders, Response, Site, Upgrade
from carryall.protocols.http.fields import parse_set_cookie
from carryall.services.web.sessions import ID_LENGTH, MemoryStore, Sessions
from tests.services.web.support import request

SECURE = TLSInfo('TLSv1.3', 'X', 'http/1.1', None, None, False, None)
SHARED = MutableHeaders([(b'Content-Type', b'text/plain')])


class World(object):
    """A site with sessions, whose application does what a test asks for."""

    def __init__(self, store=None, tls=None, **more):
        self.loop = VirtualLoop()
        self.loop.wall = lambda: 2e9 + self.loop.now
        self.store = MemoryStore(self.loop) if store is None else store(self.loop)
        self.sessions = Sessions(self.store, self.loop, **more)
        self.action = lambda session: None
        self.seen = []
        self._site = Site(self.sessions.wrap(self._app), self.loop)
        self._tls = tls

    def _app(self, request):
        self.seen.append(self.action(request.session))
        self.cookies = request.headers.get_all(b'cookie')
        return Response(200, SHARED, b'hello')

    def ask(self, action=None, cookie=None):
        """The SetCookie of the answer, or None."""
        if action is not None:
            self.action = action
        field = b'' if cookie is None else b'Cookie: a=b; %s=%s\r\n' % (cookie.name, cookie.value)
        wire = FakeTransport(self.loop, peername=Address('127.0.0.1', 5),
                             tls=self._tls).connect(self._site())
        wire.feed(b'GET / HTTP/1.1\r\nHost: h\r\n' + field + b'\r\n')
        self.loop.advance(1.0)
        self.head = wire.take().partition(b'\r\n\r\n')[0]
        assert self.head.startswith(b'HTTP/1.1 200'), self.head
        lines = [line for line in self.head.split(b'\r\n') if line.startswith(b'Set-Cookie: ')]
        assert len(lines) < 2
        return parse_set_cookie(lines[0][len(b'Set-Cookie: '):]) if lines else None


def count(session):
    """The number of requests of a session."""
    session[u'count'] = session.get(u'count', 0) + 1
    return session[u'count']


def test_a_session_without_values_has_no_cookie():
    world = World()
    assert world.ask(lambda session: session.get(u'count')) is None
    assert len(world.store) == 0


def test_values_come_back_with_the_cookie():
    world = World()
    cookie = world.ask(count)
    assert world.ask(count, cookie) is None
    assert world.ask(count, cookie) is None
    assert world.seen == [1, 2, 3]


def test_the_cookie_is_for_this_server_alone():
    cookie = World().ask(count)
    assert (cookie.name, len(cookie.value)) == (b'carryall-session', ID_LENGTH)
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, b'lax', b'/')
    assert (cookie.secure, cookie.domain, cookie.max_age) == (False, None, None)


def test_the_cookie_over_tls_is_secure():
    cookie = World(tls=SECURE).ask(count)
    assert (cookie.name, cookie.secure) == (b'__Host-carryall-session', True)


def test_a_site_behind_a_proxy_can_say_that_it_is_secure():
    assert World(secure=True).ask(count).secure


def test_the_application_does_not_see_the_cookie():
    world = World()
    cookie = world.ask(count)
    world.ask(count, cookie)
    assert world.cookies == [b'a=b']
    assert world.seen == [1, 2]


@pytest.mark.parametrize('tls', [None, SECURE])
@pytest.mark.parametrize('sent, kept', [
    (b'carryall-session=x', None), (b'__Host-carryall-session=x', None),
    (b'a=b;carryall-session=x ; c=d', b'a=b; c=d'), (b'session=x', b'session=x'),
    (b' carryall-session = x; a=b', b'a=b')])
def test_no_spelling_of_the_cookie_gets_through(sent, kept, tls):
    loop = VirtualLoop()
    seen = []
    app = Sessions(MemoryStore(loop), loop).wrap(
        lambda request: seen.append(request.headers.get(b'cookie')) or Response(200))
    wire = FakeTransport(loop, peername=Address('127.0.0.1', 5), tls=tls).connect(
        Site(app, loop)())
    wire.feed(b'GET / HTTP/1.1\r\nHost: h\r\nCookie: ' + sent + b'\r\n\r\n')
    assert seen == [kept]


@pytest.mark.parametrize('set_cookie', [
    b'carryall-session=x', b'__Host-carryall-session=x; Secure; Path=/', b' carryall-session\t = x',
    b'carryall-session', b'Carryall-Session=x', b'=carryall-session=x', b' = =carryall-session=x'])
def test_the_application_cannot_set_the_cookie(set_cookie, expect_log):
    """The last ones have no name: a browser sends their value alone."""
    expect_log('is dropped')
    response = Response(200, [(b'Set-Cookie', b'a=b'), (b'Set-Cookie', set_cookie)], b'x')
    assert answered(response).headers.get_all(b'set-cookie') == [b'a=b']
    assert len(response.headers) == 2


@pytest.mark.parametrize('set_cookie', [
    b'session=carryall-session=x', b'a=b; carryall-session=x', b'carryall-session2=x', b'=x', b''])
def test_other_cookies_of_the_application_pass(set_cookie):
    response = Response(200, [(b'Set-Cookie', set_cookie)], b'x')
    assert answered(response) is response


def test_an_upgrade_cannot_set_the_cookie(expect_log):
    expect_log('is dropped')
    protocol = object()
    fields = [(b'Upgrade', b'x'), (b'Set-Cookie', b'carryall-session=x')]
    given = answered(Upgrade(protocol, fields))
    assert given.protocol is protocol
    assert list(given.headers) == [(b'Upgrade', b'x')]


def test_a_flood_of_such_cookies_is_none_of_the_log(caplog, expect_log):
    expect_log('is dropped')
    world = World()
    app = world.sessions.wrap(lambda _: Response(200, [(b'Set-Cookie', b'carryall-session=x')]))
    for _ in range(20):
        app(request(b'/'))
    assert len([each for each in caplog.records if 'is dropped' in each.getMessage()]) == 1


def answered(response):
    """The response that a site with sessions sends for *response*."""
    return World().sessions.wrap(lambda _: response)(request(b'/'))


def test_a_response_with_a_cookie_is_not_cached():
    world = World()
    world.ask(count)
    assert b'\r\nCache-Control: no-store' in world.head


def test_fields_that_responses_share_stay_as_they_are():
    World().ask(count)
    assert list(SHARED) == [(b'Content-Type', b'text/plain')]


def test_each_session_has_another_id():
    world = World()
    assert len(set(world.ask(count).value for _ in range(50))) == 50


@pytest.mark.parametrize('value', [b'A' * ID_LENGTH, b'', b'short', b'!' * ID_LENGTH])
def test_an_id_that_the_server_did_not_give_is_not_taken_over(value):
    """Else an attacker could choose the id of a victim (session fixation)."""
    world = World()
    given = world.ask(count, parse_set_cookie(b'carryall-session=' + value))
    assert given.value != value
    assert world.seen == [1]


def test_a_login_has_a_new_id():
    world = World()
    before = world.ask(count)
    after = world.ask(lambda session: session.log_in(u'anna'), before)
    assert after.value != before.value
    world.ask(lambda session: (session.user, session[u'count']), after)
    world.ask(lambda session: (session.user, session.get(u'count')), before)
    assert world.seen[-2:] == [(u'anna', 1), (None, None)]


def test_a_login_has_a_new_token():
    world = World()
    tokens = []
    cookie = world.ask(lambda session: tokens.append(session.token))
    cookie = world.ask(lambda session: (tokens.append(session.token), session.log_in(u'anna')),
                       cookie)
    world.ask(lambda session: tokens.append(session.token), cookie)
    assert tokens[0] == tokens[1]
    assert tokens[2] != tokens[0]


def test_an_end_removes_values_and_cookie():
    world = World()
    cookie = world.ask(count)
    gone = world.ask(lambda session: session.end(), cookie)
    assert (gone.name, gone.value, gone.max_age) == (b'carryall-session', b'', 0)
    assert len(world.store) == 0
    world.ask(count, cookie)
    assert world.seen[-1] == 1


def test_a_session_that_is_not_used_ends():
    world = World(idle=100.0)
    cookie = world.ask(count)
    world.loop.advance(90.0)
    world.ask(count, cookie)
    world.loop.advance(90.0)
    world.ask(count, cookie)
    world.loop.advance(101.0)
    world.ask(count, cookie)
    assert world.seen == [1, 2, 3, 1]


def test_a_session_that_only_reads_stays_alive():
    world = World(idle=100.0)
    cookie = world.ask(count)
    for _ in range(5):
        world.loop.advance(90.0)
        world.ask(lambda session: session.get(u'count'), cookie)
    assert world.seen == [1] * 6


def test_a_session_ends_though_it_is_used():
    world = World(idle=100.0, absolute=250.0)
    cookie = world.ask(count)
    for _ in range(3):
        world.loop.advance(90.0)
        world.ask(count, cookie)
    assert world.seen == [1, 2, 3, 1]


def test_values_may_be_lists_and_texts():
    world = World()
    value = [1, 2.5, u'\u00e9', None, True, {u'a': [u'b']}]
    cookie = world.ask(lambda session: session.__setitem__(u'x', value))
    world.ask(lambda session: session[u'x'], cookie)
    assert world.seen[-1] == value


def test_a_list_that_was_changed_in_place_is_saved():
    world = World()
    cookie = world.ask(lambda session: session.__setitem__(u'x', []))
    world.ask(lambda session: (session[u'x'].append(1), session.changed()), cookie)
    world.ask(lambda session: session[u'x'], cookie)
    assert world.seen[-1] == [1]


def test_a_value_can_be_removed():
    world = World()
    cookie = world.ask(count)
    world.ask(lambda session: session.pop(u'count'), cookie)
    world.ask(lambda session: u'count' in session, cookie)
    assert world.seen == [1, 1, False]


def test_a_session_has_a_limit():
    world = World()
    sessions = world.sessions
    request = type('Request', (), {'headers': MutableHeaders(), 'scheme': b'http'})()

    def app(asked):
        asked.session[u'x'] = u'x' * 70000
        return Response(200)

    with pytest.raises(LocalProtocolError):
        sessions.wrap(app)(request)


class SlowStore(object):
    """A store that answers later."""

    def __init__(self, loop):
        self._loop = loop
        self._inner = MemoryStore(loop)

    def _later(self, value):
        done = Future()
        self._loop.call_later(0.1, lambda: done.set_result(value))
        return done

    def load(self, key):
        """As MemoryStore, later."""
        return self._later(self._inner.load(key))

    def save(self, *args):
        """As MemoryStore, later."""
        return self._later(self._inner.save(*args))

    def remove(self, key):
        """As MemoryStore, later."""
        return self._later(self._inner.remove(key))


def test_a_store_may_take_its_time():
    world = World(SlowStore)
    cookie = world.ask(count)
    world.ask(count, cookie)
    fresh = world.ask(lambda session: session.log_in(u'anna'), cookie)
    world.ask(lambda session: (session.user, session[u'count']), fresh)
    assert world.seen == [1, 2, None, (u'anna', 2)]


@pytest.mark.parametrize('store', [MemoryStore, SlowStore])
def test_a_logout_counts_for_requests_that_are_under_way(store):
    world = World(store)
    cookie = world.ask(lambda session: session.log_in(u'anna'))
    key = world.sessions._key_of(cookie.value)

    def slow(session):
        world.store.remove(key)         # another request logs out meanwhile
        return count(session)

    world.ask(slow, cookie)
    world.ask(lambda session: session.user, cookie)
    assert world.seen[-1] is None


# -- the store in memory -----------------------------------------------------------------------

def stored(**limits):
    """(loop, store)"""
    loop = VirtualLoop()
    return loop, MemoryStore(loop, **limits)


def test_saved_octets_are_there_until_their_end():
    loop, store = stored()
    store.save(b'a', b'data', 10.0, None)
    loop.advance(9.0)
    assert store.load(b'a') == b'data'
    loop.advance(2.0)
    assert store.load(b'a') is None
    assert len(store) == 0


@pytest.mark.parametrize('limits', [{'sessions': 3}, {'octets': 12}])
def test_the_oldest_makes_room(limits):
    _loop, store = stored(**limits)
    for key in (b'a', b'b', b'c', b'd'):
        store.save(key, b'data', 10.0, None)
    assert [store.load(key) for key in (b'a', b'b', b'd')] == [None, b'data', b'data']


def test_strangers_end_no_login():
    _loop, store = stored(sessions=3)
    store.save(b'anna', b'data', 10.0, u'anna')
    for number in range(10):
        store.save(b'%d' % number, b'data', 10.0, None)
    assert store.load(b'anna') == b'data'
    assert len(store) == 3


def test_a_session_that_logs_in_is_a_users():
    _loop, store = stored(sessions=2)
    store.save(b'a', b'data', 10.0, None)
    store.save(b'a', b'more', 10.0, u'anna')
    for number in range(5):
        store.save(b'%d' % number, b'data', 10.0, None)
    assert store.load(b'a') == b'more'


def test_sessions_that_are_over_leave_by_themselves():
    loop, store = stored()
    for number in range(100):
        store.save(b'%d' % number, b'data', 10.0, None)
        loop.advance(1.0)
    assert len(store) < 15
