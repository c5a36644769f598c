# Copyright the carryall authors.  See LICENSE.
"""One end of a conversation, on any runtime and backend.

    echo.py serve BACKEND               prints its address, sends back what comes, until TERM
    echo.py talk BACKEND COUNT PORT...  to each port in turn sends COUNT octets, half-closes, and
    checks what comes back
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall import runtimes
from carryall.core.net.protocol import Protocol

PATTERN = b'0123456789abcdefghijklmnopqrstuvwxyz\n'


class Echo(Protocol):
    """Sends back what came, no faster than it is taken."""

    def data_received(self, data):
        self.transport.write(data)

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()


class Talk(Protocol):
    """Sends as fast as it is taken, and counts and compares what comes back."""

    def __init__(self, loop, count):
        self.loop = loop
        self.left = count
        self.got = 0
        self.count = count
        self.good = True
        self.paused = False

    def connection_made(self, transport):
        self.transport = transport
        self.send()

    def send(self):
        block = PATTERN * 1000
        while self.left and not self.paused:
            piece = block[:self.left]
            self.left -= len(piece)
            self.transport.write(piece)
        if not self.left:
            self.transport.write_eof()

    def data_received(self, data):
        start = self.got % len(PATTERN)
        expected = (PATTERN * (len(data) // len(PATTERN) + 2))[start:start + len(data)]
        self.good = self.good and data == expected
        self.got += len(data)

    def pause_writing(self):
        self.paused = True

    def resume_writing(self):
        self.paused = False
        self.send()

    def connection_lost(self, exc):
        self.verdict = '%s %d of %d %s' % ('good' if self.good else 'BAD', self.got,
                                           self.count, exc)
        self.loop.stop()


def main():
    """One role."""
    loop = runtimes.choose(sys.argv[2])
    if sys.argv[1] == 'serve':
        print('echo on %s' % (loop.listen_tcp(Echo).address,))
        sys.stdout.flush()
        loop.add_signal_handler('TERM', loop.stop)
        loop.run()
    else:
        for port in sys.argv[4:]:
            talk = Talk(loop, int(sys.argv[3]))
            loop.run_until(loop.connect_tcp(lambda: talk, '127.0.0.1', int(port)))
            loop.run()
            print('%s: %s' % (port, talk.verdict))
            sys.stdout.flush()
    loop.close()


main()
