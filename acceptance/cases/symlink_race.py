# Copyright the carryall authors.  See LICENSE.
"""carryall web and ftp: a folder that is swapped for a symbolic link again and again; a million
openings, and none is wrong."""
import http.client
import os
import threading

PROVES = ['WEB-02', 'FTP-02']
NEEDS = []
LONG = True

# Openings in one process, of which the ways have a third each, and answers over HTTP.
OPENINGS = {'cpython': 1000000, 'pypy': 300000, 'jython': 30000}
ANSWERS = {'cpython': 30000, 'pypy': 30000, 'jython': 5000}
SECONDS = 900.0


def run(stage):
    """The tree and the jail in a process of their own, then a server; this process swaps."""
    kind = stage.runtime.kind
    stage.write('root/d/file', b'public')
    stage.write('outside/file', b'secret')
    os.symlink('../outside', stage.path('root', 'link'))
    by_root = os.geteuid() == 0
    if by_root:                     # the rule of owners is tried with another owner
        for path in (('outside',), ('outside', 'file')):
            os.chown(stage.path(*path), 65534, 65534)
    swapper = Swapper(stage)
    try:
        ways = ['never', 'jail'] + (['owner'] if by_root else [])
        for way in ways:
            count = OPENINGS.get(kind, OPENINGS['cpython']) // len(ways) + 1
            peer = stage.peer('treerace.py', stage.path('root'), way, count)
            peer.seconds = SECONDS
            found = peer.wait_for(r'(\d+) openings, (\d+) given, (\d+) refused, (\d+) wrong')
            opened, given, refused, wrong = (int(number) for number in found.groups())
            stage.demand(not wrong, '%s: %d of %d openings gave what lies outside', way,
                         wrong, opened)
            stage.demand(given and refused, '%s: no race: %d given, %d refused', way, given,
                         refused)
        for policy in ['never'] + (['owner'] if by_root else []):
            over_http(stage, policy, ANSWERS.get(kind, ANSWERS['cpython']))
    finally:
        swapper.stop()
    stage.demand(swapper.swaps > 1000, 'only %d swaps', swapper.swaps)


def over_http(stage, policy, count):
    """Answers of a server over a connection that is kept."""
    server = stage.start('carryall', 'web', '--path', 'root', '--port', 'tcp:0:interface=127.0.0.1',
                         '--symlinks', policy)
    connection = http.client.HTTPConnection(*server.address(), timeout=30)
    statuses = {}
    for _ in range(count):
        connection.request('GET', '/d/file')
        answer = connection.getresponse()
        body = answer.read()
        statuses[answer.status] = statuses.get(answer.status, 0) + 1
        stage.demand(b'secret' not in body, '%s: a secret was served', policy)
        stage.demand(answer.status != 200 or body == b'public', '%s: %r was served', policy, body)
    stage.demand(200 in statuses, '%s: nothing was served: %s', policy, statuses)
    connection.close()
    server.stop()


class Swapper(object):
    """A thread that puts a link in the place of the folder, and back, as fast as it can."""

    def __init__(self, stage):
        self.swaps = 0
        self._over = threading.Event()
        self._paths = [stage.path('root', name) for name in ('d', 'link', 'former')]
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        there, link, former = self._paths
        while not self._over.is_set():
            os.rename(there, former)
            os.rename(link, there)
            os.rename(there, link)
            os.rename(former, there)
            self.swaps += 1

    def stop(self):
        """No more."""
        self._over.set()
        self._thread.join()
