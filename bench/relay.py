# Copyright the carryall authors.  See LICENSE.
"""SOCKS and port forwarding: the rate and the delay of octets through a relay,
compared with socat and microsocks.

    python3 -m bench.relay [--quick] [--runtimes cpython,pypy,jython]

In each round every side carries the same octets one way to a sink, then 64-octet messages there and
back, one after the other.  The sides alternate, and *direct* has no relay between.  Rate is the
median of the rounds, and a ratio to the foreign relay of its kind.  Column *added* is the median
round trip less that of *direct*.  CPU is that of the relay for each GiB; memory is its peak growth.
"""
from __future__ import absolute_import, division, print_function

import argparse
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time

from bench import machine, sides
from bench.stats import median

COMMAND = {'cpython': [sys.executable], 'pypy': ['pypy3'], 'jython': ['jython']}
BLOCK = b'0123456789abcdef' * 16384         # 256 KiB
MESSAGE = b'x' * 64
FORWARD = 'portforward'
SOCKS = 'socks'


class Far(object):
    """The targets of the relay: a sink that answers when it has all, and an echo."""

    def __init__(self):
        self.ports = []
        for serve in (self._sink, self._echo):
            listener = socket.socket()
            listener.bind(('127.0.0.1', 0))
            listener.listen(16)
            self.ports.append(listener.getsockname()[1])
            thread = threading.Thread(target=self._accept, args=(listener, serve))
            thread.daemon = True
            thread.start()

    def _accept(self, listener, serve):
        while True:
            sock = listener.accept()[0]
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(target=serve, args=(sock,))
            thread.daemon = True
            thread.start()

    @staticmethod
    def _sink(sock):
        if not sock.recv(1, socket.MSG_PEEK):       # somebody looked whether we listen
            sock.close()
            return
        # How many will come stands in front: microsocks, for one,
        # ends both ways when one side has said everything.
        left = struct.unpack('!Q', receive(sock, 8))[0]
        buffer = bytearray(1 << 20)
        while left:
            got = sock.recv_into(buffer, min(left, len(buffer)))
            if not got:
                break
            left -= got
        sock.sendall(b'all' if not left else b'cut')
        sock.close()

    @staticmethod
    def _echo(sock):
        while True:
            data = sock.recv(65536)
            if not data:
                break
            sock.sendall(data)
        sock.close()


class Relay(object):
    """One side: a process for each port that it leads to, or one proxy for both."""

    def __init__(self, name, kind, argv_of):
        self.name = name
        self.kind = kind
        self._argv_of = argv_of
        self._processes = []
        self._places = {}

    def start(self, ports):
        """Starts what is needed to reach these ports."""
        for port in ports if self.kind == FORWARD else ports[:1]:
            listen = free_port()
            argv, says = self._argv_of(listen, port)
            process = subprocess.Popen(argv, stdout=subprocess.PIPE if says else subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL,
                                       cwd=sides.ROOT, env=dict(os.environ, PYTHONPATH=sides.ROOT,
                                                                JYTHONPATH=sides.ROOT,
                                                                JAVA_TOOL_OPTIONS=sides.JVM_FLAGS))
            self._processes.append(process)
            if says:
                while True:
                    found = re.search(br'127\.0\.0\.1:(\d+)', process.stdout.readline())
                    if found:
                        listen = int(found.group(1))
                        break
            wait_for(listen)
            self._places[port] = listen
        if self.kind == SOCKS:
            self._places = dict((port, self._places[ports[0]]) for port in ports)

    def connect(self, port):
        """A socket that leads to *port*."""
        if self.kind is None:
            return opened(port)
        sock = opened(self._places[port])
        if self.kind == SOCKS:
            sock.sendall(b'\5\1\0')
            receive(sock, 2)
            sock.sendall(b'\5\1\0\1\x7f\0\0\1' + struct.pack('!H', port))
            reply = receive(sock, 10)
            if reply[:2] != b'\5\0':
                raise RuntimeError('%s refuses: %r' % (self.name, reply))
        return sock

    def cpu(self):
        """CPU seconds of its processes and of their children."""
        return sum(cpu_of(process.pid) for process in self._processes)

    def memory(self):
        """Resident octets of its processes."""
        return sum(resident(process.pid) for process in self._processes)

    def stop(self):
        """Ends it."""
        for process in self._processes:
            process.kill()
            process.wait()


def free_port():
    """A port that was free a moment ago."""
    probe = socket.socket()
    probe.bind(('127.0.0.1', 0))
    port = probe.getsockname()[1]
    probe.close()
    return port


def opened(port):
    """A connected socket."""
    sock = socket.create_connection(('127.0.0.1', port), 60)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def wait_for(port):
    """Waits until somebody listens there."""
    end = time.time() + 60
    while True:
        try:
            opened(port).close()
            return
        except OSError:
            if time.time() > end:
                raise
            time.sleep(0.05)


def receive(sock, count):
    """So many octets."""
    data = b''
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise RuntimeError('the connection ended after %r' % data)
        data += piece
    return data


def resident(pid):
    """Octets of memory; 0 if the process is gone."""
    try:
        with open('/proc/%d/statm' % pid) as source:
            return int(source.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')
    except (IOError, OSError):
        return 0


def cpu_of(pid):
    """CPU seconds of a process and of its children that have ended or live."""
    total = 0.0
    for each in [pid] + children(pid):
        try:
            with open('/proc/%d/stat' % each) as source:
                fields = source.read().rpartition(')')[2].split()
            total += sum(int(field) for field in fields[11:15]) / os.sysconf('SC_CLK_TCK')
        except (IOError, OSError):
            pass
    return total


def children(pid):
    """Its children that live."""
    try:
        with open('/proc/%d/task/%d/children' % (pid, pid)) as source:
            return [int(word) for word in source.read().split()]
    except (IOError, OSError):
        return []


def carry(relay, port, octets):
    """(octets a second, growth of memory) of so many octets one way."""
    sock = relay.connect(port)
    before = relay.memory() if relay.kind else 0
    peak = before
    begin = time.time()
    sock.sendall(struct.pack('!Q', octets))
    for number in range(octets // len(BLOCK)):
        sock.sendall(BLOCK)
        if relay.kind and not number % 64:
            peak = max(peak, relay.memory())
    if receive(sock, 3) != b'all':
        raise RuntimeError('%s lost octets' % relay.name)
    seconds = time.time() - begin
    sock.close()
    return octets / seconds, peak - before


def trips(relay, port, count):
    """The median seconds of a round trip."""
    sock = relay.connect(port)
    took = []
    for _ in range(count):
        begin = time.time()
        sock.sendall(MESSAGE)
        receive(sock, len(MESSAGE))
        took.append(time.time() - begin)
    sock.close()
    return median(took)


def all_sides(runtimes):
    """The sides that can run here."""
    found = [Relay('direct', None, None)]
    for runtime in runtimes:
        ours = COMMAND[runtime] + [os.path.join(sides.ROOT, 'bin', 'carryall'), '--quiet']
        found.append(Relay('carryall-%s' % runtime, FORWARD, lambda listen, port, ours=ours: (
            ours + ['portforward', '-p', '0', '-h', '127.0.0.1', '-d', str(port)], True)))
        found.append(Relay('carryall-%s' % runtime, SOCKS,
                           lambda listen, port, ours=ours: (ours + ['socks', '-p', '0'], True)))
    found.append(Relay('socat', FORWARD, lambda listen, port: (
        ['socat', '-b', '65536', 'TCP-LISTEN:%d,bind=127.0.0.1,reuseaddr,fork,nodelay' % listen,
         'TCP:127.0.0.1:%d,nodelay' % port], False)))
    found.append(Relay('microsocks', SOCKS,
                       lambda listen, port: (['microsocks', '-i', '127.0.0.1', '-p', str(listen)],
                                             False)))
    return found


def main():
    """Measures, prints, writes."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--runtimes', default='cpython,pypy,jython')
    parser.add_argument('--rounds', type=int)
    parser.add_argument('--output')
    options = parser.parse_args()
    octets, count, rounds = ((32 << 20, 200, 1) if options.quick else (1 << 30, 10000, 5))
    rounds = options.rounds or rounds
    runtimes = options.runtimes.split(',')
    relays = all_sides(runtimes)
    far = Far()
    figures = dict((relay, ([], [], [], [])) for relay in relays)  # rates, trips, CPU a GiB, growth
    try:
        for relay in relays:
            relay.start(far.ports) if relay.kind else None
            carry(relay, far.ports[0], octets // 4)                     # warm
            trips(relay, far.ports[1], count)
        for number in range(rounds):
            for relay in relays if number % 2 else reversed(relays):
                before = relay.cpu()
                rate, growth = carry(relay, far.ports[0], octets)
                figures[relay][2].append((relay.cpu() - before) / octets * (1 << 30))
                figures[relay][0].append(rate)
                figures[relay][3].append(growth)
                figures[relay][1].append(trips(relay, far.ports[1], count))
    finally:
        for relay in relays:
            relay.stop()
    write(options, runtimes, relays, figures)


def write(options, runtimes, relays, figures):
    """The page."""
    base = dict((relay.kind, median(figures[relay][0])) for relay in relays
                if relay.name in ('socat', 'microsocks'))
    direct = median(figures[relays[0]][1])
    lines = ['# Relays', ''] + ['- ' + line for line in machine.describe(runtimes)] + ['']
    lines += ['| kind | relay | MB/s | ratio | round trip | added | CPU s/GiB | grows by |',
              '|---|---|---|---|---|---|---|---|']
    for relay in relays:
        rates, took, cpu, growth = figures[relay]
        rate = median(rates)
        trip = median(took)
        lines.append('| %s | %s | %.0f | %s | %.0f us | %s | %.2f | %.1f MiB |' % (
            relay.kind or '', relay.name, rate / 1e6, '%.2f' % (rate / base[relay.kind])
            if relay.kind else '', trip * 1e6,
            '%.0f us' % ((trip - direct) * 1e6) if relay.kind else '', median(cpu),
            max(growth) / (1 << 20)))
    lines += ['', '## Method', ''] + __doc__.split('\n\n')[-1].strip().split('\n')
    output = options.output or os.path.join(
        sides.ROOT, *(('build', 'bench') if options.quick else ('doc', 'bench')))
    if not os.path.isdir(output):
        os.makedirs(output)
    with open(os.path.join(output, 'relay.md'), 'w') as target:
        target.write('\n'.join(lines) + '\n')
    print('\n'.join(lines))


if __name__ == '__main__':
    main()
