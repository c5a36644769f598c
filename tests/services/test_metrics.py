# Copyright the carryall authors.  See LICENSE.
"""The service type ``metrics``, over every backend."""
from __future__ import absolute_import, division, print_function

from carryall.core.metrics import metrics_of
from carryall.commands.catalogue import known_types
from carryall.protocols.http.client import HTTPClient
from carryall.services.metrics import TYPE
from tests.core import exposition

PORT = u'tcp:0:interface=127.0.0.1'


def test_over_http(loop):
    kind = known_types().get('metrics')
    assert kind is TYPE and TYPE.check(TYPE.options.parse([])) == []
    service = kind.make(TYPE.options.parse(['--port', PORT]))
    simple = known_types().get('simple')
    echo = simple.make(simple.options.parse(['--tcp', 'echo:0']))
    echo.start(loop)
    service.start(loop)
    host = service.listening()[0].rpartition(' on ')[2]
    client = HTTPClient(loop)
    try:
        for _ in range(2):
            response = loop.run_until(client.get('http://%s/metrics' % host))
            assert response.status == 200
            assert response.headers.get(b'content-type') == (
                b'text/plain; version=0.0.4; charset=utf-8')
            found = exposition.read(loop.run_until(response.read_all(1 << 20)))
        assert float(found['carryall_connections_total', (('listener', 'metrics'),)]) >= 1
        assert found['carryall_connections_total', (('listener', 'echo'),)] == '0'
        information = [labels for name, labels in found if name == 'carryall_information']
        assert dict(information[0])['backend'] == loop.backend
        for path, method, status in (('/', b'GET', 404), ('/metrics/', b'GET', 404),
                                     ('/metrics', b'POST', 405),
                                     ('/metrics?x=1', b'GET', 200), ('/metrics', b'HEAD', 200)):
            response = loop.run_until(client.request(method, 'http://%s%s' % (host, path)))
            assert response.status == status, (path, method)
            loop.run_until(response.read_all(1 << 20))
    finally:
        client.close()
        loop.run_until(service.stop(1.0))
        loop.run_until(echo.stop(1.0))
    assert service.listening() == [] and metrics_of(loop).text()


def test_it_keeps_to_this_machine():
    values = TYPE.options.parse([])
    assert TYPE.endpoints(values) == [u'tcp:9100:interface=127.0.0.1'], 'for this machine alone'
    for given, listened in [(u'9200', u'tcp:9200:interface=127.0.0.1'),
                            (u'tcp:9200:interface=0.0.0.0', u'tcp:9200:interface=0.0.0.0')]:
        assert TYPE.endpoints(TYPE.options.parse([u'--port', given])) == [listened], \
            'a port alone opens it to nobody else'
    service = TYPE.make(values)
    service.reload()
    assert service.listening() == [] and service.stop().done()
