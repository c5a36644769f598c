# Copyright the carryall authors.  See LICENSE.
"""The command line of ``admin/bench``."""
from __future__ import absolute_import, division, print_function

import argparse
import os
import signal
import subprocess
import sys

from bench import accept, apps, bigfile, ftp, idle, pb, process, rates, rounds, sides, tls

PACKAGES = ('uvicorn', 'httptools', 'uvloop', 'starlette', 'granian', 'aiohttp', 'twisted',
            'tornado', 'pyftpdlib', 'pyopenssl', 'gunicorn', 'waitress')

BENCHES = {
    sides.HTTP: rates.web,
    sides.STATIC: rates.web,
    sides.ECHO: rates.echo,
    sides.IDLE: idle.idle,
    sides.BIGFILE: bigfile.bigfile,
    sides.ACCEPT: accept.accept,
    sides.FTP: ftp.ftp,
    sides.PB: pb.pb,
    sides.TLS: tls.tls,
    sides.ASGI: apps.apps,
    sides.WSGI: apps.apps,
    sides.SCRIPTS: apps.apps,
}

EPILOG = """
benches:
  http      keep-alive hello, requests per second and CPU per request
  static    a file of 1 KiB
  echo      64-byte messages, ping-pong and pipelined
  idle      many idle kept-alive connections: memory of each
  bigfile   a file of 2 GiB: speed, memory, ranges, readers that stop
  ftp       a file of 1 GiB down and up, and pyftpdlib's ftpbench
  accept    connections taken per second, and a storm of 4,000
  pb        Perspective Broker: calls and copyables, beside Twisted's
  tls       a body of 1 GiB over TLS: speed, memory
  asgi      hello of an ASGI application, beside uvicorn's
  wsgi      hello of a WSGI application, beside gunicorn's and waitress's
  scripts   hello of .rpy and .epy, beside our plain callable
  all       one after the other

Each writes a page, a plot and the method to doc/bench/ (with --quick: to build/bench/).
"""


def parser():
    """The options."""
    out = argparse.ArgumentParser(prog='admin/bench', epilog=EPILOG,
                                  formatter_class=argparse.RawDescriptionHelpFormatter,
                                  description='Measures carryall beside other servers, in one run, '
                                              'as ratios.')
    out.add_argument('bench', nargs='?', choices=sorted(BENCHES) + ['all'], help='what to measure')
    out.add_argument('--setup', action='store_true', help='install the peers into build/bench-env, '
                                                          'and wrk when root')
    out.add_argument('--quick', action='store_true',
                     help='one short round: does it run, not how fast')
    out.add_argument('--servers', metavar='LIST', default='',
                     help="names or patterns, as 'uvicorn,raw-*,carryall-pypy-*'")
    out.add_argument('--list', action='store_true', help='name the servers of the bench and why '
                                                         'some cannot run')
    out.add_argument('--rounds', type=int, help='rounds in alternation (5)')
    out.add_argument('--seconds', type=int,
                     help='seconds of each measured slice (4; 10 with --tls)')
    out.add_argument('--connections', type=int, default=64, help='connections under load (64)')
    out.add_argument('--idle', type=int, help='idle connections (10000)')
    out.add_argument('--browser', action='store_true',
                     help="http, static: send a browser's seven headers")
    out.add_argument('--varied', action='store_true', help='as --browser, with a cookie that '
                                                           'changes with each request')
    out.add_argument('--tls', action='store_true',
                     help='http, static: over TLS, of those servers that can')
    out.add_argument('--patience', type=int, default=0, metavar='SECONDS',
                     help='wait at most so long before each slice until other programs leave the '
                          'cores alone')
    out.add_argument('--json', metavar='FILE', help='write every figure of every round')
    out.add_argument('--output', metavar='DIR', help='where the pages go')
    return out


def setup():
    """Installs the peers, wrk and the echo client; says what it could not."""
    target = sides.PEERS
    if not os.path.isdir(os.path.join(target, 'uvicorn')):
        subprocess.check_call([sys.executable, '-m', 'pip', 'install', '--quiet', '--target',
                               target] + list(PACKAGES))
    if not process.which('wrk') and process.which('apt-get') and os.getuid() == 0:
        subprocess.call(['apt-get', 'update', '-qq'])
        subprocess.call(['apt-get', 'install', '-y', '-qq', 'wrk'])
    if not process.which('wrk'):
        rounds.progress('wrk is not there: install it to run http, static and idle')
    rounds.progress('peers: {0}; echo client: {1}'.format(target, process.load_program()[0]))


def show(bench):
    """Prints the sides of a bench."""
    for side in sides.choose(bench, ()):
        print('{0:<28} {1}'.format(side.name, sides.missing(side) or 'ready'))


def fill(options):
    """Replaces what was not given."""
    quick = options.quick
    options.rounds = options.rounds or (1 if quick else 5)
    # Under TLS each slice begins with a handshake for each connection.
    seconds = (4, 10) if options.tls else (1, 4)
    options.seconds = options.seconds or seconds[0 if quick else 1]
    options.idle = options.idle or (500 if quick else 10000)
    options.warm = 0.02 if quick else 1.0
    options.servers = [word for word in options.servers.split(',') if word]
    options.output = options.output or os.path.join(
        sides.ROOT, *(('build', 'bench') if quick else ('doc', 'bench')))
    return options


def ended(_number, _frame):
    """On SIGTERM."""
    sys.exit(1)


def main(argv=None):
    """Runs the command; returns its exit status."""
    argv = sys.argv[1:] if argv is None else argv
    options = parser().parse_args(argv)
    if options.setup:
        setup()
    if not options.bench:
        return 0 if options.setup else parser().print_usage() or 2
    if not sys.platform.startswith('linux'):
        sys.stderr.write('admin/bench reads CPU time and memory from /proc: it runs on Linux '
                         'only\n')
        return 2
    signal.signal(signal.SIGTERM, ended)       # so that the servers are stopped on the way out
    fill(options)
    options.command = 'admin/bench ' + ' '.join(argv)
    benches = list(BENCHES) if options.bench == 'all' else [options.bench]
    for name in sorted(benches):
        options.bench = name
        if options.list:
            show(name)
            continue
        if name in (sides.HTTP, sides.STATIC, sides.IDLE) and not process.which('wrk'):
            sys.stderr.write('wrk is not there: admin/bench --setup, as root\n')
            return 2
        BENCHES[name](options)
    return 0
