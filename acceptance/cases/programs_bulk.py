# Copyright the carryall authors.  See LICENSE.
"""A GiB to a CGI program and from one, and through FastCGI both ways, in flat memory."""

from acceptance.cases import web_programs

PROVES = ['WEB-05', 'FCG-01']
NEEDS = []
LONG = True

GIB = 1 << 30
WARM = 1 << 26              # octets before memory is looked at
ALLOWED = 8 << 20           # octets by which it may grow
# A collector lets garbage grow to a part of its heap or to its young generation, which is large on
# a large machine.  With a small one what is measured is memory, and not when it collects.
COLLECTORS = {
    'pypy': {'PYPY_GC_NURSERY': '4MB', 'PYPY_GC_MAJOR_COLLECT': '1.1'},
    'jython': {'JAVA_TOOL_OPTIONS': '-Xms64m -XX:NewSize=16m -XX:MaxNewSize=16m '
                                    '-XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=30'},
}

SINK = b'''#!/bin/sh
printf 'Content-Type: text/plain\\n\\n'
wc -c
'''
SOURCE = b'''#!/bin/sh
printf 'Content-Type: application/octet-stream\\nContent-Length: %s\\n\\n' "$QUERY_STRING"
exec head -c "$QUERY_STRING" /dev/zero
'''
APP = b'''from carryall.protocols.http import Response

BLOCK = b'\\0' * 65536


def app(request):
    if request.method == b'POST':
        return count(request)
    return Response(200, [(b'Content-Length', request.query)],
                    (BLOCK for _ in range(int(request.query) // len(BLOCK))))


def count(request):
    from carryall.core.future import Return, coroutine

    @coroutine
    def read():
        total = 0
        while True:
            piece = yield request.body.read()
            if not piece:
                raise Return(Response(200, body=b'%d\\n' % total))
            total += len(piece)

    return read()
'''


def run(stage):
    """Through CGI; through FastCGI, between two servers of ours."""
    stage.variables.update(COLLECTORS.get(stage.runtime.kind, {}))
    web_programs.program(stage, 'static/sink.cgi', SINK)
    web_programs.program(stage, 'static/source.cgi', SOURCE)
    words = ['--path', 'static', '--port', 'tcp:0:interface=127.0.0.1', '--max-body', 2 * GIB]
    server = stage.start('carryall', 'web', *words)
    both_ways(stage, server, [server], '/sink.cgi', '/source.cgi')
    server.stop()
    stage.write('bulk_site.py', APP)
    stage.write('static/any.app', b'')
    behind = stage.start('carryall', 'serve', 'fastcgi', '-p', 'tcp:0:interface=127.0.0.1',
                         '--app', 'bulk_site:app')
    server = stage.start('carryall', 'web', '--fastcgi', '.app=tcp:%d' % behind.address()[1],
                         *words)
    both_ways(stage, server, [server, behind], '/any.app', '/any.app')
    server.stop()
    behind.stop()


def both_ways(stage, server, watched, sink, source):
    """Sends and fetches, first a little, then a GiB."""
    before = {}
    for size in (WARM, GIB):
        up(stage, server.address(), sink, size)
        down(stage, server.address(), source, size)
        for process in watched:
            now = process.resident_bytes()
            grown = now - before.setdefault(process, now)
            stage.demand(grown < ALLOWED, '%s grew by %d octets', process.argv[-4:], grown)


def up(stage, address, path, size):
    """Sends *size* octets; the program tells how many came."""
    block = bytes(1 << 16)
    with stage.connect(address, 600.0) as connection:
        connection.sendall(('POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n'
                            'Connection: close\r\n\r\n' % (path, size)).encode('ascii'))
        for _ in range(size // len(block)):
            connection.sendall(block)
        said = b''.join(iter(lambda: connection.recv(65536), b''))
    stage.demand((b'%d\n' % size) in said, '%s said %r', path, said[-200:])


def down(stage, address, path, size):
    """Fetches *size* octets."""
    with stage.connect(address, 600.0) as connection:
        connection.sendall(('GET %s?%d HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'
                            % (path, size)).encode('ascii'))
        head = b''
        while b'\r\n\r\n' not in head:
            head += connection.recv(4096)
        stage.demand(head.startswith(b'HTTP/1.1 200 '), '%s said %r', path, head[:200])
        got = len(head.partition(b'\r\n\r\n')[2])
        buffer = bytearray(1 << 18)
        while True:
            count = connection.recv_into(buffer)
            if not count:
                break
            got += count
    stage.demand(got == size, '%s gave %d octets of %d', path, got, size)
