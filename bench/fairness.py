# Copyright the carryall authors.  See LICENSE.
"""The wait of one client of a server while 60 connections pipeline without end.

    python3 -m bench.fairness [--runtime NAME] [--rounds 5] [--count 1000] [KIND ...]

Kinds: web, ftp, pop3, smtp, echo (default: all).  Linux only.

Method: the server runs on one core as a user starts it, warmed by the flood and by the client.
The flood (acceptance/peers/flood.py) and the measuring client share another core, and the flood is
the least urgent program there.  The client asks one thing, waits for the answer, rests a
millisecond and asks again; every 50 answers it takes a new connection.  A round is COUNT answers
without the flood and as many under it.

Of each answer two times are kept: the wait on the clock, and the same without what other programs
took (bench/waits.py).  Each figure is the median of the rounds.  The ratio is of the second kind of
time, p99 under the flood to p99 without.
"""
from __future__ import absolute_import, division, print_function

import argparse
import gc
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from bench import process, procfs, sides, stats, waits

CONNECTIONS = 60
# PyPy compiles for some 40 s what a flood of new connections runs, for up to 12 ms at a time.
WARM_SECONDS = {'cpython': 1.0, 'pypy': 45.0, 'jython': 40.0}
START_SECONDS = 60.0
SETTLE_SECONDS = 0.5        # until a flood is under way, or forgotten
LIFE_SECONDS = 600          # of a flood that is not ended
FLOOD = os.path.join(sides.ROOT, 'acceptance', 'peers', 'flood.py')

MAIL = ['mail', '-d', 'a.example=maildirs', '-u', 'anna=secret', '--smtp', '0', '--pop3', '0',
        '-c', 'all.pem']
GET = b'GET /x.txt HTTP/1.1\r\nHost: a\r\n\r\n'
# Words of carryall, the listener's name in the log, whether it greets, request, end of an answer.
KINDS = {
    'web': (['web', '--path', 'site', '--port', '0'], 'http', False, GET, b'hello!'),
    'ftp': (['ftp', '--root', 'site', '--port', '0'], 'ftp', True, b'NOOP\r\n', b'\r\n'),
    'pop3': (MAIL, 'pop3', True, b'CAPA\r\n', b'\r\n.\r\n'),
    'smtp': (MAIL, 'smtp', True, b'NOOP\r\n', b'\r\n'),
    'echo': (['simple', '--tcp', 'echo:0'], 'echo', False, b'x' * 63 + b'\n', b'\n'),
}


class Served(object):
    """A server in a folder of its own.

    Args:     kind: a key of KINDS.
              command: the words that start a script on a runtime.
    """

    def __init__(self, kind, command):
        words, listener, self.greets, self.request, self.end = KINDS[kind]
        self.folder = tempfile.mkdtemp(prefix='carryall-fairness-')
        self._carryall = command + [os.path.join(sides.ROOT, 'bin', 'carryall')]
        self._env = dict(os.environ, PYTHONPATH=sides.ROOT, JYTHONPATH=sides.ROOT)
        os.mkdir(os.path.join(self.folder, 'site'))
        self._write('site/x.txt', b'hello!')
        if 'all.pem' in words:
            self._make_certificate()
        argv = process.pinned(process.SERVER_CORE, self._carryall + words)
        with open(os.path.join(self.folder, 'log'), 'wb') as log:
            self.process = subprocess.Popen(argv, cwd=self.folder, env=self._env, stdout=log,
                                            stderr=subprocess.STDOUT)
        self.port = self._port(listener)

    def _make_certificate(self):
        subprocess.check_output(self._carryall + ['cert', 'make', '-o', 'server.pem', 'localhost'],
                                cwd=self.folder, env=self._env, stderr=subprocess.STDOUT)
        self._write('all.pem', self._read('server.pem') + self._read('server.key'))

    def _write(self, name, data):
        with open(os.path.join(self.folder, name), 'wb') as file:
            file.write(data)

    def _read(self, name):
        with open(os.path.join(self.folder, name), 'rb') as file:
            return file.read()

    def _port(self, listener):
        until = time.time() + START_SECONDS
        said = ''
        while time.time() < until and self.process.poll() is None:
            said = self._read('log').decode('utf-8', 'replace')
            found = re.search(r'listening: %s on 127\.0\.0\.1:(\d+)' % listener, said)
            if found:
                return int(found.group(1))
            time.sleep(0.05)
        self.stop()
        raise process.StartFailed(said[-1500:])

    def stop(self):
        """Ends it and removes its folder."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def client(self):
        """A client that measures; its threads are told apart by now."""
        return waits.Client([self.process.pid], self.port, self.greets, self.request, self.end)

    def cpu(self):
        """Processor seconds so far."""
        return procfs.cpu_seconds([self.process.pid])


class Flood(object):
    """A flood of a server, once it is under way."""

    def __init__(self, served):
        request = served.request.decode('latin-1').encode('unicode_escape').decode('ascii')
        argv = ['nice', '-n', '19', sys.executable, FLOOD, str(served.port), str(CONNECTIONS),
                str(LIFE_SECONDS), str(int(served.greets)), request]
        self.process = subprocess.Popen(process.pinned(process.CLIENT_CORE, argv),
                                        stdout=subprocess.PIPE)
        self.process.stdout.readline()
        time.sleep(SETTLE_SECONDS)

    def end(self):
        """Ends it, and waits until the server has forgotten its connections."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        time.sleep(SETTLE_SECONDS)


def a_round(served, client, count):
    """Waits and own waits without the flood and under it, and the busy share of the server."""
    gc.collect()
    gc.disable()
    quiet, quiet_own = client.ask(count)
    flood = Flood(served)
    used = served.cpu()
    began = time.time()
    loud, loud_own = client.ask(count)
    busy = (served.cpu() - used) / (time.time() - began)
    flood.end()
    gc.enable()
    return quiet, quiet_own, loud, loud_own, busy


def measure(kind, command, options):
    """Of one server: p50 and p99 of each kind of time, the own maximum, the busy share."""
    served = Served(kind, command)
    rows = []
    try:
        flood = Flood(served)
        served.client().ask(200, WARM_SECONDS[options.runtime])
        flood.end()
        client = served.client()
        client.ask(200, WARM_SECONDS[options.runtime] / 4)
        for _ in range(options.rounds):
            found = a_round(served, client, options.count)
            row = [waits.share(times, part) for times in found[:4] for part in (0.5, 0.99)]
            rows.append(row + [found[3][-1], found[4]])
    finally:
        served.stop()
    return [stats.median(column) for column in zip(*rows)]


def parser():
    """The options."""
    out = argparse.ArgumentParser(prog='python3 -m bench.fairness',
                                  description=__doc__.splitlines()[0])
    out.add_argument('kinds', nargs='*', metavar='KIND', help=', '.join(sorted(KINDS)))
    out.add_argument('--runtime', choices=sorted(sides.WARM), default='cpython')
    out.add_argument('--rounds', type=int, default=5, help='the median of so many is shown (5)')
    out.add_argument('--count', type=int, default=1000,
                     help='answers of each half of a round (1000)')
    out.add_argument('--java', default=sides.JVM_FLAGS, metavar='OPTIONS',
                     help='of the JVM (%s)' % sides.JVM_FLAGS)
    out.add_argument('--most', type=float, metavar='TIMES',
                     help='exit with 1 if a ratio is above that')
    return out


def main(argv=None):
    """Runs the command; returns its exit status."""
    options = parser().parse_args(argv)
    unknown = [kind for kind in options.kinds if kind not in KINDS]
    if unknown:
        sys.stderr.write('unknown kind: %s\n' % ', '.join(unknown))
        return 2
    if options.rounds < 1 or options.count < 100:
        sys.stderr.write('at least 1 round of 100 answers\n')
        return 2
    sides.JVM_FLAGS = options.java
    if os.cpu_count() > process.CLIENT_CORE:
        os.sched_setaffinity(0, [process.CLIENT_CORE])
    worst = 0.0
    print('%-9s%-35s%-46s%s' % (options.runtime, 'quiet, ms: p50 p99 (own p50 p99)',
                                'flooded, ms: p50 p99 (own p50 p99 max)', 'busy  ratio'))
    for kind in options.kinds or sorted(KINDS):
        figures = measure(kind, sides.interpreter(options.runtime), options)
        times = tuple(1e3 * figure for figure in figures[:9])
        ratio = figures[7] / figures[3]
        worst = max(worst, ratio)
        print('%-9s%7.3f %7.3f (%7.3f %7.3f)  %7.3f %7.3f (%7.3f %7.3f %7.3f)  %4.0f%%  %.2f'
              % ((kind,) + times + (100 * figures[9], ratio)))
        sys.stdout.flush()
    return int(options.most is not None and worst > options.most)


if __name__ == '__main__':
    sys.exit(main())
