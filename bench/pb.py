# Copyright the carryall authors.  See LICENSE.
"""The bench of Perspective Broker: calls and copyables, beside Twisted's (features PB-02)."""
from __future__ import absolute_import, division, print_function

import json
import os
import sys

from bench import process, rates, report, rounds, sides

REFERENCE = 'twisted-pb'

# name, what the client does, connections, calls under way on each, what is counted
PARTS = (
    ('round-trips', 'echo', 16, 1, 'calls'),
    ('pipelined', 'echo', 4, 64, 'calls'),
    ('copyables-out', 'pond', 4, 16, 'calls, ten copyables each'),
    ('copyables-in', 'take', 4, 16, 'calls, ten copyables each'),
)

METHOD = """
{connections} connections, each with {window} call(s) under way.  The client sends octets that were
made beforehand and counts the answers, on a core of its own; one server process is pinned to
another.  Servers are warmed until their compilers are done, then measured in turn, {rounds} rounds
of {seconds} seconds; ratios within a round to {reference} = 1, which is Twisted 26.10 on this
CPython (median, lowest..highest).  *CPU us* is user and system time of the server per call.  A
copyable has a text, an integer, a float, a boolean and a list of two byte strings; ours checks
depth, sizes, counts and registries, Twisted's has fewer limits.
"""


def load_of(kind, connections, window):
    """The client that drives a server for some seconds."""
    def load(server, seconds):
        """One slice."""
        return json.loads(process.run_client(
            [sys.executable, os.path.join(sides.HERE, 'pb_client.py'), kind, str(server.port),
             str(connections), str(int(seconds)), str(window)], seconds))
    return load


def pb(options):
    """Runs `pb`: each part, on the same running servers."""
    parts = []
    charts = []
    everything = []
    servers, results = rounds.start_all(sides.choose(options.bench, options.servers), options.bench)
    try:
        for name, kind, connections, window, counted in PARTS:
            rounds.progress('pb, ' + name)
            if everything:
                servers, results = rates.again(servers, results)
            load = load_of(kind, connections, window)
            rounds.warm(servers, load, options.warm * (0.1 if kind != 'echo' else 0.5))
            rounds.alternate(servers, load, options.rounds, options.seconds, options.patience)
            everything.append(results)
            title = 'Perspective Broker, ' + name.replace('-', ' ')
            values = dict(vars(options), reference=REFERENCE, connections=connections,
                          window=window)
            chart = report.ratio_plot(title, 'calls per CPU second, {0} = 1'.format(REFERENCE),
                                      results, REFERENCE)
            charts.append(('pb-' + name, title, chart))
            parts += ['## ' + name.capitalize().replace('-', ' '), 'Counted are ' + counted + '.',
                      report.comparison(results, REFERENCE, ('server', 'calls', 'call')),
                      report.left_out(results), METHOD.format(**values).strip()]
    finally:
        rounds.stop_all(servers)
    rates.finish(options, 'Perspective Broker', parts,
                 [result for part in everything for result in part], charts)
