# Copyright the carryall authors.  See LICENSE.
"""The `accept` bench: how fast connections are taken,
and whether a storm of them is taken whole."""
from __future__ import absolute_import, division, print_function

from bench import process, rates, report, rounds, sides, stats

STEADY = (10000, 256)         # connections, under way at once
# Of the requests that the other benches warm with: a connection is more work than an answer.
WARM_SHARE = 0.1
WARM_SECONDS = 15.0
STORM = 4000                  # all at once: more than a backlog of 128 holds, within 4,096

METHOD = """
*Steady*: {0} connections, {1} under way at any time; each connects, sends one request, waits for
the answer and closes. *Storm*: {2} connects before the first answer is read.  *lost* counts
connections that were refused, reset or never answered, over all rounds.  Server and client on their
own cores, servers in turn, {3} rounds; medians with lowest and highest round.
"""


def accept(options):
    """Runs `accept`."""
    storms = {}

    def load(server, _seconds):
        return process.accept_load(server.port, *STEADY)

    def small(server, _seconds):
        return process.accept_load(server.port, 1000, 64)

    servers, results = rounds.start_all(sides.choose(options.bench, options.servers), options.bench)
    try:
        rounds.warm(servers, small, options.warm * WARM_SHARE, WARM_SECONDS * options.warm)
        for number in range(options.rounds):
            for server, result in servers:
                measure(server, result, load, storms.setdefault(result.name, []))
                rounds.progress('  round {0}/{1}  {2:<28} {3:>8.0f} connections/s  '
                                'storm {4}'.format(
                    number + 1, options.rounds, result.name, result.rate[-1] or 0,
                    storms[result.name][-1:]))
    finally:
        rounds.stop_all(servers)
    parts = [table(results, storms), report.left_out(results), '## Method',
             METHOD.format(STEADY[0], STEADY[1], STORM, options.rounds).strip()]
    rates.finish(options, 'Taking connections', parts, results)


def measure(server, result, load, storm):
    """One round of one server."""
    try:
        before = server.cpu()
        got = load(server, 0)
        result.take(got['count'], got['seconds'], server.cpu() - before, got['bad'])
        got = process.accept_load(server.port, STORM, STORM)
        storm.append((round(got['seconds'], 4), got['bad']))
        result.resident = server.resident()
    except RuntimeError as exc:
        result.miss(str(exc))


def table(results, storms):
    """The Markdown table."""
    rows = []
    for result in report.ordered(results):
        storm = storms[result.name]
        rows.append([result.name, spread_thousands(report.present(result.rate)),
                     '{0:.1f}'.format(stats.median(report.present(result.cpu))), str(result.bad),
                     '{0:.0f}'.format(stats.median([one[0] for one in storm]) * 1000) if storm
                     else '',
                     str(sum(one[1] for one in storm)) if storm else '',
                     report.mebibytes(result.resident)])
    return report.table(['server', 'steady connections/s', 'CPU us/connection', 'lost',
                         'storm of {0}, ms'.format(STORM), 'lost', 'RSS MiB'], rows)


def spread_thousands(values):
    """Median and spread with thousands separators."""
    return '{0} ({1}..{2})'.format(*[report.thousands(value) for value in stats.spread(values)]) \
        if values else ''
