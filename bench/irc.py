# Copyright the carryall authors.  See LICENSE.
"""IRC, compared with ngircd and Twisted words.

Measured are CPU for each line that a channel's members get, joins, and memory of idle users.  The
delay of a message is measured while others flood.

    python3 -m bench.irc [--quick] [--servers carryall-cpython,carryall-pypy,ngircd,twisted]

Fan-out: one member of a channel says lines of 100 octets in groups of 20, and waits until all have
come.  CPU seconds of the server's processes are divided by the lines delivered.  Joins: users enter
channels of 50 members; seconds until each has the end of its names.  Memory: resident octets by
idle users, less those of the empty server.  Delay: users write to another every 20 ms, alone and
while others send ten lines a second each.  These have a process
of their own; the figure is the 99th percentile.  Servers
pace their clients as they do by default in the last one, and not in the others.  The sides take
turns, and the best of the rounds counts.  Of Twisted words, fan-out alone is measured.
"""
from __future__ import absolute_import, division, print_function

import argparse
import os
import re
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time

from acceptance import twistedpeer
from bench import machine, procfs, sides

PORT = re.compile(r':(\d+)')
GROUP = 20                  # lines that are sent at once
TEXT = b'x' * 100
NGIRCD = """[Global]
Name = bench.example
Info = bench
Listen = 127.0.0.1
Ports = %(port)d
ServerUID = irc
ServerGID = irc
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 100
MaxPenaltyTime = 0
PingTimeout = 600
[Options]
DNS = no
Ident = no
PAM = no
Syslog = no
"""


class Crowd(object):
    """Many clients that read all they get."""

    def __init__(self, port, opening=b''):
        self.port = port
        self.opening = opening      # in front of NICK
        self.poll = select.epoll()
        self.members = {}           # type: dict
        self.ends = {}              # type: dict

    def add(self, nick):
        """One more client that has registered."""
        client = socket.create_connection(('127.0.0.1', self.port), timeout=60)
        client.sendall(self.opening + b'NICK %s\r\nUSER u 0 * :u\r\n' % nick)
        tail = b''
        while b' 376 ' not in tail and b' 422 ' not in tail:
            data = client.recv(65536)
            if not data:
                raise RuntimeError('the server has closed: %r' % tail[-200:])
            tail = tail[-500:] + data
        client.setblocking(False)
        self.members[client.fileno()] = client
        self.ends[client.fileno()] = b''
        self.poll.register(client.fileno(), select.EPOLLIN)
        return client

    def read_until(self, what, users, seconds=120.0):
        """Reads until each of so many clients has had the octets *what*."""
        waiting = set(users)
        end = time.time() + seconds
        while waiting:
            if time.time() > end:
                raise RuntimeError('%d clients wait for %r' % (len(waiting), what))
            for number, _ in self.poll.poll(1.0):
                data = self.members[number].recv(262144)
                if not data:
                    raise RuntimeError('the server has closed a client')
                joined = self.ends[number] + data
                if what in joined:
                    waiting.discard(number)
                self.ends[number] = joined[-64:]

    def close(self):
        """Ends all."""
        for client in self.members.values():
            client.close()
        self.poll.close()


def started(name, paced=False):
    """(process, port, folder) of a side; *paced*: it keeps its clients to their default pace."""
    folder = tempfile.mkdtemp(prefix='bench-irc-')
    if name == 'twisted':
        process = subprocess.Popen(
            twistedpeer.command(os.path.join(sides.ROOT, 'bench', 'servers',
                                             'words_twisted_py3.py')),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder)
        port = int(PORT.search(process.stdout.readline().decode()).group(1))
        return process, port, folder
    if name == 'ngircd':
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            port = probe.getsockname()[1]
        path = os.path.join(folder, 'ngircd.conf')
        with open(path, 'w') as target:
            text = NGIRCD % {'port': port}
            target.write(text.replace('MaxPenaltyTime = 0\n', '') if paced else text)
        process = subprocess.Popen(['ngircd', '-n', '-f', path], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                socket.create_connection(('127.0.0.1', port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        return process, port, folder
    python = [sys.executable] if name.endswith('cpython') else ['pypy3']
    process = subprocess.Popen(
        python + [os.path.join(sides.ROOT, 'bin', 'carryall'), 'serve', 'irc', '-p', 'tcp:0',
                  '--max-per-address', '100000', '--max-connections', '100000', '--history', '0']
        + ([] if paced else ['--burst', '100000', '--rate', '100000']),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder)
    port = int(PORT.search(process.stdout.readline().decode()).group(1))
    return process, port, folder


def fan_out(process, port, members, groups, opening=b''):
    """Microseconds of CPU for each line delivered."""
    crowd = Crowd(port, opening)
    for number in range(members):
        crowd.add(b'm%d' % number).sendall(b'JOIN #tea\r\n')
    numbers = list(crowd.members)
    crowd.read_until(b'!', numbers)
    sender = crowd.members[numbers[0]]
    best = None
    for group in range(groups):
        begin = procfs.cpu_seconds(procfs.tree(process.pid))
        for part in range(10):
            mark = b'end-%d-%d' % (group, part)
            sender.sendall((b'PRIVMSG #tea :' + TEXT + b'\r\n') * (GROUP - 1)
                           + b'PRIVMSG #tea :' + mark + b'\r\n')
            crowd.read_until(mark, numbers[1:])
        spent = procfs.cpu_seconds(procfs.tree(process.pid)) - begin
        best = spent if best is None else min(best, spent)
    crowd.close()
    return best * 1e6 / (10.0 * GROUP * (members - 1))


def joins(port, users, channels):
    """Seconds of so many users that enter so many channels each, 50 users in each."""
    crowd = Crowd(port)
    clients = [crowd.add(b'j%d' % number) for number in range(users)]
    begin = time.time()
    for number, client in enumerate(clients):
        names = [b'#c%d-%d' % (number // 50, each) for each in range(channels)]
        client.sendall(b''.join(b'JOIN ' + name + b'\r\n' for name in names) + b'PING done\r\n')
        crowd.read_until(b'done', [client.fileno()])
    spent = time.time() - begin
    crowd.close()
    return spent


def memory(process, port, users):
    """Octets of each idle user."""
    time.sleep(0.5)
    crowd = Crowd(port)
    crowd.add(b'first')
    before = resident(process)
    for number in range(users):
        crowd.add(b'i%d' % number)
    found = (resident(process) - before) / float(users)
    crowd.close()
    return found


def resident(process):
    """Resident octets of the processes of a side."""
    total = 0
    for pid in procfs.tree(process.pid):
        with open('/proc/%d/smaps_rollup' % pid) as source:
            total += procfs.rollup(source.read(), 'Pss')
    return total


def delays(port, flooders, count):
    """The 99th percentile of the delay of a message in ms."""
    pid = flooding(port, flooders) if flooders else None
    crowd = Crowd(port)
    # No sender has more than its burst.
    senders = [crowd.add(b'p%d' % number) for number in range(count // 10)]
    second = crowd.add(b'second')
    found = []
    for number in range(count):
        begin = time.time()
        senders[number % len(senders)].sendall(b'PRIVMSG second :probe%d.\r\n' % number)
        crowd.read_until(b'probe%d.' % number, [second.fileno()])
        found.append(time.time() - begin)
        time.sleep(0.02)
    crowd.close()
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return sorted(found)[int(len(found) * 0.99) - 1] * 1e3


def flooding(port, count):
    """The process number of one whose clients have all registered, and flood."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            flood(port, count, writing)
        finally:
            os._exit(1)
    os.close(writing)
    os.read(reading, 1)
    os.close(reading)
    return pid


def flood(port, count, ready):
    """Sends a line by each client, ten times a second."""
    crowd = Crowd(port)
    clients = [crowd.add(b'f%d' % number) for number in range(count)]
    os.write(ready, b'x')
    while True:
        begin = time.time()
        for client in clients:
            try:
                client.send(b'PRIVMSG nosuch :' + TEXT + b'\r\n')
            except OSError:
                pass                    # it is slowed down or closed, as it should be
        for number, _ in crowd.poll.poll(0):
            try:
                data = crowd.members[number].recv(262144)
            except OSError:
                data = b''
            if not data:
                crowd.poll.unregister(number)
        time.sleep(max(0.0, begin + 0.1 - time.time()))


def measured(name, sizes):
    """The figures of one side."""
    process, port, folder = started(name)
    idle = float('nan')
    entered = float('nan')
    quiet = float('nan')
    loud = float('nan')
    try:
        if name != 'twisted':
            idle = memory(process, port, sizes['idle'])
        each = fan_out(process, port, sizes['members'], sizes['groups'],
                       b'PASS x\r\n' if name == 'twisted' else b'')
        if name != 'twisted':
            entered = joins(port, sizes['users'], sizes['channels'])
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)
    if name != 'twisted':
        process, port, folder = started(name, True)
        try:
            quiet = delays(port, 0, sizes['probes'])
            loud = delays(port, sizes['flooders'], sizes['probes'])
        finally:
            process.terminate()
            process.wait()
            shutil.rmtree(folder, ignore_errors=True)
    return each, entered, idle, quiet, loud


def main():
    """Measures, prints, writes."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--servers', default='carryall-cpython,carryall-pypy,ngircd,twisted')
    parser.add_argument('--rounds', type=int, default=2)
    parser.add_argument('--output')
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    sizes = {'members': 1000, 'groups': 2, 'users': 500, 'channels': 10, 'idle': 10000,
             'probes': 200, 'flooders': 1000}
    if options.quick:
        sizes = {'members': 100, 'groups': 2, 'users': 100, 'channels': 5, 'idle': 300,
                 'probes': 50, 'flooders': 100}
    output = options.output or os.path.join(
        sides.ROOT, *(('build', 'bench') if options.quick else ('doc', 'bench')))
    names = options.servers.split(',')
    best = {}
    for _ in range(options.rounds):
        for name in names:
            found = measured(name, sizes)
            best[name] = found if name not in best else tuple(
                min(pair) for pair in zip(best[name], found))
            print(name, found)
            sys.stdout.flush()
    lines = ['# IRC', '']
    for line in machine.describe(['cpython', 'pypy']):
        lines += textwrap.wrap('- ' + line, 100, subsequent_indent='  ')
    lines.append('')
    lines += ['%d members; %d joins; %d idle users; %d clients that flood.'
              % (sizes['members'], sizes['users'] * sizes['channels'], sizes['idle'],
                 sizes['flooders']), '',
              '| server | CPU a line | joins | idle user | p99 alone | p99 in a flood |',
              '|---|---|---|---|---|---|']
    lines += ['| %s | %.2f us | %.2f s | %.1f KiB | %.1f ms | %.1f ms |'
              % (name, each, entered, idle / 1024.0, quiet, loud)
              for name, (each, entered, idle, quiet, loud) in sorted(best.items())]
    lines += ['', '## Method', ''] + __doc__.split('\n\n')[-1].strip().split('\n')
    if not os.path.isdir(output):
        os.makedirs(output)
    with open(os.path.join(output, 'irc.md'), 'w') as target:
        target.write('\n'.join(lines) + '\n')
    print('\n'.join(lines))


if __name__ == '__main__':
    main()
