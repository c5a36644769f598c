# Copyright the carryall authors.  See LICENSE.
"""60 connections that pipeline without end do not keep another client of a server waiting.

Web, FTP, mail and the console are flooded with requests that need no log-in.  SOCKS and finger take
one request a connection, and echo is a transfer: there the flood is 60 clients more, each with its
turn.
"""
import os
import shutil
import statistics
import sys

from acceptance.servers import certificate, ports
from acceptance.stage import ROOT
from bench import waits

PROVES = ['X-06', 'RT-02']
NEEDS = []
LONG = True                 # it measures time: alone on the machine, or with room to spare

CONNECTIONS = 60
SESSIONS = 5                # of a console, which has 12 at most, and not all for one flood
ASKED = 500                 # answers of each half of a round
FEWER = 60                  # where each has a connection of its own
ROUNDS = 5                  # of which the median counts
TIMES = 5.0                 # as long as without the flood, at the most
FAIR = CONNECTIONS + 1      # the same, where each of so many clients has its turn
# Seconds: a shorter wait is none.  A collection of young objects takes as much on PyPy and a JVM.
FLOOR = {'cpython': 0.002, 'pypy': 0.005, 'jython': 0.020}
# PyPy compiles for some 40 s what a flood of new connections runs, for up to 12 ms at a time.
WARM_SECONDS = {'cpython': 1.0, 'pypy': 45.0, 'jython': 40.0}

GET = b'GET /x.txt HTTP/1.1\r\nHost: a\r\n\r\n'
NOOP = b'NOOP\r\n'
AYT = b'\xff\xf6'           # RFC 854: are you there?
CONNECT = b'\5\1\0\5\1\0\1\x7f\0\0\1\0\1'      # RFC 1928: to port 1 of 127.0.0.1, which refuses
METHODS = b'\5\1\0'                     # without a log-in, which is refused where one is wanted
WRONG = b'\5\1\2\1\4anna\5wrong'        # RFC 1929


class Asked:
    """One server: its address, and what another client asks of it.

    Args:     greets: whether the server speaks first.
              end: of an answer; None if the server ends the connection.
              flood: what the flood says, if it is not *request*.
              connections: of the flood.
              times: as long as without the flood that an answer may take.
    """

    def __init__(self, name, port, greets, request, end, flood=None, connections=CONNECTIONS,
                 times=TIMES):
        self.name = name
        self.port = port
        self.greets = greets
        self.request = request
        self.end = end
        self.said = request if flood is None else flood
        self.connections = connections
        self.count = FEWER if end is None else ASKED
        self.times = FAIR if end is None else times

    def client(self, server):
        """A client that measures."""
        # A console keeps a session for a second after a client that has not negotiated.
        each = waits.A_CONNECTION if self.connections == CONNECTIONS else 100 * ASKED
        return waits.Client(server.family(), self.port, self.greets, self.request, self.end, each)

    def flood(self, stage):
        """The flood, once it is under way; the least urgent program there is."""
        said = self.said.decode('latin-1').encode('unicode_escape').decode('ascii')
        flood = stage.launch(['nice', '-n', '19', sys.executable, stage.path('flood.py'),
                              str(self.port), str(self.connections), '120',
                              str(int(self.greets)), said], foreign=True)
        flood.wait_for('flooding')
        return flood


def flooded(stage, server, asked):
    """The server's own time with and without the flood, in turn."""
    kind = stage.runtime.kind
    warm = WARM_SECONDS.get(kind, 1.0)
    flood = asked.flood(stage)
    asked.client(server).ask(asked.count, warm)
    flood.end()
    client = asked.client(server)
    client.ask(asked.count, warm / 4)
    quiet = []
    loud = []
    for _ in range(ROUNDS):
        quiet.append(waits.share(client.ask(asked.count)[1], 0.99))
        flood = asked.flood(stage)
        loud.append(waits.share(client.ask(asked.count)[1], 0.99))
        stage.demand(flood.popen.poll() is None, '%s: the flood was over: %s', asked.name,
                     flood.output)
        flood.end()
    before = statistics.median(quiet)
    after = statistics.median(loud)
    print('        %s on %s: p99 %.2f ms, under the flood %.2f ms' % (
        asked.name, stage.runtime.name, before * 1e3, after * 1e3), flush=True)
    stage.demand(after <= max(asked.times * before, FLOOR[kind]),
                 '%s: answers take %.2f ms (p99) under the flood, %.2f ms without it',
                 asked.name, after * 1e3, before * 1e3)


def servers(stage):
    """Each server with what is asked of it, one after the other."""
    web = stage.start('carryall', 'web', '--path', 'site', '--port', '0')
    yield web, [Asked('web', web.address()[1], False, GET, b'hello!')]
    ftp = stage.start('carryall', 'ftp', '--root', 'site', '--port', '0')
    yield ftp, [Asked('ftp', ftp.address()[1], True, NOOP, b'\r\n')]
    mail = stage.start('carryall', 'mail', '-d', 'a.example=maildirs', '-u', 'anna=secret',
                       '--smtp', '0', '--pop3', '0', '-c', certificate(stage))
    yield mail, [Asked('pop3', ports(mail)['pop3'], True, b'CAPA\r\n', b'\r\n.\r\n'),
                 Asked('smtp', ports(mail)['smtp'], True, NOOP, b'\r\n')]
    simple = stage.start('carryall', 'simple', '--tcp', 'echo:0')
    yield simple, [Asked('echo', simple.address()[1], False, b'x' * 63 + b'\n', b'\n', times=FAIR)]
    console = stage.start('carryall', 'telnet', '-p', '0', '-u', 'anna', '-w', 'secret',
                          '--max-connections', '12')
    yield console, [Asked('telnet', console.address()[1], True, AYT, b'[yes]\r\n', AYT, SESSIONS)]
    socks = stage.start('carryall', 'socks', '-p', '0')
    yield socks, [Asked('socks', socks.address()[1], False, CONNECT, None)]
    stage.foreign(*stage.command('carryall', 'passwd', '--stdin', 'users', 'anna'),
                  data=b'secret\n')
    guarded = stage.start('carryall', 'socks', '-p', '0', '--password-file', 'users',
                          '--ban-after', '0')
    yield guarded, [Asked('socks, log-ins', guarded.address()[1], False, METHODS, None, WRONG)]
    finger = stage.start('carryall', 'finger', '-p', '0', '--folder', 'people')
    yield finger, [Asked('finger', finger.address()[1], False, b'ann\r\n', None)]


def run(stage):
    """The servers one after the other, each with the flood that is allowed before a login."""
    shutil.copy(os.path.join(ROOT, 'acceptance', 'peers', 'flood.py'), stage.path('flood.py'))
    stage.write('site/x.txt', b'hello!')
    stage.write('people/ann/name', b'Ann Example')
    for server, asked in servers(stage):
        for each in asked:
            flooded(stage, server, each)
        server.stop()
        stage.demand('Traceback' not in server.output, 'the log has a traceback:\n%s',
                     server.output[-4000:])
