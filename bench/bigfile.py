# Copyright the carryall authors.  See LICENSE.
"""The `bigfile` bench: a file of 2 GiB, its speed beside a bare sendfile, ranges, memory, and
readers that stop reading."""
from __future__ import absolute_import, division, print_function

import io
import json
import os
import subprocess
import sys
import time

from bench import process, rates, report, rounds, sides, stats
from bench.file_client import stamp, stamps

SIZE = 2 << 30
SMALL = 64 << 20              # for --quick
NAME = 'big.bin'
SLOW_READERS = 50

METHOD = """
A sparse file of {0} MiB in the page cache, read by one client on its own core that checks stamps in
it; servers in turn, {1} rounds, median with lowest and highest; ratio to *raw-sendfile* = 1, which
does nothing but `os.sendfile`.  *RSS* is the server's resident memory before, and its growth after
all downloads; *slow readers* is the growth with {2} clients that asked for the file and stopped
after 64 KiB (the kernel's socket buffers are not in it).  *ranges* are single ranges at and across
1 and 2 GiB.
"""


def make_file(size):
    """The sparse file with its stamps; returns its folder."""
    folder = os.path.join(process.BUILD, 'bench-files', 'big-{0}'.format(size))
    path = os.path.join(folder, NAME)
    if not os.path.isdir(folder):
        os.makedirs(folder)
    with io.open(path, 'wb') as target:
        target.truncate(size)
        for offset in stamps(size):
            target.seek(offset)
            target.write(stamp(offset))
    with io.open(path, 'rb') as source:
        while source.read(1 << 22):  # into the page cache, for anyone who is measured first
            pass
    return folder


def client(arguments, seconds=120):
    """Runs the client and returns what it prints."""
    script = os.path.join(sides.HERE, 'file_client.py')
    return json.loads(process.run_client([sys.executable, script] + [str(one) for one in arguments],
                                         seconds))


def bigfile(options):
    """Runs `bigfile`."""
    size = SMALL if options.quick else SIZE
    root = make_file(size)
    servers, results = rounds.start_all(sides.choose(options.bench, options.servers),
                                        options.bench, root)
    extra = {}
    try:
        for server, result in servers:
            extra[result.name] = {'before': server.resident()}
        for number in range(options.rounds):
            for server, result in servers:
                fetch(server, result, size)
                rounds.progress('  round {0}/{1}  {2:<28} {3} MiB/s'.format(
                    number + 1, options.rounds, result.name,
                    report.thousands((result.rate[-1] or 0) / 1048576)))
        for server, result in servers:
            after(server, result, size, extra[result.name])
    finally:
        rounds.stop_all(servers)
    parts = [table(results, extra), report.left_out(results), '## Method',
             METHOD.format(size >> 20, options.rounds, SLOW_READERS).strip()]
    rates.finish(options, 'A file of {0} MiB'.format(size >> 20), parts, results)


def fetch(server, result, size):
    """One download; its rate is bytes per second, its CPU microseconds per MiB."""
    try:
        before = server.cpu()
        got = client(['fetch', server.port, server.side.prefix + '/' + NAME])
        used = server.cpu() - before
    except (RuntimeError, ValueError) as exc:
        return result.miss(str(exc))
    if got['status'] != 200 or got['bytes'] != size or got['stamps'] != got['of']:
        return result.miss('wrong file: {0}'.format(got))
    result.rate.append(got['bytes'] / got['seconds'])
    result.cpu.append(used / (size / 1048576.0) * 1e6)
    result.busy.append(used / got['seconds'])
    return None


def after(server, result, size, found):
    """Memory after the downloads, ranges, slow readers."""
    result.resident = server.resident()
    found['after'] = result.resident
    if server.side.script == 'raw_sendfile.py' or not report.present(result.rate):
        return
    try:
        found['ranges'] = client(['ranges', server.port, server.side.prefix + '/' + NAME, size])
    except (RuntimeError, ValueError) as exc:
        found['ranges'] = None
        rounds.progress('  {0}: ranges: {1}'.format(result.name, str(exc).splitlines()[-1]))
    before = server.resident()
    argv = [sys.executable, os.path.join(sides.HERE, 'file_client.py'), 'slow', str(server.port),
            server.side.prefix + '/' + NAME, str(SLOW_READERS)]
    holder = subprocess.Popen(process.pinned(process.CLIENT_CORE, argv), stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    if holder.stdout.readline().strip():
        time.sleep(2.0)
        used = server.cpu()
        time.sleep(1.0)
        found['slow'] = server.resident() - before
        found['slow_cpu'] = server.cpu() - used
    holder.kill()
    holder.wait()
    result.figures = found


def table(results, extra):
    """The Markdown table."""
    rows = []
    reference = [result for result in results if result.name == 'raw-sendfile']
    for result in report.fastest(results):
        found = extra[result.name]
        ratio = stats.spread(stats.ratios(result.rate, reference[0].rate)) if reference else None
        ranges = found.get('ranges')
        rows.append([
            result.name, report.thousands(stats.median(report.present(result.rate)) / 1048576),
            report.spread(ratio),
            report.thousands(stats.median([one for one in result.cpu if one is not None])),
            report.mebibytes(found['before']),
            '{0:+.1f}'.format((found['after'] - found['before']) / 1048576.0),
            '{0:+.1f}'.format(found['slow'] / 1048576.0) if 'slow' in found else '',
            '{0:.0f}'.format(found['slow_cpu'] * 100) if 'slow_cpu' in found else '',
            '{right} of {asked}'.format(**ranges) if ranges else ''])
    return report.table(['server', 'MiB/s', 'ratio', 'CPU us/MiB', 'RSS MiB', 'after',
                         'slow readers', 'their CPU %', 'ranges'], rows)
