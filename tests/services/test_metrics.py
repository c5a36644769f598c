# Copyright the carryall authors.  See LICENSE.
"""The service type ``metrics``, over every backend."""
from __future__ import absolute_import, division, print_function

from carryall.core.metrics import metrics_of
from carryall.commands.catalogue import known_types
from carryall.protocols import pb
from carryall.protocols.http.client import HTTPClient
from carryall.services.metrics import TYPE
from tests.core import exposition

PORT = u'tcp:0:interface=127.0.0.1'


def test_the_numbers_are_served_over_http(loop):
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
        information = [labels for name, labels in found if name == 'carryall_build_info']
        assert dict(information[0])['backend'] == loop.backend
        assert found['carryall_http_responses_total',
                     (('listener', 'metrics'), ('code', '200'))] == '1', 'the first request'
        assert found['carryall_http_request_duration_seconds_count',
                     (('listener', 'metrics'),)] == '1', 'and its duration'
        assert float(found['process_cpu_seconds_total', ()]) > 0
        for path, method, status in (('/', b'GET', 404), ('/metrics/', b'GET', 404),
                                     ('/metrics', b'POST', 405), ('/livez', b'GET', 200),
                                     ('/readyz', b'GET', 200),
                                     ('/metrics?x=1', b'GET', 200), ('/metrics', b'HEAD', 200)):
            response = loop.run_until(client.request(method, 'http://%s%s' % (host, path)))
            assert response.status == status, (path, method)
            loop.run_until(response.read_all(1 << 20))
        metrics_of(loop).condition('disk', lambda: u'full')
        response = loop.run_until(client.get('http://%s/readyz' % host))
        assert response.status == 503
        assert loop.run_until(response.read_all(1 << 20)) == b'disk: full\n'
    finally:
        client.close()
        loop.run_until(service.stop(1.0))
        loop.run_until(echo.stop(1.0))
    assert service.listening() == [] and metrics_of(loop).text()


def test_the_default_endpoint_is_local():
    values = TYPE.options.parse([])
    assert TYPE.endpoints(values) == [u'tcp:9100:interface=127.0.0.1'], 'for this machine alone'
    for given, listened in [(u'9200', u'tcp:9200:interface=127.0.0.1'),
                            (u'tcp:9200:interface=0.0.0.0', u'tcp:9200:interface=0.0.0.0')]:
        assert TYPE.endpoints(TYPE.options.parse([u'--port', given])) == [listened], \
            'a port alone opens it to nobody else'
    service = TYPE.make(values)
    service.reload()
    assert service.listening() == [] and service.stop().done()


def test_the_numbers_are_served_by_perspective_broker(loop):
    service = TYPE.make(TYPE.options.parse(['--port', PORT, '--pb', PORT]))
    service.start(loop)
    address = service.listening()[1].rpartition(':')[2]
    try:
        client = loop.run_until(pb.connect(loop, '127.0.0.1', int(address)))
        root = client.remote()
        loop.run_until(root.call_remote('text'))
        text = loop.run_until(root.call_remote('text'))         # which counts the first
        assert exposition.read(text)['carryall_commands_total', (
            ('listener', 'metrics-pb'), ('command', 'message'))] == '1'
        numbers = dict((name, (labels, number)) for name, labels, number
                       in loop.run_until(root.call_remote('numbers')))
        assert numbers['carryall_build_info'][1] == 1
        assert numbers['carryall_build_info'][0]['backend'] == loop.backend
        assert loop.run_until(root.call_remote('faults')) == []
        client.close()
    finally:
        loop.run_until(service.stop(1.0))
