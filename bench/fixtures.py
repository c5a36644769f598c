# Copyright the carryall authors.  See LICENSE.
"""Fixtures: the time of a test that has a server of its own, beside the fixtures of others.

    python3 -m bench.fixtures [--tests 100] [--rounds 5] [HTTP | SMTP | FTP ...]

Each side runs pytest on tests of three kinds, which take turns.  One uses the fixture once, one is
empty, and one has the same client alone, with a server in another process.  A test takes from its
start to the start of the next, so that what ends late is counted.  Of each kind the median is
taken, without the first tests, which import.  *Beyond an empty test* is what is left without
pytest's own part, *beyond the client too* what the fixture and its server take.  Sides take
turns; a ratio is the peer's time to ours, the median over the rounds.  On a busy machine the
processor time, of all threads and of ended children, is the one to trust.
The peers are installed into build/fixture-peers at the first run.
"""
from __future__ import absolute_import, division, print_function

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

from bench import machine, stats
from carryall.testservers import FTPServer, HTTPServer, SMTPServer

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PEERS = os.path.join(ROOT, 'build', 'fixture-peers')
PINS = ('pytest==9.0.3', 'pytest-httpserver==1.2.0', 'smtpdfix==0.5.3',
        'pytest-localftpserver==1.6.0')
WARM = 10                       # tests of each kind that do not count
KINDS = ('use', 'empty', 'client')

# The times of the tests of a run: a conftest.py.
CONFTEST = '''
import json, os, resource, time
marks = []


def mark(name):
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = time.process_time() + children.ru_utime + children.ru_stime
    marks.append((name, time.time(), used))


def pytest_runtest_logstart(nodeid, location):
    mark(nodeid.rpartition('_')[0].rpartition('_')[2])


def pytest_sessionfinish(session):
    mark('')
    with open(os.environ['BENCH_RESULT'], 'w') as target:
        json.dump(marks, target)
'''

HTTP_CLIENT = '''import urllib.request


def client(port):
    assert urllib.request.urlopen('http://127.0.0.1:%d/a' % port).read() == b'hello'
'''
SMTP_CLIENT = '''import smtplib


def client(port):
    with smtplib.SMTP('127.0.0.1', port) as session:
        session.sendmail('a@here', ['b@there'], 'Subject: x\\n\\nbody')
'''
FTP_CLIENT = '''import ftplib
import io
import time


def client(port, name='user', password='secret'):
    with ftplib.FTP() as session:
        for _ in range(10000):
            try:
                session.connect('127.0.0.1', port)
                break
            except ConnectionRefusedError:      # one peer's fixture is there before its server
                time.sleep(0.001)
        session.login(name, password)
        session.storbinary('STOR a', io.BytesIO(b'hello'))
'''
OURS = 'carryall.pytest_plugin'

# subject: (client, server of the client alone, sides); a side: (name, plug-in, import, fixture,
# lines of a test).  The first side of each subject is ours.
SUBJECTS = (
    ('HTTP', HTTP_CLIENT, HTTPServer, (
        ('carryall, a server each', OURS, '', 'http_server', (
            'http_server.respond("/a", b"hello")',
            'client(http_server.port)')),
        ('pytest-httpserver, a server each', '', 'from pytest_httpserver import HTTPServer', '', (
            'with HTTPServer() as server:',
            '    server.expect_request("/a").respond_with_data(b"hello")',
            '    client(server.port)')),
        ('pytest-httpserver, one for all', 'pytest_httpserver.pytest_plugin', '', 'httpserver', (
            'httpserver.expect_request("/a").respond_with_data(b"hello")',
            'client(httpserver.port)')))),
    ('SMTP', SMTP_CLIENT, SMTPServer, (
        ('carryall, a server each', OURS, '', 'smtp_server', (
            'client(smtp_server.port)',
            'assert len(smtp_server.messages) == 1')),
        ('smtpdfix, a server each', 'smtpdfix.fixture', '', 'smtpd', (
            'client(smtpd.port)',
            'assert len(smtpd.messages) == 1')))),
    ('FTP', FTP_CLIENT, FTPServer, (
        ('carryall, a server each', OURS, '', 'ftp_server', (
            'client(ftp_server.port, ftp_server.user, ftp_server.password)',
            'assert ftp_server.get("a") == b"hello"')),
        ('pytest-localftpserver, a server each', 'pytest_localftpserver.plugin', '', 'ftpserver', (
            'client(ftpserver.server_port, ftpserver.username, ftpserver.password)',
            'assert list(ftpserver.get_file_contents("a"))')))))


def install():
    """Installs the peers, unless that was done."""
    if not os.path.isdir(os.path.join(PEERS, 'smtpdfix')):
        subprocess.check_call([sys.executable, '-m', 'pip', 'install', '--quiet', '--target', PEERS]
                              + list(PINS))


def source_of(client, side, count, port):
    """The tests of a side: of each kind so many, in turns."""
    _, _, imports, fixture, lines = side
    bodies = {'use': (fixture, lines), 'empty': ('', ('pass',)),
              'client': ('', ('client(%d)' % port,))}
    pieces = [imports, client]
    for number in range(count):
        for kind in KINDS:
            argument, body = bodies[kind]
            pieces.append('\ndef test_%s_%d(%s):' % (kind, number, argument))
            pieces.extend('    ' + line for line in body)
    return '\n'.join(pieces) + '\n'


def times_of(folder, plugin):
    """{kind: (time, processor time) of a test in seconds} of a run of pytest, in which all pass."""
    result = os.path.join(folder, 'result.json')
    environ = dict(os.environ, PYTHONPATH=os.pathsep.join([PEERS, ROOT]), BENCH_RESULT=result,
                   PYTEST_DISABLE_PLUGIN_AUTOLOAD='1', FTP_FIXTURE_SCOPE='function')
    words = [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'test_bench.py']
    if plugin:
        words[4:4] = ['-p', plugin]
    child = subprocess.Popen(words, cwd=folder, env=environ, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    said = child.communicate()[0]
    if child.returncode:
        raise RuntimeError('the tests failed:\n%s' % said.decode('utf-8', 'replace')[-2000:])
    with open(result) as lines:
        marks = json.load(lines)
    found = dict((kind, []) for kind in KINDS)
    for mark, after in zip(marks, marks[1:]):
        found[mark[0]].append((after[1] - mark[1], after[2] - mark[2]))
    return dict((kind, [stats.median(column) for column in zip(*rows[WARM:])])
                for kind, rows in found.items())


def once(client, side, count, port):
    """(time, processor time, beyond an empty test, beyond the client too) of a test in seconds."""
    folder = tempfile.mkdtemp(prefix='carryall-bench-')
    try:
        with open(os.path.join(folder, 'conftest.py'), 'w') as target:
            target.write(CONFTEST)
        with open(os.path.join(folder, 'test_bench.py'), 'w') as target:
            target.write(source_of(client, side, count, port))
        times = times_of(folder, side[1])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    elapsed, used = times['use']
    return elapsed, used, used - times['empty'][1], used - times['client'][1]


def main():
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('subjects', nargs='*', metavar='SUBJECT')
    parser.add_argument('--tests', type=int, default=100)
    parser.add_argument('--rounds', type=int, default=5)
    given = parser.parse_args()
    install()
    print(machine.processor())
    titles = ('each', 'CPU of each', 'beyond an empty test', 'beyond the client too')
    print('\n| side | %s |' % ' | '.join('%s, ms | ratio' % title for title in titles))
    print('|---|%s' % ('---:|' * 2 * len(titles)))
    for subject, client, server, sides in SUBJECTS:
        if given.subjects and subject not in given.subjects:
            continue
        rows = dict((side[0], []) for side in sides)
        with server() as other:
            if subject == 'HTTP':
                other.respond('/a', b'hello')
            for _ in range(given.rounds):
                for side in sides:
                    rows[side[0]].append(once(client, side, WARM + given.tests, other.port))
        ours = rows[sides[0][0]]
        for side in sides:
            cells = []
            for column, own in zip(zip(*rows[side[0]]), zip(*ours)):
                ratio = stats.median([theirs / mine for theirs, mine in zip(column, own)])
                cells.append('%.2f | %.2f' % (1000 * stats.median(column), ratio))
            print('| %s: %s | %s |' % (subject, side[0], ' | '.join(cells)))


if __name__ == '__main__':
    main()
