# Copyright the carryall authors.  See LICENSE.
"""4,000 connects at once lose none, on any backend."""
import resource
import selectors
import socket
import time

from acceptance.cases.permutation import backends_of

PROVES = ['RT-07', 'RT-09', 'X-06']
NEEDS = []
CONNECTIONS = 4000
SECONDS = 60.0


def storm(address):
    """Opens all at once, has one octet echoed on each, closes it; the number that got theirs."""
    selector = selectors.DefaultSelector()
    for _ in range(CONNECTIONS):
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(address)
        selector.register(sock, selectors.EVENT_WRITE)
    good = 0
    left = CONNECTIONS
    end = time.monotonic() + SECONDS
    while left and time.monotonic() < end:
        for key, events in selector.select(1.0):
            sock = key.fileobj
            try:
                if events & selectors.EVENT_WRITE:
                    sock.send(b'x')
                    selector.modify(sock, selectors.EVENT_READ)
                    continue
                good += sock.recv(1) == b'x'
            except OSError:
                pass
            selector.unregister(sock)
            sock.close()
            left -= 1
    for key in list(selector.get_map().values()):
        key.fileobj.close()
    selector.close()
    return good


def run(stage):
    """Each backend of the runtime."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20000), hard))
    for backend in backends_of(stage, stage.runtime):
        server = stage.peer('echo.py', 'serve', backend)
        good = storm(server.address())
        stage.demand(good == CONNECTIONS, '%s: %d of %d were served\n%s', backend, good,
                     CONNECTIONS, server.output[-2000:])
        server.stop()
