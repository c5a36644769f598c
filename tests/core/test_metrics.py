# Copyright the carryall authors.  See LICENSE.
"""Counters, and their text for Prometheus."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app.endpoints import parse_endpoint
from carryall.core.errors import ListenFailed
from carryall.core.metrics import (LOGIN_FAILED, MAX_CHILDREN, UNWATCHED, Family, ListenerMetrics,
                                   Metrics, Sample, count_login, counters_of, metrics_of)
from carryall.core.wrap.policies import ConnectionLimits, Deadline
from carryall.core.wrap.proxyprotocol import ProxyProtocol
from carryall.app.service import StreamServer
from carryall.core.testing import FakeTransport, StrictProtocol, VirtualLoop
from tests.core import exposition

HERE = u'tcp:7:interface=127.0.0.1'


class Echo(StrictProtocol):
    def received(self, data):
        self.transport.write(data)


def number(metrics, name, listener):
    return float(exposition.read(metrics.text())[name, (('listener', listener),)])


def test_the_text_format_is_escaped():
    metrics = Metrics()
    metrics.counter('a_total', 'What \\ a\nis.', ('x', 'y')).labels(
        u'caf\xe9 "\\\n', b'1').value += 3
    metrics.gauge('b', u'B').labels().value = 0.5
    assert metrics.text().decode('utf-8') == (
        u'# HELP a_total What \\\\ a\\nis.\n# TYPE a_total counter\na_total{x="caf\xe9 '
        u'\\"\\\\\\n",y="1"} 3\n'
        u'# HELP b B\n# TYPE b gauge\nb 0.5\n')
    assert exposition.read(metrics.text()) \
        == {('a_total', (('x', u'caf\xe9 "\\\n'), ('y', u'1'))): u'3', ('b', ()): u'0.5'}
    assert Metrics().text() == b''


@pytest.mark.parametrize('value,text', [
    (0, '0'), (12, '12'), (1 << 70, '1180591620717411303424'), (1.5, '1.5'), (1e21, '1e+21'),
    (float('nan'), 'NaN'),
    (float('inf'), '+Inf'), (float('-inf'), '-Inf'), (-3, '-3')])
def test_numbers_are_written_exactly(value, text):
    metrics = Metrics()
    metrics.gauge('g', 'G').labels().value = value
    assert exposition.read(metrics.text()) == {('g', ()): text}


def test_names_and_labels_are_checked():
    for name, kind, labels in (('1x', 'counter', ()), ('a b', 'counter', ()),
                               ('a', 'summary', ()), ('a', 'gauge', ('l-l',)),
                               ('a', 'gauge', ('l:l',)), ('', 'gauge', ())):
        with pytest.raises(ValueError):
            Family(name, kind, 'x', labels)
    metrics = Metrics()
    family = metrics.counter('a_total', 'A', ('x',))
    assert metrics.counter('a_total', 'A', ('x',)) is family and family.labels(
        '1') is family.labels(u'1')
    for again in (lambda: metrics.gauge('a_total', 'A', ('x',)),
                  lambda: metrics.counter('a_total', 'A', ('y',)),
                  lambda: family.labels(), lambda: family.labels('1', '2')):
        with pytest.raises(ValueError):
            again()


def test_labels_that_a_peer_chose_are_bounded():
    metrics = Metrics()
    family = metrics.counter('a_total', 'A', ('x',))
    for each in range(MAX_CHILDREN + 50):
        family.labels('%d' % each).value += 1
    family.labels(u'x' * 5000).value += 1
    found = exposition.read(metrics.text())
    assert len(found) == MAX_CHILDREN + 1 and found['a_total', (('x', u'other'),)] == u'51'
    assert len(metrics.text()) < 100000


def test_samples_that_are_read(expect_log):
    sample = Sample()
    sample.value = 2
    sample.reads(lambda: 40)
    assert sample.now() == 42
    expect_log(r'cannot be read')

    def fail():
        raise KeyError('x')

    sample.reads(fail)
    assert sample.now() == 2


def test_a_server_counts_by_itself():
    loop = VirtualLoop()
    limits = ConnectionLimits(total=2)
    factory = Deadline(loop, 60.0).wrap(limits.wrap(Echo))
    server = StreamServer('echo', factory, [parse_endpoint(HERE)])
    server.start(loop)
    metrics = metrics_of(loop)
    pairs = [loop.run_until(loop.connect_tcp(StrictProtocol, '127.0.0.1', 7)) for _ in range(3)]
    loop.advance()
    assert number(metrics, 'carryall_connections_total', 'echo') == 3
    assert number(metrics, 'carryall_connections_refused_total', 'echo') == 1 == limits.refused
    assert number(metrics, 'carryall_connections_open', 'echo') == 2
    pairs[0][0].close()
    pairs[1][0].abort()
    loop.advance()
    assert number(metrics, 'carryall_connections_open', 'echo') == 0
    assert number(metrics, 'carryall_connections_broken_total', 'echo') == 1
    server.stop(0.0)
    loop.advance()
    server.start(loop)
    assert number(metrics, 'carryall_connections_total', 'echo') == 3, 'it goes on'
    server.stop(0.0)


def test_two_servers_share_limits_and_not_counts():
    loop = VirtualLoop()
    limits = ConnectionLimits(total=1)
    servers = [StreamServer(name, limits.wrap(Echo),
                            [parse_endpoint(u'tcp:%d:interface=127.0.0.1' % port)])
               for name, port in (('one', 7), ('two', 8))]
    for server in servers:
        server.start(loop)
    for port in (7, 8, 8):
        loop.run_until(loop.connect_tcp(StrictProtocol, '127.0.0.1', port))
    loop.advance()
    found = [number(metrics_of(loop), 'carryall_connections_refused_total', name)
             for name in ('one', 'two')]
    assert found == [0, 2]
    with pytest.raises(ListenFailed):
        StreamServer('one', Echo, [parse_endpoint(u'tcp:8:interface=127.0.0.1')]).start(loop)
    for server in servers:
        server.stop(0.0)


def test_relays_without_a_header_are_refused():
    loop = VirtualLoop()
    server = StreamServer('echo', ProxyProtocol(loop, [u'127.0.0.1']).wrap(Echo),
                          [parse_endpoint(HERE)])
    server.start(loop)
    transport, _ = loop.run_until(loop.connect_tcp(StrictProtocol, '127.0.0.1', 7))
    transport.write(b'GET / HTTP/1.0\r\n\r\n')
    loop.advance()
    assert number(metrics_of(loop), 'carryall_connections_refused_total', 'echo') == 1
    server.stop(0.0)


def test_a_histogram_counts_each_number_in_its_bucket():
    metrics = Metrics()
    found = metrics.histogram('h_seconds', 'H', (0.5, 1.0), ('x',)).labels('y')
    for number in (0.25, 0.5, 0.75, 3.0):
        found.observe(number)
    assert metrics.text() == (
        b'# HELP h_seconds H\n# TYPE h_seconds histogram\n'
        b'h_seconds_bucket{x="y",le="0.5"} 2\nh_seconds_bucket{x="y",le="1.0"} 3\n'
        b'h_seconds_bucket{x="y",le="+Inf"} 4\n'
        b'h_seconds_sum{x="y"} 4.5\nh_seconds_count{x="y"} 4\n')
    assert len(exposition.read(metrics.text())) == 5, 'the strict reader takes it'


def test_second_labels_become_samples_when_they_are_first_counted():
    metrics = Metrics()
    listener = metrics.listener('echo')
    assert isinstance(listener, ListenerMetrics) and metrics.listener('echo') is listener
    assert b'carryall_commands_total' not in metrics.text(), 'nothing was counted yet'
    listener.commands[b'NOOP'].value += 2
    listener.responses[404].value += 1
    found = exposition.read(metrics.text())
    assert found['carryall_commands_total', (('listener', 'echo'), ('command', 'NOOP'))] == '2'
    assert found['carryall_http_responses_total', (('listener', 'echo'), ('code', '404'))] == '1'


def test_a_transport_without_counters_counts_where_nothing_reads():
    wire = FakeTransport()
    assert counters_of(wire) is UNWATCHED
    count_login(wire, LOGIN_FAILED)
    wire = FakeTransport(counters=Metrics().listener('x'))
    count_login(wire, LOGIN_FAILED)
    assert counters_of(wire).logins[LOGIN_FAILED].value == 1


def test_conditions_that_do_not_hold_are_faults():
    metrics = Metrics()
    state = {}
    metrics.condition('disk', lambda: state.get('disk'))
    assert metrics.faults() == []
    state['disk'] = u'full'
    assert metrics.faults() == [u'disk: full']


def test_a_listener_without_descriptors_is_a_fault():
    loop = VirtualLoop()
    server = StreamServer('echo', Echo, [parse_endpoint(HERE)])
    server.start(loop)
    assert metrics_of(loop).faults() == []
    server.listeners[0].starved = True
    assert metrics_of(loop).faults() == [u'echo: no descriptor is left for another connection']
    server.stop(0.0)
    assert metrics_of(loop).faults() == [], 'a stopped server has none'


def test_each_loop_has_its_own():
    first = VirtualLoop()
    second = VirtualLoop()
    assert metrics_of(first) is metrics_of(first) is not metrics_of(second)


def test_the_reader_is_strict():
    good = b'# HELP a A\n# TYPE a gauge\na{x="1"} 2\n'
    assert exposition.read(good) == {('a', (('x', '1'),)): '2'}
    for bad in (good[:-1], good + good, good.replace(b'gauge', b'x'),
                good.replace(b'# HELP a A\n', b''),
                good.replace(b' 2', b' 2.'), good.replace(b'"1"', b'1'),
                good.replace(b'"1"', b'"1",x="2"'),
                good.replace(b'"1"', b'"\\q"'), good + b'a{x="1"} 3\n',
                good.replace(b'gauge', b'counter'), good + b'\n', good.replace(b'a{', b'b{')):
        with pytest.raises(ValueError):
            exposition.read(bad)
