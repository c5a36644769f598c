# Copyright the carryall authors.  See LICENSE.
"""100,000 mixed requests, of files, of programs of each kind and of a WSGI application, leave
memory and descriptors flat."""
import os

PROVES = ['WEB-02', 'WEB-05', 'WEB-07', 'WEB-08']
NEEDS = []
LONG = True

REQUESTS = 100000
WARM = 20000                # of them, before memory is looked at
CONNECTIONS = 8
ALLOWED = 4 << 20           # octets by which memory may grow
SPARE = {'pypy': 24 << 20, 'jython': 96 << 20}       # for what a collector has not freed yet
BIG_BYTES = 200000

CGI = b'''#!/bin/sh
printf 'Content-Type: text/plain\\n\\ncgi %s' "$QUERY_STRING"
'''
EPY = b'''request.write('epy ' + request.args['n'][0])
'''
RPY = b'''
class Leaf:
    isLeaf = 1

    def render(self, request):
        return 'rpy ' + request.args['n'][0]

resource = Leaf()
'''
WSGI = b'''
def application(environ, start_response):
    body = environ['wsgi.input'].read()
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [b'wsgi ', environ['QUERY_STRING'].encode('ascii'), body]
'''
# Of 100 requests; the others are for the small file
MIX = {0: 'cgi', 1: 'big', 2: 'missing'}
MIX.update((number, 'wsgi') for number in range(3, 28))
MIX.update((number, 'epy') for number in range(28, 38))
MIX.update((number, 'rpy') for number in range(38, 48))


def run(stage):
    """Asks all of it of one server."""
    stage.write('site/small.html', b'<p>hello</p>\n')
    stage.write('site/big.bin', b'0123456789' * (BIG_BYTES // 10))
    for name, source in (('a.cgi', CGI), ('a.epy', EPY), ('a.rpy', RPY), ('a.wsgi', WSGI)):
        stage.write('site/' + name, source)
    os.chmod(stage.path('site', 'a.cgi'), 0o755)
    server = stage.start('carryall', 'web', '--path', 'site', '--port', 'tcp:0:interface=127.0.0.1')
    ask(stage, server, range(WARM))
    memory = server.resident_bytes()
    descriptors = open_descriptors(server)
    ask(stage, server, range(WARM, REQUESTS))
    stage.until(lambda: open_descriptors(server) <= descriptors, 'the descriptors are as before')
    stage.demand(len(server.family()) == 1, 'programs are left: %r', server.family())
    grown = server.resident_bytes() - memory
    allowed = ALLOWED + SPARE.get(stage.runtime.kind, 0)
    stage.demand(grown < allowed, 'memory grew by %d octets, from %d', grown, memory)
    server.stop()


def open_descriptors(server):
    """How many descriptors the server has (Linux)."""
    return len(os.listdir('/proc/%d/fd' % server.pid))


def ask(stage, server, numbers):
    """Sends the requests of these numbers, over a few connections in turn, and looks at each
    answer."""
    connections = [Connection(stage, server.address()) for _ in range(CONNECTIONS)]
    for number in numbers:
        connections[number % CONNECTIONS].ask(number)
    for connection in connections:
        connection.close()


class Connection:
    """A connection that is kept."""

    def __init__(self, stage, address):
        self._stage = stage
        self._socket = stage.connect(address)
        self._file = self._socket.makefile('rb')

    def ask(self, number):
        """One request; the answer must be right."""
        kind = MIX.get(number % 100, 'small')
        words = {'cgi': ('GET /a.cgi?%d', 'cgi %d'), 'epy': ('GET /a.epy?n=%d', 'epy %d'),
                 'rpy': ('GET /a.rpy?n=%d', 'rpy %d'), 'wsgi': ('POST /a.wsgi?%d', 'wsgi %dbody'),
                 'missing': ('GET /missing?%d', None), 'big': ('GET /big.bin?%d', None),
                 'small': ('GET /small.html?%d', None)}
        target, wanted = words[kind]
        body = b'body' if kind == 'wsgi' else b''
        head = ('%s HTTP/1.1\r\nHost: h\r\nCookie: n=%d\r\nContent-Length: %d\r\n\r\n'
                % (target % number, number, len(body)))
        self._socket.sendall(head.encode('ascii') + body)
        status, data = self._answer()
        right = {'missing': 404}.get(kind, 200)
        self._stage.demand(status == right, '%s was answered with %d', target, status)
        if wanted is not None:
            self._stage.demand(data == (wanted % number).encode('ascii'), '%s said %r', target,
                               data[:100])
        elif kind == 'big':
            self._stage.demand(len(data) == BIG_BYTES, 'the file had %d octets', len(data))

    def _answer(self):
        """(status, body) of the next answer."""
        status = int(self._file.readline().split()[1])
        length = None
        while True:
            line = self._file.readline().strip().lower()
            if not line:
                break
            if line.startswith(b'content-length:'):
                length = int(line.partition(b':')[2])
        if length is not None:
            return status, self._file.read(length)
        return status, b''.join(self._chunks())

    def _chunks(self):
        """The pieces of a body in chunks."""
        while True:
            size = int(self._file.readline(), 16)
            piece = self._file.read(size + 2)[:-2]
            if not size:
                return
            yield piece

    def close(self):
        """Ends it."""
        self._file.close()
        self._socket.close()
