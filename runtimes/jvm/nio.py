# Copyright the carryall authors.  See LICENSE.
"""The readiness family over java.nio: a Selector as the poller, and its channels.

Jython's own ``socket`` and ``select`` are never touched: they lose accepted connections and
half-closes.  What is known of the behaviour relied on here stands in doc/runtimes.md.

Tests:    tests/contract/ (all laws, as the backend 'nio')
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import stat
import tempfile

import jarray
from java.lang import System, Throwable
from java.net import ConnectException, StandardProtocolFamily, StandardSocketOptions
from java.nio import Buffer, ByteBuffer
from java.nio.channels import (CancelledKeyException, SelectionKey, Selector, ServerSocketChannel,
                               SocketChannel)
from java.nio.file import Files, Paths

from carryall.core.compat import to_bytes
from carryall.core.net.ip import canonical
from carryall.core.net.loop import Caps
from carryall.core.net.transport import Address
from carryall.runtimes.jvm import javafaults as faults
from carryall.runtimes.jvm.addresses import address_of, look_up, to_system
from carryall.runtimes.jvm.octets import from_java, read_channel, to_java, write_channel
from carryall.runtimes.readiness.output import Output

try:
    from java.net import UnixDomainSocketAddress
except ImportError:                     # Java 11 to 15
    UnixDomainSocketAddress = None

__all__ = ['Channels', 'SelectorPoller', 'address_or_none', 'bind_unix', 'ipv4_listener', 'quietly',
           'remove_own_socket', 'unix_credentials']

READ_BYTES = 65536          # received at once, into one buffer for all connections of a loop
MAX_UNIX_PATH = 107         # octets: sun_path of unix(7) less its NUL
SPIN_LIMIT = 512  # empty selects in a row, none of which waited, before the Selector is thrown away
# A select that was to wait longer and came back sooner with nothing did not wait.
SPIN_NANOSECONDS = 500000

_READ = SelectionKey.OP_READ | SelectionKey.OP_ACCEPT
_WRITE = SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT
_wrap = ByteBuffer.wrap
_clear = Buffer.clear


class SelectorPoller(object):
    """java.nio.channels.Selector as a Poller."""

    name = 'nio'
    max_descriptor = None

    def __init__(self):
        # type: () -> None
        self._selector = Selector.open()
        # Java's own class for closing takes a descriptor when it is first used, and is lost for
        # good if there is none at that moment: use it while there are some.
        SocketChannel.open().close()
        self._woken = False
        self._spins = 0
        self._shared = False        # whether another thread ever waits
        self._waits = False         # whether it may do so now
        self._selects = False       # whether the loop's thread does, or will at once

    def watch(self, target):
        # type: (Any) -> None
        """Follows what *target* wants now."""
        channel = target.channel
        interest = (channel.read_op if target.wants_read else 0) \
            | (channel.write_op if target.wants_write else 0)
        key = channel.key
        if key is not None and key.isValid():
            if key.attachment() is not target:
                key.attach(target)
            key.interestOps(interest)
        elif interest:
            channel.key = channel.nio.register(self._selector, interest, target)

    def wake(self):
        # type: () -> None
        """Ends a dispatch that waits; several calls before it acts cost one."""
        if not self._woken:
            self._woken = True
            self._selector.wakeup()

    @staticmethod
    def signal_descriptor():
        # type: () -> None
        """None: Java calls handlers on a thread of their own."""

    @staticmethod
    def descriptor():
        # type: () -> None
        """None: a Selector can be waited for by a thread alone."""

    def wait(self):
        # type: () -> None
        """Waits until a target is ready, or ``wake`` was called, and calls none; for a thread
        other than the loop's."""
        # Of two that select, the second waits for the first: so the first is woken, or looks only.
        self._shared = True
        self._waits = True
        if self._selects:
            self._selector.select(1)
        else:
            self._selector.select()
        self._waits = False
        self._woken = False             # the Selector has forgotten it as well

    def dispatch(self, timeout):
        # type: (Optional[float]) -> None
        """Waits *timeout* seconds (None: for ever) at the most,
        and call the targets that are ready."""
        if self._shared:
            self._selects = True
            if self._waits:
                self._selector.wakeup()
        if timeout is None:
            self._select(0)                         # 0 is Java's "for ever"
        elif timeout <= 0:
            self._selector.selectNow()
        else:
            self._select(int(timeout * 1000 + 0.999) or 1)     # 0 would wait for ever
        self._woken = False
        keys = self._selector.selectedKeys()
        if keys.isEmpty():
            self._selects = False
            return
        ready = keys.toArray()
        keys.clear()
        self._selects = False
        for key in ready:
            try:
                operations = key.readyOps()
            except CancelledKeyException:           # closed by a callback of this very turn
                continue
            target = key.attachment()
            if operations & _READ:
                target.on_readable()
            if operations & _WRITE:
                target.on_writable()

    def _select(self, milliseconds):
        # type: (int) -> None
        """Waits, and sees to it that waiting waits.

        On some kernels a broken connection makes select() return at once with nothing, for ever.  A
        Selector that does so is replaced.
        """
        before = System.nanoTime()
        if self._selector.select(milliseconds) or self._woken \
                or System.nanoTime() - before > SPIN_NANOSECONDS:
            self._spins = 0
            return
        self._spins += 1
        if self._spins > SPIN_LIMIT and milliseconds != 1:
            self._spins = 0
            self._rebuild()

    def _rebuild(self):
        # type: () -> None
        old, self._selector = self._selector, Selector.open()
        for key in old.keys().toArray():
            if key.isValid():
                target = key.attachment()
                interest = key.interestOps()
                target.channel.key = target.channel.nio.register(self._selector, interest, target) \
                    if interest else None
        old.close()

    def close(self):
        # type: () -> None
        """Closes the Selector."""
        self._selector.close()


class Channel(object):
    """One connected (or connecting) stream channel."""

    read_op = SelectionKey.OP_READ
    busy = False                # nothing but the system keeps what was taken

    def __init__(self, buffers, nio, peer=None, connected=True, here=None):
        # type: (Tuple[Any, Any], SocketChannel, Optional[Address], bool, Optional[Address]) -> None
        nio.configureBlocking(False)
        self.nio = nio
        self.key = None             # type: Any
        self.connected = connected
        self.write_op = SelectionKey.OP_WRITE if connected else SelectionKey.OP_CONNECT
        self._buffers = buffers
        self._array, self._buffer = buffers
        self._peer = peer
        self._here = here

    def read(self, _limit):
        # type: (int) -> Optional[bytes]
        """Bytes; b'' at the end; None when there is nothing now."""
        buffer = self._buffer
        _clear(buffer)
        count = read_channel(self.nio, buffer)
        if count > 0:
            return from_java(self._array, count)
        return None if count == 0 else b''

    def write(self, data):
        # type: (bytes) -> int
        """How many bytes the system took."""
        return write_channel(self.nio, _wrap(to_java(data)))

    @staticmethod
    def is_retry(_exc):
        # type: (BaseException) -> bool
        """Never: "not now" is a value here and no exception."""
        return False

    lost_fault = staticmethod(faults.lost_fault)

    def finish_connect(self):
        # type: () -> bool
        """True when the connection is made, False while it is on its way;
        raises what went wrong."""
        if not self.connected:
            try:
                self.connected = self.nio.finishConnect()
            except Throwable as exc:
                raise faults.connect_fault(exc, self._peer)
            if self.connected:
                self.write_op = SelectionKey.OP_WRITE
        return self.connected

    def peername(self):
        # type: () -> Optional[Address]
        """The other end's Address; kept,
        because it cannot be asked for when the connection is gone."""
        if self._peer is None:
            self._peer = address_or_none(self.nio.getRemoteAddress)
        return self._peer

    def sockname(self):
        # type: () -> Optional[Address]
        """Our own end's Address; None when the channel is closed."""
        if self._here is None:
            self._here = address_or_none(self.nio.getLocalAddress)
        return self._here

    def peer_credentials(self):
        # type: () -> Optional[Tuple[Optional[int], int, int]]
        """(None, uid, gid) of the process at the other end of a Unix socket,
        as the kernel vouches; else None."""
        peer = self.peername()
        if peer is None or peer.port is not None:
            return None
        return unix_credentials(self.nio)

    def new_output(self):
        # type: () -> Output
        """A queue for what does not fit now."""
        return NioOutput(self)

    def shut_down_write(self):
        # type: () -> None
        """Tells the peer that nothing more comes; harmless if it is gone."""
        quietly(self.nio.shutdownOutput)

    def close(self, reset=False):
        # type: (bool) -> None
        """Closes the channel, with a reset if asked."""
        if reset and (self._peer is None or self._peer.port is not None):
            quietly(self.nio.setOption, StandardSocketOptions.SO_LINGER, 0)
        self.nio.close()


def address_or_none(ask):
    # type: (Callable[[], Any]) -> Optional[Address]
    try:
        return address_of(ask())
    except Throwable:                   # closed meanwhile
        return None


def unix_credentials(nio):
    # type: (SocketChannel) -> Tuple[Optional[int], int, int]
    """(None, uid, gid) of the process at the other end of a Unix channel;
    Java does not tell the pid."""
    import grp
    import pwd
    from jdk.net import ExtendedSocketOptions
    who = nio.getOption(ExtendedSocketOptions.SO_PEERCRED)
    user = who.user().getName()
    group = who.group().getName()
    # A number without an account has itself as its name.
    uid = int(user) if user.isdigit() else pwd.getpwnam(user).pw_uid
    return None, uid, int(group) if group.isdigit() else grp.getgrnam(group).gr_gid


def quietly(function, *args):
    # type: (Callable[..., Any], *Any) -> None
    """Calls *function* of a channel that the peer may have broken already,
    which is then nothing new."""
    try:
        function(*args)
    except Throwable:
        pass


class _Piece(object):
    """A ByteBuffer that is sent little by little; it keeps its own position,
    so that the rest is never copied."""

    __slots__ = ('buffer',)

    def __init__(self, data):
        # type: (bytes) -> None
        self.buffer = _wrap(to_java(data))

    def __len__(self):
        return self.buffer.remaining()

    def __getitem__(self, _rest):
        return self


class NioOutput(Output):
    """The queue of one channel."""

    __slots__ = ()
    pieces = _Piece

    def write(self, piece):
        return write_channel(self.channel.nio, piece.buffer)

    def write_file(self, segment):
        if not hasattr(segment.descriptor, 'getChannel'):
            return None
        source = segment.descriptor.getChannel()
        sent = source.transferTo(segment.offset, min(segment.left, 1 << 30), self.channel.nio)
        if not sent and source.size() <= segment.offset:
            raise segment.ended_early()
        return sent


class ListeningChannel(object):
    """A channel that takes connections."""

    read_op = SelectionKey.OP_ACCEPT
    write_op = 0

    def __init__(self, buffers, nio, address, unix_inode=None):
        # type: (Tuple[Any, Any], ServerSocketChannel, Address, Optional[int]) -> None
        nio.configureBlocking(False)
        self.nio = nio
        self.key = None             # type: Any
        self.address = address
        self._buffers = buffers
        self._unix_inode = unix_inode

    def accept(self):
        # type: () -> Optional[Channel]
        """The next connection; None when there is none now."""
        nio = self.nio.accept()
        if nio is None:
            return None
        try:
            if self.address.port is not None:
                nio.setOption(StandardSocketOptions.TCP_NODELAY, True)
                return Channel(self._buffers, nio)
            # The system may know the socket by another name (_bind_aside).
            return Channel(self._buffers, nio, here=self.address)
        except Throwable:               # gone before it was taken
            nio.close()
            return None

    is_out_of_resources = staticmethod(faults.is_out_of_resources)

    def close(self):
        # type: () -> None
        """Closes it, and takes a Unix socket's file away if it is still ours."""
        self.nio.close()
        if self.key is not None and self.key.selector().isOpen():
            # Java keeps the port until the Selector has looked again: have it look now, and give it
            # back the wake-up that this may have swallowed.
            self.key.selector().selectNow()
            self.key.selector().wakeup()
        if self._unix_inode is not None:
            remove_own_socket(self.address.host, self._unix_inode)


def remove_own_socket(path, inode):
    # type: (str, int) -> None
    """Takes a Unix socket's file away if it is still the one with that inode."""
    try:
        if os.lstat(path).st_ino == inode:
            os.unlink(path)
    except OSError:                     # somebody was quicker
        pass


class Channels(object):
    """Opens channels for one loop; they share its read buffer."""

    def __init__(self):
        # type: () -> None
        array = jarray.zeros(READ_BYTES, 'b')
        self._buffers = (array, _wrap(array))

    @staticmethod
    def capabilities(**more):
        # type: (**Any) -> Caps
        """The capabilities of this Java, joined with the loop's."""
        flags = dict(half_close=True, udp=True, ipv6=True, multicast=True, sendfile=True,
                     unix=True if UnixDomainSocketAddress
                     else u'Unix sockets need Java 16 or newer')
        flags.update(more)
        return Caps(**flags)

    def listen_tcp(self, host, port, backlog, reuse_port):
        # type: (str, int, int, bool) -> ListeningChannel
        """Listens on a TCP port; raises ListenFailed,
        and ResolveFailed for a name without an address."""
        numeric = canonical(host) if host else '0.0.0.0'
        if numeric is None:
            numeric = look_up(host, port)[0].host
        where = Address(numeric, port)
        # Opened without a family a channel for 0.0.0.0 would take IPv6 as well.
        nio = (None if ':' in numeric else ipv4_listener()) or ServerSocketChannel.open()
        try:
            nio.setOption(StandardSocketOptions.SO_REUSEADDR, True)
            if reuse_port:
                nio.setOption(StandardSocketOptions.SO_REUSEPORT, True)
            nio.bind(to_system(where), backlog)
            here = address_of(nio.getLocalAddress()) or where
            return ListeningChannel(self._buffers, nio, here)
        except Throwable as exc:
            nio.close()
            raise faults.listen_fault(exc, where)

    def listen_unix(self, path, mode, backlog):
        # type: (str, int, int) -> ListeningChannel
        """Listens on a Unix socket; a file that no one serves any more is replaced."""
        return ListeningChannel(self._buffers, bind_unix(path, mode, backlog), Address(path),
                                os.lstat(path).st_ino)

    def connect(self, address, local=None):
        # type: (Address, Optional[Tuple[str, int]]) -> Channel
        """Begins to connect to an Address; raises the kinds of ConnectFailed."""
        unix = address.port is None
        nio = SocketChannel.open(StandardProtocolFamily.UNIX) if unix else SocketChannel.open()
        try:
            nio.configureBlocking(False)
            if not unix:
                nio.setOption(StandardSocketOptions.TCP_NODELAY, True)
            if local is not None:
                nio.bind(to_system(local))
            connected = nio.connect(UnixDomainSocketAddress.of(address.host) if unix
                                    else to_system(address))
            return Channel(self._buffers, nio, address, connected)
        except Throwable as exc:
            nio.close()
            raise faults.connect_fault(exc, address)

    def open_udp(self, host, port, remote, reuse_port):
        # type: (str, int, Optional[Address], bool) -> Any
        """Opens a UDP socket on a numeric address; raises ListenFailed."""
        from carryall.runtimes.jvm.udp import open_udp
        return open_udp(host, port, remote, reuse_port)


def ipv4_listener():
    # type: () -> Optional[ServerSocketChannel]
    """A channel to listen with on IPv4 alone; None before Java 15, where each is for both: 0.0.0.0
    listens on :: too."""
    try:
        return ServerSocketChannel.open(StandardProtocolFamily.INET)
    except TypeError:                   # jython: there is no such open()
        return None


def bind_unix(path, mode, backlog):
    # type: (str, int, int) -> ServerSocketChannel
    """A blocking channel that listens on a Unix socket; raises ListenFailed."""
    remove_dead_socket(path)
    nio = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
    try:
        if not hasattr(os, 'umask'):
            if stat.S_IMODE(os.stat(os.path.dirname(os.path.abspath(path))).st_mode) & 0o077:
                return _bind_aside(nio, path, mode, backlog)
            # No one else can enter this folder,
            # and on a full disk there may be room for one name alone.
            nio.bind(UnixDomainSocketAddress.of(path), backlog)
            os.chmod(path, mode)
            return nio
        # The file appears with the permissions that the umask leaves: none for others,
        # at no moment.
        before = os.umask(0o777 & ~mode)
        try:
            return nio.bind(UnixDomainSocketAddress.of(path), backlog)
        finally:
            os.umask(before)
    except (OSError, Throwable) as exc:
        nio.close()
        raise faults.listen_fault(exc, Address(path))


def _bind_aside(nio, path, mode, backlog):
    # type: (ServerSocketChannel, str, int, int) -> ServerSocketChannel
    """Binds in a folder that no one else can enter, and gives the socket its mode before its name.

    For a Java without the native part of jffi, where nothing can change the umask.
    """
    if len(to_bytes(path)) > MAX_UNIX_PATH:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), path)
    folder = tempfile.mkdtemp(prefix='.', dir=os.path.dirname(os.path.abspath(path)))
    aside = os.path.join(folder, 's')
    try:
        os.chmod(folder, 0o700)         # jython: mkdtemp does not see to it
        nio.bind(UnixDomainSocketAddress.of(aside), backlog)
        os.chmod(aside, mode)
        # Never over another file
        Files.createLink(Paths.get(os.path.abspath(path)), Paths.get(aside))
    finally:
        if os.path.exists(aside):
            os.unlink(aside)
        os.rmdir(folder)
    return nio


def remove_dead_socket(path):
    # type: (str) -> None
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            return                      # not a socket: bind() will say that the name is taken
    except OSError:
        return
    probe = SocketChannel.open(StandardProtocolFamily.UNIX)
    try:
        probe.connect(UnixDomainSocketAddress.of(path))
    except Throwable as exc:
        if isinstance(exc, ConnectException):       # ECONNREFUSED; others are a SocketException
            os.unlink(path)
    finally:
        probe.close()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Tuple
