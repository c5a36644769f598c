# Copyright the carryall authors.  See LICENSE.
"""The metrics of a process as an object of Perspective Broker.

Tests:    tests/services/test_metrics.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.metrics import metrics_of
from carryall.protocols import pb

__all__ = ['MetricsRoot', 'brokers']


class MetricsRoot(pb.Root):
    """The root object; it is read only, and anyone who can connect may ask it.

    Args:     app: the MetricsApp.
              metrics: the Metrics.
    """

    def __init__(self, app, metrics):
        # type: (Any, Any) -> None
        self._app = app
        self._metrics = metrics

    def remote_text(self):
        # type: () -> bytes
        """The answer to GET /metrics."""
        return self._app.text()

    def remote_numbers(self):
        # type: () -> List[Any]
        """[name, {label: value}, number] of each sample."""
        self._app.text()                # the figures of the process become samples by that
        return [[name, dict(labels), number]
                for name, labels, number in self._metrics.samples()]

    def remote_faults(self):
        # type: () -> List[str]
        """The reasons why /readyz answers 503, a line each."""
        return self._metrics.faults()


def brokers(app, loop):
    # type: (Any, Any) -> Callable[[], Any]
    """A factory of Brokers with a MetricsRoot."""
    root = MetricsRoot(app, metrics_of(loop))
    return lambda: pb.Broker(loop, root)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List
