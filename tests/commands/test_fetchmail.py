# Copyright the carryall authors.  See LICENSE.
"""`carryall fetchmail`: what is new comes once, and is deleted there when it is here."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.apps.fetchmail import SEEN
from carryall.commands import fetchmail
from carryall.core.errors import UsageError
from carryall.core.testing import VirtualLoop
from carryall.protocols.pop3 import POP3Error
from carryall.services.mail import disk
from tests.services.mail.world import post, service, stored
from tests.support.trust import WITH_TLS, complains_of_a_missing_file


@pytest.fixture
def world(tmpdir):
    class World(object):
        def __init__(self):
            self.loop = VirtualLoop()
            self.service, self.ports = service(self.loop, tmpdir, '--smtp', 'tcp:0', '--pop3',
                                               'tcp:0', '-d', 'a.example=TMP/a', '-u',
                                               'anna=secret')

        def post(self, count, message=b'Subject: x\r\n\r\n.dot\r\n'):
            for _ in range(count):
                self.loop.run_until(post(self.loop, self.ports['smtp'], b'x@far',
                                         [b'anna@a.example'], message))
            self.loop.advance(1.0)

        def fetch(self, *words, **given):
            values = fetchmail.SCHEMA.parse(['--server', '127.0.0.1:%d' % self.ports['pop3'],
                                             '--user', 'anna', str(tmpdir.join('Mail'))]
                                            + list(words))
            host, port = fetchmail._place(values)
            return self.loop.run_until(fetchmail.fetch(self.loop, host, port,
                                                       given.get('password', b'secret'), values))

        def here(self):
            return stored(tmpdir, 'Mail')

        def there(self):
            return stored(tmpdir, 'a', 'anna')
    return World()


def test_only_what_is_new(world):
    world.post(3)
    assert world.fetch() == (3, 0)
    assert world.fetch() == (0, 0)
    world.post(1)
    assert world.fetch() == (1, 0)
    assert len(world.here()) == 4
    assert len(world.there()) == 4
    assert all(mail.endswith(b'Subject: x\n\n.dot\n') for mail in world.here())
    assert world.fetch('--all') == (4, 0), 'they are here twice'
    assert len(world.here()) == 4, 'they are here twice'


def test_no_keep_deletes_fetched_mail(world):
    world.post(2)
    assert world.fetch('--no-keep') == (2, 0)
    assert len(world.here()) == 2
    assert world.there() == []


def test_a_crash_before_the_state_was_written_fetches_nothing_twice(world, monkeypatch):
    world.post(2)

    def broken(path, data):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(disk, 'replace_file', broken)
    with pytest.raises(OSError):
        world.fetch('--no-keep')
    monkeypatch.undo()
    assert len(world.there()) == 2, 'they were deleted'
    world.loop.advance(1.0)
    world.fetch('--no-keep')
    assert len(world.here()) == 2
    assert world.there() == []


def test_a_message_that_is_too_large_stays(world):
    world.post(1)
    world.post(1, b'Subject: big\r\n\r\n' + b'x' * 5000 + b'\r\n')
    assert world.fetch('--max-size', '3K', '--no-keep') == (1, 1)
    assert len(world.there()) == 1


def test_a_wrong_password(world):
    with pytest.raises(POP3Error):
        world.fetch(password=b'wrong')
    with pytest.raises(POP3Error):
        world.fetch('--tls', 'must')
    assert world.fetch('--auth', 'apop') == (0, 0)


@pytest.mark.parametrize('words, place',
                         [('h', ('h', 110)), ('h:99', ('h', 99)), ('[::1]', ('::1', 110)),
                          ('[::1]:99', ('::1', 99))])
def test_a_source_has_host_port_and_tls(words, place):
    assert fetchmail._place(fetchmail.SCHEMA.parse(['-s', words, '-u', 'x', 'm'])) == place
    assert fetchmail._place(fetchmail.SCHEMA.parse(['-s', 'h', '-u', 'x', 'm', '--tls',
                                                    'wrapped'])) == ('h', 995)


def test_missing_options_are_refused():
    for words in (['-s', 'h', 'm'], ['-u', 'x', 'm'], ['-s', 'h', '-u', 'x']):
        with pytest.raises(UsageError):
            fetchmail.SCHEMA.parse(words)
    assert os.path.basename(SEEN).startswith('.')

@WITH_TLS
def test_a_trust_file_that_is_missing_is_told_before_a_connection(tmpdir, monkeypatch):
    monkeypatch.setattr(fetchmail, 'read_password', lambda name: u'x')
    monkeypatch.chdir(tmpdir)
    assert complains_of_a_missing_file(tmpdir, fetchmail.main, [
        '--server', '127.0.0.1:1', '--user', 'x', '--tls', 'must', '--trust', 'FILE', 'box'])
