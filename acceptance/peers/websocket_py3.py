# Copyright the carryall authors.  See LICENSE.
"""WebSockets as the Python package websockets speaks them.

    websocket_py3.py serve              prints its address; sends back each message, compressed if
                                        the client will have that
    websocket_py3.py talk URL           likewise says all sorts of things to a server;
                                        status 0 if all was right
"""
import asyncio
import sys

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed, InvalidStatus

SAID = ['', 'a', b'\x00\xff', '\u20ac\U0001f980' * 40, b'x' * 65535, 'y' * 65536,
        bytes(range(256)) * 4096, 'last']


def check(right, what):
    """One line."""
    if not right:
        raise AssertionError(what)
    print('right: ' + what, flush=True)


async def echo(websocket):
    """One connection."""
    async for message in websocket:
        await websocket.send(message)


async def stand():
    """Until TERM."""
    async with serve(echo, '127.0.0.1', 0, max_size=None) as server:
        print('listening on 127.0.0.1:%d' % server.sockets[0].getsockname()[1], flush=True)
        await server.wait_closed()


async def talk(url):
    """Messages whole and in fragments, with and without compression; pings;
    both ends of a close; refusals."""
    for place, compression in ((url, None), (url + 'squeezed', 'deflate')):
        async with connect(place, compression=compression, max_size=None) as websocket:
            check(bool(websocket.protocol.extensions) is bool(compression), 'compression as agreed')
            for message in SAID:
                await websocket.send(message)
                check(await websocket.recv() == message, '%d back' % len(message))
            await websocket.send(iter(['one ', 'two ', '', 'three']))
            check(await websocket.recv() == 'one two three', 'in fragments')
            await (await websocket.ping(b'x'))
            check(True, 'a pong')
        check(websocket.close_code == 1000, 'closed')
    async with connect(url) as websocket:
        websocket.transport.write(b'\x83\x80abcd')
        try:
            await websocket.recv()
        except ConnectionClosed:
            pass
        check(websocket.close_code == 1002, 'told that it broke the rules')
    try:
        await connect(url, origin='https://evil.example')
    except InvalidStatus as exc:
        check(exc.response.status_code == 403, 'a page of another origin is refused')
    else:
        raise AssertionError('it let the page in')
    print('all right', flush=True)


if __name__ == '__main__':
    asyncio.run(stand() if sys.argv[1] == 'serve' else talk(sys.argv[2]))
