# Copyright the carryall authors.  See LICENSE.
"""Recorded: an Activity that keeps what it is told."""
from __future__ import absolute_import, division, print_function

from carryall.core.activity import Activity
from carryall.core.metrics import metrics_of

__all__ = ['Recorded', 'watch']


class Recorded(Activity):
    """Keeps rows (server, source, what, result, octets, well)."""

    def __init__(self):
        self.rows = []
        self.seconds = []

    def record(self, server, source, what, result=u'', octets=None, seconds=None, well=True):
        self.rows.append((server, source, what, result, octets, well))
        self.seconds.append(seconds)


def watch(loop):
    """A Recorded that is told of the servers that start on this loop later."""
    metrics_of(loop).activity = Recorded()
    return metrics_of(loop).activity
