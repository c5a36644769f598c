# Copyright the carryall authors.  See LICENSE.
"""The `tls` bench: a body of 1 GiB over TLS, taken by curl,
beside what openssl's own server does."""
from __future__ import absolute_import, division, print_function

import hashlib
import io
import os
import subprocess

from bench import certificate, process, rates, report, rounds, sides, stats

SIZE = 1 << 30
SMALL = 32 << 20              # for --quick
NAME = 'random.bin'
BLOCK = 1 << 20
SUITE = 'TLS_AES_256_GCM_SHA384'
# Before the first round: until the compiler is done.
WARM_BYTES = {'cpython': 0, 'pypy': 1 << 30, 'jython': 4 << 30}
DEFAULT = ('openssl', 'uvicorn', 'carryall-cpython-epoll', 'carryall-pypy-epoll',
           'carryall-jython-*')

METHOD = """
A file of {0} MiB in the page cache, random and so not to be compressed, fetched by one curl on its
own core over TLS 1.3 with {1}; each server's own static file service, pinned to another core.  The
first download of each is checked octet for octet and not counted; then they are measured in turn,
{2} rounds, median with lowest and highest; ratio to *openssl* = 1, which is `openssl s_server
-WWW`.  *CPU us/MiB* is user and system time of the server; *RSS* its resident memory before,
*after* its growth.
"""


def make_file(size):
    """(folder, SHA-256) of a file of random octets."""
    folder = os.path.join(process.BUILD, 'bench-files', 'tls-{0}'.format(size))
    path = os.path.join(folder, NAME)
    if not os.path.isdir(folder):
        os.makedirs(folder)
    if not os.path.exists(path) or os.path.getsize(path) != size:
        with io.open(path, 'wb') as target:
            for _ in range(size // BLOCK):
                target.write(os.urandom(BLOCK))
    digest = hashlib.sha256()
    with io.open(path, 'rb') as source:         # into the page cache too
        for block in iter(lambda: source.read(BLOCK), b''):
            digest.update(block)
    return folder, digest.hexdigest()


def curl(server, *words):
    """The command line of one download."""
    url = 'https://localhost:{0}{1}/{2}'.format(server.port, server.side.prefix, NAME)
    return ['curl', '-sS', '--http1.1', '--tls13-ciphers', SUITE, '--cacert', certificate.path(),
            '--retry', '5', '--retry-connrefused'] + list(words) + [url]


def is_right(server, digest):
    """True if a download is what the file is; RuntimeError if it fails."""
    child = subprocess.Popen(process.pinned(process.CLIENT_CORE, curl(server)),
                             stdout=subprocess.PIPE)
    found = hashlib.sha256()
    for block in iter(lambda: child.stdout.read(BLOCK), b''):
        found.update(block)
    child.stdout.close()
    if child.wait():
        raise RuntimeError('curl ended with status {0}'.format(child.returncode))
    return found.hexdigest() == digest


def fetch(server, size):
    """(seconds, CPU seconds of the server) of one download; RuntimeError if it fails."""
    before = server.cpu()
    text = process.run_client(
        curl(server, '-o', os.devnull, '-w', '%{http_code} %{size_download} %{time_total}'), 300)
    used = server.cpu() - before
    status, octets, seconds = text.split()
    if status != '200' or int(octets) != size:
        raise RuntimeError('curl got ' + text)
    return float(seconds.replace(',', '.')), used


def measure(server, result, size):
    """One download; its rate is bytes per second, its CPU microseconds per MiB."""
    try:
        seconds, used = fetch(server, size)
    except RuntimeError as exc:
        return result.miss(str(exc))
    result.rate.append(size / seconds)
    result.cpu.append(used / (size / 1048576.0) * 1e6)
    result.busy.append(used / seconds)
    return None


def tls(options):
    """Runs `tls`."""
    size = SMALL if options.quick else SIZE
    root, digest = make_file(size)
    chosen = [side for side in sides.choose(options.bench, options.servers or DEFAULT)
              if side.speaks_tls()]
    for side in chosen:
        side.certificate = certificate.path()
    servers, results = rounds.start_all(chosen, options.bench, root)
    before = {}
    try:
        for server, result in list(servers):
            before[result.name] = server.resident()
            try:
                if not is_right(server, digest):
                    raise RuntimeError('it sends other octets')
                for _ in range(int(WARM_BYTES[server.side.runtime] * options.warm) // size):
                    fetch(server, size)
            except RuntimeError as exc:
                result.note = str(exc)
                servers.remove((server, result))
                server.stop()
                rounds.progress('  {0}: {1}'.format(result.name, exc))
        for number in range(options.rounds):
            for server, result in servers:
                rounds.wait_for_quiet(options.patience)
                measure(server, result, size)
                rounds.progress('  round {0}/{1}  {2:<28} {3} MiB/s'.format(
                    number + 1, options.rounds, result.name,
                    report.thousands((result.rate[-1] or 0) / 1048576)))
                result.resident = server.resident()
    finally:
        rounds.stop_all(servers)
    parts = [table(results, before), report.left_out(results), '## Method',
             METHOD.format(size >> 20, SUITE, options.rounds).strip()]
    rates.finish(options, 'A body of {0} MiB over TLS'.format(size >> 20), parts, results)


def table(results, before):
    """The Markdown table."""
    rows = []
    reference = [result for result in results if result.name == 'openssl']
    for result in report.fastest(results):
        ratio = stats.spread(stats.ratios(result.rate, reference[0].rate)) if reference \
            and report.present(reference[0].rate) else None
        rows.append([
            result.name, report.thousands(stats.median(report.present(result.rate)) / 1048576),
            report.spread(ratio),
            report.thousands(stats.median([one for one in result.cpu if one is not None])),
            report.mebibytes(before[result.name]),
            '{0:+.1f}'.format((result.resident - before[result.name]) / 1048576.0)])
    return report.table(['server', 'MiB/s', 'ratio', 'CPU us/MiB', 'RSS MiB', 'after'], rows)
