# Copyright the carryall authors.  See LICENSE.
"""Under systemd: notices about the server's state, and sockets that systemd opened for it.

    notifier = systemd.notifier(loop)       # None when no one asked for notice
    notifier.ready(['web on 127.0.0.1:8080']), notifier.reloading(), notifier.stopping()
    # a listening socket, None if none was handed over for that
    systemd.take('tcp', '127.0.0.1', 8080)

Notice:   datagrams to the Unix socket that NOTIFY_SOCKET names: READY, RELOADING, STOPPING, STATUS,
          and WATCHDOG at half the time that WATCHDOG_USEC allows.  sd_notify(3)
Sockets:  LISTEN_FDS descriptors from 3 on, meant for the process LISTEN_PID, with the names
          LISTEN_FDNAMES.  One is taken for an endpoint of the same kind and address.  It is also
          taken if its name (FileDescriptorName= of the socket unit) is KIND-PORT, as tcp-8080.  So
          one tap runs with and without a socket unit.  sd_listen_fds(3)
Not here: sockets on a JVM; Java makes none out of a descriptor.
Tests:    tests/runtimes/host/test_systemd.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.compat import FAILURES, PY2
from carryall.core.errors import UsageError
from carryall.core.logs import get_logger
from carryall.core.codec.numbers import decimal
from carryall.runtimes.clock import monotonic
from carryall.runtimes.platform import ON_JVM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence

__all__ = ['Inherited', 'Notifier', 'notifier', 'take', 'warn_of_unused']

# -- limits ------------------------------------------------------------------
FIRST_DESCRIPTOR = 3        # SD_LISTEN_FDS_START
MAX_DESCRIPTORS = 1000      # handed over
MAX_STATUS = 400            # characters of a STATUS line
MAX_WATCHDOG = 10 ** 12     # microseconds

# Of Linux, where systemd is; the socket module of 2.7 has no name for the first.
_SO_ACCEPTCONN = 30
_SO_DOMAIN = 39
_AF_UNIX = 1
_SOCK_DGRAM = 2

log = get_logger('systemd')


# -- notice ------------------------------------------------------------------

def notifier(loop, environ=None):
    # type: (Any, Optional[Dict[str, str]]) -> Optional[Notifier]
    """The notifier of systemd, if it wants to be told; the variables are taken away, for they are
    not meant for our children."""
    given = os.environ if environ is None else environ          # type: Any
    path = given.pop('NOTIFY_SOCKET', '')
    microseconds = _number(given.pop('WATCHDOG_USEC', ''), MAX_WATCHDOG)
    watched = given.pop('WATCHDOG_PID', '')
    if not path.startswith(('/', '@')):
        return None
    if watched and watched not in _own_pids():
        microseconds = None
    return Notifier(loop, _sender(path), microseconds and microseconds / 2e6)


def _sender(path):
    # type: (str) -> Any
    """The function that sends one datagram there; it may fail."""
    if ON_JVM:
        from carryall.runtimes.jvm.notice import send
        return lambda data: send(path, data)
    import socket
    address = '\0' + path[1:] if path.startswith('@') else path

    def tell(data):
        # type: (bytes) -> None
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            sock.sendto(data, address)
        finally:
            sock.close()
    return tell


class Notifier(object):
    """Tells the service manager; that it cannot be told is logged once,
    and is no reason to stop serving."""

    def __init__(self, loop, send, period=None):
        # type: (Any, Any, Optional[float]) -> None
        self._loop = loop
        self._send = send
        self._period = period
        self._timer = None      # type: Any
        self._complained = False

    def ready(self, lines):
        # type: (Sequence[str]) -> None
        """It serves; from now on the watchdog is fed by the loop,
        so that a loop that stands still is noticed."""
        self._tell([u'READY=1', u'STATUS=' + u', '.join(lines)[:MAX_STATUS]])
        if self._period and self._timer is None:
            self._feed()

    def reloading(self):
        # type: () -> None
        """It reads again what may have changed, and says `ready` when it has."""
        self._tell([u'RELOADING=1', u'MONOTONIC_USEC=%d' % (monotonic() * 1e6)])

    def stopping(self):
        # type: () -> None
        """It is coming to its end."""
        self._tell([u'STOPPING=1', u'STATUS=connections are being finished'])

    def _feed(self):
        # type: () -> None
        self._tell([u'WATCHDOG=1'])
        self._timer = self._loop.call_later(self._period, self._feed)

    def _tell(self, lines):
        # type: (List[str]) -> None
        try:
            self._send(u'\n'.join(line.replace(u'\n', u' ') for line in lines).encode('utf-8'))
        except FAILURES as exc:
            if not self._complained:
                self._complained = True
                log.warning('systemd cannot be told: %s', exc)


# -- sockets -----------------------------------------------------------------

class Inherited(object):
    """The sockets that were handed over; empty for most processes.

    Args:     environ: where the variables are, and are taken away from.
              adopt:   descriptor -> socket.
    Raises:   UsageError: what was handed over is a connection (Accept=yes).
    """

    def __init__(self, environ, adopt):
        # type: (Dict[str, str], Any) -> None
        count = _number(environ.pop('LISTEN_FDS', ''), MAX_DESCRIPTORS) or 0
        names = environ.pop('LISTEN_FDNAMES', '').split(':')
        meant_for = environ.pop('LISTEN_PID', '')
        if meant_for not in _own_pids():
            count = 0
        self._left = []         # type: List[Any]  # (name, socket)
        for index in range(count):
            name = names[index] if index < len(names) and names[index] else 'unknown'
            try:
                self._left.append((name, adopt(FIRST_DESCRIPTOR + index)))
            except UsageError:
                raise
            except (IOError, OSError, ValueError) as exc:
                log.warning('descriptor %d (%s) that systemd handed over is no socket: %s',
                            FIRST_DESCRIPTOR + index, name, exc)

    def take(self, kind, host, port):
        # type: (str, str, Optional[int]) -> Any
        """The socket for this endpoint, which is the caller's from now on;
        None if there is none."""
        for row in self._left:
            name, sock = row
            if (_kind_of(sock) == kind and _is_at(sock, host, port)) \
                    or (port and name == '%s-%d' % (kind, port)):
                self._left.remove(row)
                log.info('%s %s: taken over from systemd (%s)', kind, host if port is None
                         else '%s:%d' % (host, port), name)
                return sock
        return None

    def unused(self):
        # type: () -> List[str]
        """The names of the sockets that no one took."""
        return [name for name, _ in self._left]


# One for the process, as the descriptors are; filled when first asked for.
_inherited = []  # type: List[Inherited]


def take(kind, host, port=None):
    # type: (str, str, Optional[int]) -> Any
    """The listening ('tcp', 'unix') or bound ('udp') socket that was handed over for this endpoint;
    None if none was."""
    if not _inherited:
        _inherited.append(Inherited(os.environ, _adopt))        # type: ignore
    return _inherited[0].take(kind, host, port)


def warn_of_unused():
    # type: () -> None
    """Logs the sockets that were handed over and that no endpoint asked for."""
    if ON_JVM and _number(os.environ.get('LISTEN_FDS', ''), MAX_DESCRIPTORS):
        log.warning('systemd handed over sockets; Java cannot make use of them, so the ports are '
                    'bound here')
    for name in _inherited[0].unused() if _inherited else ():
        log.warning('systemd handed over the socket %s, and no endpoint is there or called '
                    'KIND-PORT like it', name)


def _own_pids():
    # type: () -> Sequence[str]
    """Ours; for a frozen program that unpacked itself also that of its first process,
    which systemd started."""
    from carryall.runtimes.host.daemon import UNPACKED
    return [str(os.getpid())] + ([str(os.getppid())] if UNPACKED else [])


def _adopt(number):
    # type: (int) -> Any
    import fcntl
    import socket
    import stat
    if not stat.S_ISSOCK(os.fstat(number).st_mode):
        raise ValueError('it is something else')
    fcntl.fcntl(number, fcntl.F_SETFD, fcntl.FD_CLOEXEC)        # not for our children
    if not PY2:
        return _listening(socket.socket(fileno=number))
    # py2: a socket has to be told what it is, and is a second descriptor.
    probe = socket.fromfd(number, socket.AF_INET, socket.SOCK_STREAM)
    sock = socket.fromfd(number, probe.getsockopt(socket.SOL_SOCKET, _SO_DOMAIN),
                         probe.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE))
    probe.close()
    os.close(number)
    return _listening(sock)


def _listening(sock):
    # type: (Any) -> Any
    """The socket; UsageError if it is one connection,
    for which systemd would start a server of its own each time."""
    import socket
    if sock.type & 15 == socket.SOCK_STREAM and not sock.getsockopt(
            socket.SOL_SOCKET, _SO_ACCEPTCONN):
        raise UsageError(u'systemd handed over a connection and not a socket that listens: the '
                         u'socket unit must say Accept=no')
    return sock


def _kind_of(sock):
    # type: (Any) -> str
    if sock.family == _AF_UNIX:
        return 'unix'
    return 'udp' if sock.type & 15 == _SOCK_DGRAM else 'tcp'        # py2: the type has flags in it


def _is_at(sock, host, port):
    # type: (Any, str, Optional[int]) -> bool
    where = sock.getsockname()
    if port is None:
        return where == host
    return where[1] == port and where[0] in (host, '::' if host in ('', '0.0.0.0') else host)


def _number(text, maximum):
    # type: (Any, int) -> Optional[int]
    return decimal(text if isinstance(text, bytes) else text.encode('ascii', 'replace'), maximum)
