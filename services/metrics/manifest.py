# Copyright the carryall authors.  See LICENSE.
"""The manifest of the metrics service."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import DONE, FeatureEntry, Manifest, TypeEntry, URLEntry

MANIFEST = Manifest(
    name='metrics',
    summary='counters of all services of a process, in the format of Prometheus',
    needs=['http', 'pb'],
    types=[TypeEntry('metrics', 'carryall.services.metrics.service',
                     'counters of all services of a tap, for Prometheus')],
    urls=[URLEntry('metrics', 'http', 'https', '/metrics')],
    cases=['metrics'],
    readme=[
        ('`bin/carryall metrics`', 'counters of all services of a tap, for Prometheus'),
    ],
    paths=['tests/house/test_dashboard.py', 'tests/services/test_metrics.py',
           'tests/services/test_metrics_of_services.py'],
    features=[
        FeatureEntry('X-18', DONE,
                     'counters of each listener, of the process and of queues are served in '
                     'the format of Prometheus and by Perspective Broker'),
    ],
)
