# Copyright the carryall authors.  See LICENSE.
"""The target of port forwarding, with its PROXY headers."""
from __future__ import absolute_import, division, print_function

from carryall.core.wrap.proxyprotocol import ProxyProtocol
from carryall.core.ratelimit import OctetRate
from carryall.protocols.portforward import ForwardServer, ForwardService, Settings
from tests.fuzz.runs import Far
from tests.fuzz.target import ServerTarget

__all__ = ['ALL']

HEADERS = [b'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n', b'PROXY UNKNOWN\r\n',
           b'PROXY TCP6 ::1 ::2 1 2\r\n',
           b'\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c\1\2\3\4\5\6\7\x08\0\1\0\2',
           b'\r\n\r\n\0\r\nQUIT\n \0\0\0', b'\r\n\r\n\0\r\nQUIT\n!\x21\0\x29' + b'\1' * 36
           + b'\4\0\2xx']
FORWARD_SEEDS = [[('say', header + b'question'), ('far', b'answer'), ('far-eof', None),
                  ('say', b'more'), ('eof', None)] for header in HEADERS] + [
    [('say', HEADERS[0][:9]), ('wait', 10)],
    [('say', HEADERS[0]), ('clog', None), ('far', b'x' * 5000), ('wait', 5), ('unclog', None),
     ('far-lose', None)],
    [('say', HEADERS[0] + b'y' * 5000), ('wait', 700)], [('say', b'GET / HTTP/1.0\r\n\r\n')]]
FORWARD_WORDS = [b'PROXY ', b'TCP4 ', b'TCP6 ', b'UNKNOWN', b'\r\n', b'\r\n\r\n\0\r\nQUIT\n',
                 b'!\x11', b'!\x21', b'\x20', b'\3\0\4', b'192.0.2.1 ', b'::1 ', b' 65535']


def _forward(run):
    run.loop.listen_tcp(lambda: Far(run), '192.0.2.7', 6665)
    service = ForwardService()
    service.meter = OctetRate(run.loop, 10000.0)
    service.connect = lambda factory, _: run.loop.connect_tcp(factory, '192.0.2.7', 6665)
    settings = Settings(idle_seconds=60.0, max_octets=20000)
    expected = ProxyProtocol(run.loop, [u'127.0.0.0/8'])
    return expected.wrap(lambda: ForwardServer(service, run.loop, settings))()


ALL = [
    ServerTarget('portforward', ('protocols/portforward/', 'core/wrap/'), _forward, FORWARD_SEEDS,
                 FORWARD_WORDS, cut=False),
]
