# Copyright the carryall authors.  See LICENSE.
"""Host names and numeric addresses, through the BSD socket module.

The Java counterpart is ``carryall.runtimes.jvm.addresses``; both offer ``look_up``.

Tests:    tests/runtimes/test_names.py
"""
from __future__ import absolute_import, division, print_function

import socket

from carryall.core.errors import ResolveFailed
from carryall.core.net.transport import Address

__all__ = ['address_of', 'family_of', 'look_up', 'to_system']


def look_up(host, port):
    # type: (str, int) -> List[Address]
    """The Addresses of *host*, best first; blocks, and raises ResolveFailed."""
    try:
        found = socket.getaddrinfo(host, port, socket.AF_UNSPEC, socket.SOCK_STREAM)
    except (socket.error, UnicodeError) as exc:
        raise ResolveFailed(u'no address for %r: %s' % (host, exc.args[-1] if exc.args else exc),
                            exc)
    addresses = []          # type: List[Address]
    for _family, _kind, _protocol, _name, sockaddr in found:
        address = address_of(sockaddr)
        if address not in addresses:
            addresses.append(address)
    return addresses


def family_of(host):
    # type: (str) -> int
    """The address family of a numeric *host*."""
    return socket.AF_INET6 if ':' in host else socket.AF_INET


def to_system(address):
    # type: (Tuple[str, int]) -> Tuple
    """*address* (an Address or a pair) as the socket module takes it."""
    host, port = address
    if ':' not in host:
        return host, port
    plain, _, scope = host.partition('%')
    if not scope:
        return host, port, 0, 0
    return plain, port, 0, int(scope) if scope.isdigit() else socket.if_nametoindex(scope)


def address_of(name):
    # type: (Any) -> Address
    """The Address for a name of the socket module, '' for an unnamed end."""
    if not isinstance(name, tuple):         # a Unix socket; Linux gives an abstract name as bytes
        if not isinstance(name, str):
            name = name.decode('latin-1') if name else ''
        return Address(name)
    host = name[0]
    # A socket for both families shows IPv4 so; the Address has the plain form.
    if host.startswith('::ffff:') and '.' in host:
        host = host[7:]
    if len(name) == 4 and name[3] and '%' not in host:
        host = '%s%%%d' % (host, name[3])
    return Address(host, name[1])


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Tuple
