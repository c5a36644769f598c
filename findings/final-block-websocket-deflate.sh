#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What becomes of the messages that follow a WebSocket message compressed with a final DEFLATE
# block.
#
# One would guess:  nothing.  RFC 7692 section 7.2.3.4 prints such a message as an example: a sender
#                   whose library knows no other flush may set BFINAL, and adds an octet of zeros.
# What is:          websockets, Tornado and Autobahn decode that message, and hand over an empty
#                   text for each one after it, until the connection ends: zlib's object is at its
#                   end and puts all further octets aside without an error.  wsproto closes with
#                   1007.  aiohttp and node's ws begin a new stream, and are right.  The other
#                   examples of the RFC, two blocks in a message and a stored one, are read by all.
# Why it matters:   a peer that compresses each message by itself, by whatever flush ends it with a
#                   final block, works once a connection and then loses data; and an empty message
#                   is no error that anybody logs.
# Seen with:        websockets 17.4, Tornado 6.6.1, Autobahn 26.10.2, wsproto 1.3.2, aiohttp 3.14.5;
#                   Python 3.11.7.  (node's ws 8.18.0, seen by hand.)  2026-11-30.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target packages websockets==17.4 tornado==6.6.1 autobahn==26.10.2 wsproto==1.3.2 \
    aiohttp==3.14.5 2>/dev/null
cat > seen.py <<'PYTHON'
import asyncio
import base64
import hashlib
import socket
import sys
import threading

sys.path.insert(0, 'packages')
from importlib.metadata import version

GUID = b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
PLAIN = bytes.fromhex('f248cdc9c90700')                     # RFC 7692 section 7.2.3.1
STORED = bytes.fromhex('000500faff48656c6c6f00')            # section 7.2.3.3
FINAL = bytes.fromhex('f348cdc9c9070000')                   # section 7.2.3.4
BLOCKS = bytes.fromhex('f248050000 00ffffcac9c90700')       # section 7.2.3.5
CLOSE = b'\x88\x02\x03\xe8'


def serve(listener, messages):
    """One session: the handshake, the messages, all of which say Hello, and a close."""
    with listener.accept()[0] as connection:
        data = b''
        while b'\r\n\r\n' not in data:
            data += connection.recv(4096)
        fields = dict((line.split(b':')[0].lower(), line.partition(b':')[2].strip())
                      for line in data.split(b'\r\n')[1:-2])
        accepted = hashlib.sha1(fields[b'sec-websocket-key'] + GUID).digest()
        connection.sendall(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n'
                           b'Connection: Upgrade\r\n'
                           b'Sec-WebSocket-Accept: ' + base64.b64encode(accepted) + b'\r\n'
                           b'Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n')
        for message in messages:
            connection.sendall(b'\xc1' + bytes([len(message)]) + message)
        connection.sendall(CLOSE)
        connection.settimeout(5)
        try:
            while connection.recv(4096):
                pass
        except OSError:
            pass


def by_websockets(port):
    from websockets.sync.client import connect
    with connect('ws://127.0.0.1:%d/' % port) as client:
        return [client.recv(timeout=10) for _ in range(3)]


def by_tornado(port):
    from tornado.websocket import websocket_connect

    async def session():
        client = await websocket_connect('ws://127.0.0.1:%d/' % port, compression_options={})
        return [await client.read_message() for _ in range(3)]
    return asyncio.run(session())


def by_autobahn(port):
    from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol
    from autobahn.websocket.compress import PerMessageDeflateOffer, PerMessageDeflateResponseAccept

    async def session():
        seen, done = [], asyncio.Event()

        class Client(WebSocketClientProtocol):
            def onMessage(self, payload, is_binary):
                seen.append(payload.decode())
                if len(seen) == 3:
                    done.set()
        factory = WebSocketClientFactory('ws://127.0.0.1:%d/' % port)
        factory.protocol = Client
        factory.setProtocolOptions(perMessageCompressionOffers=[PerMessageDeflateOffer()],
                                   perMessageCompressionAccept=PerMessageDeflateResponseAccept)
        await asyncio.get_running_loop().create_connection(factory, '127.0.0.1', port)
        await asyncio.wait_for(done.wait(), 10)
        return seen
    return asyncio.run(session())


def by_wsproto(port):
    from wsproto import ConnectionType, WSConnection
    from wsproto.events import CloseConnection, Request, TextMessage
    from wsproto.extensions import PerMessageDeflate
    client, seen = WSConnection(ConnectionType.CLIENT), []
    with socket.create_connection(('127.0.0.1', port), 10) as connection:
        connection.sendall(client.send(Request(host='localhost', target='/',
                                               extensions=[PerMessageDeflate()])))
        while True:
            client.receive_data(connection.recv(4096) or None)
            for event in client.events():
                if isinstance(event, TextMessage):
                    seen.append(event.data)
                elif isinstance(event, CloseConnection):
                    return seen if event.code == 1000 else seen + [int(event.code)]


def by_aiohttp(port):
    import aiohttp

    async def session():
        async with aiohttp.ClientSession() as pool:
            async with pool.ws_connect('ws://127.0.0.1:%d/' % port, compress=15) as client:
                return [await client.receive_str() for _ in range(3)]
    return asyncio.run(session())


RIGHT = ['Hello'] * 3
EXPECTED = {by_websockets: ['Hello', '', ''], by_tornado: ['Hello', '', ''],
            by_autobahn: ['Hello', '', ''], by_wsproto: ['Hello', 1007], by_aiohttp: RIGHT}
changed = 0
for ask, expected in EXPECTED.items():
    name = ask.__name__[3:]
    for label, messages, wanted in (('final', [FINAL, PLAIN, PLAIN], expected),
                                    ('others', [BLOCKS, STORED, PLAIN], RIGHT)):
        with socket.create_server(('127.0.0.1', 0)) as listener:
            threading.Thread(target=serve, args=(listener, messages), daemon=True).start()
            seen = ask(listener.getsockname()[1])
        changed += seen != wanted
        print('%-11s %-8s %-7s %r%s' % (name, version(name), label, seen,
                                        '' if seen == wanted else '   CHANGED'), flush=True)
sys.exit(1 if changed else 0)
PYTHON
python3 seen.py
