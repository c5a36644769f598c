# Copyright the carryall authors.  See LICENSE.
"""The service type web: from options to answers, and back to nothing."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.errors import ListenFailed, UsageError
from carryall.core.net.protocol import Protocol
from carryall.commands.catalogue import known_types
from carryall.core.testing import VirtualLoop
from carryall.services.web.demopage import DemoPage
from carryall.services.web.service import REFUSAL, TYPE, WebService
from tests.services.web.support import write
from tests.support.activity import watch


class Peer(Protocol):
    """A client that keeps what it hears."""

    def __init__(self):
        self.heard = b''
        self.lost = False

    def data_received(self, data):
        self.heard += data

    def connection_lost(self, exc):
        self.lost = True


@pytest.fixture
def folder(tmpdir):
    """A folder to serve."""
    write(tmpdir, 'site/a.txt', b'hello')
    return os.path.join(str(tmpdir), 'site')


def _start(folder, *words):
    loop = VirtualLoop()
    service = TYPE.make(TYPE.options.parse(['--path', folder, '-p', '0'] + list(words)))
    service.start(loop)
    return loop, service


def _port(service):
    return int(service.listening()[0].rpartition(':')[2])


def _connect(loop, service):
    future = loop.connect_tcp(Peer, '127.0.0.1', _port(service))
    loop.advance(0.1)
    return future.result()


def _get(loop, service, target=b'/a.txt', fields=b''):
    transport, peer = _connect(loop, service)
    transport.write(b'GET ' + target + b' HTTP/1.1\r\nHost: h\r\n' + fields
                    + b'Connection: close\r\n\r\n')
    loop.advance(0.1)
    return peer.heard


def _stop(loop, service, seconds=1.0):
    done = service.stop(seconds)
    loop.advance(seconds + 1)
    done.result()
    assert service.loop is None, 'stopped'
    assert service.listening() == [], 'stopped'
    assert loop.failures == [], 'nothing went wrong'


def test_the_registry_finds_the_service():
    """The registry finds it by name, without a table of its own."""
    assert known_types().get('web') is TYPE, 'web'
    assert isinstance(TYPE.make(TYPE.options.parse([])), WebService), 'web'


def test_serves_and_stops(folder):
    """On loopback; idle connections are closed at the stop, which completes."""
    loop, service = _start(folder)
    assert service.listening() == ['http on 127.0.0.1:%d' % _port(service)], 'where'
    answer = _get(loop, service)
    assert answer.startswith(b'HTTP/1.1 200 OK\r\n'), 'what'
    assert answer.endswith(b'\r\n\r\nhello'), 'what'
    _, idle = _connect(loop, service)
    _stop(loop, service)
    assert idle.lost, 'closed'


def test_can_be_started_again(folder):
    """Once stopped it is as new."""
    loop, service = _start(folder)
    _stop(loop, service)
    service.start(loop)
    assert _get(loop, service).endswith(b'hello'), 'again'
    _stop(loop, service)


def test_stop_before_start(folder):
    """Does no harm."""
    service = TYPE.make(TYPE.options.parse(['--path', folder]))
    assert service.stop().result() is None, 'nothing'
    assert service.listening() == [], 'nothing'


def test_options_reach_the_site(folder):
    """Each of them."""
    write(folder, 'sub/start', b'index')
    write(folder, 'types', b'text/mine mine\n')
    write(folder, 'x.mine', b'm' * 600)
    write(folder, 'x.more', b'm')
    write(folder, 'nope', b'NOPE')
    write(folder, '.dot', b'dot')
    write(folder, 'long.txt', b'x' * 600)
    loop, service = _start(
        folder, '-i', 'start', '-m', '.MORE=text/more', '-m', 'text/other', '--mime-types',
        os.path.join(folder, 'types'), '--ignore-ext', 'txt',
        '--no-listing', '--dotfiles', '--cache-control', '*.mine=no-store', '--download', '*.more',
        '--error-page', '404=nope')
    assert _get(loop, service, b'/sub/').endswith(b'index'), 'index'
    mine = _get(loop, service, b'/x.mine')
    more = _get(loop, service, b'/x.more')
    assert b'Content-Type: text/mine; charset=utf-8\r\n' in mine, 'file of types, rule'
    assert b'Cache-Control: no-store\r\n' in mine, 'file of types, rule'
    assert b'Content-Type: text/more' in more, 'type, download'
    assert b'Content-Disposition: attachment' in more, 'type, download'
    assert b'Content-Type: text/other' in _get(loop, service, b'/nope'), 'default type'
    assert _get(loop, service, b'/a').endswith(b'hello'), 'ending'
    assert _get(loop, service, b'/').startswith(b'HTTP/1.1 403 '), 'no listing'
    assert _get(loop, service, b'/.dot').endswith(b'dot'), 'dotfiles'
    assert _get(loop, service, b'/none').endswith(b'NOPE'), 'error page'
    assert (b'Content-Encoding: gzip'
            in _get(loop, service, b'/long.txt', b'Accept-Encoding: gzip\r\n')), 'gzip'
    _stop(loop, service)
    loop, service = _start(folder, '--no-gzip', '--allow-ignore-ext')
    assert (b'Content-Encoding' not
            in _get(loop, service, b'/long.txt', b'Accept-Encoding: gzip\r\n')), 'no gzip'
    assert _get(loop, service, b'/x').startswith(b'HTTP/1.1 200 '), 'any ending'
    assert b'long.txt' in _get(loop, service, b'/'), 'listing'
    _stop(loop, service)


def test_the_access_log_is_complete_at_the_stop(folder, tmpdir):
    """Written while it runs, reopened by reload, complete at the stop."""
    path = os.path.join(str(tmpdir), 'access.log')
    loop, service = _start(folder, '-l', path)
    _get(loop, service)
    loop.advance(2)
    with open(path, 'rb') as source:
        assert source.read().count(b'"GET /a.txt HTTP/1.1" 200 5 "-" "-"\n') == 1, 'written'
    if os.sep == '/':
        os.rename(path, path + '.1')
    service.reload()
    _get(loop, service, b'/none')
    _stop(loop, service)
    with open(path, 'rb') as source:
        assert b'"GET /none HTTP/1.1" 404 ' in source.read(), 'written anew'


def test_reload_reads_the_types_again(folder):
    """An error in the types leaves everything as it was."""
    types = write(folder, 'types', b'text/one txt\n')
    loop, service = _start(folder, '--mime-types', types)
    assert b'Content-Type: text/one' in _get(loop, service), 'before'
    write(folder, 'types', b'text/two txt\n')
    service.reload()
    assert b'Content-Type: text/two' in _get(loop, service), 'after'
    write(folder, 'types', b'junk junk\n')
    with pytest.raises(UsageError):
        service.reload()
    assert b'Content-Type: text/two' in _get(loop, service), 'as it was'
    _stop(loop, service)


def test_one_connection_too_many_is_503(folder):
    """One connection too many is told 503, and the next after another has gone is served."""
    loop, service = _start(folder, '--max-per-address', '1')
    transport, _ = _connect(loop, service)
    _, second = _connect(loop, service)
    assert second.heard == REFUSAL, 'told and closed'
    assert second.lost, 'told and closed'
    transport.close()
    loop.advance(0.1)
    assert _get(loop, service).endswith(b'hello'), 'served'
    _stop(loop, service)
    head, _, body = REFUSAL.partition(b'\r\n\r\n')
    assert b'Content-Length: %d' % len(body) in head, 'it is a response'


def test_a_bad_setting_keeps_the_service_from_starting(folder, tmpdir):
    """Told in a sentence, and nothing is left behind."""
    loop, service = _start(folder)
    port = _port(service)
    for words, error in ((['--path', os.path.join(str(tmpdir), 'none')], UsageError),
                         (['-l', os.path.join(str(tmpdir), 'no', 'log')], UsageError),
                         (['--mime-types', os.path.join(str(tmpdir), 'none')], UsageError),
                         (['-p', str(port)], ListenFailed),
                         (['-p', str(port), '-l', os.path.join(str(tmpdir), 'log')], ListenFailed)):
        other = TYPE.make(TYPE.options.parse(['--path', folder, '-p', '0'] + words))
        with pytest.raises(error):
            other.start(loop)
        assert other.loop is None, words
        assert other.listening() == [], words
        assert other._logs == [], words
    _stop(loop, service)


def test_check_before_it_is_started(folder, tmpdir):
    """The words of twistd --check."""
    assert TYPE.check(TYPE.options.parse(['--path', folder])) == [], 'nothing'
    problems = TYPE.check(TYPE.options.parse(['--path', os.path.join(str(tmpdir), 'none'), '-l',
                                              os.path.join(str(tmpdir), 'no', 'log')]))
    assert len(problems) == 2, problems
    page = ['--path', folder, '--error-page', '404=none.html']
    assert ([u'none.html' in problem for problem in TYPE.check(TYPE.options.parse(page))]
            == [True]), 'a page that is in no folder'
    assert TYPE.check(TYPE.options.parse(page + ['--vhost', 'a.example=%s' % tmpdir])) != []
    write(folder, 'none.html', b'none')
    assert (TYPE.check(TYPE.options.parse(page + ['--vhost', 'a.example=%s' % tmpdir]))
            == []), 'it is in one of the folders'
    assert (len(TYPE.check(TYPE.options.parse(['--path', folder, '--auth',
                                               os.path.join(str(tmpdir), 'nobody')])))
            == 1), 'one cause, one sentence'


def test_each_response_is_told_to_the_activity(folder):
    loop = VirtualLoop()
    told = watch(loop)
    service = TYPE.make(TYPE.options.parse(['--path', folder, '-p', '0']))
    service.start(loop)
    _get(loop, service, b'/a.txt?password=x')
    _get(loop, service, b'/none')
    assert [row[:5] for row in told.rows] == [
        (u'web', u'127.0.0.1', u'GET /a.txt?password=***', u'200', 5),
        (u'web', u'127.0.0.1', u'GET /none', u'404', 14)]
    assert [row[5] for row in told.rows] == [True, False]


def test_a_log_file_goes_on_while_an_activity_is_told(folder, tmpdir):
    loop = VirtualLoop()
    watch(loop)
    path = tmpdir.join('access')
    service = TYPE.make(TYPE.options.parse(['--path', folder, '-p', '0', '-l', str(path)]))
    service.start(loop)
    _get(loop, service)
    loop.run_until(service.stop(0.0))
    assert 'GET /a.txt' in path.read()


@pytest.mark.parametrize('name', ['--account', '--user'])
def test_a_user_of_the_command_line_logs_in(folder, name):
    loop, service = _start(folder, name, 'ann=pw')
    assert b' 401 ' in _get(loop, service)[:20]
    assert b' 200 ' in _get(loop, service, fields=b'Authorization: Basic YW5uOnB3\r\n')[:20]


def test_a_login_page_takes_users_of_the_command_line(folder):
    loop, service = _start(folder, '--user', 'ann=pw', '--auth-kind', 'form')
    assert b'/login' in _get(loop, service, fields=b'Accept: text/html\r\n')


@pytest.mark.parametrize('words', [['--auth-kind', 'digest'], ['--account', 'ann=x'],
                                   ['--auth', 'f', '--auth-kind', 'form']])
def test_users_that_cannot_log_in_are_refused(folder, words):
    with pytest.raises(UsageError):
        _start(folder, '--account', 'ann=pw', *words)


def test_without_options_a_page_of_widgets_is_served():
    service = WebService(TYPE.options.parse([]))
    (host, app), = service._make_apps(VirtualLoop())
    assert host == u'*'
    assert isinstance(app, DemoPage)
    assert TYPE.started_by_hand(TYPE.options.parse([])) == [
        u'a page of widgets; --path FOLDER serves a folder']
