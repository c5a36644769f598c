# Copyright the carryall authors.  See LICENSE.
"""``web --user`` and ``web --personal``: their options,
and one behind the other (features DIS-01)."""
from __future__ import absolute_import, division, print_function

import os
import shutil
import tempfile

import pytest

from carryall.app.optionvalues import plain
from carryall.core.errors import UsageError
from carryall.core.testing import VirtualLoop
from carryall.protocols import pb
from carryall.protocols.http import Response
from carryall.services.distrib import weboptions
from carryall.services.distrib.subscription import Subscription
from carryall.services.web.service import TYPE


def parse(*words):
    return TYPE.options.parse(list(words))


def test_each_kind_has_its_default_endpoint():
    assert TYPE.endpoints(parse('--user')) == [u'tcp:8080:interface=127.0.0.1'], \
        'as every web server'
    home = TYPE.endpoints(parse('--personal'))
    assert len(home) == 1 and home[0].startswith(u'unix:') and home[0].endswith(
        u'.twistd-web-pb'), 'in the home folder: %r' % (home,)
    assert TYPE.endpoints(parse('--personal', '-p', 'unix:/run/x:mode=660')) \
        == [u'unix:' + os.path.abspath(u'/run/x') + u':mode=660'], 'or where it is told'


def test_both_spellings_are_read():
    assert parse('-u').user is True and parse('--user').personal is False, 'as of old'
    values = parse('--personal', '--path', 'x')
    assert TYPE.options.complete(plain(values)) == values, 'what a tap holds'


@pytest.mark.parametrize('words', [['--user', '--path', 'x'], ['--user', '--vhost', 'h=x'],
                                   ['--personal', '--https', '443', '-c', 'x'],
                                   ['--webfinger', 'example.org', '--webfinger-people', '.',
                                    '--personal', '-p', 'unix:/x']])
def test_contradicting_words_are_refused(words):
    with pytest.raises(UsageError):
        parse(*words)


def test_a_reload_opens_no_second_connection_and_a_stop_closes_the_first(monkeypatch):
    made = []

    class Users(object):
        def __init__(self, loop):
            made.append(self)
            self.closed = 0

        def __call__(self, request):
            return Response(200)

        def close(self):
            self.closed += 1

    monkeypatch.setattr(weboptions, 'user_directory', Users)
    loop = VirtualLoop()
    service = TYPE.make(parse('--user', '-p', '0'))
    service.start(loop)
    service.reload()
    service.reload()
    assert len(made) == 1 and made[0].closed == 0, 'what it is connected to stays'
    done = service.stop(1.0)
    loop.advance(2.0)
    assert done.done() and made[0].closed == 1


def test_a_personal_server(loop):
    if not loop.caps.unix:
        pytest.skip(loop.caps.why_not('unix'))
    folder = tempfile.mkdtemp(prefix='pb-')
    try:
        with open(os.path.join(folder, 'index.html'), 'wb') as out:
            out.write(b'mine')
        path = os.path.join(folder, 's')
        service = TYPE.make(parse('--personal', '--path', folder, '-p', 'unix:' + path))
        service.start(loop)
        assert service.listening() == ['personal on unix:' + path], \
            'it says so: %r' % (service.listening(),)
        broker = loop.run_until(pb.connect_unix(loop, path, **Subscription.options()))
        error = loop.run_until(broker.remote().call_remote('request', 5).then(
            None, lambda exc: exc))
        assert isinstance(error, pb.PBError), 'it is a publisher'
        loop.run_until(service.stop(1.0))
        assert broker.lost or loop.run_until(broker.closed) is None, 'its connections end with it'
    finally:
        shutil.rmtree(folder, ignore_errors=True)
