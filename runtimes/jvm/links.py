# Copyright the carryall authors.  See LICENSE.
"""Blocking Java sockets for the threads backend: ``java.net.Socket`` streams, which are the fastest
there is per request, and channels for Unix sockets.  The counterpart of
``carryall.runtimes.threads.sockets``.

Tests:    tests/contract/ (as the backend 'threads' on Jython)
"""
from __future__ import absolute_import, division, print_function

import os

import jarray
from java.net import ServerSocket, Socket, StandardProtocolFamily
from java.nio import ByteBuffer
from java.nio.channels import SocketChannel
from java.util.concurrent import Semaphore, TimeUnit
from java.util.concurrent.locks import ReentrantLock

from carryall.core.compat import FAILURES
from carryall.core.net.ip import canonical
from carryall.core.net.transport import Address
from carryall.runtimes.jvm import nio
from carryall.runtimes.jvm import javafaults as faults, udp as datagrams
from carryall.runtimes.jvm.addresses import address_of, look_up, to_system
from carryall.runtimes.jvm.octets import from_java, read_channel, to_java, write_channel

__all__ = ['SemaphoreWaker', 'capabilities', 'connecting', 'listen_tcp', 'listen_unix', 'open_udp']

READ_BYTES = 65536              # received at once
MAX_CONNECT_MILLISECONDS = 127000   # what Linux itself takes for a peer that is silent
MAX_LEAVE_SECONDS = 10          # for a thread that Java has woken to come out of the system call


def capabilities(**more):
    # type: (**Any) -> Any
    """The capabilities of this Java, joined with the loop's."""
    return nio.Channels.capabilities(**more)


class SemaphoreWaker(object):
    """Waits on a semaphore of Java, whose timeouts neither spin nor slip."""

    def __init__(self):
        # type: () -> None
        self._semaphore = Semaphore(0)
        self.wake = self._semaphore.release

    def wait(self, timeout):
        # type: (Optional[float]) -> None
        """Waits until ``wake()``, *timeout* seconds at the most; None: for ever."""
        if timeout is None:
            self._semaphore.acquire()
        elif timeout > 0:
            self._semaphore.tryAcquire(int(timeout * 1e9) + 1, TimeUnit.NANOSECONDS)
        self._semaphore.drainPermits()

    @staticmethod
    def signal_descriptor():
        # type: () -> None
        """None: Java calls handlers on a thread of their own."""

    def close(self):
        # type: () -> None
        """Nothing is held."""


class _Gate(object):
    """One thread waits until another lets it pass; an ``open()`` before ``wait()`` counts."""

    def __init__(self):
        # type: () -> None
        semaphore = Semaphore(0)
        self.wait = semaphore.acquire
        self.open = semaphore.release


class _Link(object):
    """The base of the stream links."""

    new_gate = _Gate
    lost_fault = staticmethod(faults.lost_fault)
    _socket = None                  # type: Any

    def peername(self):
        # type: () -> Optional[Address]
        """The other end's Address."""
        raise NotImplementedError

    @staticmethod
    def write_now(_data):
        # type: (Any) -> int
        """0: Java cannot write without blocking on such a socket."""
        return 0

    @staticmethod
    def check_end():
        # type: () -> None
        """Nothing: Java does not show whether it told a writing thread of a reset;
        that thread does (see law L5)."""

    @staticmethod
    def peer_credentials():
        # type: () -> None
        """None: not of a Unix socket."""
        return None

    def connect_fault(self, exc):
        # type: (BaseException) -> Any
        """The error that *exc* of ``connect()`` means."""
        return faults.connect_fault(exc, self.peername())

    def stop(self, writing=False, reset=False):
        # type: (bool, bool) -> None
        """Wakes anyone who blocks in it; without a writer the peer hears nothing of it."""
        nio.quietly(self._socket.shutdownInput)
        if writing:
            nio.quietly(self._socket.shutdownOutput)

    def shut_down_write(self):
        # type: () -> None
        """Tells the peer that nothing more comes; harmless if it is gone."""
        nio.quietly(self._socket.shutdownOutput)


class _SocketLink(_Link):
    """A TCP connection over the streams of a Socket."""

    def __init__(self, socket, peer=None, local=None):
        # type: (Socket, Optional[Address], Any) -> None
        self._socket = socket
        self._peer = peer
        self._local = local
        self._here = None               # type: Optional[Address]
        self._array = jarray.zeros(READ_BYTES, 'b')
        self._input = None     # type: Any
        self._output = None    # type: Any
        if socket.isConnected():
            self._open_streams()

    def _open_streams(self):
        # type: () -> None
        self._socket.setTcpNoDelay(True)
        self._input = self._socket.getInputStream()
        self._output = self._socket.getOutputStream()

    def connect(self):
        # type: () -> None
        """Connects, blocking; throws what Java throws."""
        if self._local is not None:
            self._socket.bind(to_system(self._local))
        self._socket.connect(to_system(self._peer), MAX_CONNECT_MILLISECONDS)
        self._open_streams()

    def read(self, _limit):
        # type: (int) -> bytes
        """Bytes; b'' at the end; blocks."""
        count = self._input.read(self._array)
        return from_java(self._array, count) if count > 0 else b''

    def write_all(self, data):
        # type: (bytes) -> None
        """Writes everything; blocks."""
        self._output.write(to_java(data))

    def peername(self):
        # type: () -> Optional[Address]
        """The other end's Address."""
        if self._peer is None:
            self._peer = address_of(self._socket.getRemoteSocketAddress())
        return self._peer

    def sockname(self):
        # type: () -> Optional[Address]
        """Our own end's Address; None when it is closed."""
        if self._here is None and not self._socket.isClosed():
            self._here = address_of(self._socket.getLocalSocketAddress())
        return self._here

    def close(self, reset=False):
        # type: (bool) -> None
        """Closes it, with a reset if asked."""
        if reset:
            nio.quietly(self._socket.setSoLinger, True, 0)
        self._socket.close()

    def stop(self, writing=False, reset=False):
        # To end the output first would look like a clean end to the peer; and.
        if reset or self._input is None:
            self.close(reset)                   # what still connects is ended by closing alone
            return
        _Link.stop(self, writing)


class _UnixLink(_Link):
    """A Unix connection over a blocking channel."""

    def __init__(self, channel, peer=None, here=None):
        # type: (SocketChannel, Optional[Address], Optional[Address]) -> None
        self._socket = channel
        self._peer = peer
        self._here = here
        self._array = jarray.zeros(READ_BYTES, 'b')
        self._buffer = ByteBuffer.wrap(self._array)

    def connect(self):
        # type: () -> None
        """Connects, blocking; throws what Java throws."""
        self._socket.connect(nio.UnixDomainSocketAddress.of(self._peer.host))      # type: ignore

    def read(self, _limit):
        # type: (int) -> bytes
        """Bytes; b'' at the end; blocks."""
        self._buffer.clear()
        count = read_channel(self._socket, self._buffer)
        return from_java(self._array, count) if count > 0 else b''

    def write_all(self, data):
        # type: (bytes) -> None
        """Writes everything; blocks."""
        buffer = ByteBuffer.wrap(to_java(data))
        while buffer.hasRemaining():
            write_channel(self._socket, buffer)

    def peername(self):
        # type: () -> Optional[Address]
        """The other end's Address."""
        if self._peer is None:
            self._peer = nio.address_or_none(self._socket.getRemoteAddress)
        return self._peer

    def sockname(self):
        # type: () -> Optional[Address]
        """Our own end's Address; None when it is closed."""
        return self._here or nio.address_or_none(self._socket.getLocalAddress)

    def peer_credentials(self):
        return nio.unix_credentials(self._socket)

    def close(self, reset=False):
        # type: (bool) -> None
        """Closes it; a Unix socket knows no reset."""
        self._socket.close()


class _Chamber(object):
    """One thread may block inside.

    While it does, the kernel keeps a socket that was closed under it: a listener goes on
    to take connections, and its port stays taken.  Anyone who closes therefore waits until the
    thread has come out."""

    def __init__(self):
        # type: () -> None
        self._lock = ReentrantLock()

    def call(self, function, *args):
        # type: (Any, *Any) -> Any
        """Calls *function*, which blocks, and returns its result."""
        self._lock.lock()
        try:
            return function(*args)
        finally:
            self._lock.unlock()

    def close(self, function):
        # type: (Any) -> None
        """Calls *function*, which wakes the thread inside, and waits for it."""
        function()
        if not self._lock.isHeldByCurrentThread() and self._lock.tryLock(
                MAX_LEAVE_SECONDS, TimeUnit.SECONDS):
            self._lock.unlock()


class _ListeningLink(object):
    """A listener over a ServerSocket (TCP) or a blocking channel (Unix)."""

    new_gate = _Gate
    is_out_of_resources = staticmethod(faults.is_out_of_resources)

    def __init__(self, socket, address, make, unix_inode=None):
        # type: (Any, Address, Any, Optional[int]) -> None
        self._socket = socket
        self.address = address
        self._make = make
        self._unix_inode = unix_inode
        self._chamber = _Chamber()

    def accept(self):
        # type: () -> Any
        """The next connection; blocks."""
        return self._make(self._chamber.call(self._socket.accept))

    def stop(self, writing=False, reset=False):
        # type: (bool, bool) -> None
        """Stops listening; an accept that blocks ends with a throw."""
        self._chamber.close(self._socket.close)
        if self._unix_inode is not None:
            nio.remove_own_socket(self.address.host, self._unix_inode)

    def close(self, reset=False):
        # type: (bool) -> None
        """It is closed by ``stop``, which nothing can outlast here:
        a Java socket's number is never given away."""


class _DatagramLink(object):
    """A UDP socket over a blocking channel."""

    new_gate = _Gate
    lost_fault = staticmethod(faults.lost_fault)

    def __init__(self, channel):
        # type: (datagrams.DatagramChannel) -> None
        channel.nio.configureBlocking(True)
        self._channel = channel
        self.send = channel.send
        self.sockname = channel.sockname
        self.peername = channel.peername
        self.set_group = channel.set_group
        self._chamber = _Chamber()

    def receive(self):
        # type: () -> Any
        """The next packet and where it came from; blocks."""
        return self._chamber.call(self._channel.receive, READ_BYTES)

    def stop(self, writing=False, reset=False):
        # type: (bool, bool) -> None
        """Closes it: that ends a receive that blocks."""
        self._chamber.close(self._channel.close)

    def close(self, reset=False):
        # type: (bool) -> None
        """It is closed by ``stop``."""


def listen_tcp(host, port, backlog, reuse_port):
    # type: (str, int, int, bool) -> _ListeningLink
    """Listens on a TCP port; raises ListenFailed,
    and ResolveFailed for a name without an address."""
    numeric = canonical(host) if host else '0.0.0.0'
    where = Address(numeric or look_up(host, port)[0].host, port)
    # By way of a channel, which alone can be told to leave IPv6 out of 0.0.0.0; its socket() is an
    # ordinary ServerSocket.
    channel = None if ':' in where.host else nio.ipv4_listener()
    socket = channel.socket() if channel else ServerSocket()
    try:
        socket.setReuseAddress(True)
        if reuse_port:
            socket.setOption(nio.StandardSocketOptions.SO_REUSEPORT, True)
        socket.bind(to_system(where), backlog)
        here = address_of(socket.getLocalSocketAddress()) or where
        return _ListeningLink(socket, here, _SocketLink)
    except FAILURES as exc:             # Jython itself refuses an invalid port
        socket.close()
        raise faults.listen_fault(exc, where)


def listen_unix(path, mode, backlog):
    # type: (str, int, int) -> _ListeningLink
    """Listens on a Unix socket; a file that no one serves any more is replaced."""
    channel = nio.bind_unix(path, mode, backlog)
    here = Address(path)

    def make(accepted):
        # type: (SocketChannel) -> _UnixLink
        # The system may know the socket by another name, under which it was bound.
        return _UnixLink(accepted, here=here)

    return _ListeningLink(channel, here, make, os.lstat(path).st_ino)


def connecting(address, local):
    # type: (Address, Any) -> Any
    """A link that is not connected yet."""
    if address.port is None:
        return _UnixLink(SocketChannel.open(StandardProtocolFamily.UNIX), address)
    return _SocketLink(Socket(), address, local)


def open_udp(host, port, remote, reuse_port):
    # type: (str, int, Any, bool) -> _DatagramLink
    """Opens a UDP socket on a numeric address; raises ListenFailed."""
    return _DatagramLink(datagrams.open_udp(host, port, remote, reuse_port))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
