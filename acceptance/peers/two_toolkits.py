# Copyright the carryall authors.  See LICENSE.
"""A server under one toolkit asks for a second one in the same process: FIRST SECOND.

It prints why the second is refused, and that connections of the first go on.
"""
import sys

from carryall import runtimes
from carryall.core.errors import UsageError
from carryall.core.net.protocol import Protocol


class Told(Protocol):
    """Ends the loop when something comes."""

    def __init__(self, loop):
        self._loop = loop

    def connection_made(self, transport):
        pass

    def data_received(self, data):
        """The word of the client."""
        print('the first serves: %s' % data.decode('ascii'))
        self._loop.stop()

    def eof_received(self):
        return False

    def connection_lost(self, exc):
        pass


class Says(Told):
    """Says a word."""

    def connection_made(self, transport):
        transport.write(b'lives')


def main(first, second):
    """The first loop serves before and after the second is asked for."""
    loop = runtimes.choose(first)
    if first == 'tk':
        import tkinter          # noqa: F401  it is the window that a program would have
    try:
        runtimes.choose(second)
        print('a second toolkit was taken')
    except UsageError as exc:
        print('refused: %s' % exc)
    listener = loop.listen_tcp(lambda: Told(loop))
    loop.connect_tcp(lambda: Says(loop), '127.0.0.1', listener.address.port)
    loop.run()
    loop.close()
    print('ended')


main(*sys.argv[1:])
