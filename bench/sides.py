# Copyright the carryall authors.  See LICENSE.
"""A side that is measured: a name, how it is started, and whether it can be.

A side is named SERVER or SERVER-RUNTIME-BACKEND: ``uvicorn``, ``raw-pypy``,
``carryall-jython-nio``.
"""
from __future__ import absolute_import, division, print_function

import fnmatch
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PEERS = os.path.join(ROOT, 'build', 'bench-env')
SERVERS = os.path.join(HERE, 'servers')
JYTHON_JAR = '/usr/share/java/jython.jar'
JVM_FLAGS = '-XX:+UseSerialGC -Xmx256m -Xss512k'

# Requests before the first measured round, and the seconds of the server's CPU that they may take:
# what the interpreter's compiler needs to reach its plateau.  The JVM's compilers have more to do
# the more code there is behind a request.
WARM = {'cpython': 5000, 'pypy': 300000, 'jython': 1500000}
WARM_SECONDS = {'cpython': 25.0, 'pypy': 25.0, 'jython': 90.0}

HTTP = 'http'
ECHO = 'echo'
STATIC = 'static'
BIGFILE = 'bigfile'
IDLE = 'idle'
ACCEPT = 'accept'
TLS = 'tls'
PB = 'pb'
FTP = 'ftp'
ASGI = 'asgi'
WSGI = 'wsgi'
SCRIPTS = 'scripts'
WEB = (HTTP, IDLE, ACCEPT)
# The word that the server scripts take for each bench.
WORDS = {HTTP: 'hello', ECHO: 'echo', STATIC: 'static', BIGFILE: 'bigfile', IDLE: 'hello',
         ACCEPT: 'hello', PB: 'pb', TLS: 'bigfile', FTP: 'ftp', ASGI: 'asgi',
         WSGI: 'wsgi', SCRIPTS: 'hello'}

# Backends of ours per runtime that are measured when --servers does not say otherwise.
OURS = (('cpython', ('epoll', 'poll', 'select', 'threads', 'asyncio', 'uvloop')),
        ('pypy', ('epoll', 'poll', 'select', 'threads')),
        ('jython', ('nio', 'threads')))


class Side(object):
    """One server of the comparison.

    Args:   name: shown in the table.
            runtime: 'cpython', 'pypy' or 'jython'.
            script: its file in bench/servers/.
            benches: the benches that it can take part in.
            extra: further arguments.
            peers: true if it needs the folder of installed peers on its path.
            word: what the script is told to be, if not the bench's own word.
            prefix: of the paths under which it serves files.

    Attributes:
        certificate: path of the PEM with which it is to speak TLS;
                     only a side that ``speaks_tls`` can.
    """

    def __init__(self, name, runtime, script, benches, extra=(), peers=False, word=None, prefix=''):
        self.name = name
        self.runtime = runtime
        self.script = script
        self.benches = benches
        self.extra = list(extra)
        self.peers = peers
        self.word = word
        self.prefix = prefix
        self.certificate = None
        self.warm = WARM[runtime]
        self.warm_seconds = WARM_SECONDS[runtime]

    def argv(self, bench, root=None):
        """The command line that starts it."""
        argv = interpreter(self.runtime) + [os.path.join(SERVERS, self.script), self.word
                                            or WORDS[bench]] + self.extra
        argv += ['--root', root] if root and not self.word else []
        return argv + (['--certificate', self.certificate] if self.certificate else [])

    def speaks_tls(self):
        """True if its script takes a certificate."""
        return self.script in ('uvicorn_py3.py', 'carryall_http.py', 'carryall_static.py',
                               'openssl_server.py')

    def environment(self):
        """The process environment: the peers' folder or the checkout on the path,
        nothing else changed."""
        env = dict(os.environ)
        path = [PEERS] if self.peers else []
        if self.name.startswith('carryall'):
            path.append(ROOT)
        env['PYTHONPATH'] = os.pathsep.join(path)
        env['JYTHONPATH'] = env['PYTHONPATH']
        env['PYTHONUNBUFFERED'] = '1'
        return env


def interpreter(runtime):
    """The command that starts that runtime; Jython without its wrapper script,
    so that the pid is the JVM's."""
    if runtime == 'jython':
        return ['java'] + JVM_FLAGS.split() + ['-Dpython.home=/usr/share/jython',
                                               '-Dpython.console=', '-jar', JYTHON_JAR]
    return [{'cpython': sys.executable, 'pypy': 'pypy3'}[runtime]]


def known():
    """Every side, peers first."""
    files = (STATIC, BIGFILE)
    sides = [
        Side('openssl', 'cpython', 'openssl_server.py', (TLS,)),
        Side('uvicorn', 'cpython', 'uvicorn_py3.py', WEB + files + (TLS,), peers=True),
        Side('uvicorn-hello', 'cpython', 'uvicorn_py3.py', (STATIC, ASGI), peers=True,
             word='hello'),
        Side('carryall-uvloop', 'cpython', 'carryall_apps_py3.py', (ASGI,),
             ('--backend', 'uvloop'), True),
        Side('carryall-asyncio', 'cpython', 'carryall_apps_py3.py', (ASGI,),
             ('--backend', 'asyncio')),
        Side('gunicorn-gthread', 'cpython', 'wsgi_peers_py3.py', (WSGI,), peers=True,
             word='gunicorn'),
        Side('waitress', 'cpython', 'wsgi_peers_py3.py', (WSGI,), peers=True, word='waitress'),
        Side('carryall-wsgi', 'cpython', 'carryall_apps_py3.py', (WSGI,)),
        Side('carryall-callable', 'cpython', 'carryall_apps_py3.py', (SCRIPTS,)),
        Side('carryall-rpy', 'cpython', 'carryall_apps_py3.py', (SCRIPTS,), word='rpy',
             prefix='/index.rpy'),
        Side('carryall-epy', 'cpython', 'carryall_apps_py3.py', (SCRIPTS,), word='epy',
             prefix='/page.epy'),
        Side('granian-asgi', 'cpython', 'granian_py3.py', WEB + (STATIC,), ('--interface', 'asgi'),
             peers=True, prefix='/files'),
        Side('granian-rsgi', 'cpython', 'granian_py3.py', WEB, ('--interface', 'rsgi'), peers=True),
        Side('aiohttp', 'cpython', 'aiohttp_py3.py', WEB + files, peers=True),
        Side('aiohttp-uvloop', 'cpython', 'aiohttp_py3.py', WEB + files, ('--loop', 'uvloop'),
             peers=True),
        Side('tornado', 'cpython', 'tornado_py3.py', WEB + files + (ECHO,), peers=True),
        Side('asyncio', 'cpython', 'asyncio_py3.py', (ECHO,)),
        Side('uvloop', 'cpython', 'asyncio_py3.py', (ECHO,), ('--loop', 'uvloop'), peers=True),
    ]
    for reactor in ('epoll', 'select', 'asyncio'):
        sides.append(Side('twisted-' + reactor, 'cpython', 'peer_twisted.py', WEB + files + (ECHO,),
                          ('--reactor', reactor), peers=True))
    for runtime in ('cpython', 'pypy'):
        sides.append(Side('raw-' + runtime, runtime, 'raw_epoll.py', WEB + (ECHO,)))
    sides.append(Side('raw-jython', 'jython', 'raw_nio.py', WEB + (ECHO,)))
    sides.append(Side('raw-sendfile', 'cpython', 'raw_sendfile.py', (BIGFILE,)))
    sides.append(Side('twisted-pb', 'cpython', 'peer_twisted_pb.py', (PB,), peers=True))
    sides.append(Side('pyftpdlib', 'cpython', 'pyftpdlib_py3.py', (FTP,), peers=True))
    sides.append(Side('vsftpd', 'cpython', 'vsftpd_py3.py', (FTP,)))
    for runtime, backends in OURS:
        for backend in backends:
            sides += ours(runtime, backend)
    return sides


def ours(runtime, backend):
    """Our sides for one backend: the web server with a callable, the static service, the echo."""
    name = 'carryall-{0}-{1}'.format(runtime, backend)
    extra = ('--backend', backend)
    peers = backend == 'uvloop'
    return [Side(name, runtime, 'carryall_http.py', WEB, extra, peers),
            Side(name, runtime, 'carryall_static.py', (STATIC, BIGFILE, TLS), extra, peers),
            Side(name, runtime, 'carryall_echo.py', (ECHO,), extra, peers),
            Side(name, runtime, 'carryall_ftp.py', (FTP,), extra, peers),
            Side(name, runtime, 'carryall_pb.py', (PB,), extra, peers)]


def choose(bench, patterns):
    """The sides of that bench whose names match one of the patterns (all when there are none),
    in table order."""
    return [side for side in known() if bench in side.benches
            and (not patterns or any(fnmatch.fnmatch(side.name, pattern) for pattern in patterns))]


def missing(side):
    """Why that side cannot be started here, in a few words; None when it can."""
    if not os.path.exists(os.path.join(SERVERS, side.script)):
        return 'bench/servers/' + side.script + ' is not there'
    if side.peers and not os.path.isdir(PEERS):
        return 'peers are not installed: admin/bench --setup'
    if side.runtime == 'jython' and not os.path.exists(JYTHON_JAR):
        return 'no Jython'
    try:
        with open(os.devnull, 'w') as null:
            subprocess.check_call([interpreter(side.runtime)[0],
                                   '-version' if side.runtime == 'jython' else '--version'],
                                  stdout=null, stderr=null)
    except (OSError, subprocess.CalledProcessError):
        return 'no ' + side.runtime
    return None
