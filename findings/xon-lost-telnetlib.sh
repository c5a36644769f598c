#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What Python's telnetlib, and its successor on the index, hand on of a binary session.
#
# One would guess:  all octets but IAC sequences, at the latest when the server has announced
#                   TRANSMIT-BINARY (RFC 856): then every octet but IAC is data.
# What is:          NUL (0) and DC1 (17, XON) are taken out of everything that is received, with
#                   BINARY and without. NUL is explained by CR NUL; DC1 stands for nothing of
#                   Telnet. What is *sent* keeps them.
# Why it matters:   a console server, a serial line behind ser2net or a BBS with a file transfer
#                   (XMODEM's block 17 has the number 17) works with every other client and loses
#                   two octets of 256 here, silently. A capture for comparison shows them on the
#                   wire.
# Seen with:        telnetlib of CPython 3.11.7 and 3.12.1, standard-telnetlib 3.13.0 on 3.11.7;
#                   telnetlib3 5.0.1 for comparison. 2026-11-30.
# Needs:            python3.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target packages standard-telnetlib==3.13.0 2>/dev/null
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target other telnetlib3==5.0.1 2>/dev/null
cat > seen.py <<'PYTHON'
import asyncio
import os
import socket
import sys
import threading
import warnings

warnings.simplefilter('ignore')
sys.path[:0] = ['packages', 'other']
import telnetlib
import telnetlib3

DATA = bytes(range(256)) * 2
WILL_BINARY, DO_BINARY = b'\xff\xfb\x00', b'\xff\xfd\x00'


def serve(listener, heard):
    """Announces BINARY both ways and sends each octet twice; IAC is doubled (RFC 854, 856)."""
    with listener.accept()[0] as connection:
        connection.sendall(WILL_BINARY + DO_BINARY)
        heard.append(connection.recv(100))
        connection.sendall(DATA.replace(b'\xff', b'\xff\xff'))


def agree(sock, command, option):
    """Takes BINARY up."""
    sock.sendall(telnetlib.IAC + {telnetlib.WILL: telnetlib.DO,
                                  telnetlib.DO: telnetlib.WILL}[command] + option)


def by_telnetlib(port):
    client = telnetlib.Telnet('127.0.0.1', port, 10)
    client.set_option_negotiation_callback(agree)
    return client.read_all()


def by_telnetlib3(port):
    async def read():
        reader, writer = await telnetlib3.open_connection('127.0.0.1', port, encoding=False,
                                                          connect_minwait=0.2,
                                                          connect_maxwait=1.0)
        data = b''
        while True:
            more = await reader.read(4096)
            if not more:
                return data
            data += more
    return asyncio.run(read())


def lost(read):
    heard = []
    with socket.create_server(('127.0.0.1', 0)) as listener:
        threading.Thread(target=serve, args=(listener, heard), daemon=True).start()
        got = read(listener.getsockname()[1])
    assert heard[0], 'no answer to the options'
    missing = sorted(set(DATA) - set(got))
    assert got == bytes(octet for octet in DATA if octet not in missing)
    return missing


print('Python', sys.version.split()[0], 'and',
      os.path.basename(os.path.dirname(telnetlib.__file__)))
seen = lost(by_telnetlib), lost(by_telnetlib3)
print('telnetlib loses %r, telnetlib3 %r' % seen)
sys.exit(0 if seen == ([0, 17], []) else 1)
PYTHON
python3 seen.py
