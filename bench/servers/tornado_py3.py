# Copyright the carryall authors.  See LICENSE.
"""Tornado's web server, access log off; or its TCPServer as an echo.

    tornado_py3.py hello | echo | static --root DIR
"""
import argparse
import asyncio

from tornado import iostream, tcpserver, web


class Hello(web.RequestHandler):
    """The smallest resource."""

    def get(self):
        """Answers the canned body."""
        self.set_header('Content-Type', 'text/plain')
        self.write(b'Hello, world!')


class Echo(tcpserver.TCPServer):
    """Sends back what came."""

    async def handle_stream(self, stream, address):
        """One connection."""
        stream.set_nodelay(True)
        try:
            while True:
                await stream.write(await stream.read_bytes(65536, partial=True))
        except iostream.StreamClosedError:
            pass


async def serve(options):
    """Binds a free port, prints it, serves."""
    if options.kind == 'echo':
        server = Echo()
        server.listen(0, '127.0.0.1', backlog=4096)
    else:
        routes = [(r'/(.*)', web.StaticFileHandler, {'path': options.root})] if options.root \
            else [(r'/', Hello)]
        server = web.Application(routes, log_function=lambda _: None).listen(
            0, '127.0.0.1', backlog=4096)
    print(next(iter(server._sockets.values())).getsockname()[1], flush=True)
    await asyncio.Event().wait()


def main():
    """Reads the options and runs."""
    options = argparse.ArgumentParser()
    options.add_argument('kind')
    options.add_argument('--root')
    asyncio.run(serve(options.parse_args()))


if __name__ == '__main__':
    main()
