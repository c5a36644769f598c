# Copyright the carryall authors.  See LICENSE.
"""A bare asyncio Protocol that echoes, on asyncio's own loop or on uvloop.

    asyncio_py3.py echo [--loop asyncio|uvloop]
"""
import argparse
import asyncio


class Echo(asyncio.Protocol):
    """Sends back what came."""

    def connection_made(self, transport):
        """Keeps the transport."""
        self.transport = transport

    def data_received(self, data):
        """Echoes."""
        self.transport.write(data)


async def serve():
    """Binds a free port, prints it, serves."""
    server = await asyncio.get_running_loop().create_server(Echo, '127.0.0.1', 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main():
    """Reads the options and runs."""
    options = argparse.ArgumentParser()
    options.add_argument('kind')
    options.add_argument('--loop', default='asyncio')
    options = options.parse_args()
    if options.loop == 'uvloop':
        import uvloop
        uvloop.run(serve())
    else:
        asyncio.run(serve())


if __name__ == '__main__':
    main()
