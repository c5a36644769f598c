#!/usr/bin/env python3
# Copyright the carryall authors.  See LICENSE.
"""Shows where our web server spends its time on this interpreter.

    python3 bench/profile_http.py [hello|static|echo] [--varied] [--seconds N] [--backend NAME]
    [--lines N]

The server runs in a child under cProfile, which slows each Python call down but not the system's.
So the order is right, but the shares of small functions are too large.  The load comes from wrk,
or for echo from the echo client.
"""
from __future__ import absolute_import, division, print_function

import argparse
import cProfile
import os
import pstats
import signal
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(HERE, 'servers')]

SCRIPTS = {'hello': 'carryall_http', 'static': 'carryall_static', 'echo': 'carryall_echo'}


def options():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('kind', nargs='?', choices=sorted(SCRIPTS), default='hello')
    parser.add_argument('--seconds', type=int, default=4)
    parser.add_argument('--varied', action='store_true', help="a browser's headers and a cookie "
                                                              "that changes")
    parser.add_argument('--backend')
    parser.add_argument('--lines', type=int, default=30)
    return parser.parse_args()


class Done(BaseException):
    """The parent has seen enough."""


def finish(_number, _frame):
    """On SIGTERM: out of the loop, to the figures."""
    raise Done()


def child(chosen, root, out, figures):
    """Serves under the profiler until told to end, then leaves the figures in a file;
    never returns."""
    os.dup2(out, 1)
    signal.signal(signal.SIGTERM, finish)
    profile = cProfile.Profile()
    argv = [chosen.kind] + (['--backend', chosen.backend] if chosen.backend else [])
    argv += ['--root', root] if chosen.kind == 'static' else []
    module = __import__(SCRIPTS[chosen.kind])
    try:
        profile.runcall(module.main, argv)
    except Done:
        pass
    profile.dump_stats(figures)
    os._exit(0)


def drive(chosen, port):
    """Puts the load on; returns how many were answered."""
    from bench import process, rates
    if chosen.kind == 'echo':
        return process.echo_load(port, chosen.seconds, 64, 64, 1)['count']
    path = '/' + rates.KIB_NAME if chosen.kind == 'static' else '/'
    headers, script = (rates.BROWSER, 'varied.lua') if chosen.varied else ((), None)
    return process.wrk(port, chosen.seconds, 64, path, headers, script)['count']


def main():
    """Runs both and prints the figures by own time."""
    from bench import rates
    chosen = options()
    root = rates.make_file() if chosen.kind == 'static' else None
    figures = os.path.join(tempfile.mkdtemp(prefix='carryall-profile-'), 'figures')
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        child(chosen, root, writing, figures)
    os.close(writing)
    with os.fdopen(reading) as said:
        port = int(said.readline())
        count = drive(chosen, port)
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
    print('{0} answered in {1} s under the profiler'.format(count, chosen.seconds))
    stats = pstats.Stats(figures)
    stats.sort_stats('tottime').print_stats(chosen.lines)


if __name__ == '__main__':
    main()
