# Copyright the carryall authors.  See LICENSE.
"""Echo: a server and a client for tests of what carries octets."""
from __future__ import absolute_import, division, print_function

from carryall.core.future import Future
from carryall.core.net.protocol import Protocol

__all__ = ['Echo', 'EchoClient']


class Echo(Protocol):
    """Sends back what comes; while the peer does not read, it reads nothing."""

    def data_received(self, data):
        self.transport.write(data)

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()


class EchoClient(Protocol):
    """Says something and waits for as many octets."""

    def __init__(self):
        self._heard = b''
        self._size = 0
        self._answer = None

    def echo(self, data):
        """Sends octets; a Future of those that come back."""
        self._heard = b''
        self._size = len(data)
        self._answer = Future()
        self.transport.write(data)
        return self._answer

    def data_received(self, data):
        self._heard += data
        if self._answer is not None and len(self._heard) >= self._size and not self._answer.done():
            self._answer.set_result(self._heard)
