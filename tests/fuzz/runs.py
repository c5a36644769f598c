# Copyright the carryall authors.  See LICENSE.
"""Plays a script with a protocol; the following must hold for every script.

- No exception escapes from a callback, and nothing is logged as an error.
- The answers of a server do not depend on the way in which the octets are cut.
- A client's work ends with a result or a CarryallError when the connection has ended and enough
  time has passed.
- At the end no connection, port or socket is left.
"""
from __future__ import absolute_import, division, print_function

import logging
import random

from carryall.core.compat import FAILURES
from carryall.core.crypto import STANDARD
from carryall.core.errors import CarryallError
from carryall.core.net.protocol import Protocol
from carryall.core.testing import FakeTransport, NullTLS, VirtualLoop
from carryall.core.net.transport import Address

__all__ = ['Fault', 'Far', 'Run', 'cuts', 'steady']

# Seconds: longer than every timeout.  The longest of RFC 5321 is 10 minutes, ours is a day.
PATIENCE = 100000.0
CLIENT = Address('127.0.0.1', 40000)
SERVER = Address('127.0.0.1', 2121)


class Fault(AssertionError):
    """A script has shown that something is wrong."""


class _Errors(logging.Handler):
    """Keeps what is logged as an error."""

    def __init__(self):
        logging.Handler.__init__(self, logging.ERROR)
        self.found = []

    def emit(self, record):
        """One record."""
        self.found.append(self.format(record))


class _Known(object):
    """The standard library's cryptography, with octets of chance that are always the same."""

    def __getattr__(self, name):
        return getattr(STANDARD, name)

    @staticmethod
    def random(count):
        """Octets that everybody knows."""
        return b'\x5a' * count


class Far(Protocol):
    """The other end of a second connection: data, or a target."""

    def __init__(self, run):
        self.run = run

    def connection_made(self, transport):
        self.transport = transport
        self.run.far.append(self)

    def data_received(self, data):
        self.run.heard_far += len(data)

    def eof_received(self):
        return True


class _Puppet(Far):
    """A server that says what the script has."""

    def connection_made(self, transport):
        self.transport = transport
        if self.run.wire is None:
            self.run.wire = self
        else:
            self.run.far.append(self)

    def take(self):
        """Nothing is kept."""
        return b''

    def feed(self, data):
        """Says it."""
        self.transport.write(data)

    def feed_eof(self):
        """Says no more."""
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def lose(self):
        """Resets it."""
        self.transport.abort()

    def clog(self):
        """Reads no more."""
        self.transport.pause_reading()

    def unclog(self):
        """Reads on."""
        self.transport.resume_reading()


def cuts(data, way):
    """The pieces of *data*: all in one for 0, one by one for 1,
    at places of chance for any other number."""
    if way == 0:
        return [data] if data else []
    if way == 1 and len(data) < 5000:
        return [data[at:at + 1] for at in range(len(data))]
    dice = random.Random(way)
    pieces = []
    at = 0
    while at < len(data):
        size = dice.choice((1, 2, 3, 7, 30, 500, 4096))
        pieces.append(data[at:at + size])
        at += size
    return pieces


class Run(object):
    """One run of a script.

    Attributes:
        loop: a VirtualLoop with a TLS that seals nothing.
        wire: of the connection; far: the protocols of second ones.
        said: all that the server has said.
    """

    def __init__(self, names=None):
        self.loop = VirtualLoop(dict(names or {}), tls=NullTLS())
        self.loop.crypto = _Known()
        self.wire = None
        self.far = []
        self.heard_far = 0
        self.said = []
        self.named = 0          # the port that was named last, for "join 0"

    def serve(self, protocol, script, way):
        """Plays *script* with a server; all that it says."""
        self.wire = FakeTransport(self.loop, peername=CLIENT, sockname=SERVER)
        return self._guarded(self._serve, protocol, script, way)

    def _serve(self, protocol, script, way):
        kept = set(self.loop._listeners)
        self.wire.connect(protocol)
        self._hear()
        self._play(script, way)
        self.wire.unclog()
        self._hear()
        self.wire.feed_eof()
        self.loop.advance(60.0)
        self._hear()
        self.wire.lose()
        self._end(kept)
        return b''.join(self.said)

    def visit(self, work, script, way, ports=(2121,)):
        """Plays *script* as the server of ``work(loop)``, a client; how it ended."""
        for port in ports:
            self.loop.listen_tcp(lambda: _Puppet(self), SERVER.host, port)
        return self._guarded(self._visit, work, script, way)

    def _visit(self, work, script, way):
        kept = set(self.loop._listeners)
        done = work(self.loop)
        self.loop.advance()
        self._play(script, way)
        if self.wire is not None:
            self.wire.unclog()
            self.wire.feed_eof()
        for far in self.far:
            far.transport.abort()
        self.loop.advance(PATIENCE)
        if not done.done():
            raise Fault('the client waits for ever')
        failure = done.exception()
        if failure is not None and not isinstance(failure, CarryallError):
            raise Fault('the client failed with %r' % (failure,))
        if self.wire is not None:
            self.wire.lose()
        self._end(kept)
        return repr(failure) if failure is not None else repr(done.result())

    def _guarded(self, play, *args):
        """Calls it, with an eye on the log."""
        errors = _Errors()
        root = logging.getLogger()
        root.addHandler(errors)
        try:
            outcome = play(*args)
        finally:
            root.removeHandler(errors)
            self.loop.close()
        if errors.found:
            raise Fault('logged as an error: %s' % errors.found[0])
        return outcome

    def _play(self, script, way):
        for kind, what in script:
            if kind == 'say':
                for piece in cuts(what, way):
                    if self.wire is not None:
                        self.wire.feed(piece)
                    self._hear()
            elif kind == 'wait':
                self.loop.advance(float(min(what, 20000)))
            elif kind == 'join':
                self._join(what)
            elif kind.startswith('far'):
                self._far_does(kind, what)
            elif self.wire is not None:
                {'eof': self.wire.feed_eof, 'lose': self.wire.lose, 'clog': self.wire.clog,
                 'unclog': self.wire.unclog}[kind]()
            self._hear()

    def _far_does(self, kind, what):
        if self.far:
            transport = self.far[-1].transport
            if kind == 'far':
                transport.write(what)
            elif kind == 'far-lose':
                transport.abort()
            elif transport.can_write_eof():
                transport.write_eof()

    def _join(self, port):
        port = port % 65536 or self.named
        if port:
            self.loop.connect_tcp(lambda: Far(self), SERVER.host, port)

    def _hear(self):
        self.loop.advance()
        if self.loop.failures:
            raise self._escaped(self.loop.failures[0])
        said = self.wire.take() if self.wire is not None else b''
        if said:
            self.said.append(said)
            newest = [address.port for address in self.loop._listeners if address.port]
            self.named = max(newest) if newest else 0

    def _escaped(self, failure):
        import traceback
        lines = traceback.format_exception(type(failure), failure,
                                           getattr(failure, '__traceback__', None))
        return Fault('escaped: %s' % ''.join(lines))

    def _end(self, kept):
        for far in self.far:
            far.transport.abort()
        self.loop.advance(PATIENCE)
        if self.loop.failures:
            raise self._escaped(self.loop.failures[0])
        left = set(self.loop._listeners) - kept
        if left:
            raise Fault('ports are left open: %s' % sorted(map(str, left)))
        if self.loop._wires:
            raise Fault('%d connections are left' % len(self.loop._wires))
        if self.loop._datagrams:
            raise Fault('sockets are left: %s' % sorted(map(str, self.loop._datagrams)))


def steady(script):
    """Tells if the answer must be the same however the octets are cut.

    Not if a second connection or time takes part, nor if TLS begins:
    what is behind that in one piece is dropped.
    """
    if any(kind in ('join', 'far', 'far-eof', 'far-lose', 'wait', 'lose', 'clog', 'unclog')
           for kind, _ in script):
        return False
    said = b''.join(what for kind, what in script if kind == 'say').upper()
    return b'STARTTLS' not in said and b'STLS' not in said


def failure_of(call, *args):
    """The exception of a pure function that is not of ours; None if it does well."""
    try:
        call(*args)
    except CarryallError:
        return None
    except FAILURES as exc:
        return exc
    return None
