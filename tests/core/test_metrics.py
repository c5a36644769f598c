# Copyright the carryall authors.  See LICENSE.
"""Counters, and their text for Prometheus."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app.endpoints import parse_endpoint
from carryall.core.errors import ListenFailed
from carryall.core.metrics import MAX_CHILDREN, Family, ListenerMetrics, Metrics, Sample, metrics_of
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
                               ('a', 'histogram', ()), ('a', 'gauge', ('l-l',)),
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


def test_bytes_where_they_are_asked_for(tmpdir):
    loop = VirtualLoop()
    metrics = Metrics()
    listener = metrics.listener('echo')
    assert metrics.listener('echo') is listener and isinstance(listener, ListenerMetrics)
    wire = FakeTransport(loop).connect(listener.wrap(Echo)())
    wire.feed(b'hello')
    path = tmpdir.join('file')
    path.write_binary(b'x' * 100)
    with open(str(path), 'rb') as source:
        wire.protocol.inner.transport.write_file(source, 0, 100)
    wire.feed_eof()
    loop.advance()
    assert number(metrics, 'carryall_received_bytes_total', 'echo') == 5
    assert number(metrics, 'carryall_sent_bytes_total', 'echo') == 105 and wire.take() == b'hello' \
        + b'x' * 100
    assert wire.lost == [None]
    listener.commands.value += 1
    listener.failed_logins.value += 2
    assert number(metrics, 'carryall_commands_total', 'echo') == 1
    assert number(metrics, 'carryall_logins_failed_total', 'echo') == 2


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
