# Copyright the carryall authors.  See LICENSE.
"""A front end before personal servers on every runtime, killed and started again under load: the
right status, no hang; 100 MiB each way."""
import collections
import http.client
import os
import threading
import time
import zlib

PROVES = ['DIS-02', 'DIS-04', 'DIS-07', 'DIS-08', 'NEW-06']
NEEDS = []
EACH_RUNTIME = False
LONG = True
SIZE = 100 << 20
ROUNDS = 2


def ask(port, path, counts, over):
    """Requests one after another until it is over; the status of each,
    or what broke the connection."""
    client = http.client.HTTPConnection('127.0.0.1', port, timeout=30)
    while not over.is_set():
        try:
            client.request('GET', path)
            response = client.getresponse()
            body = response.read()
            counts[response.status if response.status != 200 or body.strip() else 'empty'] += 1
        except (OSError, http.client.HTTPException) as exc:
            counts[type(exc).__name__] += 1
            client.close()
        time.sleep(0.002)
    client.close()


def run(stage):
    """Each personal server is killed twice while three clients ask it."""
    def start(side):
        sock = stage.path(side.name + '.sock')
        if os.path.exists(sock):
            os.remove(sock)
        server = stage.peer('distrib.py', 'personal', sock, side.kind, runtime=side)
        server.wait_for('ready:')
        return server

    servers = {side: start(side) for side in stage.others}
    front = stage.peer('distrib.py', 'front',
                       *['%s=%s' % (side.name, stage.path(side.name + '.sock'))
                         for side in stage.others])
    port = front.address()[1]
    over = threading.Event()
    counts = {}
    threads = []
    for side in stage.others:
        counts[side] = collections.Counter()
        threads += [threading.Thread(
            target=ask, args=(port, '/%s/' % side.name, counts[side], over)) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(ROUNDS):
            for side in stage.others:
                before = counts[side][200]
                stage.until(lambda: counts[side][200] > before + 20, 'answers of %s' % side.name)
                servers[side].end()
                missed = counts[side][503] + counts[side][502]
                stage.until(lambda: counts[side][503] + counts[side][502] > missed,
                            'the status that says that %s is gone' % side.name)
                servers[side] = start(side)
                before = counts[side][200]
                stage.until(lambda: counts[side][200] > before + 20,
                            'answers of %s after it came back' % side.name)
    finally:
        over.set()
        for thread in threads:
            thread.join(35)
    for side in stage.others:
        stage.demand(set(counts[side]) <= {200, 502, 503}, 'of %s came %r', side.name,
                     dict(counts[side]))
    stage.demand(not any(thread.is_alive() for thread in threads), 'a request hangs')
    for side in stage.others:
        large(stage, port, side)
    front.stop()


def large(stage, port, side):
    """100 MiB there, 100 MiB back."""
    client = http.client.HTTPConnection('127.0.0.1', port, timeout=120)
    block = os.urandom(1 << 20)
    crc = 0
    for _ in range(SIZE >> 20):
        crc = zlib.crc32(block, crc)
    client.request('POST', '/%s/sum' % side.name, body=(block for _ in range(SIZE >> 20)),
                   headers={'Content-Length': str(SIZE)})
    got = client.getresponse().read()
    stage.demand(got == b'%d %08x\n' % (SIZE, crc), '%s read %r of %d', side.name, got, SIZE)
    client.request('GET', '/%s/big?%d' % (side.name, SIZE))
    response = client.getresponse()
    count = 0
    while True:
        piece = response.read(1 << 20)
        if not piece:
            break
        count += len(piece)
    stage.demand(count == SIZE, 'of %s came %d octets of %d', side.name, count, SIZE)
    client.close()
