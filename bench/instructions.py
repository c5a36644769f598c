# Copyright the carryall authors.  See LICENSE.
"""Instructions that our servers spend on one answer, counted by callgrind;
optionally beside an earlier commit.

    python3 -m bench.instructions [--against REV] [--count 1500] [--most PER_CENT] [KIND ...]

Kinds: hello, varied, static, echo, smtp, pb (default: all).  Instructions do not depend on what
else the machine does, so a change of one per cent shows in a single run.  CPython under valgrind
only.

Method: one client sends one request at a time over one connection.  The server runs twice, for
COUNT and for three times COUNT answers.  The difference of the totals, divided by twice COUNT,
leaves out the start, the warming and the end.  `PYTHONHASHSEED` is fixed and address randomisation
is off.  Each tree is measured through its own scripts in bench/servers.  Ratios are new to old:
below 1 means fewer.
"""
from __future__ import absolute_import, division, print_function

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

from bench import process, rates, sides

START_SECONDS = 120.0         # under valgrind all is some fifty times slower
ANSWER_SECONDS = 60.0

HEAD = (b'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n')
BROWSER = (b'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n'
           b'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n'
           b'Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate\r\n'
           b'Cookie: session=%d\r\nUpgrade-Insecure-Requests: 1\r\n')
MESSAGE = b'Subject: instructions\r\n\r\n' + 64 * (b'0123456789' * 6 + b'\r\n') + b'.\r\n'


class Conversation(object):
    """One blocking connection to the server under test."""

    def __init__(self, port):
        self.sock = socket.create_connection(('127.0.0.1', port), ANSWER_SECONDS)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.settimeout(ANSWER_SECONDS)

    def until(self, end):
        """Reads until what was read ends in *end*; returns all of it.

        Raises: EOFError: the server closed the connection first.
        """
        got = b''
        while not got.endswith(end):
            data = self.sock.recv(65536)
            if not data:
                raise EOFError('the server closed behind %r' % got[-200:])
            got += data
        return got

    def ask(self, data, end):
        """Sends *data* and reads the answer, which ends in *end*."""
        self.sock.sendall(data)
        return self.until(end)


def hello(talk, count):
    """The same plain request again and again."""
    for _ in range(count):
        talk.ask(HEAD % (b'/', b''), b'Hello, world!')


def varied(talk, count):
    """A browser's fields, and a cookie that differs each time."""
    for number in range(count):
        talk.ask(HEAD % (b'/', BROWSER % (100000 + number)), b'Hello, world!')


def static(talk, count):
    """A file of 1 KiB."""
    for _ in range(count):
        talk.ask(HEAD % (b'/' + rates.KIB_NAME.encode('ascii'), b''), b'0123456789abcde\n' * 64)


def echo(talk, count):
    """Sixty-four octets."""
    for _ in range(count):
        talk.ask(b'x' * 63 + b'\n', b'\n')


def smtp(talk, count):
    """One message of 4 KiB after another, a command at a time."""
    talk.until(b'\r\n')
    talk.ask(b'HELO client.example\r\n', b'\r\n')
    for _ in range(count):
        for command in (b'MAIL FROM:<a@a.example>', b'RCPT TO:<b@b.example>', b'DATA'):
            talk.ask(command + b'\r\n', b'\r\n')
        talk.ask(MESSAGE, b'\r\n')


def pb(talk, count):
    """A call that returns its argument."""
    from bench import pb_client
    talk.ask(pb_client.HELLO, b'\x06\x81')
    call = pb_client.call('echo', 1)
    answer = talk.ask(call, b'\x01\x81')
    for _ in range(count - 1):
        talk.ask(call, answer[-4:])


KINDS = {
    'hello': (hello, 'carryall_http.py', ['hello']),
    'varied': (varied, 'carryall_http.py', ['hello']),
    'static': (static, 'carryall_static.py', ['static', '--root', 'FILES']),
    'echo': (echo, 'carryall_echo.py', ['echo']),
    'smtp': (smtp, 'carryall_smtp.py', []),
    'pb': (pb, 'carryall_pb.py', ['pb']),
}
# A message is five commands' worth and a call much work, so fewer of them say as much.
FEWER = {'smtp': 5, 'pb': 2}


def total(tree, kind, count):
    """Instructions of a whole server process of *tree* that gave *count* answers.

    Raises: process.StartFailed: the server printed no port.
    """
    drive, script, words = KINDS[kind]
    folder = os.path.join(tree, 'bench', 'servers')
    words = [rates.make_file() if word == 'FILES' else word for word in words]
    out = os.path.join(tempfile.mkdtemp(prefix='carryall-callgrind-'), 'counts')
    argv = ['setarch', '-R'] if process.which('setarch') else []
    argv += ['valgrind', '--tool=callgrind', '--callgrind-out-file=' + out,
             os.path.realpath(sys.executable), os.path.join(folder, script)] + words
    env = dict(os.environ, PYTHONPATH=tree, PYTHONHASHSEED='0', PYTHONUNBUFFERED='1')
    log = tempfile.TemporaryFile()
    child = subprocess.Popen(argv, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=log)
    try:
        line = child.stdout.readline().strip()
        if not line.isdigit():
            log.seek(0)
            raise process.StartFailed('%s: %s' % (script, log.read().decode('utf-8', 'replace')))
        talk = Conversation(int(line))
        drive(talk, count)
        talk.sock.close()
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
        child.wait()
        child.stdout.close()
    log.seek(0)
    found = re.search(r'Collected\s*:\s*(\d+)', log.read().decode('utf-8', 'replace'))
    shutil.rmtree(os.path.dirname(out))
    if not found:
        raise process.StartFailed('%s: callgrind told no total' % script)
    return int(found.group(1))


def per_answer(tree, kind, count):
    """Instructions for each answer, as a float."""
    count //= FEWER.get(kind, 1)
    once = total(tree, kind, count)
    thrice = total(tree, kind, 3 * count)
    return (thrice - once) / (2.0 * count)


def checkout(revision):
    """A folder with the tree of that commit, for the caller to remove."""
    folder = tempfile.mkdtemp(prefix='carryall-before-')
    archive = subprocess.Popen(['git', '-C', sides.ROOT, 'archive', revision],
                               stdout=subprocess.PIPE)
    subprocess.check_call(['tar', '-x', '-C', folder], stdin=archive.stdout)
    archive.stdout.close()
    if archive.wait():
        shutil.rmtree(folder)
        raise ValueError('git knows no commit %s' % revision)
    return folder


def parser():
    """The options."""
    out = argparse.ArgumentParser(prog='python3 -m bench.instructions',
                                  description=__doc__.splitlines()[0])
    out.add_argument('kinds', nargs='*', metavar='KIND', help=', '.join(sorted(KINDS)))
    out.add_argument('--against', metavar='REV', help='measure that commit too, and show ratios')
    out.add_argument('--count', type=int, default=1500, help='answers of the shorter run (1500)')
    out.add_argument('--most', type=float, metavar='PER_CENT',
                     help='exit with 1 if a kind costs more than that much more than REV')
    return out


def main(argv=None):
    """Runs the command; returns its exit status."""
    options = parser().parse_args(argv)
    unknown = [kind for kind in options.kinds if kind not in KINDS]
    if unknown or options.count < 10:
        sys.stderr.write('unknown kind: %s\n' % ', '.join(unknown) if unknown
                         else 'count: 10 at least\n')
        return 2
    if not process.which('valgrind'):
        sys.stderr.write("valgrind is missing: it is one of Debian's packages\n")
        return 2
    before = None
    worst = 0.0
    try:
        if options.against:
            before = checkout(options.against)
        for kind in options.kinds or sorted(KINDS):
            now = per_answer(sides.ROOT, kind, options.count)
            line = '%-8s %10.0f' % (kind, now)
            if before:
                old = per_answer(before, kind, options.count)
                worst = max(worst, now / old)
                line += ' %10.0f  %.4f' % (old, now / old)
            print(line)
            sys.stdout.flush()
    finally:
        if before:
            shutil.rmtree(before)
    return int(options.most is not None and worst > 1 + options.most / 100.0)


if __name__ == '__main__':
    sys.exit(main())
