# Copyright the carryall authors.  See LICENSE.
"""The `idle` bench: what an idle kept-alive connection costs in memory,
and what it costs the others in time."""
from __future__ import absolute_import, division, print_function

import json
import os
import subprocess
import sys
import time

from bench import process, rates, report, rounds, sides, stats

PROBES = 2000
SETTLE_SECONDS = 2.0
WARM_REQUESTS = 0.05  # of the usual: enough to have everything imported and the buffers made

METHOD = """
{0} connections are opened, each with one request and its whole answer, then left alone for {1:.0f}
seconds.  *per connection* is the growth of the server's resident memory divided by the connections
(the kernel's socket buffers are not in it).  *request* is the time of one request at a time through
connections drawn at random from all of them, seen from the client.  *idle CPU* is the share of one
core that the server used while nothing happened.  Each server runs alone and has answered some
thousand requests before.  A JVM's resident memory grows by its heap's steps, so for Jython the heap
in use after a collection is shown beside it where `jcmd` is there.
"""


def idle(options):
    """Runs `idle`."""
    results = []
    rows = []
    for side in sides.choose(options.bench, options.servers):
        result = rounds.Result(side.name, side.runtime)
        results.append(result)
        result.note = sides.missing(side)
        if result.note is None:
            try:
                found = measure(side, options)
                rows.append(row(side, found))
                result.resident = found['after']
                result.figures = found
                result.rate = [found['open'] / found['seconds']]
            except (RuntimeError, process.StartFailed, ValueError) as exc:
                result.note = str(exc)
        rounds.progress('  {0}: {1}'.format(side.name, rows[-1][1:] if result.rate
                                            else result.note))
    heads = ['server', 'open', 'RSS before MiB', 'with all MiB', 'per connection KiB',
             'heap per connection KiB', 'request p50 ms', 'p99 ms', 'idle CPU %', 'still open',
             'after close MiB']
    parts = [report.table(heads, rows), report.left_out(results), '## Method',
             METHOD.format(report.thousands(options.idle), SETTLE_SECONDS).strip()]
    rates.finish(options, '{0} idle connections'.format(report.thousands(options.idle)), parts,
                 results)


def heap(server):
    """Bytes of the JVM's heap in use after a collection, or None."""
    if server.side.runtime != 'jython' or not process.which('jcmd'):
        return None
    pid = str(server.process.pid)
    with open(os.devnull, 'w') as null:
        subprocess.call(['jcmd', pid, 'GC.run'], stdout=null, stderr=null)
    text = subprocess.Popen(['jcmd', pid, 'GC.heap_info'],
                            stdout=subprocess.PIPE).communicate()[0].decode('ascii', 'replace')
    return sum(kibibytes(line) for line in text.splitlines()
               if 'generation' in line and 'total' in line) * 1024


def kibibytes(line):
    """The figure after 'used' in a line such as
    ``def new generation   total 78656K, used 1000K [0x...``."""
    word = line.split('used ')[1].split('K')[0]
    return int(word)


def measure(side, options):
    """All figures of one side."""
    server = process.Server(side, options.bench)
    client = None
    try:
        process.wrk(server.port, 2 if side.runtime == 'cpython' else 6, 32)
        found = {'before': server.resident(), 'heap_before': heap(server)}
        client = subprocess.Popen(process.pinned(process.CLIENT_CORE, [
            sys.executable, os.path.join(sides.HERE, 'idle_client.py'), str(server.port),
            str(options.idle), str(PROBES)]), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        found.update(answer(client))
        time.sleep(0.5)
        used = server.cpu()
        time.sleep(SETTLE_SECONDS)
        found['idle_cpu'] = (server.cpu() - used) / SETTLE_SECONDS
        found['after'] = server.resident()
        found['heap_after'] = heap(server)
        tell(client)
        found.update(answer(client))
        tell(client)
        client.wait()
        time.sleep(1.0)
        found['closed'] = server.resident()
        return found
    finally:
        if client is not None and client.poll() is None:
            client.kill()
        server.stop()


def answer(client):
    """The client's next line."""
    line = client.stdout.readline()
    if not line.strip():
        raise RuntimeError('the client ended early')
    return json.loads(line.decode('ascii'))


def tell(client):
    """Lets the client go on."""
    client.stdin.write(b'\n')
    client.stdin.flush()


def row(side, found):
    """One line of the table."""
    each = (found['after'] - found['before']) / max(found['open'], 1) / 1024.0
    of_heap = ''
    if found['heap_before'] and found['heap_after']:
        of_heap = '{0:.2f}'.format((found['heap_after'] - found['heap_before'])
                                   / max(found['open'], 1) / 1024.0)
    times = found['times'] or [0.0]
    return [side.name, report.thousands(found['open']), report.mebibytes(found['before']),
            report.mebibytes(found['after']),
            '{0:.2f}'.format(each), of_heap, '{0:.3f}'.format(stats.median(times) * 1000),
            '{0:.3f}'.format(stats.percentile(times, 0.99) * 1000),
            '{0:.1f}'.format(found['idle_cpu'] * 100),
            report.thousands(found['alive']), report.mebibytes(found['closed'])]
