# Copyright the carryall authors.  See LICENSE.
"""A file of 2 GiB is served in flat memory, ranges of it are right,
and a slow reader costs nothing."""
import os
import time

PROVES = ['WEB-02', 'HTS-10', 'X-07']
NEEDS = ['curl']
LONG = True
SIZE = 2 << 30
# A JVM's young heap fills before it is swept.
GROWTH = {'cpython': 8 << 20, 'pypy': 24 << 20, 'jython': 96 << 20}
MARK = b'here I am'
AT = SIZE - 12345


def run(stage):
    """The whole, two ranges, and a reader that stops."""
    path = stage.write('site/big.bin', b'')
    with open(path, 'r+b') as file:
        file.seek(AT)
        file.write(MARK)
        file.truncate(SIZE)
    stage.write('site/index.html', b'ok\n')
    server = stage.start('carryall', 'web', '--path', 'site', '--port', 'tcp:0:interface=127.0.0.1')
    url = 'http://%s:%d/' % server.address()
    stage.foreign('curl', '-sS', url)
    before = server.resident_bytes()
    size = stage.foreign('curl', '-sS', '-o', '/dev/null', '-w', '%{size_download}',
                         url + 'big.bin')
    stage.demand(int(size) == SIZE, 'curl got %s octets', size)
    got = stage.foreign('curl', '-sS', '-r', '%d-%d' % (AT, AT + len(MARK) - 1), url + 'big.bin')
    stage.demand(got == MARK, 'the range has %r', got)
    got = stage.foreign('curl', '-sS', '-r', '-12345', url + 'big.bin')
    stage.demand(got == MARK + b'\0' * (12345 - len(MARK)), 'the suffix range is wrong')
    with stage.connect(server.address()) as slow:
        slow.sendall(b'GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n')
        slow.recv(1000)
        time.sleep(2.0)
        grown = server.resident_bytes() - before
    stage.demand(grown < GROWTH[stage.runtime.kind], 'memory grew by %d octets', grown)
    server.stop()
    os.unlink(path)
