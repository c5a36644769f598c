# Copyright the carryall authors.  See LICENSE.
"""SMTP: Postfix's smtp-source sends to carryall mail, aiosmtpd and Twisted in turn; messages a
second, CPU of each message.

    python3 -m bench.smtp [--quick] [--rounds 5] [--messages 2000] [--size 4096] [--sessions 10]
    [--keep] [--patience 20]

There are three tables.  In *durable* carryall has each message on the disk before it answers;
aiosmtpd's Mailbox syncs the file and not its name, Twisted's maildir syncs nothing.  In *maildir*
carryall does not wait for the disk either (--no-durable).  In *sink*, the protocol alone, all three
drop the messages.

A ratio is taken within a round, to the better peer = 1.  Column *others* is the part of a core that
other programs, and the host, used meanwhile.  The row *the file alone* is the cost of a maildir in
the kernel: a loop on the servers' core writes and renames such files.  Mail
lies in a new ext4 (TMPDIR): one from which many files were removed lately makes new ones slowly.
"""
from __future__ import absolute_import, division, print_function

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from bench import machine, procfs, process, rounds, sides, stats

SCRIPT = os.path.join(sides.SERVERS, 'smtp_peers.py')
START_SECONDS = 60.0
OURS = {'cpython': [sys.executable], 'pypy': ['pypy3'], 'jython': ['jython']}


class Side(object):
    """One server: how it is started, and what was measured of it."""

    def __init__(self, name, argv, env):
        self.name = name
        self.argv = argv
        self.env = env
        self.rates = []
        self.cpu = []
        self.others = []
        self.child = None
        self.port = None
        self.pids = []

    def start(self, folder):
        """Starts it and learns its port."""
        argv = [word.replace('FOLDER', os.path.join(folder, self.name)) for word in self.argv]
        self.log = tempfile.TemporaryFile()
        self.child = subprocess.Popen(process.pinned(process.SERVER_CORE, argv),
                                      stdout=subprocess.PIPE, stderr=self.log, env=self.env)
        until = time.time() + START_SECONDS
        while time.time() < until:
            line = self.child.stdout.readline().decode('utf-8', 'replace')
            found = re.search(r'(?:smtp on 127\.0\.0\.1:|^)(\d+)\s*$', line)
            if found:
                self.port = int(found.group(1))
                self.pids = procfs.tree(self.child.pid)
                return
            if not line:
                break
        self.log.seek(0)
        raise process.StartFailed(
            '%s: %s' % (self.name, self.log.read().decode('utf-8', 'replace')[-800:]))

    def measure(self, options):
        """One slice, with patience the first in which others let the cores be; adds its rate and
        its CPU a message."""
        best = None
        for _ in range(rounds.TRIES if options.patience else 1):
            rounds.wait_for_quiet(options.patience)
            found = self.slice(options)
            if best is None or found[-1] < best[-1]:
                best = found
            if found[-1] < rounds.QUIET_SHARE:
                break
        for figures, figure in zip((self.rates, self.cpu, self.others), best):
            figures.append(figure)

    def slice(self, options):
        """One slice as (messages a second, microseconds of CPU a message,
        share of a core that others used)."""
        argv = ['smtp-source', '-s', str(options.sessions), '-m', str(options.messages), '-l',
                str(options.size), '-f', 'x@far.example',
                '-t', 'anna@a.example'] + (['-d'] if options.keep
                                           else []) + ['127.0.0.1:%d' % self.port]
        everyone = procfs.cores_busy()
        client = rounds.children_seconds()
        cpu = procfs.cpu_seconds(self.pids)
        begin = time.time()
        process.run_client(argv, 120)
        seconds = time.time() - begin
        used = procfs.cpu_seconds(self.pids) - cpu
        others = procfs.cores_busy() - everyone - used - (rounds.children_seconds() - client)
        return options.messages / seconds, used / options.messages * 1e6, max(0.0, others / seconds)

    def stop(self):
        """Ends it."""
        if self.child is not None:
            self.child.terminate()
            try:
                self.child.wait(20)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
            self.child.stdout.close()


def chosen(mode, runtimes):
    """The sides of 'durable', 'maildir' or 'sink'."""
    peers = dict(os.environ, PYTHONPATH=sides.PEERS)
    ours = dict(os.environ, PYTHONPATH=sides.ROOT, JYTHONPATH=sides.ROOT)
    where = 'sink' if mode == 'sink' else 'FOLDER'
    found = [Side(name, [sys.executable, SCRIPT, name, where], peers)
             for name in ('aiosmtpd', 'twisted')]
    for runtime in runtimes:
        if mode == 'sink':
            argv = OURS[runtime] + [os.path.join(sides.SERVERS, 'carryall_smtp.py')]
        else:
            argv = OURS[runtime] + [os.path.join(sides.ROOT, 'bin', 'carryall'), 'mail', '-d',
                                    'a.example=FOLDER', '-u', 'anna=secret', '--smtp', '0',
                                    '--pop3', 'none', '--quiet', '--max-per-address',
                                    '1000'] + (['--no-durable'] if mode == 'maildir' else [])
        found.append(Side('carryall-' + runtime, argv, ours))
    return found


def file_alone(folder, options):
    """Microseconds of CPU for the file of one message, without a server."""
    argv = [sys.executable, os.path.join(sides.SERVERS, 'file_alone.py'), folder,
            str(options.messages), str(options.size)]
    return float(process.run_client(process.pinned(process.SERVER_CORE, argv), 120))


def table(mode, servers, alone=()):
    """Lines of Markdown: median, ratio to the better peer with lowest and highest round, CPU."""
    best = max((side for side in servers if not side.name.startswith('carryall')),
               key=lambda side: stats.median(side.rates))
    lines = ['## ' + mode, '', '| server | messages a second | to %s | CPU us a message | less CPU '
                               'than %s, times | others %% |' % (best.name, best.name),
             '|---|---|---|---|---|---|']
    for side in servers:
        rate = stats.spread(stats.ratios(side.rates, best.rates))
        cpu = stats.spread(stats.ratios(best.cpu, side.cpu))
        lines.append('| %s | %.0f | %.2f (%.2f..%.2f) | %.0f | %.2f (%.2f..%.2f) | %.0f |' % (
            (side.name, stats.median(side.rates)) + rate + (stats.median(side.cpu),) + cpu
            + (100 * stats.median(side.others),)))
    if alone:
        lines.append('| the file alone | | | %.0f | | |' % stats.median(alone))
    return lines + ['']


def main():
    """Runs both modes, prints the page, writes it."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--quick', action='store_true',
                        help='one short round: does it run, not how fast')
    parser.add_argument('--rounds', type=int)
    parser.add_argument('--messages', type=int, help='of each slice (2000)')
    parser.add_argument('--size', type=int, default=4096, help='octets of a message (4096)')
    parser.add_argument('--sessions', type=int, default=10, help='connections at a time (10)')
    parser.add_argument('--keep', action='store_true', help='many messages over one connection; '
                                                            'else one each')
    parser.add_argument('--patience', type=int, default=0, metavar='SECONDS',
                        help='seconds to wait at most for idle cores (0)')
    parser.add_argument('--runtimes', default='cpython,pypy', help='of ours (cpython,pypy)')
    parser.add_argument('--output', help='where the page goes (doc/bench; with --quick '
                                         'build/bench)')
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.messages = options.messages or (200 if options.quick else 2000)
    output = options.output or os.path.join(
        sides.ROOT, *(('build', 'bench') if options.quick else ('doc', 'bench')))
    lines = ['# SMTP', ''] + ['- ' + line
                              for line in machine.describe(options.runtimes.split(','))] + ['']
    folder = tempfile.mkdtemp(prefix='bench-smtp-')
    try:
        for mode in ('durable', 'maildir', 'sink'):
            lines += run(mode, options, os.path.join(folder, mode))
    finally:
        # At the end: for minutes after a file was removed, ext4 looks at its inode, and passes it
        # by, for each file that is made.
        shutil.rmtree(folder, ignore_errors=True)
    lines += ['## Method', '', 'smtp-source with %d sessions sends %d messages of %d octets in '
                               'each of %d rounds%s; servers pinned to one core, the client to'
              ' another; measured in turn.' % (options.sessions, options.messages, options.size,
                                               options.rounds, ', many over one connection'
                                               if options.keep
                                               else ', each over a connection of its own')]
    lines += __doc__.split('\n\n')[-1].strip().split('\n')
    if not os.path.isdir(output):
        os.makedirs(output)
    with open(os.path.join(output, 'smtp%s.md' % ('-kept' if options.keep else '')), 'w') as target:
        target.write('\n'.join(lines) + '\n')
    print('\n'.join(lines))


def run(mode, options, folder):
    """Starts all, measures in turn, stops all; the table."""
    os.mkdir(folder)
    servers = chosen(mode, options.runtimes.split(','))
    try:
        for side in servers:
            side.start(folder)
            side.measure(options)           # warms, and is forgotten
            del side.rates[:], side.cpu[:], side.others[:]
        alone = []
        for number in range(options.rounds):
            for side in servers:
                side.measure(options)
            if mode == 'maildir':
                alone.append(file_alone(os.path.join(folder, 'alone-%d' % number), options))
        return table(mode, servers, alone)
    finally:
        for side in servers:
            side.stop()


if __name__ == '__main__':
    main()
