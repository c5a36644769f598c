# Copyright the carryall authors.  See LICENSE.
"""The users who own the TCP connections of this machine, by /proc/net/tcp of Linux (proc(5)).

Tests:    tests/runtimes/host/test_connectiontable.py
"""
from __future__ import absolute_import, division, print_function

import os
import struct
import sys

from carryall.core.errors import Unsupported
from carryall.core.net.ip import packed
from carryall.runtimes.platform import ON_JVM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional

try:
    import pwd
except ImportError:
    pwd = None                  # type: ignore  # Windows

__all__ = ['owner', 'require']

TABLES = ('/proc/net/tcp', '/proc/net/tcp6')
MAX_LINES = 1000000         # of a table

# States whose sockets no user owns: TIME_WAIT, CLOSE, LISTEN, NEW_SYN_RECV.
OWNERLESS = ('06', '07', '0A', '0C')
# User and inode of a socket that no process has: not accepted yet, or closed before all was sent.
# Older kernels give 0 for each owner then, newer ones the owner (sock_i_uid in net/core/sock.c).
UNTOLD = ('0', '0')

MAPPED = b'\0' * 10 + b'\xff\xff'       # of IPv4 in IPv6 (RFC 4291 section 2.5.5.2)


def require():
    # type: () -> None
    """Raises Unsupported unless this system has the tables."""
    if pwd is None or not os.path.exists(TABLES[0]):
        raise Unsupported(u'this system does not tell which user owns a connection: it has no %s'
                          % TABLES[0])


def owner(ours, theirs, tables=TABLES):
    # type: (Any, Any, Any) -> Optional[str]
    """The name of the user who owns the connection between two Addresses of TCP; None if there is
    no such connection."""
    rows = _rows(ours, theirs)
    for path in tables:
        try:
            with open(path) as table:
                user = _user(table, rows)
        except (IOError, OSError):      # without IPv6 there is no second table
            continue
        if user is not None:
            return user
    return None


def _user(table, rows):
    # type: (Any, List[Any]) -> Optional[str]
    for number, line in enumerate(table):
        if number >= MAX_LINES:
            break
        columns = line.split()
        if len(columns) > 9 and (columns[1], columns[2]) in rows and columns[3] not in OWNERLESS \
                and (columns[7], columns[9]) != UNTOLD and columns[7].isdigit():
            return _name(int(columns[7]))
    return None


def _rows(ours, theirs):
    # type: (Any, Any) -> List[Any]
    """The spellings of both ends: of each IPv4 address also that in IPv6."""
    mine = packed(ours.host)
    other = packed(theirs.host)
    if mine is None or other is None or len(mine) != len(other):
        return []
    plain = [each[12:] if each[:12] == MAPPED else each for each in (mine, other)]
    forms = [plain]
    if len(plain[0]) == 4:
        forms.append([MAPPED + each for each in plain])
    return [tuple('%s:%04X' % (_spelled(octets), end.port)
                  for octets, end in zip(form, (ours, theirs))) for form in forms]


def _spelled(octets):
    # type: (bytes) -> str
    """Each 32 bits as a number of the processor's."""
    order = '<' if _IS_LITTLE else '>'
    count = len(octets) // 4
    return ''.join('%08X' % word for word in struct.unpack('%s%dI' % (order, count), octets))


if ON_JVM:
    from java.nio import ByteOrder
    # jython: sys.byteorder is that of the JVM, which is big on every processor.
    _IS_LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
else:
    _IS_LITTLE = sys.byteorder == 'little'


def _name(uid):
    # type: (int) -> str
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return '%d' % uid
