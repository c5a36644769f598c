# Copyright the carryall authors.  See LICENSE.
"""The options of the metrics service.

Tests:    tests/services/test_metrics.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.endpoints import STREAMS
from carryall.app.listeningoptions import ListeningOptions
from carryall.app.options import Option, Schema
from carryall.app.optiontypes import Endpoint

__all__ = ['LISTENING', 'MAX_CONNECTIONS', 'SCHEMA']

MAX_CONNECTIONS = 20        # Prometheus asks every 15 seconds
MOST = 10000                # the highest limit of connections

LISTENING = ListeningOptions(
    'port', 'tcp:9100', help='where to listen; on 127.0.0.1 unless it names an interface',
    connections=MAX_CONNECTIONS, most=MOST)
PB = Option('pb', Endpoint(STREAMS),
            help='where to answer by Perspective Broker too, for instance tcp:8788')
SCHEMA = Schema([LISTENING, PB], examples=[
    ('mktap --append web.tap metrics', 'GET http://127.0.0.1:9100/metrics'),
    ('carryall metrics --port unix:/run/metrics.sock', 'over a Unix socket'),
    ('mktap --append web.tap metrics --pb 8788', 'for clients of Perspective Broker too')])
