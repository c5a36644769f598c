#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What loop.add_reader of asyncio and of uvloop tells of a socket whose peer sends 100,000 octets
# and resets the connection, if the reader takes 65,536 octets a call.
#
# One would guess:  the reader is called until it has met the error, as each call leaves the socket
#                   readable ("start monitoring the fd for read availability").
# What is:          asyncio calls it to the end.  uvloop calls it once when an error waits on the
#                   socket, and never again: the rest of the data and the error are not told.
# Why it matters:   a program that reads by add_reader never hears of such an end.  It keeps the
#                   connection and what belongs to it for ever.  Removing and adding the reader
#                   again, or watching an epoll descriptor that watches the socket, helps.
# Seen with:        uvloop 0.22.1 and 0.23.0, CPython 3.11.7, Linux 6.18.  2026-12-01.
# Needs:            python3 with venv.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q uvloop==0.23.0
cat > read.py <<'PYTHON'
import asyncio
import socket
import struct
import sys

import uvloop

SIZE = 100000


def ending(loop):
    door = socket.create_server(('127.0.0.1', 0))
    client = socket.create_connection(door.getsockname())
    peer = door.accept()[0]
    client.setblocking(False)
    peer.sendall(bytes(SIZE))
    # A close without lingering sends a reset.
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    peer.close()
    calls = []

    def ready():
        try:
            calls.append(len(client.recv(65536)))
        except ConnectionResetError:
            calls.append('reset')
        if calls[-1] in (0, 'reset'):
            loop.stop()

    loop.add_reader(client.fileno(), ready)
    loop.call_later(1.0, loop.stop)
    loop.run_forever()
    return calls


plain = ending(asyncio.SelectorEventLoop())
other = ending(uvloop.Loop())
print('asyncio: %s' % plain)
print('uvloop:  %s' % other)
sys.exit(0 if plain[-1] == 'reset' and 'reset' not in other else 1)
PYTHON
env/bin/python read.py
