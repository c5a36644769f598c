# Copyright the carryall authors.  See LICENSE.
"""Our servers beside those of an earlier commit, in alternating rounds, on any runtime.

    python3 -m bench.against --commit REV [--runtime NAME] [--rounds 15] [--seconds 1.0] [KIND ...]

Kinds: hello, varied, static, echo, smtp, pb (default: all).  Linux only.  For CPython
`bench.instructions` is more exact; here are PyPy and Jython, which compile while they run.

Both servers run at the same time on one core, warmed until what they run is compiled.  One client
on another core asks one of them one thing at a time for SECONDS, then the other.  The order changes
with each round.  A figure is the processor time of a server for each answer; that of its compiler
and its collector is included.  A ratio is new to old: below 1 is less.  Shown are the median and
both quartiles of the ratios of all rounds.
"""
from __future__ import absolute_import, division, print_function

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

from bench import instructions, process, procfs, rates, sides, stats

WARM_SECONDS = {'cpython': 1.0, 'pypy': 12.0, 'jython': 20.0}
ANSWERS = 200               # of one call of a driver; SMTP and PB take fewer


class Side(object):
    """A server of one tree.

    Raises:   process.StartFailed: it printed no port.
    """

    def __init__(self, tree, kind, command):
        self._drive, script, words = instructions.KINDS[kind]
        self._count = ANSWERS // instructions.FEWER.get(kind, 1)
        folder = os.path.join(tree, 'bench', 'servers')
        words = [rates.make_file() if word == 'FILES' else word for word in words]
        env = dict(os.environ, PYTHONPATH=tree, JYTHONPATH=tree, PYTHONUNBUFFERED='1')
        self._log = tempfile.TemporaryFile()
        self._child = subprocess.Popen(
            process.pinned(process.SERVER_CORE, command + [os.path.join(folder, script)] + words),
            cwd=folder, env=env, stdout=subprocess.PIPE, stderr=self._log)
        line = self._child.stdout.readline().strip()
        if not line.isdigit():
            self.stop()
            self._log.seek(0)
            raise process.StartFailed('%s: %s' % (
                script, self._log.read().decode('utf-8', 'replace')))
        self._port = int(line)

    def slice(self, seconds):
        """Asks for that long; processor seconds for each answer."""
        family = procfs.tree(self._child.pid)
        used = procfs.cpu_seconds(family)
        until = time.time() + seconds
        answers = 0
        while time.time() < until:
            talk = instructions.Conversation(self._port)
            self._drive(talk, self._count)
            talk.sock.close()
            answers += self._count
        return (procfs.cpu_seconds(family) - used) / answers

    def stop(self):
        """Ends it."""
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()
        self._child.stdout.close()


def measure(kind, trees, command, options):
    """The ratios of all rounds, sorted, and the two medians in microseconds."""
    both = []
    try:
        for tree in trees:
            both.append(Side(tree, kind, command))
        for _ in range(2):              # in turn, for the second warms what the first made cold
            for side in both:
                side.slice(WARM_SECONDS[options.runtime] / 2)
        rows = []
        for number in range(options.rounds):
            order = (0, 1) if number % 2 else (1, 0)
            found = dict((place, both[place].slice(options.seconds)) for place in order)
            rows.append((found[0], found[1]))
    finally:
        for side in both:
            side.stop()
    ratios = sorted(new / old for old, new in rows)
    return ratios, [1e6 * stats.median(column) for column in zip(*rows)]


def parser():
    """The options."""
    out = argparse.ArgumentParser(prog='python3 -m bench.against',
                                  description=__doc__.splitlines()[0])
    out.add_argument('--commit', metavar='REV', required=True, help='the commit to measure beside')
    out.add_argument('kinds', nargs='*', metavar='KIND',
                     help=', '.join(sorted(instructions.KINDS)))
    out.add_argument('--runtime', choices=sorted(sides.WARM), default='pypy')
    out.add_argument('--rounds', type=int, default=15, help='in alternation (15)')
    out.add_argument('--seconds', type=float, default=1.0, help='of each slice (1)')
    return out


def main(argv=None):
    """Runs the command; returns its exit status."""
    options = parser().parse_args(argv)
    unknown = [kind for kind in options.kinds if kind not in instructions.KINDS]
    if unknown or options.rounds < 3 or options.seconds < 0.2:
        sys.stderr.write('unknown kind: %s\n' % ', '.join(unknown) if unknown
                         else 'at least 3 rounds of 0.2 seconds\n')
        return 2
    if os.cpu_count() > process.CLIENT_CORE:
        os.sched_setaffinity(0, [process.CLIENT_CORE])
    before = instructions.checkout(options.commit)
    print('%-8s us for each answer: old, new    new to old: quartile, median, quartile'
          % options.runtime)
    try:
        for kind in options.kinds or sorted(instructions.KINDS):
            ratios, medians = measure(kind, (before, sides.ROOT),
                                      sides.interpreter(options.runtime), options)
            last = len(ratios) - 1
            quarters = [ratios[int(round(part * last))] for part in (0.25, 0.5, 0.75)]
            print('%-8s %18.1f %8.1f %21.3f %8.3f %8.3f' % ((kind,) + tuple(medians)
                                                            + tuple(quarters)))
            sys.stdout.flush()
    finally:
        shutil.rmtree(before)
    return 0


if __name__ == '__main__':
    sys.exit(main())
