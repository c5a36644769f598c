# Copyright the carryall authors.  See LICENSE.
"""Runs the sides of a bench in alternation and keeps every figure of every round."""
from __future__ import absolute_import, division, print_function

import os
import sys
import time

from bench import procfs, sides, stats
from bench.process import Server, StartFailed

QUIET_SHARE = 0.10  # of one core that others may use before a slice, and before we wait for them
TRIES = 4                     # at one slice, with --patience
# Before each measured slice: caches and branch predictors are another side's by then.
REWARM_SECONDS = 1


class Result(object):
    """The measurements of one side: lists with one entry per round (None where it failed)."""

    def __init__(self, name, runtime):
        self.name = name
        self.runtime = runtime
        self.rate = []            # per second
        self.cpu = []             # microseconds of server CPU each
        self.resident = None      # bytes, after the last round
        self.busy = []            # share of the wall time that the server was on its core
        self.others = []          # share of one core that other programs used meanwhile
        self.bad = 0
        self.note = None

    def take(self, count, seconds, cpu, bad, others=None):
        """Adds a round."""
        self.rate.append(count / seconds)
        self.cpu.append(cpu / count * 1e6 if count else None)
        self.busy.append(cpu / seconds)
        self.bad += bad
        self.others.append(others)

    def miss(self, reason):
        """Adds a round that failed."""
        self.rate.append(None)
        self.cpu.append(None)
        self.busy.append(None)
        self.others.append(None)
        self.note = reason

    def data(self):
        """For JSON."""
        return dict(self.__dict__)


def progress(text):
    """One line to the person who waits."""
    sys.stderr.write(text + '\n')
    sys.stderr.flush()


def start_all(chosen, bench, root=None):
    """Starts every side that can be; returns (servers, results),
    results also for those that cannot."""
    servers = []
    results = []
    for side in chosen:
        result = Result(side.name, side.runtime)
        results.append(result)
        result.note = sides.missing(side)
        if result.note is None:
            try:
                servers.append((Server(side, bench, root), result))
                continue
            except StartFailed as exc:
                result.note = str(exc)
        progress('  {0}: left out: {1}'.format(side.name, result.note.strip()[-600:]))
    return servers, results


def warm(servers, load, scale=1.0, seconds=None):
    """Drives each server until its compiler has seen enough; load(server,
    seconds) -> {'count': ...}.

    Args:   scale: how much of the usual number of requests.
            seconds: of the server's CPU, at most (the side's own times scale), and twice as long by
                     the clock where others have the cores.
    """
    for server, result in servers:
        most = server.side.warm_seconds * scale if seconds is None else seconds
        want = server.side.warm * scale
        until = time.time() + 2 * most
        done = 0
        enough = server.cpu() + most
        try:
            while done < want and time.time() < until and server.cpu() < enough:
                done += load(server, 2)['count']
        except RuntimeError as exc:
            result.note = str(exc)
        progress('  {0}: warm after {1} requests'.format(server.side.name, done))


def wait_for_quiet(patience):
    """Waits until other programs let the cores be, at most that many seconds."""
    until = time.time() + patience
    while time.time() < until:
        before = procfs.cores_busy()
        time.sleep(0.3)
        if (procfs.cores_busy() - before) / 0.3 < QUIET_SHARE:
            return


def alternate(servers, load, rounds, seconds, patience=0):
    """A B C A B C ...: measures each server once per round, each after a wait of *patience* seconds
    for a quiet machine."""
    for number in range(rounds):
        for server, result in servers:
            try:
                result.take(*quietest(server, load, seconds, patience))
            except RuntimeError as exc:
                result.miss(str(exc))
                progress('  {0}: {1}'.format(server.side.name, exc))
                continue
            result.resident = server.resident()
            progress('  round {0}/{1}  {2:<28} {3:>9.0f}/s  {4:>6.1f} us CPU  '
                     'others {5:.0%}'.format(
                number + 1, rounds, server.side.name, result.rate[-1], result.cpu[-1] or 0,
                result.others[-1]))


def quietest(server, load, seconds, patience):
    """One slice; with *patience* the first of some tries in which others let the cores be, or else
    the best of them."""
    best = None
    for _ in range(TRIES if patience else 1):
        wait_for_quiet(patience)
        load(server, REWARM_SECONDS)
        found = measure(server, load, seconds)
        if best is None or found[-1] < best[-1]:
            best = found
        if found[-1] < QUIET_SHARE:
            break
    return best


def measure(server, load, seconds):
    """One slice as (count, seconds, CPU, bad, share of others); what neither server nor client did
    was done by others."""
    everyone = procfs.cores_busy()
    before = server.cpu()
    client = children_seconds()
    got = load(server, seconds)
    used = server.cpu() - before
    others = procfs.cores_busy() - everyone - used - (children_seconds() - client)
    return got['count'], got['seconds'], used, got['bad'], max(0.0, others / got['seconds'])


def children_seconds():
    """CPU seconds of the load programs that have ended."""
    times = os.times()
    return times[2] + times[3]


def stop_all(servers):
    """Ends every server; what one complained about is kept in its result's note."""
    for server, result in servers:
        server.stop()
        said = server.said().strip()
        if said and not result.note:
            result.note = 'said: ' + said[-200:]


def compare(results, reference):
    """For each result (rate ratio, CPU ratio) to the reference's, each (median, lowest,
    highest) or None.

    The CPU ratio is the reference's CPU over the side's own, so that above 1 is better in both.
    """
    base = [result for result in results if result.name == reference]
    out = {}
    for result in results:
        if base and base[0].rate:
            out[result.name] = (stats.spread(stats.ratios(result.rate, base[0].rate)),
                                stats.spread(stats.ratios(base[0].cpu, result.cpu)))
        else:
            out[result.name] = (None, None)
    return out
