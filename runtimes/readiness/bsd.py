# Copyright the carryall authors.  See LICENSE.
"""Channels over BSD sockets: the one place of this family that knows errnos and socket options.

Each kind has an opener (``listen_tcp`` ...) that gives a channel or raises the errors of
``carryall.core.errors``.  ``read`` and ``write`` of a channel *are* the socket's own bound methods,
so that the hot path pays no call of ours.

Tests:    tests/contract/ (over every poller)
"""
from __future__ import absolute_import, division, print_function

import os
import socket
import stat
import struct
import sys

from carryall.core.compat import FAILURES
from carryall.core.errors import ListenFailed
from carryall.core.net.ip import canonical
from carryall.core.net.loop import Caps
from carryall.core.net.transport import Address
from carryall.runtimes import faults
from carryall.runtimes.host import systemd
from carryall.runtimes.names import address_of, family_of, look_up, to_system
from carryall.runtimes.readiness.output import Output

__all__ = ['Channel', 'DatagramChannel', 'ListeningChannel', 'capabilities', 'connect',
           'listen_tcp', 'listen_unix', 'open_udp', 'quietly']

_sendfile = getattr(os, 'sendfile', None) if sys.platform.startswith('linux') else None
_LINGER_RESET = struct.pack('ii', 1, 0)         # SO_LINGER on with 0 seconds: close() sends a reset
_HAS_UNIX = hasattr(socket, 'AF_UNIX')

# Processors on which Linux gives SO_PEERCRED, the option for the process at the other end, the
# number 17; MIPS, PowerPC, SPARC and Alpha have others.
_COMMON = ('x86_64', 'i386', 'i486', 'i586', 'i686', 'aarch64', 'armv6l', 'armv7l', 'armv8l',
           'riscv64', 's390x')


def _peer_option():
    # type: () -> Optional[int]
    """The number of SO_PEERCRED; None where it is not known.  pypy, py2:
    the library has no name for it."""
    known = getattr(socket, 'SO_PEERCRED', None)
    if known is None and sys.platform.startswith('linux') and os.uname()[4] in _COMMON:
        return 17
    return known


_PEER_OPTION = _peer_option()


# True if pipes can be watched as sockets are; not on Windows.
PIPES = os.name == 'posix'


def capabilities(**more):
    # type: (**Any) -> Caps
    """The capabilities of this system's sockets, joined with the loop's."""
    flags = dict(
        half_close=True, udp=True,
        ipv6=True if socket.has_ipv6 else u'this Python was built without IPv6',
        multicast=True if hasattr(socket, 'IP_ADD_MEMBERSHIP')
        else u'this Python knows no IP_ADD_MEMBERSHIP',
        sendfile=True if _sendfile else u'os.sendfile of Linux is missing; files are read and '
                                        u'written in pieces',
        unix=True if _HAS_UNIX else u'this system has no Unix sockets')
    flags.update(more)
    return Caps(**flags)


class Channel(object):
    """One connected (or connecting) stream socket."""

    __slots__ = ('sock', 'read', 'write', 'fileno', '_peer', '_here')
    connected = False           # whether connect() was done at once; here the poller tells
    busy = False                # nothing but the system keeps what was taken

    def __init__(self, sock, peer=None):
        # type: (socket.socket, Any) -> None
        sock.setblocking(False)
        self.sock = sock
        self.read = sock.recv
        self.write = sock.send
        self.fileno = sock.fileno
        self._peer = peer
        self._here = None           # type: Optional[Address]

    @staticmethod
    def is_retry(exc):
        # type: (BaseException) -> bool
        """True if a failed read or write only means "not now"."""
        return faults.errno_of(exc) in faults.RETRY

    lost_fault = staticmethod(faults.lost_fault)

    def finish_connect(self):
        # type: () -> bool
        """True when the connection is made, False while it is on its way;
        raises what went wrong."""
        error = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise faults.connect_fault(socket.error(error, os.strerror(error)), self._peer)
        try:
            self.sock.getpeername()
        except socket.error as exc:
            if faults.errno_of(exc) == faults.errno.ENOTCONN:       # a wake-up for nothing
                return False
            raise faults.connect_fault(exc, self._peer)
        return True

    def peername(self):
        # type: () -> Optional[Address]
        """The other end's Address; kept,
        because it cannot be asked for when the connection is gone."""
        if self._peer is None:
            try:
                self._peer = address_of(self.sock.getpeername())
            except socket.error:
                return None
        elif not isinstance(self._peer, Address):
            self._peer = address_of(self._peer)
        return self._peer

    def sockname(self):
        # type: () -> Optional[Address]
        """Our own end's Address, kept once it is known; None when the socket was closed before."""
        if self._here is None:
            try:
                self._here = address_of(self.sock.getsockname())
            except socket.error:
                return None
        return self._here

    def peer_credentials(self):
        # type: () -> Optional[Tuple[int, int, int]]
        """(pid, uid, gid) of the process at the other end of a Unix socket,
        as the kernel vouches; else None."""
        if not _HAS_UNIX or self.sock.family != socket.AF_UNIX or _PEER_OPTION is None:
            return None
        credentials = self.sock.getsockopt(socket.SOL_SOCKET, _PEER_OPTION, 12)
        return struct.unpack('iII', credentials)            # type: ignore

    def new_output(self):
        # type: () -> Output
        """A queue for what does not fit now."""
        return SocketOutput(self)

    def shut_down_write(self):
        # type: () -> None
        """Tells the peer that nothing more comes; harmless if it is gone."""
        quietly(self.sock.shutdown, socket.SHUT_WR)

    def renumbered(self):
        # type: () -> Channel
        """The same connection on the lowest descriptor that is free; this object is closed."""
        sock = socket.fromfd(self.sock.fileno(), self.sock.family, socket.SOCK_STREAM)
        self.sock.close()
        return Channel(sock, self._peer)

    def close(self, reset=False):
        # type: (bool) -> None
        """Closes the socket, with a reset if asked."""
        if reset:
            quietly(self.sock.setsockopt, socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET)
        # py2: the descriptor lives as long as a bound method of it
        self.read = None  # type: ignore
        # py2: the descriptor lives as long as a bound method of it
        self.write = None  # type: ignore
        self.sock.close()


class SocketOutput(Output):
    """The queue of one socket: views of bytes, and files that go by sendfile where there is one."""

    __slots__ = ()
    pieces = staticmethod(memoryview)

    def write(self, view):
        # type: (memoryview) -> int
        return self.channel.write(view)

    def write_file(self, segment):
        # type: (Any) -> Optional[int]
        if _sendfile is None or segment.descriptor is None:
            return None
        sent = _sendfile(self.channel.fileno(), segment.descriptor, segment.offset,
                         min(segment.left, 1 << 30))
        if not sent:
            raise segment.ended_early()
        return sent


def quietly(function, *args):
    # type: (Callable[..., Any], *Any) -> None
    """Calls *function* of a socket that the peer may have broken already,
    which is then nothing new."""
    try:
        function(*args)
    except socket.error:
        pass


# -- listening -------------------------------------------------------------------------------------


class ListeningChannel(object):
    """A socket that takes connections."""

    __slots__ = ('sock', 'fileno', 'address', '_unix_inode', '_take')

    def __init__(self, sock, address, unix_inode=None):
        # type: (socket.socket, Address, Optional[int]) -> None
        sock.setblocking(False)
        self.sock = sock
        self.fileno = sock.fileno
        self.address = address
        self._unix_inode = unix_inode
        self._take = _taker(sock)

    def accept(self):
        # type: () -> Optional[Channel]
        """The next connection; None when there is none now or it broke while it waited.

        Raises:   OSError: what ``is_out_of_resources`` knows, or a broken listener.
        """
        try:
            sock, peer = self._take()
        except socket.error as exc:
            number = faults.errno_of(exc)
            if number in faults.OUT_OF_RESOURCES or number in (faults.errno.EBADF,
                                                               faults.errno.EINVAL):
                raise
            return None
        if not _NODELAY_INHERITED and self.address.port is not None:
            quietly(sock.setsockopt, socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Channel(sock, peer or Address(''))

    @staticmethod
    def is_out_of_resources(exc):
        # type: (BaseException) -> bool
        """True if accepting failed for want of descriptors or memory, and will work again later."""
        return faults.errno_of(exc) in faults.OUT_OF_RESOURCES

    def close(self):
        # type: () -> None
        """Closes it, and takes a Unix socket's file away if it is still ours."""
        # py2: the descriptor lives as long as a bound method of it
        self._take = None  # type: ignore
        self.sock.close()
        self.remove_file()

    def remove_file(self):
        # type: () -> None
        """Takes a Unix socket's file away if it is still ours."""
        inode, self._unix_inode = self._unix_inode, None
        if inode is not None:
            try:
                if os.lstat(self.address.host).st_ino == inode:
                    os.unlink(self.address.host)
            except OSError:             # somebody was quicker
                pass


def _taker(sock):
    # type: (socket.socket) -> Callable[[], Tuple[socket.socket, Any]]
    """As ``sock.accept``, but on 3.x, where that makes enumerations of the same three numbers each
    time, at half the price."""
    accept = getattr(sock, '_accept', None)
    if accept is None:
        return sock.accept
    family = int(sock.family)

    def take():
        # type: () -> Tuple[socket.socket, Any]
        descriptor, peer = accept()
        return socket.socket(family, socket.SOCK_STREAM, 0, descriptor), peer
    return take


# There an accepted socket takes it from the listening one.
_NODELAY_INHERITED = sys.platform.startswith('linux')


def listen_tcp(host, port, backlog, reuse_port):
    # type: (str, int, int, bool) -> ListeningChannel
    """Listens on a TCP port; raises ListenFailed,
    and ResolveFailed for a name without an address."""
    numeric_host = canonical(host) if host else '0.0.0.0'
    if numeric_host is None:
        numeric_host = look_up(host, port)[0].host
    where = Address(numeric_host, port)
    given = systemd.take('tcp', numeric_host, port) if port else None
    if given is not None:
        return ListeningChannel(given, address_of(given.getsockname()))     # type: ignore
    sock = socket.socket(family_of(numeric_host), socket.SOCK_STREAM)
    try:
        if os.name == 'posix':          # on Windows this would let two servers share a port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            _set_reuse_port(sock)
        if sock.family == socket.AF_INET6 and hasattr(socket, 'IPV6_V6ONLY'):
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY,
                            0 if numeric_host == '::' else 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.bind(to_system(where))
        sock.listen(backlog)
        return ListeningChannel(sock, address_of(sock.getsockname()))       # type: ignore
    except (socket.error, OverflowError) as exc:
        sock.close()
        raise faults.listen_fault(exc, where)


def _set_reuse_port(sock):
    # type: (socket.socket) -> None
    if not hasattr(socket, 'SO_REUSEPORT'):
        raise ListenFailed(u'this system cannot share a port between processes (no SO_REUSEPORT)')
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)


def listen_unix(path, mode, backlog):
    # type: (str, int, int) -> ListeningChannel
    """Listens on a Unix socket; a file that no one serves any more is replaced."""
    where = Address(path)
    given = systemd.take('unix', path)
    if given is not None:
        return ListeningChannel(given, where)       # the file is systemd's to remove
    _remove_dead_socket(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # The file appears with the permissions that the umask leaves: none for others,
        # at no moment.
        before = os.umask(0o777 & ~mode)
        try:
            sock.bind(path)
        finally:
            os.umask(before)
        sock.listen(backlog)
        return ListeningChannel(sock, where, os.lstat(path).st_ino)
    except (socket.error, OSError) as exc:
        sock.close()
        raise faults.listen_fault(exc, where)


def _remove_dead_socket(path):
    # type: (str) -> None
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            return                      # not a socket: bind() will say that the name is taken
    except OSError:
        return
    probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        probe.connect(path)
    except socket.error as exc:
        if faults.errno_of(exc) == faults.errno.ECONNREFUSED:
            os.unlink(path)
    finally:
        probe.close()


# -- connecting ------------------------------------------------------------------------------------


def connect(address, local=None):
    # type: (Address, Optional[Tuple[str, int]]) -> Channel
    """Begins to connect to an Address; the channel becomes writable when it is decided.

    Raises ConnectFailed kinds.
    """
    if address.port is None:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)    # type: Any
        target = address.host                                       # type: Any
    else:
        sock = socket.socket(family_of(address.host), socket.SOCK_STREAM)
        target = to_system(address)
    try:
        sock.setblocking(False)
        if address.port is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if local is not None:
            sock.bind(to_system(local))
        number = sock.connect_ex(target)
        if number and (number not in faults.IN_PROGRESS or address.port is None
                       and number == faults.errno.EAGAIN):
            raise socket.error(number, os.strerror(number))
    except FAILURES as exc:
        sock.close()
        raise faults.connect_fault(exc, address)
    return Channel(sock, address)


# -- datagrams -------------------------------------------------------------------------------------


class DatagramChannel(object):
    """A UDP socket."""

    __slots__ = ('sock', 'fileno', '_connected')

    def __init__(self, sock, connected):
        # type: (socket.socket, bool) -> None
        sock.setblocking(False)
        self.sock = sock
        self.fileno = sock.fileno
        self._connected = connected

    def receive(self, limit):
        # type: (int) -> Optional[Tuple[bytes, Address]]
        """The next packet and where it came from; None when there is none now.

        Raises what an earlier one met.
        """
        try:
            data, name = self.sock.recvfrom(limit)
        except socket.error as exc:
            if faults.errno_of(exc) in faults.RETRY:
                return None
            raise
        return data, address_of(name)       # type: ignore

    def send(self, data, address):
        # type: (bytes, Optional[Address]) -> bool
        """Sends one packet; False if the system has no room for it now."""
        try:
            if self._connected:
                self.sock.send(data)
            else:
                if self.sock.family == socket.AF_INET6 and ':' not in address.host:  # type: ignore
                    address = Address('::ffff:' + address.host, address.port)  # type: ignore
                self.sock.sendto(data, to_system(address))      # type: ignore
        except socket.error as exc:
            if faults.errno_of(exc) in faults.RETRY:
                return False
            raise
        return True

    lost_fault = staticmethod(faults.lost_fault)

    def peername(self):
        # type: () -> Optional[Address]
        """The Address it is connected to, or None."""
        return address_of(self.sock.getpeername()) if self._connected else None

    def sockname(self):
        # type: () -> Optional[Address]
        """Our own Address; None when it is closed."""
        try:
            return address_of(self.sock.getsockname())
        except socket.error:
            return None

    def set_group(self, group, interface, join):
        # type: (str, Optional[str], bool) -> None
        """Joins or leave a multicast group; raises OSError."""
        if ':' in group:
            index = to_system((interface, 0))[3] if interface and '%' in interface else 0
            request = socket.inet_pton(socket.AF_INET6, group) + struct.pack('@I', index)
            name = 'IPV6_JOIN_GROUP' if join else 'IPV6_LEAVE_GROUP'
            self.sock.setsockopt(socket.IPPROTO_IPV6, getattr(socket, name), request)
        else:
            request = socket.inet_aton(group) + socket.inet_aton(interface or '0.0.0.0')
            option = socket.IP_ADD_MEMBERSHIP if join else socket.IP_DROP_MEMBERSHIP
            self.sock.setsockopt(socket.IPPROTO_IP, option, request)
            if join and interface:
                self.sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                                     socket.inet_aton(interface))

    def close(self):
        # type: () -> None
        """Closes the socket."""
        self.sock.close()


def open_udp(host, port, remote, reuse_port):
    # type: (str, int, Optional[Address], bool) -> DatagramChannel
    """Opens a UDP socket on a numeric address; raises ListenFailed."""
    where = Address(canonical(host) or look_up(host, port)[0].host, port)
    given = systemd.take('udp', where.host, port) if port and remote is None else None
    if given is not None:
        return DatagramChannel(given, False)
    sock = socket.socket(family_of(where.host), socket.SOCK_DGRAM)
    try:
        if reuse_port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            _set_reuse_port(sock)
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if where.host == '::' else 1)
        sock.bind(to_system(where))
        if remote is not None:
            sock.connect(to_system(remote))
        return DatagramChannel(sock, remote is not None)
    except (socket.error, OverflowError) as exc:
        sock.close()
        raise faults.listen_fault(exc, where)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Tuple
