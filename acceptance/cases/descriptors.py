# Copyright the carryall authors.  See LICENSE.
"""Out of file descriptors: accepting pauses without spinning, says so once,
and goes on when there are some again."""
import time

PROVES = ['WEB-18', 'X-06']
NEEDS = ['curl', 'sh']
# A JVM needs that many before it serves anything.
LIMIT = {'cpython': 64, 'pypy': 64, 'jython': 220}


def run(stage):
    """More connections than descriptors, then none."""
    limit = LIMIT[stage.runtime.kind]
    stage.write('site/index.html', b'ok\n')
    server = stage.start('carryall', 'web', '--path', 'site', '--port', 'tcp:0:interface=127.0.0.1',
                         before=['sh', '-c', 'ulimit -n %d; exec "$@"' % limit, 'sh'])
    address = server.address()
    # The system takes them; the server cannot.
    peers = [stage.connect(address) for _ in range(limit + 30)]
    server.wait_for('accepting pauses')
    used = server.cpu_seconds()
    time.sleep(2.0)
    used = server.cpu_seconds() - used
    stage.demand(used < 1.0, 'it spins: %.2f s of processor time in 2 s', used)
    stage.demand(server.output.count('accepting pauses') == 1, 'it complains again and again:\n%s',
                 server.output)
    for peer in peers:
        peer.close()
    got = stage.foreign('curl', '-sS', 'http://%s:%d/' % address)
    stage.demand(got == b'ok\n', 'afterwards it serves %r', got)
    server.stop()
