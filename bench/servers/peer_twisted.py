# Copyright the carryall authors.  See LICENSE.
"""Twisted: its web server without a request log, or a bare echo Protocol, on a named reactor.

    peer_twisted.py hello | echo | static --root DIR        [--reactor epoll|select|poll|asyncio]
"""
from __future__ import absolute_import, division, print_function

import argparse
import importlib
import sys


def options():
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument('kind')
    parser.add_argument('--root')
    parser.add_argument('--reactor', default='epoll')
    return parser.parse_args()


def site(kind, root):
    """The web factory of that kind."""
    from twisted.web import resource, server, static

    class Hello(resource.Resource):
        """The smallest resource."""

        isLeaf = True

        def render_GET(self, request):
            """Answers the canned body."""
            request.setHeader(b'content-type', b'text/plain')
            return b'Hello, world!'

    web = server.Site(static.File(root) if root else Hello(), timeout=300)
    web.log = lambda request: None
    return web


def echo():
    """The factory of a Protocol that sends back what came."""
    from twisted.internet import protocol

    class Echo(protocol.Protocol):
        """Sends back what came."""

        def connectionMade(self):
            """No delay, as everyone else."""
            self.transport.setTcpNoDelay(True)

        def dataReceived(self, data):
            """Echoes."""
            self.transport.write(data)

    return protocol.Factory.forProtocol(Echo)


def main():
    """Binds a free port, prints it, serves."""
    chosen = options()
    importlib.import_module('twisted.internet.' + {
        'epoll': 'epollreactor', 'select': 'selectreactor', 'poll': 'pollreactor',
        'asyncio': 'asyncioreactor',
    }[chosen.reactor]).install()
    from twisted.internet import reactor
    factory = echo() if chosen.kind == 'echo' else site(chosen.kind, chosen.root)
    port = reactor.listenTCP(0, factory, backlog=4096, interface='127.0.0.1')
    print(port.getHost().port)
    sys.stdout.flush()
    reactor.run()


if __name__ == '__main__':
    main()
