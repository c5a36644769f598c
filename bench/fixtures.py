# Copyright the carryall authors.  See LICENSE.
"""Fixtures: the time of a test that has a server of its own, beside the fixtures of others.

    python3 -m bench.fixtures [--tests 100] [--rounds 5]

Each side runs pytest on one test, on so many that use its server once, and on one that uses none.
*First* is what the first test costs more than an empty one: imports, and what a run has once.
*Each* is what every further test takes, pytest's own part included.  Sides take turns; a ratio is
that to ours, the median over the rounds.  On a busy machine the ratio of processor time is the one
to trust.  The peers are installed into build/fixture-peers at the first run.
"""
from __future__ import absolute_import, division, print_function

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

from bench import machine, stats

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PEERS = os.path.join(ROOT, 'build', 'fixture-peers')
PINS = ('pytest==9.0.3', 'pytest-httpserver==1.2.0', 'smtpdfix==0.5.3',
        'pytest-localftpserver==1.6.0')

HEAD = 'import pytest\n\n\n@pytest.mark.parametrize("number", range(%d))\n'
EMPTY = HEAD + 'def test_nothing(number):\n    pass\n'
MAIL = '''
    with smtplib.SMTP(%s, %s) as client:
        client.sendmail('a@here', ['b@there'], 'Subject: x\\n\\nbody')
    assert len(server.messages) == 1
'''
FILE = '''
    with ftplib.FTP() as client:
        for _ in range(10000):
            try:
                client.connect('127.0.0.1', %s)
                break
            except ConnectionRefusedError:      # one peer's fixture is there before its server
                time.sleep(0.001)
        client.login(%s, %s)
        client.storbinary('STOR a', io.BytesIO(b'hello'))
'''

# subject: (side, plug-in, tests); the first side of each subject is ours.
SUBJECTS = (
    ('HTTP', (
        ('carryall', 'carryall.pytest_plugin', '''import urllib.request
%sdef test_get(number, http_server):
    http_server.respond('/a', b'hello')
    assert urllib.request.urlopen(http_server.url + '/a').read() == b'hello'
'''),
        ('pytest-httpserver, a server each', '', '''import urllib.request
from pytest_httpserver import HTTPServer
%sdef test_get(number):
    with HTTPServer() as server:
        server.expect_request('/a').respond_with_data(b'hello')
        assert urllib.request.urlopen(server.url_for('/a')).read() == b'hello'
'''),
        ('pytest-httpserver, one for all', 'pytest_httpserver.pytest_plugin',
         '''import urllib.request
%sdef test_get(number, httpserver):
    httpserver.expect_request('/a').respond_with_data(b'hello')
    assert urllib.request.urlopen(httpserver.url_for('/a')).read() == b'hello'
'''))),
    ('SMTP', (
        ('carryall', 'carryall.pytest_plugin',
         'import smtplib\n%sdef test_send(number, smtp_server):\n    server = smtp_server'
         + MAIL % ('server.host', 'server.port')),
        ('smtpdfix', 'smtpdfix.fixture',
         'import smtplib\n%sdef test_send(number, smtpd):\n    server = smtpd'
         + MAIL % ('server.hostname', 'server.port')))),
    ('FTP', (
        ('carryall', 'carryall.pytest_plugin',
         'import ftplib\nimport io\nimport time\n%sdef test_put(number, ftp_server):'
         + FILE % ('ftp_server.port', 'ftp_server.user', 'ftp_server.password')
         + '    assert ftp_server.get("a") == b"hello"\n'),
        ('pytest-localftpserver', 'pytest_localftpserver.plugin',
         'import ftplib\nimport io\nimport time\n%sdef test_put(number, ftpserver):'
         + FILE % ('ftpserver.server_port', 'ftpserver.username', 'ftpserver.password')
         + '    assert list(ftpserver.get_file_contents("a"))\n'))))


def install():
    """Installs the peers, unless that was done."""
    if not os.path.isdir(os.path.join(PEERS, 'smtpdfix')):
        subprocess.check_call([sys.executable, '-m', 'pip', 'install', '--quiet', '--target', PEERS]
                              + list(PINS))


def seconds(folder, plugin, source):
    """(time, processor time) of a run of pytest over a file of tests, all of which pass."""
    path = os.path.join(folder, 'test_bench.py')
    with open(path, 'w') as target:
        target.write(source)
    environ = dict(os.environ, PYTHONPATH=os.pathsep.join([PEERS, ROOT]),
                   PYTEST_DISABLE_PLUGIN_AUTOLOAD='1', FTP_FIXTURE_SCOPE='function')
    words = [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', path]
    if plugin:
        words[4:4] = ['-p', plugin]
    begin = time.time()
    before = processor_time()
    child = subprocess.Popen(words, cwd=folder, env=environ, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    said = child.communicate()[0]
    if child.returncode:
        raise RuntimeError('the tests failed:\n%s' % said.decode('utf-8', 'replace')[-2000:])
    return time.time() - begin, processor_time() - before


def processor_time():
    """Seconds that ended children have had the processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def once(plugin, source, count):
    """(first, each, processor time of each) in seconds."""
    folder = tempfile.mkdtemp(prefix='carryall-bench-')
    try:
        empty = seconds(folder, plugin, EMPTY % 1)
        one = seconds(folder, plugin, source.replace('%s', HEAD % 1, 1))
        many = seconds(folder, plugin, source.replace('%s', HEAD % count, 1))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    each = [(last - first) / (count - 1) for first, last in zip(one, many)]
    return one[0] - empty[0], each[0], each[1]


def main():
    """Measures and prints a table for each subject."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--tests', type=int, default=100)
    parser.add_argument('--rounds', type=int, default=5)
    given = parser.parse_args()
    install()
    print(machine.processor())
    for subject, sides in SUBJECTS:
        times = dict((side[0], []) for side in sides)
        for _ in range(given.rounds):
            for name, plugin, source in sides:
                times[name].append(once(plugin, source, given.tests))
        print('\n| %s | first, ms | each, ms | ratio | CPU of each, ms | CPU ratio |\n'
              '|---|---:|---:|---:|---:|---:|' % subject)
        ours = times[sides[0][0]]
        for name, _, _ in sides:
            rows = times[name]
            first, each, used = [1000 * stats.median(column) for column in zip(*rows)]
            slower = stats.median([row[1] / own[1] for row, own in zip(rows, ours)])
            dearer = stats.median([row[2] / own[2] for row, own in zip(rows, ours)])
            print('| %s | %.0f | %.1f | %.2f | %.1f | %.2f |'
                  % (name, first, each, slower, used, dearer))


if __name__ == '__main__':
    main()
