# Copyright the carryall authors.  See LICENSE.
"""An echo by way of a proxy: start ``carryall socks`` and ``carryall simple --tcp echo:7007``, then run this."""
from __future__ import print_function

from carryall import runtimes
from carryall.core.future import coroutine
from carryall.app.proxies import connect_through, parse_proxy
from carryall.protocols.simple.echo import EchoClient

loop = runtimes.choose()
proxy = parse_proxy(u'socks5h://127.0.0.1:1080')    # or socks4a://, http:// ...; with a login: password=u'...'


@coroutine
def ask():
    """As loop.connect_tcp, by way of the proxy; Through(loop, proxy) is a whole loop of that kind."""
    transport, client = yield connect_through(loop, proxy, EchoClient, 'localhost', 7007)
    answer = yield client.echo(b'there and back')
    print(answer.decode('ascii'))
    transport.close()


loop.run_until(ask())
loop.close()
