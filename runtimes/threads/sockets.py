# Copyright the carryall authors.  See LICENSE.
"""Blocking BSD sockets for the threads backend.

They are opened by ``carryall.runtimes.readiness.bsd`` and made blocking here.

Tests:    tests/contract/ (as the backend 'threads')
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import select
import socket
import threading

from carryall.core.net.transport import Address
from carryall.runtimes import faults
from carryall.runtimes.names import address_of, family_of, to_system
from carryall.runtimes.readiness import bsd
from carryall.runtimes.readiness.pollers import Waker

__all__ = ['SocketWaker', 'capabilities', 'connecting', 'listen_tcp', 'listen_unix', 'open_udp']

MAX_CONNECT_SECONDS = 127.0     # what Linux itself takes for a peer that is silent

STUCK_SECONDS = 0.2         # between two looks of a writer whose peer takes nothing

capabilities = bsd.capabilities
_DONTWAIT = getattr(socket, 'MSG_DONTWAIT', 0)


class SocketWaker(object):
    """Waits on a pair of sockets, which a signal handler and every version of Python can end at
    once."""

    def __init__(self):
        # type: () -> None
        self._waker = Waker()
        self.wake = self._waker.wake
        self.signal_descriptor = self._waker.signal_descriptor

    def wait(self, timeout):
        # type: (Optional[float]) -> None
        """Waits until ``wake()``, *timeout* seconds at the most; None: for ever."""
        if _until_interrupted(select.select, (self._waker.channel,), (), (), timeout)[0]:
            self._waker.on_readable()

    def close(self):
        # type: () -> None
        """Closes the pair."""
        self._waker.close()


def _until_interrupted(wait, *args):
    # type: (Callable[..., Any], *Any) -> Any
    """Returns the result of *wait*; three empty lists if a signal ends it early, as on Python 2."""
    try:
        return wait(*args)
    except (select.error, OSError) as exc:
        if faults.errno_of(exc) != errno.EINTR:
            raise
        return (), (), ()


class _Gate(object):
    """One thread waits until another lets it pass; an ``open()`` before ``wait()`` counts."""

    def __init__(self):
        # type: () -> None
        self._lock = threading.Lock()
        self._lock.acquire()
        self.wait = self._lock.acquire

    def open(self):
        # type: () -> None
        """Lets the thread pass."""
        try:
            self._lock.release()
        except (RuntimeError, threading.ThreadError):       # it is open already
            pass


class _Link(object):
    """The base of the kinds."""

    new_gate = _Gate
    lost_fault = staticmethod(faults.lost_fault)

    def __init__(self, channel):
        # type: (Any) -> None
        self._channel = channel
        self._sock = channel.sock
        self._sock.setblocking(True)
        self.sockname = getattr(channel, 'sockname', None)
        self.peername = getattr(channel, 'peername', None)

    def stop(self, writing=False, reset=False):
        # type: (bool, bool) -> None
        """Wakes anyone who blocks in it; without a writer the peer hears nothing of it."""
        bsd.quietly(self._sock.shutdown, socket.SHUT_RDWR if writing else socket.SHUT_RD)

    def close(self, reset=False):
        # type: (bool) -> None
        """Closes it."""
        self._channel.close()


class _StreamLink(_Link):
    """One connection."""

    def __init__(self, channel):
        # type: (bsd.Channel) -> None
        _Link.__init__(self, channel)
        self.read = self._sock.recv
        self._ended = False             # by us: what the peer ends then is a clean end
        self._aborted = False
        self.peer_credentials = channel.peer_credentials

    def check_end(self):
        # type: () -> None
        """Raises what an end that was read is in truth: the system tells of a reset once, and it
        may have told a writing thread."""
        try:
            self._sock.getpeername()  # a connection that only the peer has ended still has a peer
        except socket.error:
            if not self._ended:
                raise socket.error(errno.ECONNRESET, os.strerror(errno.ECONNRESET))

    def shut_down_write(self):
        # type: () -> None
        """Tells the peer that nothing more comes."""
        self._ended = True
        self._channel.shut_down_write()

    def write_now(self, data):
        # type: (Any) -> int
        """How much the system takes without blocking."""
        if not _DONTWAIT:
            return 0                # Windows cannot say; a thread will write it
        try:
            return self._sock.send(data, _DONTWAIT)
        except socket.error as exc:
            if faults.errno_of(exc) in faults.RETRY:
                return 0
            raise

    def write_all(self, piece):
        # type: (bytes) -> None
        """Writes all of *piece*, blocking; a connection that is being reset takes no more."""
        if not _DONTWAIT:
            self._sock.sendall(piece)
            return
        view = memoryview(piece)
        while len(view) and not self._aborted:
            sent = self.write_now(view)
            view = view[sent:]
            if not sent:
                self._wait_for_room()

    def _wait_for_room(self):
        # type: () -> None
        if hasattr(select, 'poll'):
            poller = select.poll()
            poller.register(self._sock, select.POLLOUT)
            _until_interrupted(poller.poll, int(STUCK_SECONDS * 1000))
        else:
            _until_interrupted(select.select, (), (self._sock,), (), STUCK_SECONDS)

    def stop(self, writing=False, reset=False):
        # A shutdown would tell the peer of a clean end behind what was written, which it may see
        # before the reset.  So the writer looks now and then whether it shall leave.
        if reset and writing and _DONTWAIT:
            self._aborted = True
            writing = False
        _Link.stop(self, writing)

    def close(self, reset=False):
        # py2: the descriptor lives as long as a bound method of it
        self.read = None
        self._channel.close(reset)


class _ConnectingLink(_StreamLink):
    """A connection that a thread is to make."""

    def __init__(self, address, local):
        # type: (Address, Any) -> None
        self._address = address
        self._local = local
        unix = address.port is None
        sock = socket.socket(socket.AF_UNIX if unix else family_of(address.host),
                             socket.SOCK_STREAM)
        _StreamLink.__init__(self, bsd.Channel(sock, address))

    def connect(self):
        # type: () -> None
        """Connects, blocking; raises what the system raises."""
        sock = self._sock
        if self._address.port is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._local is not None:
            sock.bind(to_system(self._local))
        sock.settimeout(MAX_CONNECT_SECONDS)
        sock.connect(self._address.host if self._address.port is None else to_system(self._address))
        sock.settimeout(None)

    def connect_fault(self, exc):
        # type: (BaseException) -> Any
        """The error that *exc* of ``connect()`` means."""
        return faults.connect_fault(exc, self._address)


class _ListeningLink(_Link):
    """A listener."""

    def __init__(self, channel):
        # type: (bsd.ListeningChannel) -> None
        _Link.__init__(self, channel)
        self.address = channel.address
        self.is_out_of_resources = channel.is_out_of_resources

    def accept(self):
        # type: () -> _StreamLink
        """The next connection; blocks."""
        while True:
            channel = self._channel.accept()
            if channel is not None:
                return _StreamLink(channel)

    def stop(self, writing=False, reset=False):
        self._channel.remove_file()     # now, and not when the thread has left
        bsd.quietly(self._sock.shutdown, socket.SHUT_RDWR)


class _DatagramLink(_Link):
    """A UDP socket."""

    def __init__(self, channel):
        # type: (bsd.DatagramChannel) -> None
        _Link.__init__(self, channel)
        self.send = channel.send
        self.set_group = channel.set_group

    def receive(self):
        # type: () -> Tuple[bytes, Optional[Address]]
        """The next packet and where it came from; blocks."""
        data, name = self._sock.recvfrom(65536)
        return data, address_of(name)

    def stop(self, writing=False, reset=False):
        # Wakes a receiver on Linux, connected or not.
        bsd.quietly(self._sock.shutdown, socket.SHUT_RDWR)


def listen_tcp(host, port, backlog, reuse_port):
    # type: (str, int, int, bool) -> _ListeningLink
    """As ``bsd.listen_tcp``."""
    return _ListeningLink(bsd.listen_tcp(host, port, backlog, reuse_port))


def listen_unix(path, mode, backlog):
    # type: (str, int, int) -> _ListeningLink
    """As ``bsd.listen_unix``."""
    return _ListeningLink(bsd.listen_unix(path, mode, backlog))


def connecting(address, local):
    # type: (Address, Any) -> _ConnectingLink
    """A link that is not connected yet."""
    return _ConnectingLink(address, local)


def open_udp(host, port, remote, reuse_port):
    # type: (str, int, Any, bool) -> _DatagramLink
    """As ``bsd.open_udp``."""
    return _DatagramLink(bsd.open_udp(host, port, remote, reuse_port))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Tuple
