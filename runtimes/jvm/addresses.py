# Copyright the carryall authors.  See LICENSE.
"""Host names and socket addresses, through Java.

Tests:    tests/contract/ (law L12), tests/runtimes/test_names.py
"""
from __future__ import absolute_import, division, print_function

from java.lang import IllegalArgumentException
from java.net import InetAddress, InetSocketAddress, UnknownHostException

from carryall.core.compat import native
from carryall.core.errors import ResolveFailed
from carryall.core.net.ip import canonical, packed
from carryall.core.net.transport import Address
from carryall.runtimes.jvm.octets import to_java

__all__ = ['address_of', 'inet', 'look_up', 'to_system']


def inet(host):
    # type: (str) -> InetAddress
    """The InetAddress of a numeric *host*; no name is ever looked up."""
    plain, _, scope = host.partition('%')
    octets = packed(plain)
    if scope:
        from java.net import Inet6Address
        if scope.isdigit():
            return Inet6Address.getByAddress(None, to_java(octets), int(scope))
        return InetAddress.getByName(host)
    return InetAddress.getByAddress(to_java(octets))


def to_system(address):
    # type: (Any) -> InetSocketAddress
    """*address* (an Address or a pair) as Java takes it."""
    # For a number beyond its int Java would not get as far as to object.
    if not 0 <= address[1] <= 65535:
        raise IllegalArgumentException('port out of range: %d' % address[1])
    return InetSocketAddress(inet(address[0]), address[1])


def address_of(name):
    # type: (Any) -> Optional[Address]
    """The Address of a Java SocketAddress; None for none."""
    if name is None:
        return None
    if isinstance(name, InetSocketAddress):
        return Address(_text_of(name.getAddress()), name.getPort())
    return Address(native(name.toString()))         # of a Unix socket: its path


def _text_of(address):
    # type: (InetAddress) -> str
    shown = native(address.getHostAddress())        # Java does not shorten IPv6
    return canonical(shown) or shown


def look_up(host, port):
    # type: (str, int) -> List[Address]
    """The Addresses of *host*, best first; blocks, and raises ResolveFailed."""
    try:
        return [Address(_text_of(found), port) for found in InetAddress.getAllByName(host)]
    except UnknownHostException as exc:
        raise ResolveFailed(u'no address for %r: the name is not known' % (host,), exc)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
