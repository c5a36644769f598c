# Copyright the carryall authors.  See LICENSE.
"""Interpreters of carryall modpython keep a database connection over 10,000 hits, and share none.

Their memory stays flat over 10,000 requests, and over 1,000 reloads of a module.
"""
import http.client
import os
import shutil

PROVES = ['MPY-09', 'MPY-10']
NEEDS = ['jcmd']
PACKAGES = {'java': ('default-jre-headless', 'libh2-java'), 'jcmd': 'openjdk-17-jdk-headless'}
LONG = True

HITS = 10000
RELOADS = 1000
WARM = {'cpython': 1000, 'pypy': 5000, 'jython': 5000}
# Octets that the rest of the requests, or of the reloads, may cost; a compiler goes on compiling
GROWTH = {'cpython': 2 << 20, 'pypy': 24 << 20, 'jython': 8 << 20}
CONFIG = '''
DocumentRoot %(folder)s/site
<Directory %(folder)s/site/pages>
    SetHandler mod_python
    PythonHandler mod_python.publisher
</Directory>
<Directory %(folder)s/site/folders>
    SetHandler mod_python
    PythonInterpPerDirectory On
    PythonHandler counting
    PythonPath "['%(folder)s/modules']"
</Directory>
<Directory %(folder)s/site/changing>
    SetHandler mod_python
    PythonHandler changing
    PythonPath "['%(folder)s/modules']"
</Directory>
<VirtualHost *>
    ServerName one.example
</VirtualHost>
<VirtualHost *>
    ServerName two.example
</VirtualHost>
'''
COUNTING = b'''
seen = []

def handler(req):
    seen.append(None)
    req.write('%d' % len(seen))
    return 0
'''
CHANGING = b'''
import threading

lock = threading.Lock()
table = dict((number, str(number)) for number in range(200))

def handler(req):
    req.write('%d')
    return 0
'''


class Client(object):
    """One connection that asks."""

    def __init__(self, address):
        self._connection = http.client.HTTPConnection(address[0], address[1], timeout=60)

    def ask(self, target, host='one.example'):
        """The body of the answer, which must be 200."""
        self._connection.request('GET', target, headers={'Host': host})
        response = self._connection.getresponse()
        body = response.read().decode()
        if response.status != 200:
            raise AssertionError('%s: %d %s' % (target, response.status, body))
        return body


def run(stage):
    """Connections, folders, then reloads."""
    peers = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'peers')
    for name in ('site/pages', 'site/folders/a', 'site/folders/b', 'site/changing', 'modules'):
        os.makedirs(stage.path(name))
    shutil.copy(os.path.join(peers, 'modpythonstore.py'), stage.path('site/pages/store.py'))
    stage.write('modules/counting.py', COUNTING)
    conf = stage.write('httpd.conf', (CONFIG % {'folder': stage.folder}).encode('ascii'))
    write_module(stage, 0)
    server = stage.start('carryall', 'modpython', '-f', conf, '-p', 'tcp:0:interface=127.0.0.1')
    client = Client(server.address())
    keep_connections(stage, client)
    keep_folders(stage, server, client)
    reload_often(stage, server, client)
    stage.demand('Traceback' not in server.output, 'the log has a traceback:\n%s',
                 server.output[-4000:])
    server.stop()


def keep_connections(stage, client):
    """One connection for each host, over all hits."""
    for number in range(HITS):
        host = 'two.example' if number % 2 else 'one.example'
        found = client.ask('/pages/store/hit', host)
        wanted = '%s 1 %d' % (host, number // 2 + 1)
        stage.demand(found == wanted, 'hit %d is %r and not %r', number, found, wanted)


def keep_folders(stage, server, client):
    """State of two folders, and the memory of the server."""
    warm = WARM[stage.runtime.kind]
    before = None
    for number in range(warm + HITS):
        if number == warm:
            before = server.live_bytes()
        name = 'ab'[number % 2]
        found = client.ask('/folders/%s/' % name)
        stage.demand(found == '%d' % (number // 2 + 1), 'request %d of folder %s is the %sth',
                     number, name, found)
    flat(stage, server.live_bytes() - before, '%d requests' % HITS)


def reload_often(stage, server, client):
    """Each change of a module is seen; then the memory of the server."""
    before = None
    for number in range(1, RELOADS + 201):
        if number == 201:
            before = server.live_bytes()
        write_module(stage, number)
        stage.until(lambda: client.ask('/changing/') == '%d' % number, 'reload %d' % number)
    flat(stage, server.live_bytes() - before, '%d reloads' % RELOADS)


def write_module(stage, number):
    """A new file with the name of the module."""
    stage.write('new.py', CHANGING % number)
    os.rename(stage.path('new.py'), stage.path('modules/changing.py'))


def flat(stage, grown, cause):
    """Demands that the server has not grown."""
    print('%s: %s cost %d KiB' % (stage.runtime.name, cause, grown >> 10))
    stage.demand(grown < GROWTH[stage.runtime.kind], '%s made it grow by %d octets', cause, grown)
