# Copyright the carryall authors.  See LICENSE.
"""POP3: the time to log in, list and fetch maildrops of growing size; linear if the time of each
message stays the same.

    python3 -m bench.pop3 [--quick] [--runtimes cpython,pypy]

Each row is the best of three.  Column *each* is the time divided by the messages.  Column *growth*
is its ratio to the row above: about 1 is linear, 10 would be quadratic.
"""
from __future__ import absolute_import, division, print_function

import argparse
import os
import poplib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from bench import machine, sides

COMMAND = {'cpython': [sys.executable], 'pypy': ['pypy3'], 'jython': ['jython']}
MESSAGE = b'Subject: x\n\n' + (b'0123456789abcdef' * 4 + b'\n') * 30
TRIES = 3


def fill(folder, count):
    """A maildir with so many messages, named as ours are."""
    for name in ('tmp', 'new', 'cur'):
        os.makedirs(os.path.join(folder, name))
    wire = len(MESSAGE) + MESSAGE.count(b'\n')
    for number in range(count):
        path = os.path.join(folder, 'new', '%d.1Q%08d.bench,S=%d,W=%d'
                            % (1000000000 + number, number, len(MESSAGE), wire))
        with open(path, 'wb') as target:
            target.write(MESSAGE)


def once(port, user):
    """Seconds of (login, list and uidl, retrieve all)."""
    begin = time.time()
    client = poplib.POP3('127.0.0.1', port, timeout=600)
    client.user(user)
    client.pass_('secret')
    logged_in = time.time()
    count = len(client.list()[1])
    client.uidl()
    listed = time.time()
    # In a group of commands, as a client with PIPELINING does; poplib knows none.
    client.sock.sendall(b''.join(b'RETR %d\r\n' % (number + 1) for number in range(count)))
    for _ in range(count):
        client._getlongresp()
    fetched = time.time()
    client.quit()
    return logged_in - begin, listed - logged_in, fetched - listed


def main():
    """Measures, prints, writes."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--runtimes', default='cpython,pypy')
    parser.add_argument('--output')
    options = parser.parse_args()
    counts = (10, 100) if options.quick else (100, 1000, 10000)
    output = options.output or os.path.join(
        sides.ROOT, *(('build', 'bench') if options.quick else ('doc', 'bench')))
    lines = ['# POP3', ''] + ['- ' + line
                              for line in machine.describe(options.runtimes.split(','))] + ['']
    for runtime in options.runtimes.split(','):
        lines += ['## ' + runtime, '', '| messages | login | list | fetch | each | growth |',
                  '|---|---|---|---|---|---|']
        last = None
        for count, best in measured(runtime, counts):
            each = sum(best) / count
            lines.append('| %d | %.3f s | %.3f s | %.3f s | %.0f us | %s |'
                         % ((count,) + best + (each * 1e6, '%.2f' % (each / last) if last else '')))
            last = each
        lines.append('')
    lines += ['## Method', ''] + __doc__.split('\n\n')[-1].strip().split('\n')
    if not os.path.isdir(output):
        os.makedirs(output)
    with open(os.path.join(output, 'pop3.md'), 'w') as target:
        target.write('\n'.join(lines) + '\n')
    print('\n'.join(lines))


def measured(runtime, counts):
    """(messages, best seconds of each part) for each count."""
    folder = tempfile.mkdtemp(prefix='bench-pop3-')
    words = ['mail', '-d', 'a.example=' + os.path.join(folder, 'a'), '--smtp', 'none', '--pop3',
             '0', '--quiet']
    for count in counts:
        fill(os.path.join(folder, 'a', 'u%d' % count), count)
        words += ['-u', 'u%d=secret' % count]
    env = dict(os.environ, PYTHONPATH=sides.ROOT, JYTHONPATH=sides.ROOT)
    server = subprocess.Popen(COMMAND[runtime] + [os.path.join(sides.ROOT, 'bin', 'carryall')]
                              + words, stdout=subprocess.PIPE, env=env)
    try:
        port = int(re.search(r':(\d+)', server.stdout.readline().decode()).group(1))
        for count in counts:
            runs = [once(port, 'u%d' % count) for _ in range(TRIES)]
            yield count, min(runs, key=sum)
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    main()
