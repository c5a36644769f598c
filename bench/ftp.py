# Copyright the carryall authors.  See LICENSE.
"""The `ftp` bench: a file of 1 GiB down and up, alone and beside idle clients;
and pyftpdlib's own ftpbench."""
from __future__ import absolute_import, division, print_function

import io
import json
import os
import re
import subprocess
import sys

from bench import process, procfs, rates, report, rounds, sides, stats

SIZE = 1 << 30
SMALL = 32 << 20             # for --quick
IDLE_CLIENTS = 300           # as ftpbench has it, and features FTP-15
NAME = 'big.bin'
UP = 'in/up-'
REFERENCE = 'pyftpdlib'
VERBS = (('get', NAME, 0), ('put', UP, 0), ('get', NAME, 1))
BENCH_LINE = re.compile(r'^(.*?)\s{2,}([0-9.]+)\s+(MB/sec|secs)', re.MULTILINE)

METHOD = """
One file of {0} MiB in the page cache, one client on its own core that reads by calls of 1 MiB and
drops what comes, or writes zeros into the server's file system (the folder of this checkout);
servers in turn, {1} rounds, median with lowest and highest of the ratio within a round to
*pyftpdlib* = 1, which uses sendfile.  *CPU* is that of the server's processes per MiB; vsftpd has a
process for each client, and those that have ended are counted by their parent.  *beside 300* is the
download with that many clients logged in and silent (in --quick: 20).  *ftpbench* is pyftpdlib's
own program, as it prints it: its client, in Python and by calls of 8 KiB, is slower than the
servers.
"""


def make_file(size):
    """The file, and the folder that is written to."""
    folder = os.path.join(process.BUILD, 'bench-files', 'ftp-{0}'.format(size))
    if not os.path.isdir(os.path.join(folder, 'in')):
        os.makedirs(os.path.join(folder, 'in'))
        os.chmod(os.path.join(folder, 'in'), 0o777)
    with io.open(os.path.join(folder, NAME), 'wb') as target:
        piece = os.urandom(1 << 20)
        for _ in range(size >> 20):
            target.write(piece)
    os.chmod(os.path.join(folder, NAME), 0o644)
    return folder


def user_of(server):
    """The account to log in with."""
    return 'anonymous' if server.side.name == 'vsftpd' else 'bench'


def ftp(options):
    """Runs `ftp`."""
    size = SMALL if options.quick else SIZE
    idle = 20 if options.quick else IDLE_CLIENTS
    root = make_file(size)
    servers, results = rounds.start_all(sides.choose(options.bench, options.servers),
                                        options.bench, root)
    for result in results:
        result.figures = dict((key, {'rate': [], 'cpu': []}) for key in ('get', 'put', 'beside'))
    said = {}
    try:
        for server, result in servers:          # compilers, and the page cache
            for verb, name, _ in VERBS[:2]:
                transfer(server, result, verb, name, size, 0, None)
        for number in range(options.rounds):
            for verb, name, beside in VERBS:
                for server, result in servers:
                    key = 'beside' if beside else verb
                    transfer(server, result, verb, name, size, idle * beside, key)
                    rounds.progress('  round {0}/{1}  {2:<6} {3:<28} {4} MiB/s'.format(
                        number + 1, options.rounds, key, result.name,
                        report.thousands((result.figures[key]['rate'][-1] or 0) / 1048576)))
        for server, result in servers:
            result.resident = server.resident()
            said[result.name] = ftpbench(server, options.quick)
    finally:
        rounds.stop_all(servers)
        for name in [NAME] + [UP + result.name for result in results]:
            if os.path.exists(os.path.join(root, name)):
                os.unlink(os.path.join(root, name))
    for result in results:
        result.rate = result.figures['get']['rate']
    parts = [table(results), report.left_out(results), '## pyftpdlib\'s ftpbench',
             bench_table(said), '## Method',
             METHOD.format(size >> 20, options.rounds).strip()]
    rates.finish(options, 'FTP: a file of {0} MiB'.format(size >> 20), parts, results)


def transfer(server, result, verb, name, size, idle, key):
    """One file; its rate is bytes per second, its CPU microseconds per MiB."""
    if verb == 'put':
        name += result.name             # each its own, for vsftpd writes as another user
    argv = [sys.executable, os.path.join(sides.HERE, 'ftp_client.py'), verb, server.port,
            user_of(server), name, size, idle]
    try:
        before = cpu(server)
        got = json.loads(process.run_client([str(word) for word in argv], 300))
        used = cpu(server) - before
    except (RuntimeError, ValueError) as exc:
        result.note = str(exc)[-300:]
        if key:
            result.figures[key]['rate'].append(None)
            result.figures[key]['cpu'].append(None)
        return
    if key:
        result.figures[key]['rate'].append(got['bytes'] / got['seconds'])
        result.figures[key]['cpu'].append(used / (size / 1048576.0) * 1e6)


def cpu(server):
    """Of all its processes, those of this moment."""
    return procfs.cpu_seconds(procfs.tree(server.process.pid))


def ftpbench(server, quick):
    """The figures of pyftpdlib's program for a server: {line: value with its unit};
    None where it cannot run."""
    program = os.path.join(sides.PEERS, 'bin', 'ftpbench')
    # It writes to the root, which vsftpd does not let it.
    if not os.path.exists(program) or server.side.name == 'vsftpd':
        return None
    argv = [sys.executable, '-W', 'ignore', program, '-u', 'bench', '-p', 'bench', '-H',
            '127.0.0.1', '-P', str(server.port),
            '-b', 'transfer' if quick else 'all', '-n', '20' if quick else '100', '-s',
            '1M' if quick else '10M']
    env = dict(os.environ, PYTHONPATH=sides.PEERS)
    done = subprocess.Popen(process.pinned(process.CLIENT_CORE, argv), stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, env=env)
    text = done.communicate()[0].decode('utf-8', 'replace')
    if done.returncode:
        rounds.progress('  {0}: ftpbench: {1}'.format(server.side.name, text[-300:]))
        return None
    return dict((match[0].strip(), '{0} {1}'.format(match[1], match[2]))
                for match in BENCH_LINE.findall(text))


def table(results):
    """The Markdown table."""
    rows = []
    reference = [result for result in results if result.name == REFERENCE]
    for result in report.fastest(results):
        row = [result.name]
        for key in ('get', 'put', 'beside'):
            found = result.figures[key]
            row.append(report.thousands(stats.median(report.present(found['rate'])) / 1048576)
                       if report.present(found['rate']) else '')
            row.append(report.spread(
                stats.spread(stats.ratios(found['rate'], reference[0].figures[key]['rate'])))
                       if reference and report.present(found['rate']) else '')
            if key != 'beside':
                known = [one for one in found['cpu'] if one is not None]
                row.append(report.thousands(stats.median(known)) if known else '')
        rows.append(row + [report.mebibytes(result.resident) if result.resident else ''])
    return report.table(['server', 'RETR MiB/s', 'ratio', 'CPU us/MiB', 'STOR MiB/s', 'ratio',
                         'CPU us/MiB', 'beside 300 MiB/s', 'ratio', 'RSS MiB'], rows)


def bench_table(said):
    """The output of ftpbench, side by side."""
    named = sorted(name for name in said if said[name])
    if not named:
        return 'It could not be run here.'
    lines = sorted(set(line for name in named for line in said[name]))
    return report.table(['ftpbench'] + named, [[line] + [said[name].get(line, '') for name in named]
                                               for line in lines])
