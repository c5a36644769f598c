# Copyright the carryall authors.  See LICENSE.
"""The service type ``distrib``: mounts, places one after another,
TLS with certificates on both sides."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app.optionvalues import plain
from carryall.core.errors import UsageError
from carryall.core.net.protocol import Protocol
from carryall.core.tls.authority import authority
from carryall.protocols.http import Response
from carryall.services.distrib.front import TYPE
from carryall.services.distrib.publisher import Publisher
from carryall.services.web.service import TYPE as WEB
from tests.services.distrib.stage import parts


def fetch(loop, port, path):
    """(status, head, body)."""
    got = []

    class Client(Protocol):
        def connection_made(self, transport):
            transport.write(b'GET %s HTTP/1.0\r\n\r\n' % path)

        def data_received(self, data):
            got.append(data)

        def connection_lost(self, exc):
            loop.stop()

    loop.connect_tcp(Client, '127.0.0.1', port)
    loop.run()
    return parts(b''.join(got))


def personal(loop, text):
    publisher = Publisher(lambda request: Response(200, body=text + b' ' + request.target), loop)
    return loop.listen_tcp(publisher.broker, '127.0.0.1', 0)


def start(loop, *words):
    service = TYPE.make(TYPE.options.parse(['-p', '0'] + list(words)))
    service.start(loop)
    return service, int(service.listening()[0].rpartition(':')[2])


def test_each_mount_has_its_server(loop):
    one = personal(loop, b'one')
    two = personal(loop, b'two')
    service, port = start(loop, '--mount', 'a=tcp:127.0.0.1:%d' % one.address.port, '--mount',
                          '*=tcp:127.0.0.1:%d' % two.address.port)
    assert fetch(loop, port, b'/a/x?y')[2] == b'one /x?y', 'by name'
    assert fetch(loop, port, b'/b/x')[2] == b'two /b/x', 'everything else, whole'
    assert fetch(loop, port, b'/a')[0] == 301, 'a name without a slash'
    assert fetch(loop, port, b'/../x')[0] == 400, 'no path'
    loop.run_until(service.stop(1.0))
    one.close()
    two.close()


def test_a_place_that_is_gone(loop):
    gone = personal(loop, b'gone')
    there = personal(loop, b'there')
    gone.close()
    service, port = start(loop, '-m', 'a=tcp:127.0.0.1:%d' % gone.address.port, '-m',
                          'a=tcp:127.0.0.1:%d' % there.address.port)
    assert fetch(loop, port, b'/a/')[2] == b'there /', 'the next one'
    assert fetch(loop, port, b'/b/')[0] == 404, 'a name that is not there'
    loop.run_until(service.stop(1.0))
    there.close()


def test_certificates_on_both_sides(loop, tmp_path):
    if not loop.caps.tls:
        pytest.skip(loop.caps.why_not('tls'))
    ours = authority(u'ours', loop.wall())
    for name in ('front', 'inner'):
        made = ours.issue([u'localhost', u'127.0.0.1'], loop.wall())
        (tmp_path / (name + '.pem')).write_bytes(made.certificate + made.key)
    (tmp_path / 'ca.pem').write_bytes(ours.certificate)
    (tmp_path / 'index.html').write_bytes(b'inner page')
    inner = WEB.make(WEB.options.parse(['--personal', '--path', str(tmp_path), '-p',
                                        'tls:0:certificate=%s:clients=required:trust=%s' % (
        tmp_path / 'inner.pem', tmp_path / 'ca.pem')]))
    inner.start(loop)
    place = 'a=tls:127.0.0.1:%s' % inner.listening()[0].rpartition(':')[2].split(' ')[0]
    service, port = start(loop, '-m', place, '--trust', str(tmp_path / 'ca.pem'), '-c',
                          str(tmp_path / 'front.pem'))
    assert fetch(loop, port, b'/a/')[2] == b'inner page', 'with a certificate'
    loop.run_until(service.stop(1.0))
    service, port = start(loop, '-m', place, '--trust', str(tmp_path / 'ca.pem'))
    assert fetch(loop, port, b'/a/')[0] in (502, 503), 'without one'
    loop.run_until(service.stop(1.0))
    loop.run_until(inner.stop(1.0))


@pytest.mark.parametrize('words', [
    [], ['-m', 'a'], ['-m', 'a=x'], ['-m', 'a=tcp:host'], ['-m', 'a=tcp:host:0'],
    ['-m', 'a=tcp:ho st:1'], ['-m', 'a=udp:h:1'], ['-m', 'a/b=tcp:h:1'],
    ['-m', '..=tcp:h:1'], ['-m', 'a=unix:'], ['-m', 'a=tcp:h:1', '-k', 'x'],
    ['-m', 'a=tcp:h:99999']])
def test_contradicting_words_are_refused(words):
    with pytest.raises(UsageError):
        TYPE.options.parse(words)


def test_the_values_of_a_tap_come_back():
    values = TYPE.options.parse(['-m', 'a=tcp:h:1', '-m', 'a=unix:/run/x', '-m', '*=tls:[::1]:5'])
    assert TYPE.options.complete(plain(values)) == values and TYPE.options.parse(
        TYPE.options.words(values)) == values, 'and back'
