# Copyright the carryall authors.  See LICENSE.
"""Sessions in a database: rows, restarts, bounds, a database that fails (WEB-12)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import runtimes
from carryall.app.datastore import DataStore
from carryall.core.compat import range
from carryall.core.errors import Unsupported, UsageError
from carryall.core.future import Future, with_timeout
from carryall.core.net.protocol import Protocol
from carryall.protocols.http import HTTPError, Response, Site
from carryall.services.web import sessionstore
from carryall.services.web.service import TYPE
from carryall.services.web.sessions import Sessions
from carryall.services.web.sessionstore import STORE, SessionTable

WAIT_SECONDS = 20.0


class Place(object):
    """A database in a file, and tables on it."""

    def __init__(self, loop, tmpdir):
        self.loop = loop
        self.now = 2e9
        loop.wall = lambda: self.now
        self.location = u'sqlite:%s' % tmpdir.join('sessions.db')
        try:
            loop.database_driver(self.location)
        except Unsupported as exc:
            pytest.skip(str(exc))
        self.opened = []

    def table(self, **more):
        """A table of the database, open."""
        store = DataStore(STORE, self.location)
        store.start(self.loop)
        self.opened.append(SessionTable(store, self.loop, **more))
        return self.opened[-1]

    def wait(self, future):
        """The result of *future*."""
        return self.loop.run_until(with_timeout(self.loop, future, WAIT_SECONDS))

    def close(self):
        """Closes all tables."""
        for table in self.opened:
            self.wait(table.close())


@pytest.fixture
def place(tmpdir):
    loop = runtimes.choose()
    made = Place(loop, tmpdir)
    yield made
    made.close()
    loop.close()


def test_a_saved_session_is_there_after_a_restart(place):
    first = place.table()
    place.wait(first.save(b'aa', b'\x00data\xff', 60.0, u'anna'))
    place.wait(first.close())
    assert place.wait(place.table().load(b'aa')) == b'\x00data\xff'


def test_a_session_that_is_saved_again_is_replaced(place):
    table = place.table()
    for data in (b'one', b'two'):
        place.wait(table.save(b'aa', data, 60.0, None))
    assert place.wait(table.load(b'aa')) == b'two'


def test_a_row_whose_time_is_over_is_none(place):
    table = place.table()
    place.wait(table.save(b'aa', b'x', 60.0, None))
    place.now += 61.0
    assert place.wait(table.load(b'aa')) is None


@pytest.mark.parametrize('key', [b'bb', b'aa\' OR 1=1 --'])
def test_a_key_without_a_row_is_none(place, key):
    table = place.table()
    place.wait(table.save(b'aa', b'x', 60.0, None))
    assert place.wait(table.load(key)) is None


def test_a_row_that_was_removed_is_none(place):
    table = place.table()
    place.wait(table.save(b'aa', b'x', 60.0, None))
    place.wait(table.remove(b'aa'))
    assert place.wait(table.load(b'aa')) is None


def test_sessions_without_a_login_go_first(place, monkeypatch):
    monkeypatch.setattr(sessionstore, 'SAVES_BETWEEN', 5)
    table = place.table(most=10)
    place.wait(table.save(b'ff', b'login', 60.0, u'anna'))
    for number in range(40):
        place.wait(table.save(b'%02d' % number, b'x', 60.0, None))
    kept = [place.wait(table.load(b'%02d' % number)) for number in range(40)]
    assert 0 < kept.count(b'x') <= 10 + 5
    assert kept[-1] == b'x'
    assert place.wait(table.load(b'ff')) == b'login'


def test_old_rows_are_dropped(place, monkeypatch):
    monkeypatch.setattr(sessionstore, 'SAVES_BETWEEN', 2)
    table = place.table()
    place.wait(table.save(b'aa', b'x', 60.0, None))
    place.now += 100.0
    place.wait(table.save(b'bb', b'x', 60.0, None))
    place.now -= 100.0
    assert place.wait(table.load(b'aa')) is None


def test_a_database_that_fails_is_503(place, expect_log):
    expect_log('sessions: ')
    table = place.table()
    place.wait(table._store.write(u'DROP TABLE sessions'))
    with pytest.raises(HTTPError) as caught:
        place.wait(table.load(b'aa'))
    assert caught.value.reply == 503


def _cookie_of(head):
    lines = [line for line in head.split(b'\r\n') if line.startswith(b'Set-Cookie: ')]
    return lines[0][len(b'Set-Cookie: '):].split(b';')[0] if lines else None


class _Client(Protocol):
    """Gathers what comes until the connection ends."""

    def __init__(self):
        self.heard = b''
        self.over = Future()

    def data_received(self, data):
        self.heard += data

    def connection_lost(self, exc):
        self.over.set_result(exc)


def _ask(place, app, field=b''):
    """The response of a site to a request."""
    listener = place.loop.listen_tcp(Site(app, place.loop), '127.0.0.1', 0)
    client = _Client()
    place.wait(place.loop.connect_tcp(lambda: client, '127.0.0.1', listener.address.port))
    client.transport.write(b'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n' + field
                           + b'\r\n')
    place.wait(client.over)
    listener.close()
    return client.heard


def test_a_login_survives_a_restart_of_the_site(place):
    seen = []

    def app(request):
        """Logs the first request in."""
        seen.append(request.session.user)
        if request.session.user is None:
            request.session.log_in(u'anna')
        return Response(200)

    table = place.table()
    cookie = _cookie_of(_ask(place, Sessions(table, place.loop).wrap(app)))
    place.wait(table.close())
    again = Sessions(place.table(), place.loop).wrap(app)
    _ask(place, again, b'Cookie: ' + cookie + b'\r\n')
    assert seen == [None, u'anna']


@pytest.mark.parametrize('words', [
    ['--store', 'sqlite:x.db'], ['--auth', 'users', '--store', 'sqlite:x.db'],
    ['--auth-kind', 'form', '--store', 'sqlite:x.db'], ['--store', 'x.db'],
    ['--auth', 'users', '--auth-kind', 'form', '--session-idle', '1']])
def test_a_store_without_sessions_is_refused(words):
    with pytest.raises(UsageError):
        TYPE.options.parse(words)
