# Copyright the carryall authors.  See LICENSE.
"""The size of each artifact, and the time from its start to its first answer.

``admin/freeze --measure`` starts ``carryall web --path FOLDER --port tcp:0``, and each program of
one type with the words of its manifest.  The clock stops when the line with the port has come and a
request on it is answered.  Starts go round over all artifacts, so that other work of the machine
affects all alike.  The figure is the median; the least stands next to it.  The first start of each
is not counted: a checkout gets its bytecode then, in a copy, even if PYTHONDONTWRITEBYTECODE is
set.  Processor time is that of all its processes until then (Linux).
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
from dist.binary import servers
from dist.main import size_of
from dist.tools import say

BEGIN = '<!-- measured: begin -->'
END = '<!-- measured: end -->'
START_SECONDS = 120.0
LISTENING = re.compile(rb'listening: \S+ on 127\.0\.0\.1:(\d+)')
JSA = 'jar with carryall.jsa'
# The folders of a checkout that a program runs from.
TREES = ('app', 'apps', 'bin', 'carryall', 'commands', 'core', 'protocols', 'runtimes', 'services')
# Artifact, and how its row of the table is called.
LABELS = (('source', 'source on %s'), ('wheel', 'wheel on %s'), ('pypy', 'carryall.pyz on %s'),
          ('binary', 'binary, one file'), ('folder', 'binary, a folder'),
          ('deb', '.deb on its Python'), ('jar', 'jar, java -jar'),
          ('image', 'image with its own Java'))


def measure(names, rounds, page):
    """Measures what has been made, and prints the table; the exit status.

    Args:     page: the file to put the table into, or None.
    """
    folder = tempfile.mkdtemp(prefix='carryall-measure-')
    try:
        rows = _rows(names, folder)
        if not rows:
            raise Trouble('nothing has been made that could be measured')
        figures = {row.label: [] for row in rows}
        for row in rows:
            start_once(row, folder)
        for turn in range(rounds):
            for row in rows:
                figures[row.label].append(start_once(row, folder))
            say('round %d of %d' % (turn + 1, rounds))
        text = _table(rows, figures, rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(text)
    if page:
        _put(page, text)
    return 0


class Row:
    """One program to start.

    Args:     label:   of the row in the table.
              octets:  its size; 0 if none is shown.
              words:   that start it, in front of the options.
              environ: its environment.
              folder:  scratch folder.
              entry:   BinaryEntry of the one type that it has; None if it has all.
    """

    def __init__(self, label, octets, words, environ, folder, entry=None):
        site = os.path.join(folder, 'site')
        os.makedirs(site, exist_ok=True)
        served = entry or servers()['web']
        for name, text in served.files:
            with open(os.path.join(site, name), 'w', encoding='utf-8') as file:
                file.write(text)
        self.label = label
        self.octets = octets
        self.command = list(words) + ([] if entry else ['web'])
        self.command += [word.replace('SITE', site) for word in served.words]
        self.environ = environ
        self.request = served.request.encode('utf-8')


def _rows(names, folder):
    """The Row of each thing to start."""
    found = {one.kind: one for one in reversed(interpreters.find())
             if one.name in interpreters.KINDS}
    rows = []
    for artifact, label in LABELS:
        if names and artifact not in names:
            continue
        try:
            for side in sides(artifact, list(found.values()), folder):
                if artifact == 'source':
                    rows.append(Row(label % side.kind, 0, _checkout(side, folder),
                                    {'PATH': os.environ['PATH'], 'HOME': folder}, folder))
                    continue
                octets = size_of(path_of(artifact))
                # As a user types it: the harness gives Java options that make a start shorter.
                program = (['java', '-jar', path_of('jar')] if artifact == 'jar'
                           else side.program('carryall'))
                rows.append(Row(label % side.kind if '%' in label else label, octets, program,
                                side.environ(folder), folder))
        except NotMade as exc:
            say('left out: %s' % exc)
    for name, entry in sorted(servers().items()) if not names else ():
        path = os.path.join(OUT, 'carryall-' + name)
        if os.path.isfile(path):
            rows.append(Row('carryall-' + name, os.path.getsize(path), [path],
                            {'PATH': os.defpath}, folder, entry))
        else:
            say('left out: %s has not been made' % os.path.basename(path))
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
    return [Row('jar, carryall.sh', octets, [os.path.join(plain, 'carryall.sh')], environ, folder),
            Row(JSA, octets + more, [os.path.join(archived, 'carryall.sh')], environ, folder)]


def start_once(row, folder):
    """(seconds, processor seconds) from the start of a server to its answer; it is ended then."""
    begin = time.monotonic()
    child = subprocess.Popen(row.command, cwd=folder, env=row.environ, stdin=subprocess.DEVNULL,
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
                    ' '.join(row.command), said.decode('utf-8', 'replace')))
        with socket.create_connection(('127.0.0.1', int(found.group(1))), START_SECONDS) as sock:
            sock.sendall(row.request)
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
    for row in rows:
        wall = [seconds for seconds, _ in figures[row.label]]
        used = [seconds for _, seconds in figures[row.label]]
        lines.append('| %s | %s | %.2f s | %.2f s | %.2f s |' % (
            row.label, '%.1f MB' % (row.octets / 1e6) if row.octets else '',
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
