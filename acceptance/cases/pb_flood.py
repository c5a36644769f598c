# Copyright the carryall authors.  See LICENSE.
"""40 connections that send 2 MB of empty lists each cost a Perspective Broker little memory, and
another client no time."""
import os
import sys
import time

from acceptance.stage import ROOT

PROVES = ['PB-10', 'X-05']
NEEDS = ['jcmd']
PACKAGES = {'jcmd': 'openjdk-17-jdk-headless'}
LONG = True  # it measures time and memory: alone on the machine, or with room to spare
CONNECTIONS = 40
OCTETS = 2 << 20
GROWTH = 64 << 20           # octets of memory that all of them may cost
CALLS = 400                 # of the other client before the flood
# Seconds; a shorter unloaded time is taken for this: the machine has others to serve.
LEAST_WAIT = 0.004
SLOWER = 5                  # times its unloaded wait that a call may take
ECHO = (b'\x07\x80\x1a\x87\x01\x81\x04\x82root\x04\x82echo\x01\x81\x02\x80'
        b'\x0b\x87\x03\x82abc\x01\x80\x05\x87')


class Caller:
    """A client that makes one small call after the other;
    the object is unknown, and the answer an error."""

    def __init__(self, stage, address):
        self._sock = stage.connect(address)
        self._sock.sendall(b'\x02\x82pb' + b'\x02\x80\x13\x87\x06\x81')
        self._hear(b'\x13\x87\x06\x81')

    def _hear(self, end):
        data = b''
        while end not in data:
            piece = self._sock.recv(65536)
            if not piece:
                raise EOFError('the connection was closed after %r' % data)
            data += piece

    def waits(self, calls):
        """How long each of so many calls took, the shortest first."""
        found = []
        for _ in range(calls):
            begin = time.monotonic()
            self._sock.sendall(ECHO)
            self._hear(b'\x01\x81')         # of the request's number, in an answer or an error
            found.append(time.monotonic() - begin)
        return sorted(found)


def attack(stage, *options):
    """One server with the flood, and its twin without it, asked at the same time:
    the machine has others to serve."""
    servers = [stage.start('carryall', 'pb', '--port', 'tcp:0:interface=127.0.0.1', *options)
               for _ in range(2)]
    server, _ = servers
    callers = [Caller(stage, one.address()) for one in servers]
    for caller in callers:
        caller.waits(CALLS * (10 if stage.runtime.kind == 'jython' else 1))
    before = server.live_bytes()
    flood = stage.launch([sys.executable, os.path.join(ROOT, 'acceptance', 'peers', 'pb_flood.py'),
                          str(server.address()[1]), str(CONNECTIONS), str(OCTETS)], foreign=True)
    waits = [[], []]
    end = time.monotonic() + flood.seconds
    while 'sent' not in flood.output and time.monotonic() < end:
        for caller, found in zip(callers, waits):
            found += caller.waits(5)
    flood.wait_for('sent')
    grown = server.live_bytes() - before
    loaded, unloaded = [sorted(found)[int(len(found) * 0.95)] for found in waits]
    stage.demand(grown < GROWTH, '%s: %d connections made it grow by %d octets', options,
                 CONNECTIONS, grown)
    stage.demand(loaded < SLOWER * max(unloaded, LEAST_WAIT),
                 '%s: a call took %.1f ms, and %.1f ms with the flood', options, unloaded * 1e3,
                 loaded * 1e3)
    flood.end()
    callers[0].waits(10)
    stage.demand('Traceback' not in server.output, 'the log has a traceback:\n%s',
                 server.output[-4000:])
    for one in servers:
        one.stop()


def run(stage):
    """A server that wants a login, and one that does not."""
    users = stage.write('users', b'anna:secret\n')
    attack(stage, '--users', users)
    attack(stage)
