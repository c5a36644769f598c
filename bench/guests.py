# Copyright the carryall authors.  See LICENSE.
"""The cost of our loop inside the loops of toolkits, beside our loop alone.

    python3 -m bench.guests [--rounds 3] [--seconds 3] [--python PROGRAM] [--output FILE] [NAME ...]

Names: tk gtk3 gtk4 qt5 qt6 wx trio asyncio (default: those that the Python has), swing with Jython.
It starts an X server of its own, Xvfb.  Linux only.

Method: one server process for each guest, all pinned to one core.  On the other core wrk keeps 16
connections busy, with our loop alone and with each guest in turn.  The ratio is that of answers for
each second of the server's processor time.  It is taken within a round, to the loop alone on the
same interpreter; the figure is the median.  Idle is the share of a core that a guest uses in five
seconds without traffic.  At the end each toolkit has one event of 5 ms after the other.  The times
of 200 answers, asked one at a time, tell the delay.
"""
from __future__ import absolute_import, division, print_function

import argparse
import os
import socket
import subprocess
import sys
import time
from timeit import default_timer

from bench import machine, process, report, sides, stats

CONNECTIONS = 16
IDLE_SECONDS = 5.0
WARM_SECONDS = {'cpython': 1, 'pypy': 8, 'jython': 20}
BUSY_MILLISECONDS = 5
ANSWERS = 200
NAMES = ('tk', 'gtk3', 'gtk4', 'qt5', 'qt6', 'wx', 'trio', 'asyncio')
REQUEST = b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'
LAST = b'Hello, world!'
# Asks an interpreter: its kind, and what it says of the backends.
ASK = ('import sys; sys.path.insert(0, %r)\n'
       'from carryall import runtimes\n'
       'from carryall.core.compat import interpreter\n'
       'print(interpreter())\n'
       'for each in runtimes.backends():\n'
       '    print("%%s %%s %%s" %% (each.name, int(each.available), each.reason))\n')


class GuestSide(object):
    """A server within one loop, as ``process.Server`` starts it."""

    def __init__(self, python, backend, display, busy=0):
        self.name = backend
        self._words = [python, os.path.join(sides.SERVERS, 'guest_http.py'), backend]
        if busy:
            self._words += ['--busy', str(busy)]
        self._display = display

    def argv(self, _bench, _root):
        """The command line."""
        return self._words

    def environment(self):
        """The checkout on the path, and the display."""
        variables = dict(os.environ, DISPLAY=self._display)
        for name in ('PYTHONPATH', 'JYTHONPATH'):
            variables[name] = os.pathsep.join([sides.ROOT] + [variables[name]] if variables.get(
                name) else [sides.ROOT])
        return variables


def ask(python, display):
    """(name and version of an interpreter, backend -> reason if it is not there or None)."""
    said = subprocess.check_output([python, '-c', ASK % (sides.ROOT,)],
                                   env=dict(os.environ, DISPLAY=display)).decode('utf-8')
    lines = said.strip().splitlines()
    found = {}
    for line in lines[1:]:
        name, there, reason = line.split(' ', 2)
        found[name] = None if there == '1' else reason
    return lines[0], found


def load(server, seconds):
    """Answers, and the server's processor seconds."""
    before = server.cpu()
    got = process.wrk(server.port, seconds, CONNECTIONS)
    if got['bad']:
        raise RuntimeError('%s: %d answers were wrong' % (server.side.name, got['bad']))
    return got['count'] / got['seconds'], (server.cpu() - before) / got['count']


def idle_share(server):
    """Percent of a core that it uses while nothing happens."""
    time.sleep(1.0)
    before = server.cpu()
    begin = default_timer()
    time.sleep(IDLE_SECONDS)
    return (server.cpu() - before) / (default_timer() - begin) * 100


def delays(server, count=ANSWERS):
    """Milliseconds until each of *count* answers, asked one at a time; sorted."""
    found = []
    with_server = socket.create_connection(('127.0.0.1', server.port), 10.0)
    try:
        for _ in range(count):
            begin = default_timer()
            with_server.sendall(REQUEST)
            said = b''
            while LAST not in said:
                piece = with_server.recv(65536)
                if not piece:
                    raise EOFError('the server closed the connection')
                said += piece
            found.append((default_timer() - begin) * 1000)
            time.sleep(0.002)
    finally:
        with_server.close()
    return sorted(found)


def measure(python, names, display, options, kind):
    """Rows of the table, for the loop alone first."""
    servers = [process.Server(GuestSide(python, name, display), 'http')
               for name in ['alone'] + names]
    try:
        for server in servers:
            # A virtual machine that is still compiling may let wrk's two seconds pass.
            process.wrk(server.port, WARM_SECONDS[kind], CONNECTIONS)
        figures = dict((server.side.name, []) for server in servers)
        for _ in range(options.rounds):
            for server in servers:
                figures[server.side.name].append(load(server, options.seconds))
        quiet = dict((server.side.name, delays(server)) for server in servers)
        idle = dict((server.side.name, idle_share(server)) for server in servers)
    finally:
        for server in servers:
            server.stop()
    rows = []
    for name in ['alone'] + names:
        server = process.Server(GuestSide(python, name, display, BUSY_MILLISECONDS), 'http')
        try:
            busy = delays(server)
        finally:
            server.stop()
        ratios = [alone[1] / own[1] for alone, own in zip(figures['alone'], figures[name])]
        rows.append([name, '%.2f' % stats.median(ratios),
                     '%.2f..%.2f' % (min(ratios), max(ratios)),
                     '%.0f' % (stats.median([cpu for _, cpu in figures[name]]) * 1e6),
                     '%.2f' % idle[name],
                     '%.2f, %.2f' % (quiet[name][len(quiet[name]) // 2],
                                     quiet[name][len(quiet[name]) * 99 // 100]),
                     '%.1f, %.1f' % (busy[len(busy) // 2], busy[len(busy) * 99 // 100])])
    return rows


def start_display():
    """(an Xvfb, its name)."""
    server = subprocess.Popen(['Xvfb', '-displayfd', '1', '-screen', '0', '1024x768x24', '-noreset',
                               '-nolisten', 'tcp'], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
    return server, ':' + server.stdout.readline().decode('ascii').strip()


def main(argv):
    """Measures, and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('names', nargs='*')
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--seconds', type=int, default=3)
    parser.add_argument('--python', action='append',
                        help='the interpreter (may be given again; default: this one)')
    parser.add_argument('--output', default=os.path.join(process.BUILD, 'bench', 'guests.md'))
    options = parser.parse_args(argv)
    server, display = start_display()
    parts = ['# Our loop inside the loops of toolkits', __doc__.split('Method: ')[1].strip()]
    try:
        for python in options.python or [sys.executable]:
            title, reasons = ask(python, display)
            kind = title.split()[0].lower()
            names = options.names or [name for name in NAMES if reasons.get(name, '') is None]
            parts.append('## ' + title)
            parts.append(report.table(
                ['loop', 'ratio', 'of the rounds', 'CPU us', 'idle CPU %', 'answer ms, p50 and p99',
                 'with a busy toolkit'],
                measure(python, names, display, options, kind)))
    finally:
        server.terminate()
        server.wait()
    parts.append('Processor: ' + machine.processor())
    text = '\n\n'.join(part for part in parts if part) + '\n'
    folder = os.path.dirname(os.path.abspath(options.output))
    if not os.path.isdir(folder):
        os.makedirs(folder)
    with open(options.output, 'w') as file:
        file.write(text)
    print(text)


if __name__ == '__main__':
    main(sys.argv[1:])
