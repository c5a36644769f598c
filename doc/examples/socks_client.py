# Copyright the carryall authors.  See LICENSE.
"""An echo by way of a proxy.

Start ``carryall socks`` and ``carryall simple --tcp echo:7007`` first.
"""
from __future__ import print_function

from carryall import runtimes
from carryall.app.proxies import connect_through, parse_proxy
from carryall.core.future import Future
from carryall.core.net.protocol import Protocol


class Hello(Protocol):
    """Says something; ``answer`` is a Future of what comes back."""

    def __init__(self):
        self.answer = Future()

    def connection_made(self, transport):
        transport.write(b'there and back')

    def data_received(self, data):
        self.answer.set_result(data)


loop = runtimes.choose()
# Or socks4a://, http:// ...; with a login: password=u'...'
proxy = parse_proxy(u'socks5h://127.0.0.1:1080')
# As loop.connect_tcp; Through(loop, proxy) is a whole loop of that kind.
transport, hello = loop.run_until(connect_through(loop, proxy, Hello, 'localhost', 7007))
print(loop.run_until(hello.answer).decode('ascii'))
transport.close()
loop.close()
