# Copyright the carryall authors.  See LICENSE.
"""The service type ``metrics``: an HTTP endpoint for Prometheus, over what the services of the same
process count (X-18).

    mktap --append web.tap metrics --port tcp:9100:interface=127.0.0.1
    curl http://127.0.0.1:9100/metrics

It listens on 127.0.0.1 unless told otherwise: what it says is nobody else's affair.
Tests:    tests/services/test_metrics.py
"""
from __future__ import absolute_import, division, print_function

from carryall import __version__
from carryall.core.compat import interpreter
from carryall.core.metrics import CONTENT_TYPE, metrics_of
from carryall.app.servicetypes import ServiceType
from carryall.app.service import OneServer
from carryall.protocols.http import Response, Site, method_not_allowed, plain_response
from carryall.services.metrics.options import LISTENING, SCHEMA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from carryall.app.optionvalues import OptionValues

__all__ = ['MetricsApp', 'MetricsService', 'MetricsType', 'TYPE']


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
        return Response(200, [(b'Content-Type', CONTENT_TYPE), (b'Cache-Control', b'no-store')],
                        self._metrics.text())


class MetricsService(OneServer):
    """Serves the metrics of the loop that it is started with.

    Args:     options: as SCHEMA gives them.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        OneServer.__init__(self, 'metrics')
        self._options = options

    def start(self, loop):
        metrics = metrics_of(loop)
        information = metrics.gauge('carryall_information', 'What runs; the number is always 1.',
                                    ('version', 'interpreter', 'backend'))
        information.labels(__version__, interpreter(), loop.backend).value = 1
        site = Site(MetricsApp(metrics), loop)
        self.serve(loop, LISTENING.server('metrics', self._options, site))


class MetricsType(ServiceType):
    """The type ``metrics``."""

    name = 'metrics'
    summary = 'counters of all services of a tap, for Prometheus'
    version = 1
    options = SCHEMA

    def make(self, options):
        """A stopped MetricsService."""
        return MetricsService(options)

    def endpoints(self, options):
        """Where it will listen."""
        return [endpoint.text() for endpoint in LISTENING.endpoints(options)]


TYPE = MetricsType()
