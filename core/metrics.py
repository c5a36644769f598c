# Copyright the carryall authors.  See LICENSE.
"""Metrics: counters of what a process does, and their text for Prometheus (X-18).

    listener = metrics_of(loop).listener('http')        # once, at the start
    listener.connections.value += 1                     # on the hot path: an attribute, and no call
    metrics_of(loop).text()                             # what GET /metrics answers

Each StreamServer counts its own connections; a protocol adds its commands, bytes and failed logins
if it has the listener.  Counters belong to the loop's thread, like everything else.

The text is version 0.0.4 of the exposition format: for each family a HELP and a TYPE line, then its
samples.  Not here: the HTTP side, services/metrics/.
Tests:    tests/core/test_metrics.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict

from carryall.core.compat import FAILURES, int_types, text_type
from carryall.core.wrap.relay import Forwarding, Outer
from carryall.core.logs import get_logger
from carryall.core.patterns import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Set, Tuple

__all__ = ['CONTENT_TYPE', 'Family', 'ListenerMetrics', 'Metrics', 'Sample', 'Wrapped',
           'metrics_of', 'watch_factory']

# -- limits ------------------------------------------------------------------
MAX_CHILDREN = 1000  # label sets of one family: what comes beyond is counted together as 'other'
MAX_LABEL = 200             # characters of a label's value

CONTENT_TYPE = b'text/plain; version=0.0.4; charset=utf-8'

_NAME = Pattern(r'[a-zA-Z_:][a-zA-Z0-9_:]*\Z')
_LABEL = Pattern(r'[a-zA-Z_][a-zA-Z0-9_]*\Z')
KINDS = ('counter', 'gauge')

log = get_logger('metrics')


class Sample(object):
    """One number: add to ``value``, or have it read when it is asked for.

    Attributes:
        value: what it stands at.
    """

    __slots__ = ('value', '_read')

    def __init__(self):
        # type: () -> None
        self.value = 0              # type: Any
        self._read = None           # type: Optional[Callable[[], Any]]

    def reads(self, function):
        # type: (Callable[[], Any]) -> None
        """Asks *function* for the number whenever the text is made, and adds ``value`` to it."""
        self._read = function

    def now(self):
        # type: () -> Any
        """The number as it is now."""
        if self._read is None:
            return self.value
        try:
            return self.value + self._read()
        except FAILURES:            # one counter that fails must not hide the others
            log.exception('a metric cannot be read')
            return self.value


class Family(object):
    """The samples of one name, by their labels."""

    def __init__(self, name, kind, summary, labels):
        # type: (str, str, str, Tuple[str, ...]) -> None
        if not _NAME.match(name) or not all(_LABEL.match(label) for label in labels) \
                or kind not in KINDS:
            raise ValueError('no metric can be called %r with the labels %r' % (name, labels))
        self.name = name
        self.kind = kind
        self.summary = summary
        self.label_names = labels
        self._samples = OrderedDict()       # type: Dict[Tuple[str, ...], Sample]

    def labels(self, *values):
        # type: (*Any) -> Sample
        """The sample with these values of the labels, in the order in which they were named."""
        if len(values) != len(self.label_names):
            raise ValueError('%s has the labels %s' % (self.name, ', '.join(self.label_names)))
        key = tuple(_text(value)[:MAX_LABEL] for value in values)
        sample = self._samples.get(key)
        if sample is None:
            if len(self._samples) >= MAX_CHILDREN:
                key = (u'other',) * len(values)
            sample = self._samples.setdefault(key, Sample())
        return sample

    def lines(self):
        # type: () -> List[str]
        """Its text, a line each."""
        found = [u'# HELP %s %s' % (self.name, _text(self.summary).replace(u'\\', u'\\\\').replace(
            u'\n', u'\\n')),
                 u'# TYPE %s %s' % (self.name, self.kind)]
        for values, sample in self._samples.items():
            pairs = u','.join(u'%s="%s"' % (name, _quoted(value))
                              for name, value in zip(self.label_names, values))
            found.append(u'%s%s %s' % (self.name, u'{%s}' % pairs if pairs else u'',
                                       _number(sample.now())))
        return found


def _text(value):
    # type: (Any) -> str
    return value if isinstance(value, text_type) else value.decode('utf-8', 'replace')


def _quoted(value):
    # type: (str) -> str
    return value.replace(u'\\', u'\\\\').replace(u'"', u'\\"').replace(u'\n', u'\\n')


def _number(value):
    # type: (Any) -> str
    """A number as Go reads it."""
    if isinstance(value, int_types):
        return u'%d' % value
    if value != value:
        return u'NaN'
    if value in (float('inf'), float('-inf')):
        return u'+Inf' if value > 0 else u'-Inf'
    return _text(repr(float(value)))


class Metrics(object):
    """All families of a process (of a loop, exactly)."""

    def __init__(self):
        # type: () -> None
        self._families = OrderedDict()      # type: Dict[str, Family]
        self._claimed = set()       # type: Set[str]
        self._listeners = {}                # type: Dict[str, ListenerMetrics]

    def counter(self, name, summary, labels=()):
        # type: (str, str, Sequence[str]) -> Family
        """A family of numbers that only grow; the same one if it is there."""
        return self._family(name, 'counter', summary, labels)

    def gauge(self, name, summary, labels=()):
        # type: (str, str, Sequence[str]) -> Family
        """A family of numbers that go up and down; the same one if it is there."""
        return self._family(name, 'gauge', summary, labels)

    def _family(self, name, kind, summary, labels):
        # type: (str, str, str, Sequence[str]) -> Family
        family = self._families.get(name)
        if family is None:
            family = Family(name, kind, summary, tuple(labels))
            self._families[name] = family
        elif (family.kind, family.label_names) != (kind, tuple(labels)):
            raise ValueError('%s is a %s with the labels %r already'
                             % (name, family.kind, family.label_names))
        return family

    def listener(self, name):
        # type: (str) -> ListenerMetrics
        """The counters of the server *name*; the same ones each time."""
        found = self._listeners.get(name)
        if found is None:
            found = ListenerMetrics(self, name)
            self._listeners[name] = found
        return found

    def claim_listener(self, name):
        # type: (str) -> ListenerMetrics
        """The counters of one more running server: *name*,
        or *name*-2 and so on if others of that name run.

        Given back by `release_listener`, so that a server that is started again goes on counting.
        """
        label = name
        number = 1
        while label in self._claimed:
            number += 1
            label = '%s-%d' % (name, number)
        self._claimed.add(label)
        return self.listener(label)

    def release_listener(self, listener):
        # type: (ListenerMetrics) -> None
        """The server has stopped."""
        self._claimed.discard(listener.name)

    def text(self):
        # type: () -> bytes
        """Everything, in the exposition format; CONTENT_TYPE says what it is."""
        lines = [line for family in self._families.values() for line in family.lines()]
        return u''.join(line + u'\n' for line in lines).encode('utf-8')


# What every listener counts: attribute, family, kind, text.
_LISTENER = (
    ('connections', 'carryall_connections_total', 'counter', 'Connections that were taken.'),
    ('open', 'carryall_connections_open', 'gauge', 'Connections that are open now.'),
    ('refused', 'carryall_connections_refused_total', 'counter',
     'Connections that were one too many, or not allowed.'),
    ('broken', 'carryall_connections_broken_total', 'counter',
     'Connections that ended with an error.'),
    ('commands', 'carryall_commands_total', 'counter', 'Commands or requests that were answered.'),
    ('failed_logins', 'carryall_logins_failed_total', 'counter', 'Logins that failed.'),
    ('received', 'carryall_received_bytes_total', 'counter',
     'Bytes received, where they are counted.'),
    ('sent', 'carryall_sent_bytes_total', 'counter', 'Bytes sent, where they are counted.'),
)


class ListenerMetrics(object):
    """The counters of one server; each attribute is a Sample.

    connections, open, refused, broken, commands, failed_logins, received, sent
    """

    __slots__ = tuple(row[0] for row in _LISTENER) + ('name',)

    if TYPE_CHECKING:
        connections = Sample()
        open = connections
        refused = connections
        broken = connections
        commands = connections
        failed_logins = connections
        received = connections
        sent = connections

    def __init__(self, metrics, name):
        # type: (Metrics, str) -> None
        self.name = name
        for attribute, family, kind, summary in _LISTENER:
            found = metrics.counter if kind == 'counter' else metrics.gauge
            setattr(self, attribute, found(family, summary, ('listener',)).labels(name))

    def wrap(self, factory):
        # type: (Callable[[], Any]) -> Callable[[], Any]
        """A factory whose bytes are counted too; that costs a call each way,
        and so is asked for."""
        return lambda: _Weighed(self, factory())


class _Weighed(Forwarding):
    """One connection whose bytes are counted."""

    def __init__(self, listener, inner):
        # type: (ListenerMetrics, Any) -> None
        self.inner = inner
        self._received = listener.received
        self._sent = listener.sent

    def connection_made(self, transport):
        self.transport = transport
        self.inner.connection_made(self.inner_transport(transport))

    def data_received(self, data):
        self._received.value += len(data)
        self.inner.data_received(data)

    def inner_transport(self, transport):
        return _WeighedTransport(self._sent, transport)


class _WeighedTransport(Outer):
    """Counts what is written."""

    def __init__(self, sent, lower):
        # type: (Sample, Any) -> None
        Outer.__init__(self, lower)
        self._sent = sent
        self.write = self._write                # type: ignore

    def _write(self, data):
        # type: (bytes) -> None
        self._sent.value += len(data)
        self.lower.write(data)

    def write_file(self, source, offset, count):
        self._sent.value += count
        return self.lower.write_file(source, offset, count)


def watch_factory(factory, listener):
    # type: (Any, ListenerMetrics) -> None
    """Have the policies that wrap a factory count for this listener:
    those whose ``wrap`` gave a Wrapped."""
    while isinstance(factory, Wrapped):
        factory.refused = listener.refused
        factory = factory.factory


class Wrapped(object):
    """A factory inside a policy, which counts whom it refuses.

    Args:     make: called with this object for the protocol of each connection.
              factory: what is wrapped.

    Attributes:
        refused: the Sample to add to.
    """

    __slots__ = ('_make', 'factory', 'refused')

    def __init__(self, make, factory):
        # type: (Callable[[Wrapped], Any], Callable[[], Any]) -> None
        self._make = make
        self.factory = factory
        self.refused = Sample()

    def __call__(self):
        # type: () -> Any
        return self._make(self)


def metrics_of(loop):
    # type: (Any) -> Metrics
    """The metrics of a loop; made when they are first asked for."""
    found = getattr(loop, 'metrics', None)
    if found is None:
        found = Metrics()
        loop.metrics = found
    return found
