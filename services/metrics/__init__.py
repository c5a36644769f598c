# Copyright the carryall authors.  See LICENSE.
"""Metrics of all services of a process, served over HTTP in the format of Prometheus."""
from __future__ import absolute_import, division, print_function

from carryall.services.metrics.service import TYPE, MetricsApp, MetricsService, MetricsType

__all__ = ['MetricsApp', 'MetricsService', 'MetricsType', 'TYPE']
