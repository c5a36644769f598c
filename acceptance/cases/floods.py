# Copyright the carryall authors.  See LICENSE.
"""60 connections that pipeline without end do not keep another client of a server waiting:
web, FTP, mail, echo."""
import os
import shutil
import socket
import sys
import time

from acceptance.cases.smtp import certificate, ports
from acceptance.stage import ROOT

PROVES = ['X-06', 'RT-02']
NEEDS = []
LONG = True                 # it measures time: alone on the machine, or with room to spare

CONNECTIONS = 60
ASKED = 100                 # times that are measured, with and without the flood
# Where the other client comes from: the flood may use up what its own address may have.
ANOTHER = '127.0.0.2'
A_CONNECTION = 50           # of them; an SMTP server ends one that does nothing but NOOP
WARM_SECONDS = {'cpython': 0.5, 'pypy': 3.0, 'jython': 8.0}
TIMES = 5.0                 # as long as without the flood, at the most
# Seconds, 0.1 on the others; or this: another program, or a JVM's collection, may take as much.
FLOOR = {'jython': 1.0}
TRIES = 3                   # the best of these counts, for the same reason


def asked(stage, port, greeted, request, end, count, seconds=0.0):
    """Times of *count* answers, and of as many more as fit in *seconds*."""
    times = []
    stop = time.monotonic() + seconds
    sock = None
    while len(times) < count or time.monotonic() < stop:
        if len(times) % A_CONNECTION == 0:
            if sock is not None:
                sock.close()
            sock = socket.create_connection(('127.0.0.1', port), 120.0, (ANOTHER, 0))
            if greeted:
                sock.recv(65536)
        began = time.perf_counter()
        sock.sendall(request)
        data = b''
        while not data.endswith(end):
            piece = sock.recv(65536)
            stage.demand(piece, 'closed after %d answers', len(times))
            data += piece
        times.append(time.perf_counter() - began)
        # So that it is the server's time and not the client's that fills the turns.
        time.sleep(0.002)
    sock.close()
    return sorted(times)


def p99(times):
    """The time within which 99 of 100 were answered."""
    return times[int(len(times) * 0.99)]


def flooded(stage, name, port, greeted, request, end):
    """One server: its own time, then its time under the flood."""
    warm = WARM_SECONDS.get(stage.runtime.kind, 1.0)
    asked(stage, port, greeted, request, end, ASKED, warm)
    quiet = p99(asked(stage, port, greeted, request, end, ASKED))
    most = max(TIMES * quiet, FLOOR.get(stage.runtime.kind, 0.1))
    flood = stage.launch([sys.executable, stage.path('flood.py'), str(port), str(CONNECTIONS),
                          '120', str(int(greeted)),
                          request.decode('latin-1').encode('unicode_escape').decode('ascii')],
                         foreign=True)
    flood.wait_for('flooding')
    best = None
    for _ in range(TRIES):
        loud = p99(asked(stage, port, greeted, request, end, ASKED))
        best = loud if best is None else min(best, loud)
        if best <= most:
            break
    stage.demand(flood.popen.poll() is None, '%s: the flood was over: %s', name, flood.output)
    flood.end()
    stage.demand(best <= most, '%s: answers take %.1f ms (p99) under the flood, %.1f ms without it',
                 name, best * 1e3, quiet * 1e3)


def run(stage):
    """The servers one after the other, each with the flood that is allowed before a login."""
    shutil.copy(os.path.join(ROOT, 'acceptance', 'peers', 'flood.py'), stage.path('flood.py'))
    stage.write('site/x.txt', b'hello!')
    web = stage.start('carryall', 'web', '--path', 'site', '--port', '0')
    get = b'GET /x.txt HTTP/1.1\r\nHost: a\r\n\r\n'
    flooded(stage, 'web', web.address()[1], False, get, b'hello!')
    web.stop()
    ftp = stage.start('carryall', 'ftp', '--root', 'site', '--port', '0')
    flooded(stage, 'ftp', ftp.address()[1], True, b'NOOP\r\n', b'\r\n')
    ftp.stop()
    mail = stage.start('carryall', 'mail', '-d', 'a.example=maildirs', '-u', 'anna=secret',
                       '--smtp', '0', '--pop3', '0', '-c', certificate(stage))
    flooded(stage, 'pop3', ports(mail)['pop3'], True, b'CAPA\r\n', b'\r\n.\r\n')
    flooded(stage, 'smtp', ports(mail)['smtp'], True, b'NOOP\r\n', b'\r\n')
    mail.stop()
    simple = stage.start('carryall', 'simple', '--tcp', 'echo:0')
    flooded(stage, 'echo', simple.address()[1], False, b'x' * 63 + b'\n', b'\n')
    simple.stop()
    for server in (web, ftp, mail, simple):
        stage.demand('Traceback' not in server.output, 'the log has a traceback:\n%s',
                     server.output[-4000:])
