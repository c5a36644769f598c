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

from bisect import bisect_left
from collections import OrderedDict

from carryall.core.compat import FAILURES, int_types, text_type
from carryall.core.logs import get_logger
from carryall.core.patterns import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Set, Tuple

__all__ = ['CONTENT_TYPE', 'LOGIN_FAILED', 'LOGIN_SUCCEEDED', 'LOGIN_UNAVAILABLE',
           'UNKNOWN_COMMAND', 'UNWATCHED', 'Family', 'Histogram', 'ListenerMetrics', 'Metrics',
           'Sample', 'Wrapped', 'count_login', 'counters_of', 'counting', 'metrics_of',
           'watch_factory']

# -- limits ------------------------------------------------------------------
MAX_CHILDREN = 1000  # label sets of one family: what comes beyond is counted together as 'other'
MAX_LABEL = 200             # characters of a label's value

# -- labels ------------------------------------------------------------------
LOGIN_SUCCEEDED = u'success'      # of a login
LOGIN_FAILED = u'failure'         # the credentials were wrong
LOGIN_UNAVAILABLE = u'unavailable'            # they could not be judged
UNKNOWN_COMMAND = b'unknown'        # a command that the protocol does not have

# Upper bounds of the buckets, in seconds: from a small file to a large one
DURATIONS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)

CONTENT_TYPE = b'text/plain; version=0.0.4; charset=utf-8'

_NAME = Pattern(r'[a-zA-Z_:][a-zA-Z0-9_:]*\Z')
_LABEL = Pattern(r'[a-zA-Z_][a-zA-Z0-9_]*\Z')
KINDS = ('counter', 'gauge', 'histogram')

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

    def rows(self):
        # type: () -> List[Tuple[str, Optional[str], Any]]
        """Suffix of the name, bound and number of its line."""
        return [(u'', None, self.now())]

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


class Histogram(object):
    """How often a number was at most so large.

    Args:     bounds: the upper bounds of the buckets, growing.
    """

    __slots__ = ('_bounds', '_counts', '_sum')

    def __init__(self, bounds):
        # type: (Sequence[float]) -> None
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value):
        # type: (float) -> None
        """Counts one number."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def rows(self):
        # type: () -> List[Tuple[str, Optional[str], Any]]
        """Suffix of the name, bound and number of each line."""
        found = []                  # type: List[Tuple[str, Optional[str], Any]]
        total = 0
        for bound, count in zip(self._bounds, self._counts):
            total += count
            found.append((u'_bucket', _number(bound), total))
        total += self._counts[-1]
        found.append((u'_bucket', u'+Inf', total))
        found.append((u'_sum', None, self._sum))
        found.append((u'_count', None, total))
        return found


class Family(object):
    """The samples of one name, by their labels."""

    def __init__(self, name, kind, summary, labels, make=Sample):
        # type: (str, str, str, Tuple[str, ...], Callable[[], Any]) -> None
        if not _NAME.match(name) or not all(_LABEL.match(label) for label in labels) \
                or kind not in KINDS:
            raise ValueError('no metric can be called %r with the labels %r' % (name, labels))
        self.name = name
        self.kind = kind
        self.summary = summary
        self.label_names = labels
        self._make = make
        self._samples = OrderedDict()       # type: Dict[Tuple[str, ...], Any]

    def labels(self, *values):
        # type: (*Any) -> Any
        """The Sample, or the Histogram, with these values of the labels, in the order in which they
        were named.
        """
        if len(values) != len(self.label_names):
            raise ValueError('%s has the labels %s' % (self.name, ', '.join(self.label_names)))
        key = tuple(_text(value)[:MAX_LABEL] for value in values)
        sample = self._samples.get(key)
        if sample is None:
            if len(self._samples) >= MAX_CHILDREN:
                key = (u'other',) * len(values)
            sample = self._samples.setdefault(key, self._make())
        return sample

    def rows(self):
        # type: () -> List[Tuple[str, List[Tuple[str, str]], Any]]
        """(name, [(label, value)], number) of each line."""
        found = []                  # type: List[Tuple[str, List[Tuple[str, str]], Any]]
        for values, sample in self._samples.items():
            labels = list(zip(self.label_names, values))
            for suffix, bound, number in sample.rows():
                mine = labels if bound is None else labels + [('le', bound)]
                found.append((self.name + suffix, mine, number))
        return found

    def lines(self):
        # type: () -> List[str]
        """Its text, a line each."""
        found = [u'# HELP %s %s' % (self.name, _text(self.summary).replace(u'\\', u'\\\\').replace(
            u'\n', u'\\n')),
                 u'# TYPE %s %s' % (self.name, self.kind)]
        for name, labels, number in self.rows():
            pairs = u','.join(u'%s="%s"' % (label, _quoted(value)) for label, value in labels)
            found.append(u'%s%s %s' % (name, u'{%s}' % pairs if pairs else u'', _number(number)))
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
    """All families of a process (of a loop, exactly).

    Attributes:
        watched: true if octets, commands and durations of later connections are counted, which
            costs some per cent of a request.  The server of the metrics sets it.
        activity: the Activity (core/activity.py) of this loop, None without one.
    """

    def __init__(self):
        # type: () -> None
        self._families = OrderedDict()      # type: Dict[str, Family]
        self._claimed = set()       # type: Set[str]
        self._conditions = OrderedDict()    # type: Dict[str, Callable[[], Optional[str]]]
        self.watched = False
        self.activity = None                # type: Any
        self._listeners = {}                # type: Dict[str, ListenerMetrics]

    def counter(self, name, summary, labels=()):
        # type: (str, str, Sequence[str]) -> Family
        """A family of numbers that only grow; the same one if it is there."""
        return self._family(name, 'counter', summary, labels)

    def gauge(self, name, summary, labels=()):
        # type: (str, str, Sequence[str]) -> Family
        """A family of numbers that go up and down; the same one if it is there."""
        return self._family(name, 'gauge', summary, labels)

    def histogram(self, name, summary, bounds, labels=()):
        # type: (str, str, Sequence[float], Sequence[str]) -> Family
        """A family of Histograms with these upper bounds; the same one if it is there."""
        return self._family(name, 'histogram', summary, labels, lambda: Histogram(bounds))

    def _family(self, name, kind, summary, labels, make=Sample):
        # type: (str, str, str, Sequence[str], Callable[[], Any]) -> Family
        family = self._families.get(name)
        if family is None:
            family = Family(name, kind, summary, tuple(labels), make)
            self._families[name] = family
        elif (family.kind, family.label_names) != (kind, tuple(labels)):
            raise ValueError('%s is a %s with the labels %r already'
                             % (name, family.kind, family.label_names))
        return family

    def condition(self, name, ask):
        # type: (str, Callable[[], Optional[str]]) -> None
        """Has `faults` call *ask*, which returns what is wrong now, or None."""
        self._conditions[name] = ask

    def faults(self):
        # type: () -> List[str]
        """A line for each condition that does not hold now."""
        return [u'%s: %s' % (name, fault) for name, fault in
                ((name, ask()) for name, ask in self._conditions.items()) if fault]

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

    def samples(self):
        # type: () -> List[Tuple[str, List[Tuple[str, str]], Any]]
        """(name, [(label, value)], number) of all lines."""
        return [row for family in self._families.values() for row in family.rows()]

    def text(self):
        # type: () -> bytes
        """Everything, in the exposition format; CONTENT_TYPE says what it is."""
        lines = [line for family in self._families.values() for line in family.lines()]
        return u''.join(line + u'\n' for line in lines).encode('utf-8')


# What every listener counts: attribute, family, kind, text.
_LISTENER = (
    ('connections', 'carryall_connections_total', 'counter', 'Connections that were accepted.'),
    ('open', 'carryall_connections_open', 'gauge', 'Connections that are open now.'),
    ('refused', 'carryall_connections_refused_total', 'counter',
     'Connections that were one too many, or not allowed.'),
    ('broken', 'carryall_connections_broken_total', 'counter',
     'Connections that ended with an error.'),
    ('received', 'carryall_received_bytes_total', 'counter',
     'Octets received from clients, TLS included.'),
    ('sent', 'carryall_sent_bytes_total', 'counter', 'Octets sent to clients, TLS included.'),
)


class ListenerMetrics(object):
    """The counters of one server.

    Attributes:
        connections, open, refused, broken, received, sent: Samples.
        commands: verb (bytes) -> Sample; UNKNOWN_COMMAND for verbs that the protocol has not.
        logins: LOGIN_SUCCEEDED, LOGIN_FAILED or LOGIN_UNAVAILABLE -> Sample.
        responses: status of HTTP (int) -> Sample.
        durations: Histogram of the seconds from a request of HTTP to the end of its response.
    """

    __slots__ = tuple(row[0] for row in _LISTENER) + (
        'commands', 'durations', 'logins', 'name', 'responses', '_metrics')

    if TYPE_CHECKING:
        connections = Sample()
        open = connections
        refused = connections
        broken = connections
        received = connections
        sent = connections

    def __init__(self, metrics, name):
        # type: (Metrics, str) -> None
        self.name = name
        self._metrics = metrics
        for attribute, family, kind, summary in _LISTENER:
            found = metrics.counter if kind == 'counter' else metrics.gauge
            setattr(self, attribute, found(family, summary, ('listener',)).labels(name))
        self.commands = _Column(
            metrics, 'carryall_commands_total', 'Commands that were obeyed or answered.',
            'command', name)
        self.logins = _Column(metrics, 'carryall_logins_total', 'Logins, by their result.',
                              'result', name)
        self.responses = _Column(metrics, 'carryall_http_responses_total',
                                 'Responses of HTTP, by their status.', 'code', name)
        self.durations = _Durations(metrics, name)

    @property
    def watched(self):
        # type: () -> bool
        """True if what happens on a connection is counted, not only connections and logins."""
        return self._metrics.watched

    @property
    def activity(self):
        # type: () -> Any
        """The Activity of the loop, None without one."""
        return self._metrics.activity


class _Column(dict):
    """The samples of one family for one listener, by a second label; each is made when it is
    first asked for."""

    def __init__(self, metrics, family, summary, label, listener):
        # type: (Metrics, str, str, str, str) -> None
        dict.__init__(self)
        self._make = lambda value: metrics.counter(family, summary, ('listener', label)).labels(
            listener, value)

    def __missing__(self, key):
        # type: (Any) -> Sample
        sample = self._make(key if isinstance(key, (bytes, text_type)) else '%d' % key)
        self[key] = sample
        return sample


class _Durations(object):
    """The histogram of one listener, which is made at the first request."""

    def __init__(self, metrics, listener):
        # type: (Metrics, str) -> None
        self._metrics = metrics
        self._listener = listener
        self._found = None          # type: Optional[Histogram]

    def observe(self, seconds):
        # type: (float) -> None
        """Counts one request."""
        if self._found is None:
            self._found = self._metrics.histogram(
                'carryall_http_request_duration_seconds',
                'Seconds from the request to the end of its response.', DURATIONS,
                ('listener',)).labels(self._listener)
        self._found.observe(seconds)


def counters_of(transport):
    # type: (Any) -> ListenerMetrics
    """The counters of the server that accepted this connection; UNWATCHED if there is none."""
    return transport.get_extra_info('counters') or UNWATCHED


def counting(call, sample, measure):
    # type: (Callable[[Any], Any], Any, Callable[[Any], int]) -> Callable[[Any], Any]
    """*call* with one argument, which adds ``measure(result)`` to *sample*."""
    def counted(argument):
        # type: (Any) -> Any
        result = call(argument)
        sample.value += measure(result)
        return result
    return counted


def count_login(transport, result):
    # type: (Any, str) -> None
    """Counts a login: LOGIN_SUCCEEDED, LOGIN_FAILED or LOGIN_UNAVAILABLE."""
    counters_of(transport).logins[result].value += 1


def watch_factory(factory, listener):
    # type: (Any, ListenerMetrics) -> None
    """Has the policies that wrap a factory count for this listener:
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


# The counters of connections that no server accepted; nothing reads them.
UNWATCHED = Metrics().listener('')
