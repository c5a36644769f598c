# Copyright the carryall authors.  See LICENSE.
"""The targets of SOCKS and HTTP CONNECT: server, client, datagrams."""
from __future__ import absolute_import, division, print_function

from carryall.app.proxies import parse_proxy
from carryall.core.auth.guard import LoginGuard
from carryall.core.errors import ConnectFailed, ConnectionLost, RemoteProtocolError
from carryall.core.future import Return, coroutine
from carryall.core.net.protocol import Protocol
from carryall.core.wrap.streamrelay import RelaySettings
from carryall.protocols.socks import Gate, Rules, Settings, SOCKSServer
from carryall.protocols.socks.client import connect
from carryall.protocols.socks.wire import parse_datagram
from tests.fuzz.runs import Far
from tests.fuzz.target import ClientTarget, GrammarTarget, ServerTarget

__all__ = ['ALL']

SOCKS_SEEDS = [[('say', what)] for what in (
    b'\4\1\0P\x7f\0\0\1ann\0', b'\4\1\0P\0\0\0\1ann\0host.example\0', b'\4\2\0\0\x7f\0\0\1\0',
    b'\5\1\0', b'\5\2\0\2\5\1\0\1\x7f\0\0\1\0P', b'\5\1\0\5\3\0\1\0\0\0\0\0\0',
    b'\5\1\2\1\3ann\6secret\5\1\0\3\x0chost.example\0P', b'\5\1\0\5\2\0\1\0\0\0\0\0\0',
    b'\5\1\0\5\1\0\4' + b'\0' * 15 + b'\1\0P', b'\5\2\1\x80', b'\5\1\0\5\x09\0\1\0\0\0\0\0\0',
    b'CONNECT host.example:80 HTTP/1.1\r\nHost: host.example:80\r\nProxy-Authorization: Basic '
    b'YW5uOnNlY3JldA==\r\n\r\n', b'GET / HTTP/1.0\r\n\r\n', b'CONNECT [::1]:80 HTTP/1.0\n\n',
    b'\0')] + [
        [('say', b'\5\1\0\5\1\0\1\x7f\0\0\1\0P'), ('say', b'question'), ('far', b'answer'),
         ('far-eof', None), ('say', b'more'), ('eof', None)],
        [('say', b'\5\1\0\5\2\0\1\0\0\0\0\0\0'), ('join', 0), ('far', b'called'),
         ('say', b'heard')], [('say', b'\4\1\0P'), ('wait', 100)],
        [('say', b'\4\1\0P\x7f\0\0\1\0'), ('clog', None), ('far', b'x' * 3000), ('unclog', None),
         ('far-lose', None)]]
SOCKS_WORDS = [b'\4', b'\5', b'\1', b'\2', b'\3', b'\0', b'\5\1\0', b'\5\1\2', b'\1\3ann\6secret',
               b'\x7f\0\0\1', b'\0P', b'host.example', b'CONNECT ', b' HTTP/1.1\r\n', b'Host: ',
               b'\r\n\r\n', b'Proxy-Authorization: Basic ', b'YW5uOnNlY3JldA==', b'\5\1\0\1',
               b'\5\3\0\4', b':80', b'[::1]']


def _socks(run):
    run.loop.listen_tcp(lambda: Far(run), '127.0.0.1', 80)
    run.loop.listen_tcp(lambda: Far(run), '192.0.2.7', 80)
    gate = Gate(run.loop, RelaySettings(idle_seconds=600.0), rules=Rules(),
                guard=LoginGuard(run.loop), settings=Settings(per_user=5))
    return SOCKSServer(gate)


@coroutine
def _through(loop):
    """By way of each kind of proxy, one after the other; what each has said."""
    outcome = []
    for scheme in (u'socks5h://ann@127.0.0.1', u'socks4a://127.0.0.1', u'socks4://127.0.0.1',
                   u'http://ann@127.0.0.1:1080', u'socks5://127.0.0.1'):
        proxy = parse_proxy(scheme, u'secret' if u'@' in scheme else None)
        try:
            transport, _ = yield connect(loop, proxy, Protocol, '192.0.2.7', 7)
            transport.abort()
            outcome.append(True)
        except ConnectFailed as exc:
            outcome.append(exc.message)
        except (RemoteProtocolError, ConnectionLost) as exc:
            outcome.append(exc.message)
    raise Return(outcome)


SOCKS_CLIENT_SEEDS = [[('say', what)] for what in (
    b'\5\2\1\0\5\0\0\1\x7f\0\0\1\0Pechoed', b'\5\0\5\0\0\3\1x\0P', b'\5\xff',
    b'\5\0\5\5\0\1\0\0\0\0\0\0', b'\0\x5a\0P\x7f\0\0\1', b'\0\x5b\0\0\0\0\0\0',
    b'HTTP/1.1 200 Ok\r\nX: y\r\n\r\nechoed', b'HTTP/1.0 407 No\r\nContent-Length: 0\r\n\r\n',
    b'\5\2\1\1', b'\4')] + [[('wait', 100)], [('say', b'\5'), ('lose', None)]]
SOCKS_CLIENT_WORDS = [b'\5\0', b'\5\2', b'\1\0', b'\5\0\0\1', b'\5\5\0\1', b'\0\x5a', b'\x7f\0\0\1',
                      b'HTTP/1.1 ', b'200', b'407', b'\r\n\r\n', b'\r\n', b'\5\0\0\4', b'\5\0\0\3']
DATAGRAMS = [[('say', what)] for what in (
    b'\0\0\0\1\x7f\0\0\1\0Px', b'\0\0\0\3\x0chost.example\0Px', b'\0\0\0\4' + b'\0' * 18 + b'x',
    b'\0\0\1\1\x7f\0\0\1\0Px', b'\0\0\0\1\x7f')]


SOCKS = ('protocols/socks/', 'protocols/portforward/')
ALL = [
    ServerTarget('socks', SOCKS, _socks, SOCKS_SEEDS, SOCKS_WORDS, cut=False),
    ClientTarget('socks-client', SOCKS, _through, SOCKS_CLIENT_SEEDS, SOCKS_CLIENT_WORDS, (1080,)),
    GrammarTarget('socks-grammar', ('protocols/socks/',), [parse_datagram], DATAGRAMS, SOCKS_WORDS),
]
