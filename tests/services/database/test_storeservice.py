# Copyright the carryall authors.  See LICENSE.
"""A store as a service, and the examples over one: rows, accounts, a forum with pages."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall import runtimes
from carryall.app.components import components_of
from carryall.app.datastore import DataStore, StoreSchema, Table
from carryall.core.auth.credentials import UsernamePassword
from carryall.core.errors import CarryallError, Unsupported, UsageError
from carryall.core.future import Return, coroutine, with_timeout
from carryall.protocols import pb
from carryall.protocols.http.client import HTTPClient
from carryall.services.database.storeservice import StoreService

EXAMPLES = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))), 'doc', 'examples', 'enterprise')
NOTES = StoreSchema('notes', [Table('notes', ['id'], ['id'])],
                    [[u'CREATE TABLE notes (id {integer} PRIMARY KEY)']])
WAIT_SECONDS = 30.0


class Place(object):
    """A loop, and the services that run on it."""

    def __init__(self, tmpdir):
        self.loop = runtimes.choose()
        self.location = u'sqlite:%s' % tmpdir.join('app.db')
        self.services = []

    def wait(self, future):
        """The result of *future*."""
        return self.loop.run_until(with_timeout(self.loop, future, WAIT_SECONDS))

    def start(self, service):
        """Starts a service that is stopped with the test."""
        service.start(self.loop)
        self.services.append(service)
        return service

    def close(self):
        """Stops all."""
        for service in reversed(self.services):
            self.wait(service.stop(1.0))
        self.loop.close()


@pytest.fixture
def place(tmpdir):
    made = Place(tmpdir)
    try:
        made.loop.database_driver(u'memory:')
    except Unsupported as exc:
        made.loop.close()
        pytest.skip(str(exc))
    yield made
    made.close()


def run_script(name):
    """The names of an example."""
    path = os.path.join(EXAMPLES, name)
    scope = {'__name__': 'example', '__file__': path}
    with open(path, 'rb') as source:
        exec(compile(source.read(), path, 'exec', 0, True), scope)
    return scope


# -- the service ---------------------------------------------------------------------------------

def test_a_store_is_shared_while_it_runs(place):
    service = place.start(StoreService(NOTES, place.location))
    assert components_of(place.loop)[DataStore] is service.store


def test_a_store_is_found_by_its_schema(place):
    service = place.start(StoreService(NOTES, place.location))
    assert components_of(place.loop)[NOTES] is service.store


def test_a_stopped_store_is_not_shared(place):
    service = StoreService(NOTES, place.location)
    service.start(place.loop)
    place.wait(service.stop())
    assert components_of(place.loop) == {}


def test_stopping_twice_does_no_harm(place):
    service = StoreService(NOTES, place.location)
    service.start(place.loop)
    place.wait(service.stop())
    assert place.wait(service.stop()) is None


def test_a_wrong_location_is_refused():
    with pytest.raises(UsageError):
        StoreService(NOTES, u'nowhere')


# -- the examples --------------------------------------------------------------------------------

def test_rows_are_loaded_changed_and_written(place, capsys):
    run_script('row_example.py')['main']('memory:')
    assert capsys.readouterr()[0].splitlines() == [
        'kitchen, 12 square metres: stove, table', 'attic, 30 square metres: chest',
        'kitchen, 15 square metres: chest, stove, table']


def test_users_of_a_database_log_in(place, monkeypatch):
    monkeypatch.setenv('DBAUTH_STORE', str(place.location))
    monkeypatch.setenv('DBAUTH_PORT', '0')
    scope = run_script('dbauth.tac')
    place.start(scope['application'])
    port = scope['application'].children[1].server.listeners[0].address.port

    @coroutine
    def log_in(password):
        broker = yield pb.connect(place.loop, '127.0.0.1', port)
        try:
            guest = yield pb.login(broker, UsernamePassword(u'guest', password))
            answer = yield guest.call_remote('echo', u'hello')
        finally:
            broker.transport.close()
        raise Return(answer)

    assert place.wait(log_in(b'guest')) == u'hello'
    with pytest.raises(CarryallError):
        place.wait(log_in(b'wrong'))


@coroutine
def ask(loop, url, form=None):
    """(status, body) of a request."""
    client = HTTPClient(loop)
    try:
        if form is None:
            response = yield client.get(url)
        else:
            response = yield client.request(
                b'POST', url, headers=[(b'content-type', b'application/x-www-form-urlencoded')],
                body=form, follow=False)
        body = yield response.read()
    finally:
        client.close()
    raise Return((response.status, body))


def test_a_callable_and_a_page_share_a_database(place, monkeypatch):
    monkeypatch.setenv('FORUM_STORE', str(place.location))
    monkeypatch.setenv('FORUM_PORT', '0')
    monkeypatch.setenv('FORUM_PAGES', '0')
    scope = run_script('forum.tac')
    place.start(scope['application'])
    forum, pages = [u'http://%s/' % line.rpartition(' on ')[2]
                    for line in scope['application'].listening()]
    status, _ = place.wait(ask(place.loop, forum, b'author=anna&body=1+%3C+2'))
    assert status == 303
    status, body = place.wait(ask(place.loop, forum))
    assert status == 200
    assert b'anna: 1 &lt; 2' in body
    status, body = place.wait(ask(place.loop, pages + u'count.rpy'))
    assert (status, body) == (200, b'1 posts\n')
