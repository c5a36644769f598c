# Copyright the carryall authors.  See LICENSE.
"""The service type ``metrics``: an HTTP endpoint for Prometheus, over what the services of the same process count (X-18).

    mktap --append web.tap metrics --port tcp:9100:interface=127.0.0.1
    curl http://127.0.0.1:9100/metrics

It listens on 127.0.0.1 unless told otherwise: what it says is nobody else's affair.
Tests:    tests/services/test_metrics.py
"""
from __future__ import absolute_import, division, print_function

from carryall import __version__
from carryall.core.compat import interpreter
from carryall.app.endpoints import parse_endpoint
from carryall.app.optiontypes import Endpoint, Integer
from carryall.core.metrics import CONTENT_TYPE, metrics_of
from carryall.app.options import Option, Schema
from carryall.core.wrap.policies import ConnectionLimits
from carryall.app.servicetypes import ServiceType
from carryall.app.service import OneServer, StreamServer
from carryall.protocols.http import Response, Site, method_not_allowed, plain_response

__all__ = ['MetricsApp', 'MetricsService', 'MetricsType', 'TYPE']

PORT = 'tcp:9100'
LOOPBACK = '127.0.0.1'
MAX_CONNECTIONS = 20        # ours: there is one who asks, every 15 seconds


class MetricsApp(object):
    """The web application: GET /metrics.

    Args:     metrics: a ``carryall.core.metrics.Metrics``.
    """

    def __init__(self, metrics):
        # type: (Any) -> None
        self._metrics = metrics

    def __call__(self, request):
        # type: (Any) -> Response
        """Answer one request."""
        if request.path != b'/metrics':
            return plain_response(404)
        if request.method not in (b'GET', b'HEAD'):
            return method_not_allowed((b'GET', b'HEAD'))
        return Response(200, [(b'Content-Type', CONTENT_TYPE), (b'Cache-Control', b'no-store')], self._metrics.text())


class MetricsService(OneServer):
    """Serves the metrics of the loop that it is started with."""

    def __init__(self, endpoints, most=MAX_CONNECTIONS):
        # type: (Sequence[Any], int) -> None
        OneServer.__init__(self, 'metrics')
        self._endpoints = list(endpoints)
        self._most = most

    def start(self, loop):
        metrics = metrics_of(loop)
        information = metrics.gauge('carryall_information', 'What runs; the number is always 1.',
                                    ('version', 'interpreter', 'backend'))
        information.labels(__version__, interpreter(), loop.backend).value = 1
        site = Site(MetricsApp(metrics), loop)
        self.serve(loop, StreamServer('metrics', ConnectionLimits(self._most).wrap(site), self._endpoints))


class MetricsType(ServiceType):
    """The type ``metrics``."""

    name = 'metrics'
    summary = 'counters of all services of a tap, for Prometheus'
    version = 1

    def __init__(self):
        # type: () -> None
        self.options = Schema([
            Option('port', Endpoint(('tcp', 'tls', 'unix')), short='p', default=PORT, help='where to listen; on 127.0.0.1 unless it names an interface'),
            Option('max-connections', Integer(1, 10000), default='%d' % MAX_CONNECTIONS, help='at a time')],
            examples=[('mktap --append web.tap metrics', 'GET http://127.0.0.1:9100/metrics'),
                      ('carryall metrics --port unix:/run/metrics.sock', 'over a Unix socket')])

    def make(self, options):
        return MetricsService([_endpoint_of(options)], options.max_connections)

    def endpoints(self, options):
        return [_endpoint_of(options).text()]


def _endpoint_of(options):
    # type: (OptionValues) -> Any
    """Where to listen; on 127.0.0.1 if it names no interface."""
    endpoint = parse_endpoint(options.port)
    if endpoint.interface == '':
        endpoint.interface = LOOPBACK
    return endpoint


TYPE = MetricsType()

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence
    from carryall.app.optionvalues import OptionValues
