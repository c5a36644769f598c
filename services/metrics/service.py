# Copyright the carryall authors.  See LICENSE.
"""The service type ``metrics``: counters of the services of the same process, for Prometheus
(X-18).

    mktap --append web.tap metrics --port tcp:9100:interface=127.0.0.1
    curl http://127.0.0.1:9100/metrics

/livez answers while the loop runs, and /readyz 503 if a listener of the process cannot accept
connections.  With ``--pb`` the same numbers are served by Perspective Broker: the root object has
``text()`` and ``numbers()``.

It listens on 127.0.0.1 by default, as the numbers tell about the users of a server.
Source:   Prometheus, "Exposition formats", text format 0.0.4, and "Writing client libraries",
          standard and runtime collectors; Kubernetes, "API health endpoints", for the paths.
Tests:    tests/services/test_metrics.py
"""
from __future__ import absolute_import, division, print_function

from carryall import __version__
from carryall.app.service import MultiService, OneServer
from carryall.app.servicetypes import ServerType
from carryall.core.compat import interpreter
from carryall.core.metrics import CONTENT_TYPE, metrics_of
from carryall.protocols.http import Response, Site, method_not_allowed, plain_response
from carryall.services.metrics.options import LISTENING, SCHEMA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from carryall.app.optionvalues import OptionValues

__all__ = ['MetricsApp', 'MetricsService', 'MetricsType', 'TYPE']

NO_STORE = (b'Cache-Control', b'no-store')

# Figure of the process (``Loop.process_figures``) -> kind, text.
PROCESS = (
    ('cpu_seconds_total', 'counter', 'Processor time, of the user and of the system, in seconds.'),
    ('start_time_seconds', 'gauge', 'Start of the process, in seconds since 1970.'),
    ('resident_memory_bytes', 'gauge', 'Memory that is resident, in octets.'),
    ('virtual_memory_bytes', 'gauge', 'Virtual memory, in octets.'),
    ('open_fds', 'gauge', 'Open file descriptors.'),
    ('max_fds', 'gauge', 'Limit of open file descriptors.'),
)


class MetricsApp(object):
    """The web application: GET /metrics, /livez, /readyz.

    Args:     metrics: a ``carryall.core.metrics.Metrics``.
              figures: called for the figures of the process (``Loop.process_figures``).
    """

    def __init__(self, metrics, figures=dict):
        # type: (Any, Any) -> None
        self._metrics = metrics
        self._figures = figures
        self._pages = {b'/metrics': self._numbers, b'/livez': self._live, b'/readyz': self._ready}

    def __call__(self, request):
        # type: (Any) -> Response
        """Answers one request."""
        page = self._pages.get(request.path)
        if page is None:
            return plain_response(404)
        if request.method not in (b'GET', b'HEAD'):
            return method_not_allowed((b'GET', b'HEAD'))
        return page()

    def text(self):
        # type: () -> bytes
        """All numbers of now, in the exposition format."""
        figures = self._figures()
        for name, kind, summary in PROCESS:
            if name in figures:
                family = self._metrics.counter if kind == 'counter' else self._metrics.gauge
                family('process_' + name, summary).labels().value = figures[name]
        return self._metrics.text()

    def _numbers(self):
        # type: () -> Response
        return Response(200, [(b'Content-Type', CONTENT_TYPE), NO_STORE], self.text())

    def _live(self):
        # type: () -> Response
        return _plain(200, u'ok')

    def _ready(self):
        # type: () -> Response
        faults = self._metrics.faults()
        return _plain(503, u'\n'.join(faults)) if faults else _plain(200, u'ok')


def _plain(status, text):
    # type: (int, str) -> Response
    return Response(status, [(b'Content-Type', b'text/plain; charset=utf-8'), NO_STORE],
                    (text + u'\n').encode('utf-8'))


class MetricsService(OneServer):
    """Serves the metrics of the loop that it is started with.

    Args:     options: as SCHEMA gives them.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        OneServer.__init__(self, 'metrics')
        self._options = options

    def start(self, loop):
        options = self._options
        metrics = metrics_of(loop)
        metrics.watched = True
        metrics.gauge('carryall_build_info', 'The running version; always 1.',
                      ('version', 'interpreter', 'backend')
                      ).labels(__version__, interpreter(), loop.backend).value = 1
        app = MetricsApp(metrics, loop.process_figures)
        servers = [LISTENING.server('metrics', options, Site(app, loop))]
        if options.pb is not None:
            # Late, as most services need no Perspective Broker, which loads slowly on Jython.
            from carryall.services.metrics import metricsroot
            servers.append(LISTENING.server('metrics-pb', options,
                                            metricsroot.brokers(app, loop),
                                            endpoints=[LISTENING.endpoint(options.pb, options)]))
        self.serve(loop, MultiService('metrics', servers))


class MetricsType(ServerType):
    """The type ``metrics``."""

    name = 'metrics'
    summary = 'counters of all services of a tap, for Prometheus'
    version = 1
    options = SCHEMA
    service = MetricsService

    def listened(self, options):
        more = [] if options.pb is None else [LISTENING.endpoint(options.pb, options)]
        return LISTENING.endpoints(options) + more


TYPE = MetricsType()
