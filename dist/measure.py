# Copyright the carryall authors.  See LICENSE.
"""The size of each artifact, and the time from its start to its first answer.

``admin/freeze --measure`` starts ``carryall web --path FOLDER --port tcp:0:interface=127.0.0.1``.
The clock stops when the line with the port has come and a request on it is answered.  Starts go
round over all artifacts, so that other work of the machine hits all alike.  The figure is the
median, with the least beside it.  A first start of each is not counted: a checkout gets its
bytecode then, in a copy, whatever PYTHONDONTWRITEBYTECODE says here.  Processor time is what all
its processes used until then (Linux).
"""
import os
import platform
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import time

from acceptance.artifacts import NotMade, path_of, sides
from admin.suite import interpreters
from dist import OUT, ROOT, Trouble
from dist.main import size_of
from dist.tools import say

BEGIN = '<!-- measured: begin -->'
END = '<!-- measured: end -->'
START_SECONDS = 120.0
LISTENING = re.compile(rb'listening: \S+ on 127\.0\.0\.1:(\d+)')
JSA = 'jar with carryall.jsa'
PORT = 'tcp:0:interface=127.0.0.1'
# How each of the small programs is started; SITE is an empty folder.
WORDS = {
    'ftp': ['--root', 'SITE', '--port', PORT],
    'mail': ['--domain', 'a.example=SITE', '--user', 'anna=secret', '--smtp', PORT,
             '--pop3', 'none'],
    'simple': ['--tcp', 'echo:0'],
    'socks': ['--port', PORT],
    'telnet': ['--port', PORT, '--username', 'anna', '--password', 'secret'],
    'web': ['--path', 'SITE', '--port', PORT],
}
# The folders of a checkout that a program runs from.
TREES = ('app', 'apps', 'bin', 'carryall', 'commands', 'core', 'protocols', 'runtimes', 'services')
# Artifact, and how its row of the table is called.
LABELS = (('source', 'source on %s'), ('wheel', 'wheel on %s'), ('pypy', 'carryall.pyz on %s'),
          ('binary', 'binary, one file'), ('folder', 'binary, a folder'),
          ('deb', '.deb on its Python'), ('jar', 'jar, java -jar'),
          ('image', 'image with its own Java'))


def measure(names, rounds, page):
    """Measure what has been made, and print the table; the exit status.

    Args:     page: the file to put the table into, or None.
    """
    folder = tempfile.mkdtemp(prefix='carryall-measure-')
    try:
        rows = _rows(names, folder)
        if not rows:
            raise Trouble('nothing has been made that could be measured')
        figures = {label: [] for label, _, _, _ in rows}
        for _, _, command, environ in rows:
            start_once(command, environ, folder)
        for turn in range(rounds):
            for label, _, command, environ in rows:
                figures[label].append(start_once(command, environ, folder))
            say('round %d of %d' % (turn + 1, rounds))
        text = _table(rows, figures, rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(text)
    if page:
        _put(page, text)
    return 0


def _rows(names, folder):
    """(label, octets, command, environment) of each thing to start."""
    found = {one.kind: one for one in reversed(interpreters.find())
             if one.name in interpreters.KINDS}
    rows = []
    for artifact, label in LABELS:
        if names and artifact not in names:
            continue
        try:
            for side in sides(artifact, list(found.values()), folder):
                if artifact == 'source':
                    rows.append((label % side.kind, 0, _serving(_checkout(side, folder), folder),
                                 {'PATH': os.environ['PATH'], 'HOME': folder}))
                    continue
                octets = size_of(path_of(artifact))
                # As a user types it: the harness gives Java options that make a start shorter.
                program = (['java', '-jar', path_of('jar')] if artifact == 'jar'
                           else side.program('carryall'))
                rows.append((label % side.kind if '%' in label else label, octets,
                             _serving(program, folder), side.environ(folder)))
        except NotMade as exc:
            say('left out: %s' % exc)
    for name in sorted(os.listdir(OUT)) if not names else ():
        path = os.path.join(OUT, name)
        if re.match(r'carryall-[a-z]+\Z', name) and os.path.isfile(path):
            only = name[len('carryall-'):]
            rows.append((name, os.path.getsize(path), _serving([path], folder, only),
                         {'PATH': os.defpath}))
    if not names or 'jar' in names:
        rows += _tuned_jar(folder)
    return rows


def _checkout(side, folder):
    """The words that start ``carryall`` of a copy of the checkout, where bytecode can be kept."""
    copy = os.path.join(folder, 'checkout-' + side.kind)
    for name in TREES:
        shutil.copytree(os.path.join(ROOT, name), os.path.join(copy, name),
                        ignore=shutil.ignore_patterns('__pycache__', '*.class'))
    return side.command + [os.path.join(copy, 'bin', 'carryall')]


def _serving(words, folder, only=None):
    """The command line that starts a server; *only*: the one type that the program has."""
    site = os.path.join(folder, 'site')
    os.makedirs(site, exist_ok=True)
    options = [word.replace('SITE', site) for word in WORDS[only or 'web']]
    return words + ([] if only else ['web']) + options


def _tuned_jar(folder):
    """The jar by its launcher, without and with the class data archive."""
    plain = os.path.join(folder, 'launcher')
    archived = os.path.join(folder, 'archived')
    try:
        for place in (plain, archived):
            os.makedirs(place)
            shutil.copy2(path_of('jar'), place)
            shutil.copy2(os.path.join(OUT, 'carryall.sh'), place)
    except NotMade:
        return []
    environ = {'PATH': os.environ['PATH'], 'HOME': folder}
    subprocess.run([os.path.join(archived, 'carryall.sh'), '--archive'], env=environ,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    octets = os.path.getsize(os.path.join(archived, 'carryall.jar'))
    more = os.path.getsize(os.path.join(archived, 'carryall.jsa'))
    return [('jar, carryall.sh', octets,
             _serving([os.path.join(plain, 'carryall.sh')], folder), environ),
            (JSA, octets + more,
             _serving([os.path.join(archived, 'carryall.sh')], folder), environ)]


def start_once(command, environ, folder):
    """(seconds, processor seconds) from the start of a server to its answer; it is ended then."""
    begin = time.monotonic()
    child = subprocess.Popen(command, cwd=folder, env=environ, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        said = b''
        while True:
            line = child.stdout.readline()
            said += line
            found = LISTENING.search(line)
            if found:
                break
            if not line or time.monotonic() - begin > START_SECONDS:
                raise Trouble('%s did not come up:\n%s' % (
                    ' '.join(command), said.decode('utf-8', 'replace')))
        with socket.create_connection(('127.0.0.1', int(found.group(1))), START_SECONDS) as sock:
            sock.sendall(b'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
            sock.recv(1)
        seconds = time.monotonic() - begin
        return seconds, _processor_seconds(child.pid)
    finally:
        child.terminate()
        try:
            child.wait(20.0)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()


def _processor_seconds(pid):
    used = 0.0
    found = [pid]
    for each in found:
        try:
            with open('/proc/%d/task/%d/children' % (each, each)) as file:
                found.extend(int(child) for child in file.read().split())
            with open('/proc/%d/stat' % each) as file:
                fields = file.read().rpartition(')')[2].split()
        except OSError:
            continue
        used += sum(int(field) for field in fields[11:15]) / os.sysconf('SC_CLK_TCK')
    return used


def _table(rows, figures, rounds):
    lines = ['| artifact | size | start to first answer | least | processor time |',
             '|---|---:|---:|---:|---:|']
    for label, octets, _, _ in rows:
        wall = [seconds for seconds, _ in figures[label]]
        used = [seconds for _, seconds in figures[label]]
        lines.append('| %s | %s | %.2f s | %.2f s | %.2f s |' % (
            label, '%.1f MB' % (octets / 1e6) if octets else '',
            statistics.median(wall), min(wall), statistics.median(used)))
    lines += ['', 'Medians of %d starts; %s, %d cores, load %.1f when it ended.' % (
        rounds, platform.platform(terse=True), os.cpu_count() or 0, os.getloadavg()[0])]
    return '\n'.join(lines)


def _put(page, text):
    path = os.path.join(ROOT, page)
    with open(path, encoding='utf-8') as file:
        whole = file.read()
    if BEGIN not in whole or END not in whole:
        raise Trouble('%s has no place for the table: the lines %s and %s' % (page, BEGIN, END))
    head, rest = whole.split(BEGIN, 1)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(head + BEGIN + '\n' + text + '\n' + END + rest.split(END, 1)[1])
